"""A running bot carries out at once what another process has latched: the kill switch."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.kill_switch import switch_now
from snipersight.domain.errors import LeaseLost, SniperSightError

if TYPE_CHECKING:
    from collections.abc import Callable

    from snipersight.bootstrap.execution import Execution
    from snipersight.domain.execution import KillSwitch

_LOOK_S: Final = 0.3  # real seconds between two looks at the store
_ROUNDS: Final = 20  # that are hurried for one switch; the usual pace goes on with it then


class KillWatch:
    """Looks for a pulled switch more often than an executor does, and has it carried out.

    The executor itself reads the switch in every cycle, some seconds apart at an exchange and at
    each close on the simulated venue: too late for whoever waits for it at a terminal.

    Args:
        execution: at work.
        lock: held while a simulated venue's time is played.
        say: told what is carried out.
    """

    def __init__(
        self, execution: Execution, *, lock: asyncio.Lock, say: Callable[[str], object]
    ) -> None:
        self._execution: Final = execution
        self._lock: Final = lock
        self._say: Final = say
        self._begun: KillSwitch | None = None
        self._rounds = 0

    async def watch(self) -> None:
        """Look again and again until cancelled.

        Raises:
            LeaseLost: another executor has taken over.
        """
        while True:
            try:
                await self.look()
            except LeaseLost:
                raise
            except SniperSightError:
                pass  # the executor meets it too, tells, and goes on with the switch by itself
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> None:
        """Carry out what is pulled and not done yet, hurrying for some rounds.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: the store cannot be used.
        """
        switch = await asyncio.to_thread(switch_now, self._execution.books)
        if switch is None or switch.done_us is not None:
            self._begun = None
        elif switch != self._begun:
            await self._begin(switch)
        elif self._rounds < _ROUNDS:
            await self._go_on()

    async def _begin(self, switch: KillSwitch) -> None:
        reason = f": {switch.reason}" if switch.reason else ""
        closed = ", and every position of ours is closed" if switch.flatten else ""
        self._say(f"The kill switch was pulled{reason}; entries are cancelled{closed}.")
        await self._execution.executor.carry_out_kill()
        self._begun, self._rounds = switch, 0
        await self._go_on()

    async def _go_on(self) -> None:
        """Let the executor see to the switch now, and not at its own pace."""
        self._rounds += 1
        if self._execution.paper is None:
            self._execution.executor.ears.wake()
            return
        async with self._lock:
            await self._execution.executor.cycle()
