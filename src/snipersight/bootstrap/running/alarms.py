"""Trouble that lasts: after some minutes the chats are told, each part once an hour at most."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.running.supervising import pause

if TYPE_CHECKING:
    from snipersight.bootstrap.running.vital_values import PartHealth
    from snipersight.bootstrap.running.vitals import Vitals

LASTS_S: Final = 180.0
_LOOK_S: Final = 5.0

Raise = Callable[[str, str], Awaitable[object]]


class Alarms:
    """Watches for trouble that does not pass.

    Args:
        vitals: what the parts say of themselves.
        raise_alarm: told part and sentence once for each time of trouble.
        lasts_s: real seconds after which it is told.
        monotonic_s: real seconds that only grow.
    """

    def __init__(
        self,
        vitals: Vitals,
        *,
        raise_alarm: Raise,
        lasts_s: float = LASTS_S,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._vitals: Final = vitals
        self._raise: Final = raise_alarm
        self._lasts_s: Final = lasts_s
        self._monotonic_s: Final = monotonic_s
        self._since_s: dict[str, float] = {}
        self._told: set[str] = set()

    async def watch(self, stop: asyncio.Event) -> None:
        """Look every few seconds until it is stopped.

        Raises:
            StateUnavailable: an alarm could not be stored; it is tried again.
        """
        while not stop.is_set():
            await self.look()
            await pause(_LOOK_S, stop=stop)

    async def look(self) -> None:
        """Raise what has lasted for too long.

        Raises:
            StateUnavailable: an alarm could not be stored; the next look tries it again.
        """
        now_s = self._monotonic_s()
        troubled = {part.name: part for part in self._vitals.health().troubled}
        self._since_s = {name: self._since_s.get(name, now_s) for name in troubled}
        self._told &= troubled.keys()
        for name, part in troubled.items():
            if name not in self._told and now_s - self._since_s[name] >= self._lasts_s:
                await self._raise(name, _sentence(part, minutes=self._lasts_s / 60))
                self._told.add(name)


def _sentence(part: PartHealth, *, minutes: float) -> str:
    return (
        f"{part.name} has been in trouble for {minutes:.0f} minutes: {part.trouble}. The rest goes "
        "on, and it is tried again and again."
    )
