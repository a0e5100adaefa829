"""Commands under way: in order where they are about the same thing, side by side where not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final

from snipersight.bootstrap.operating.records import SettledBefore
from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.commands import CommandKind
from snipersight.domain.errors import SniperSightError
from snipersight.storage.commands import StoredCommand

_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 15.0


@dataclass(slots=True)
class _Trouble:
    """A command that could not be done: how often, and when it is tried again (monotonic)."""

    times: int = 0
    not_before_s: float = 0.0


class Undertaking:
    """Begins each command once at a time, and one that fails again after growing pauses.

    Args:
        do: carries one out and settles it.
    """

    def __init__(self, do: Callable[[StoredCommand], Awaitable[None]]) -> None:
        self._do: Final = do
        self._tasks: Final[dict[int, asyncio.Task[None]]] = {}
        self._lanes: Final[dict[str, int]] = {}  # what each is about to whose turn it is
        self._troubles: Final[dict[int, _Trouble]] = {}

    def begin(self, commands: Iterable[StoredCommand]) -> int:
        """Begin what is neither under way nor has to wait; return how much that is.

        Args:
            commands: what is to be done, in order.
        """
        begun, taken = 0, set(self._lanes)
        for stored in commands:
            lane = _lane_of(stored)
            if lane in taken:
                continue
            taken.add(lane)  # the next one of it waits, also for one that pauses
            if self._is_pausing(stored.item_id):
                continue
            self._lanes[lane] = stored.item_id
            task = asyncio.create_task(self._run(stored, lane), name=f"command {stored.item_id}")
            self._tasks[stored.item_id] = task
            begun += 1
        return begun

    async def wait_for(self, item_id: int, *, within_s: float) -> None:
        """Wait until a command is no longer under way; one that has not begun takes all the time."""
        task = self._tasks.get(item_id)
        if task is None:
            await asyncio.sleep(min(within_s, _BEGINS_S))
        else:
            await asyncio.wait([task], timeout=within_s)

    async def end(self) -> None:
        """Let everything that is under way end: orders that have left must be booked."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _is_pausing(self, item_id: int) -> bool:
        trouble = self._troubles.get(item_id)
        return trouble is not None and time.monotonic() < trouble.not_before_s

    async def _run(self, stored: StoredCommand, lane: str) -> None:
        try:
            await self._do(stored)
        except SettledBefore:
            pass  # another process was quicker; what was tried here was rolled back
        except SniperSightError as error:
            self._pause(stored, str(error))
        except Exception as bug:  # noqa: BLE001  a bug in one command must not end the others
            self._pause(stored, f"{type(bug).__name__}: {bug}")
        else:
            self._troubles.pop(stored.item_id, None)
        finally:
            del self._tasks[stored.item_id]
            del self._lanes[lane]

    def _pause(self, stored: StoredCommand, error: str) -> None:
        trouble = self._troubles.setdefault(stored.item_id, _Trouble())
        pause_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**trouble.times)
        trouble.times = min(trouble.times + 1, 10)
        trouble.not_before_s = time.monotonic() + pause_s
        log_structured(
            f"command {stored.command.kind} is tried again in {pause_s:g} s: {error}",
            level="WARNING",
            stage="operating",
        )


_BEGINS_S: Final = 0.02


def _lane_of(stored: StoredCommand) -> str:
    """Return what a command is about; a kill waits for nothing."""
    kind, subject = stored.command.kind, stored.command.subject
    if kind is CommandKind.KILL:
        return f"kill {stored.item_id}"
    return f"plan {subject}" if subject else "account"
