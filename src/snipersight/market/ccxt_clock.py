"""Which bars are closed: by the venue's clock or ours, whichever is behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from snipersight.domain.ports import EventSink
from snipersight.domain.timeframe import MINUTE_MS

_RECHECK_MS: Final = 10 * MINUTE_MS
_REPORTED_SKEW_MS: Final = 2_000


class VenueClock:
    """The time up to which a venue's bars may be called closed.

    Ours alone would let a forming bar in when it is fast; the venue's alone when a bar is judged
    before we think it closed. The earlier one is wrong in the harmless direction: a bar comes
    late. The venue is asked again every ten minutes, and whenever our clock was set back.

    Args:
        venue: short name.
        clock: our time, milliseconds UTC.
        ask_venue: fetches the venue's time; None if it tells none, and ours alone counts.
        events: is told `clock_skew` when the two differ by more than two seconds.
    """

    def __init__(
        self,
        venue: str,
        *,
        clock: Callable[[], int],
        ask_venue: Callable[[], Awaitable[int]] | None,
        events: EventSink,
    ) -> None:
        self._venue = venue
        self._clock = clock
        self._ask_venue = ask_venue
        self._events = events
        self._asking = asyncio.Lock()
        self._behind_ms = 0
        self._skew_ms: int | None = None
        self._checked_at_ms: int | None = None

    async def closed_ms(self) -> int:
        """Return the earlier of the venue's time and ours.

        Raises:
            VenueUnavailable: the venue does not tell its time.
        """
        await self._update()
        return self._clock() - self._behind_ms

    def doubt(self) -> None:
        """Have the venue asked before the next answer: our clock was put right."""
        self._checked_at_ms = None

    async def skew_ms(self) -> int | None:
        """Return how far the venue is ahead of us at least; None if it has told no time yet.

        Its answer was true at some moment between our question and its arrival, so a difference
        within that time proves nothing: a slow line is not a wrong clock.

        Raises:
            VenueUnavailable: the venue does not tell its time.
        """
        await self._update()
        return self._skew_ms

    def heard(self, told_ms: int | None, *, asked_ms: int) -> None:
        """Take the time in the head of any answer, from a venue that tells it in no other way.

        Args:
            told_ms: whole seconds, as HTTP writes them; None where the head had no time.
            asked_ms: when the question left, by our clock.
        """
        if self._ask_venue is None and told_ms is not None:
            self._skew_ms = _proven(told_ms, told_ms + 999, asked_ms=asked_ms, now_ms=self._clock())

    async def _update(self) -> None:
        async with self._asking:
            if self._is_due():
                await self._compare()

    def _is_due(self) -> bool:
        if self._ask_venue is None:
            return False
        age = None if self._checked_at_ms is None else self._clock() - self._checked_at_ms
        return age is None or not 0 <= age <= _RECHECK_MS

    async def _compare(self) -> None:
        if self._ask_venue is None:
            return
        asked_ms = self._clock()
        venue_ms = await self._ask_venue()
        # Read after the answer: its way back makes the venue look late, never early.
        self._checked_at_ms = self._clock()
        skew_ms = venue_ms - self._checked_at_ms
        self._behind_ms = max(0, -skew_ms)
        self._skew_ms = _proven(venue_ms, venue_ms, asked_ms=asked_ms, now_ms=self._checked_at_ms)
        if abs(skew_ms) > _REPORTED_SKEW_MS:
            fields = {"venue": self._venue, "venue_minus_local_ms": skew_ms}
            self._events.emit("clock_skew", fields)


def _proven(first_ms: int, last_ms: int, *, asked_ms: int, now_ms: int) -> int:
    """Return the smallest difference that explains a venue's time between two of ours.

    Args:
        first_ms, last_ms: the venue's time lies between these.
        asked_ms, now_ms: question and answer, by our clock.
    """
    return max(0, first_ms - now_ms) or min(0, last_ms - asked_ms)
