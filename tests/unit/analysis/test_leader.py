"""The leading market's state is the one that was known then, never a later one."""

from functools import cache

import pytest

from snipersight.analysis.leader import LeaderTimeline
from snipersight.analysis.smc.series import SmcSeries
from snipersight.domain.candles import Candles
from snipersight.domain.ports import LeaderState
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Symbol
from tests.fakes.scanning import NOON_MS, a_lively_profile, synthetic_table

BTC = Symbol("BTC/USDT:USDT")
HOUR = Timeframe.parse("1h")
HOUR_MS = HOUR.duration_ms
UNKNOWN = LeaderState(trend=0, regime=None, known_at_ms=None)


@cache
def hours() -> Candles:
    return synthetic_table((BTC,)).coarse(BTC, HOUR, end_ms=NOON_MS)


def a_timeline(until_ms: int = NOON_MS) -> LeaderTimeline:
    timeline = LeaderTimeline(a_lively_profile())
    timeline.advance(hours(), until_ms=until_ms)
    return timeline


def test_nothing_is_known_before_anything_was_read():
    assert LeaderTimeline(a_lively_profile()).at(NOON_MS) == UNKNOWN


def test_nothing_is_known_while_the_history_is_too_short():
    first = int(hours().open_time[0])
    assert a_timeline().at(first + 10 * HOUR_MS) == UNKNOWN
    assert a_timeline(first + 10 * HOUR_MS).at(NOON_MS) == UNKNOWN


def test_a_state_is_known_from_its_close_on_and_not_a_moment_earlier():
    timeline = a_timeline()
    assert timeline.at(NOON_MS).known_at_ms == NOON_MS
    assert timeline.at(NOON_MS - 1).known_at_ms == NOON_MS - HOUR_MS
    assert timeline.at(NOON_MS + 9 * HOUR_MS).known_at_ms == NOON_MS


def test_every_state_is_what_the_series_knew_at_that_close():
    timeline, profile = a_timeline(), a_lively_profile()
    series = SmcSeries(profile.roles.bias, HOUR, profile.setup)
    states = set()
    for close in hours().close_time.tolist():
        series.advance(hours(), until_ms=close)
        trend, regime = series.trend_and_regime()
        expected = UNKNOWN
        if regime is not None:
            expected = LeaderState(trend=trend, regime=regime, known_at_ms=close)
        assert timeline.at(close) == expected
        states.add((expected.trend, expected.regime))
    assert len(states) > 4


@pytest.mark.parametrize("step_hours", [1, 7, 100])
def test_bars_in_portions_tell_what_all_bars_at_once_tell(step_hours):
    timeline = LeaderTimeline(a_lively_profile())
    first = int(hours().open_time[0])
    for until_ms in range(first, NOON_MS + step_hours * HOUR_MS, step_hours * HOUR_MS):
        timeline.advance(hours(), until_ms=min(until_ms, NOON_MS))
    whole = a_timeline()
    moments = range(NOON_MS - 5 * DAY_MS, NOON_MS, HOUR_MS // 2)
    assert [timeline.at(at) for at in moments] == [whole.at(at) for at in moments]


def test_later_bars_change_no_earlier_state():
    middle = NOON_MS - 4 * DAY_MS
    early, whole = a_timeline(middle), a_timeline()
    moments = range(middle - 5 * DAY_MS, middle + 1, HOUR_MS)
    assert [early.at(at) for at in moments] == [whole.at(at) for at in moments]
    assert any(early.at(at) != UNKNOWN for at in moments)


def test_a_bar_that_has_not_closed_is_not_taken():
    timeline = a_timeline(NOON_MS - 1)
    assert timeline.at(NOON_MS).known_at_ms == NOON_MS - HOUR_MS
