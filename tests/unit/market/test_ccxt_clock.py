"""A bar is closed when both clocks say so."""

import pytest

from snipersight.market.ccxt_clock import VenueClock
from tests.fakes.events import RecordingEvents

MINUTE = 60_000


class Times:
    """Our time and the venue's."""

    def __init__(self, venue_ahead_ms: int = 0) -> None:
        self.local = 1_700_000_000_000
        self.venue_ahead_ms = venue_ahead_ms
        self.asked = 0
        self.events = RecordingEvents()
        self.clock = VenueClock(
            "x", clock=lambda: self.local, ask_venue=self._ask, events=self.events
        )

    async def _ask(self) -> int:
        self.asked += 1
        return self.local + self.venue_ahead_ms


@pytest.mark.parametrize(("ahead", "expected"), [(0, 0), (-90_000, -90_000), (90_000, 0)])
async def test_the_earlier_clock_counts(ahead, expected):
    times = Times(ahead)
    assert await times.clock.closed_ms() - times.local == expected


async def test_a_large_difference_is_told():
    times = Times(-90_000)
    await times.clock.closed_ms()
    assert times.events.named("clock_skew") == [{"venue": "x", "venue_minus_local_ms": -90_000}]


async def test_a_small_difference_is_not_told():
    times = Times(-500)
    await times.clock.closed_ms()
    assert times.events.events == []


@pytest.mark.parametrize(("later", "asked"), [(9 * MINUTE, 1), (11 * MINUTE, 2), (-1, 2)])
async def test_the_venue_is_asked_again_after_ten_minutes_or_when_time_runs_back(later, asked):
    times = Times()
    await times.clock.closed_ms()
    times.local += later
    await times.clock.closed_ms()
    assert times.asked == asked


async def test_a_venue_that_tells_no_time_leaves_ours():
    clock = VenueClock("x", clock=lambda: 42, ask_venue=None, events=RecordingEvents())
    assert await clock.closed_ms() == 42
