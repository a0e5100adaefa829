"""Golden cases: extremes of the previous day, week and month."""

from datetime import UTC, datetime, timedelta

import pytest

from snipersight.analysis.facts import PoolKind, Reading
from snipersight.analysis.smc.calendar_levels import period_of
from snipersight.analysis.smc.log import FactKind
from snipersight.domain.timeframe import DAY_MS
from tests.unit.analysis.smc.told import LONG, SHORT, tell

BOTH = pytest.mark.parametrize("direction", [LONG, SHORT])
SESSION, DAY, WEEK, MONTH = range(4)
QUIET_DAY = "100 100.25 99.75 100\n"


def above(reading: Reading) -> list[tuple[PoolKind, float]]:
    """Return (kind, price) of the pools above the market, by kind."""
    return sorted((pool.kind, pool.price) for pool in reading.pools if pool.side is LONG)


def test_days_weeks_and_months_turn_where_the_calendar_says():
    for day in range(40_000):
        date = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
        last_ms = (day + 1) * DAY_MS - 1
        assert period_of(SESSION, day * DAY_MS) == 3 * day
        assert period_of(SESSION, last_ms) == 3 * day + 2
        assert period_of(DAY, day * DAY_MS) == period_of(DAY, last_ms) == day
        months = (period_of(MONTH, day * DAY_MS), period_of(MONTH, last_ms))
        following = period_of(MONTH, last_ms + 1)
        assert months[0] == months[1]
        assert following - months[1] == ((date + timedelta(days=1)).day == 1)
        weeks = (period_of(WEEK, day * DAY_MS), period_of(WEEK, last_ms))
        assert weeks[0] == weeks[1]
        assert period_of(WEEK, last_ms + 1) - weeks[1] == (date.weekday() == 6)


@BOTH
def test_the_high_of_the_previous_day_is_a_pool_from_the_next_days_first_bar_on(direction):
    # Six bars of four hours a day; the prelude's days all reach up to 100.5.
    day = "100 100.25 99.75 100\n100 100.375 99.75 100\n" + QUIET_DAY * 4
    told = tell(day + QUIET_DAY, direction, timeframe="4h", calendar=("day",))
    assert above(told.readings[5]) == [(PoolKind.DAY, 100.5)]
    assert above(told.readings[6]) == [(PoolKind.DAY, 100.375)]


@BOTH
def test_weeks_begin_on_monday_and_months_on_the_first(direction):
    # The table starts on Monday 2024-01-01: a new week and a new month.
    first = "100 100.375 99.75 100\n"
    told = tell(first + QUIET_DAY * 31, direction, timeframe="1d", calendar=("week", "month"))
    before, after = (PoolKind.MONTH, 100.5), (PoolKind.MONTH, 100.375)
    assert above(told.readings[0]) == [(PoolKind.WEEK, 100.5), before]
    assert above(told.readings[6]) == [(PoolKind.WEEK, 100.5), before]
    assert above(told.readings[7]) == [(PoolKind.WEEK, 100.375), before]
    assert above(told.readings[14]) == [(PoolKind.WEEK, 100.25), before]
    assert above(told.readings[30]) == [(PoolKind.WEEK, 100.25), before]
    assert above(told.readings[31]) == [(PoolKind.WEEK, 100.25), after]


@BOTH
def test_a_period_that_the_history_joins_midway_gives_no_pool(direction):
    # 50 bars of four hours reach back to 23 December: the month is not whole, the week is.
    told = tell(QUIET_DAY, direction, timeframe="4h", prelude_bars=50, calendar=("week", "month"))
    assert above(told.reading()) == [(PoolKind.WEEK, 100.5)]


@BOTH
def test_of_several_pools_swept_by_one_bar_each_is_told(direction):
    told = tell(
        "100 101 99.75 100.25\n",
        direction,
        timeframe="4h",
        calendar=("day", "week", "month"),
        prelude_bars=250,
    )
    swept = told.of(FactKind.SWEEP, side=LONG)
    assert [(f.sub, f.known, f.price) for f in swept] == [
        (kind, 0, 100.5) for kind in (PoolKind.DAY, PoolKind.WEEK, PoolKind.MONTH)
    ]


@BOTH
def test_a_session_is_a_third_of_a_day(direction):
    # Two bars of four hours each: the first session of the table reaches 100.375.
    first = "100 100.375 99.75 100\n" + QUIET_DAY
    told = tell(first + QUIET_DAY * 3, direction, timeframe="4h", calendar=("session",))
    assert above(told.readings[0]) == above(told.readings[1]) == [(PoolKind.SESSION, 100.5)]
    assert above(told.readings[2]) == above(told.readings[3]) == [(PoolKind.SESSION, 100.375)]
    assert above(told.readings[4]) == [(PoolKind.SESSION, 100.25)]


@BOTH
def test_a_period_after_a_missing_one_has_no_previous_extremes(direction):
    # Of three sessions a day, daily bars open in the first only: the one before is missing.
    told = tell(QUIET_DAY * 3, direction, timeframe="1d", calendar=("session",))
    assert [above(reading) for reading in told.readings] == [[], [], []]
