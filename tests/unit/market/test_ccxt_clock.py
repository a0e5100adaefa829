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


async def test_a_clock_that_was_put_right_is_compared_at_once():
    times = Times(6_000)
    assert await times.clock.skew_ms() == 6_000
    times.local, times.venue_ahead_ms = times.local + 6_000, 0
    times.clock.doubt()
    assert await times.clock.skew_ms() == 0


async def test_a_venue_that_tells_no_time_leaves_ours():
    clock = VenueClock("x", clock=lambda: 42, ask_venue=None, events=RecordingEvents())
    assert await clock.closed_ms() == 42


class SlowTimes(Times):
    """The venue's answer takes a while each way."""

    def __init__(self, venue_ahead_ms: int, *, there_ms: int, back_ms: int) -> None:
        super().__init__(venue_ahead_ms)
        self.there_ms, self.back_ms = there_ms, back_ms

    async def _ask(self) -> int:
        self.local += self.there_ms
        told = await super()._ask()
        self.local += self.back_ms
        return told


@pytest.mark.parametrize(
    ("ahead", "there", "back", "proven"),
    [
        (0, 0, 0, 0),
        (1500, 0, 0, 1500),
        (-1500, 0, 0, -1500),
        (0, 3000, 3000, 0),  # a slow line is no wrong clock
        (5000, 100, 2000, 3000),
        (-5000, 2000, 100, -3000),
    ],
)
async def test_only_the_difference_that_the_way_cannot_explain_counts(ahead, there, back, proven):
    times = SlowTimes(ahead, there_ms=there, back_ms=back)
    assert await times.clock.skew_ms() == proven


@pytest.mark.parametrize(
    ("told", "proven"), [(-5_000, -4_001), (-900, 0), (0, 0), (700, 200), (None, None)]
)
async def test_without_a_clock_to_ask_the_head_of_an_answer_tells_the_difference(told, proven):
    clock = VenueClock("x", clock=lambda: 10_500, ask_venue=None, events=RecordingEvents())
    assert await clock.skew_ms() is None
    clock.heard(None if told is None else 10_000 + told, asked_ms=10_000)
    assert await clock.skew_ms() == proven


async def test_a_clock_that_can_be_asked_counts_more_than_the_head_of_an_answer():
    times = Times(1500)
    times.clock.heard(0, asked_ms=times.local)
    assert await times.clock.skew_ms() == 1500
