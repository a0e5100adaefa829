"""The venue's time: ours, corrected by how far the two were apart when it was last asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

_RECHECK_MS: Final = 600_000
_SLOW_MS: Final = 200


class VenueTime:
    """Tells the venue's time without asking it every time.

    Requests carry a time that the venue compares with its own; a clock that drifts is the
    commonest reason for which it turns them away.

    Args:
        clock_ms: our time, milliseconds UTC.
    """

    def __init__(self, clock_ms: Callable[[], int]) -> None:
        self._clock_ms = clock_ms
        self._asking = asyncio.Lock()
        self._ahead_ms = 0
        self._checked_ms: int | None = None

    @property
    def ahead_ms(self) -> int:
        """Return how far the venue was ahead of us when it was last asked; 0 before."""
        return self._ahead_ms

    def now_ms(self) -> int:
        """Return the venue's time as far as it is known; ours before it was asked."""
        return self._clock_ms() + self._ahead_ms

    def doubt(self) -> None:
        """Have the venue asked before the next request: it called our time wrong."""
        self._checked_ms = None

    async def compare(self, ask: Callable[[], Awaitable[int]]) -> None:
        """Ask the venue if the last answer is older than ten minutes or in doubt.

        Args:
            ask: returns the venue's time, milliseconds UTC; what it raises is passed on.
        """
        async with self._asking:
            if not self._is_due():
                return
            took_ms, ahead_ms = await self._measured(ask)
            if took_ms > _SLOW_MS:
                # The first request connects; what that took says nothing about the clocks.
                took_ms, ahead_ms = min((took_ms, ahead_ms), await self._measured(ask))
            self._checked_ms = self._clock_ms()
            self._ahead_ms = ahead_ms

    async def _measured(self, ask: Callable[[], Awaitable[int]]) -> tuple[int, int]:
        asked_ms = self._clock_ms()
        told_ms = await ask()
        heard_ms = self._clock_ms()
        return heard_ms - asked_ms, told_ms - (asked_ms + heard_ms) // 2

    def _is_due(self) -> bool:
        if self._checked_ms is None:
            return True
        return not 0 <= self._clock_ms() - self._checked_ms <= _RECHECK_MS
