"""A future that a wrong clock made up: nothing of it is lifted, and nothing of it lasts for years."""

from decimal import Decimal

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.standing import (
    AccountStanding,
    BreakerName,
    Cooldown,
    EquityMarks,
    TradingState,
    TrippedBreaker,
)
from snipersight.domain.units import Money, Symbol
from snipersight.risk.breakers.clock_reset import back_to_present
from snipersight.risk.breakers.equity_marks import day_end_us, losses, week_end_us
from tests.builders.ledger import DECIDED_AT_US, a_policy

HOUR_US = 3_600_000_000
FUTURE_US = DECIDED_AT_US + 50_000 * HOUR_US
POLICY = a_policy()
ONE = Decimal(1)


def a_standing(**changes: object) -> AccountStanding:
    return AccountStanding(starting_balance=Money(Decimal(10_000)), **changes)  # type: ignore[arg-type]


def reset(**changes: object) -> AccountStanding:
    return back_to_present(a_standing(**changes), at_us=DECIDED_AT_US, policy=POLICY)


def a_breaker(
    name: BreakerName, until_us: int | None, tripped_us: int = FUTURE_US
) -> TrippedBreaker:
    return TrippedBreaker(
        name=name, state=TradingState.HALTED, tripped_us=tripped_us, until_us=until_us
    )


@pytest.mark.parametrize(
    ("name", "until_us", "expected"),
    [
        (BreakerName.DAILY_LOSS, FUTURE_US + HOUR_US, day_end_us(DECIDED_AT_US)),
        (BreakerName.WEEKLY_LOSS, FUTURE_US + HOUR_US, week_end_us(DECIDED_AT_US)),
        (BreakerName.LOSS_STREAK, FUTURE_US + 5 * HOUR_US, DECIDED_AT_US + 5 * HOUR_US),
        (BreakerName.DRAWDOWN, None, None),
        (BreakerName.OPERATOR, None, None),
    ],
)
def test_a_breaker_of_the_future_holds_from_now_for_as_long(name, until_us, expected):
    (breaker,) = reset(tripped=(a_breaker(name, until_us),)).tripped
    assert (breaker.tripped_us, breaker.until_us) == (DECIDED_AT_US, expected)


def test_what_was_dated_rightly_stays_as_it_was():
    past = a_breaker(BreakerName.LOSS_STREAK, DECIDED_AT_US + HOUR_US, DECIDED_AT_US - HOUR_US)
    soon = Cooldown(
        symbol=Symbol("BTC/USDT"), direction=Direction.LONG, until_us=DECIDED_AT_US + HOUR_US
    )
    standing = a_standing(tripped=(past,), cooldowns=(soon,))
    assert back_to_present(standing, at_us=DECIDED_AT_US, policy=POLICY) == standing


def test_a_breaker_that_tripped_this_very_moment_holds_as_long_as_it_was_to():
    now = a_breaker(BreakerName.DAILY_LOSS, DECIDED_AT_US + HOUR_US, DECIDED_AT_US)
    assert reset(tripped=(now,)).tripped == (now,)


def test_a_cooldown_lasts_no_longer_than_one_that_begins_now():
    late = Cooldown(symbol=Symbol("BTC/USDT"), direction=Direction.LONG, until_us=FUTURE_US)
    (cooldown,) = reset(cooldowns=(late,)).cooldowns
    assert cooldown.until_us == DECIDED_AT_US + POLICY.cooldown_us


def test_losses_of_that_day_count_for_today():
    marks = EquityMarks(
        units=Decimal(10_000),
        unit_value=Decimal("0.98"),
        high=ONE,
        day="2030-01-01",
        day_open=ONE,
        week="2029-12-31",
        week_open=ONE,
        marked_us=FUTURE_US,
    )
    now = reset(marks=marks).marks
    assert now is not None
    assert (now.day, now.week, now.marked_us) == ("2024-06-07", "2024-06-03", DECIDED_AT_US)
    assert losses(now).daily == Decimal("0.02")
