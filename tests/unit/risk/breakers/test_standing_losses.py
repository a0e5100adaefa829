"""Losses of equity: tripped exactly at their limits, let go by time or by a person."""

from typing import Any

import pytest

from snipersight.domain.standing import TradingState
from snipersight.risk.breakers.equity_marks import losses
from snipersight.risk.breakers.standing import resume, settle
from tests.builders.standings import (
    DAILY,
    DAY,
    DRAWDOWN,
    HOUR,
    MIDNIGHT,
    MONDAY,
    WEDNESDAY,
    WEEKLY,
    account,
    breaker,
    marked,
    names,
    paid,
    started,
)


@pytest.mark.parametrize(
    ("name", "limits", "at_limit", "short_of_it"),
    [
        (DAILY, {"max_daily_loss": "0.03", "max_weekly_loss": "1"}, "9700", "9700.01"),
        (WEEKLY, {"max_daily_loss": "0.06", "max_weekly_loss": "0.06"}, "9400", "9400.01"),
        (DRAWDOWN, {"max_daily_loss": "1", "max_weekly_loss": "1"}, "8500", "8500.01"),
    ],
)
def test_a_loss_trips_its_breaker_exactly_at_the_limit(name, limits, at_limit, short_of_it):
    assert name not in names(marked(started(), short_of_it, **limits))
    tripped = breaker(marked(started(), at_limit, **limits), name)
    assert tripped.measured == tripped.limit
    assert tripped.tripped_us == WEDNESDAY
    assert f"{tripped.measured:.2%} lost" in tripped.sentence


@pytest.mark.parametrize(
    ("name", "state", "until_us", "said"),
    [
        (DAILY, TradingState.REDUCING, MIDNIGHT, "UTC day began; until 2024-06-06 00:00 UTC"),
        (WEEKLY, TradingState.REDUCING, MONDAY, "UTC week began; until 2024-06-10 00:00 UTC"),
        (DRAWDOWN, TradingState.HALTED, None, "highest equity; until a person re-arms it"),
    ],
)
def test_each_loss_holds_for_its_own_time(name, state, until_us, said):
    tripped = breaker(marked(started(), "5000"), name)
    assert (tripped.state, tripped.until_us) == (state, until_us)
    since, until = said.split("; ")
    assert f"{since}, less than" in tripped.sentence
    assert tripped.sentence.endswith(f"no entries {until}")


def test_a_loss_is_found_exactly_after_odd_deposits():
    limits: dict[str, Any] = {"max_daily_loss": "0.03", "max_weekly_loss": "1", "max_drawdown": "1"}
    odd = paid(marked(account("3333.33"), "3210.987654"), "1234.567", "3210.987654")
    monday = marked(odd, "4445.554654", at_us=MONDAY, **limits)
    assert names(marked(monday, "4312.18801438", at_us=MONDAY, **limits)) == {DAILY}
    assert names(marked(monday, "4312.18801439", at_us=MONDAY, **limits)) == set()


def test_a_breaker_that_holds_keeps_its_first_numbers_and_outlasts_a_recovery():
    first = marked(started(), "9600")
    assert names(first) == {DAILY}
    worse = marked(first, "9500", at_us=WEDNESDAY + HOUR)
    recovered = marked(worse, "10500", at_us=WEDNESDAY + 2 * HOUR)
    assert worse.tripped == recovered.tripped == first.tripped


def test_a_day_of_losses_lets_go_at_midnight_and_measures_anew():
    first = marked(started(), "9600")
    assert names(settle(first, at_us=MIDNIGHT - 1)) == {DAILY}
    assert names(settle(first, at_us=MIDNIGHT)) == set()
    assert names(marked(first, "9600", at_us=MIDNIGHT)) == set()
    again = marked(marked(first, "9600", at_us=MIDNIGHT), "9310", at_us=MIDNIGHT + HOUR)
    assert breaker(again, DAILY).until_us == MIDNIGHT + DAY


def test_a_week_of_losses_lets_go_on_monday():
    first = marked(started(), "9400")
    assert names(first) == {DAILY, WEEKLY}
    assert names(marked(first, "9400", at_us=MIDNIGHT)) == {WEEKLY}
    assert names(settle(first, at_us=MONDAY - 1)) == {WEEKLY}
    assert names(marked(first, "9400", at_us=MONDAY)) == set()


def test_losses_of_one_day_add_up_over_the_week():
    one = marked(started(), "9750")
    two = marked(one, "9600", at_us=MIDNIGHT)
    three = marked(two, "9400", at_us=MIDNIGHT + DAY)
    assert names(two) == set()
    assert names(three) == {WEEKLY}


def test_a_drawdown_is_lifted_by_re_arming_alone_and_measured_from_there():
    fallen = marked(started(), "8500")
    next_week = marked(fallen, "9900", at_us=MONDAY)
    assert names(next_week) == {DRAWDOWN}
    assert names(resume(next_week, at_us=MONDAY, rearm=False)) == {DRAWDOWN}
    armed = resume(next_week, at_us=MONDAY, rearm=True)
    assert names(armed) == set()
    assert armed.marks is not None
    assert losses(armed.marks).drawdown == 0
    calm: dict[str, Any] = {"max_daily_loss": "1", "max_weekly_loss": "1"}
    assert names(marked(armed, "8415.01", at_us=MONDAY, **calm)) == set()
    assert names(marked(armed, "8415", at_us=MONDAY, **calm)) == {DRAWDOWN}


def test_re_arming_does_not_lift_the_losses_of_a_day():
    fallen = marked(started(), "8500")
    assert names(resume(fallen, at_us=WEDNESDAY, rearm=True)) == {DAILY, WEEKLY}


def test_the_high_water_mark_only_rises():
    risen = marked(started(), "12000")
    calm: dict[str, Any] = {"max_daily_loss": "1", "max_weekly_loss": "1"}
    assert names(marked(marked(risen, "11000", **calm), "10200", **calm)) == {DRAWDOWN}


def test_an_account_of_nothing_stays_unmarked():
    empty = account("0")
    assert marked(empty, "0") == empty


@pytest.mark.parametrize("equity", ["NaN", "Infinity"])
def test_an_equity_that_is_no_number_is_never_marked(equity):
    with pytest.raises(ValueError, match="equity is"):
        marked(started(), equity)


def test_a_clock_set_back_lets_nothing_go():
    fallen = marked(started(), "9700", at_us=MIDNIGHT)
    assert names(fallen) == {DAILY}
    back = marked(fallen, "9700", at_us=WEDNESDAY)
    assert back == fallen
