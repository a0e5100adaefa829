"""Which closes an account is marked at, and that the others would have moved nothing."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.domain.direction import Direction
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.standing import AccountStanding
from snipersight.domain.units import Money
from snipersight.engine.backtesting.leeway import Leeway
from snipersight.engine.backtesting.marking import Closes, telling_moments
from snipersight.risk.breakers.standing import mark
from snipersight.risk.policy import RiskPolicy
from tests.builders.backtests import HOUR_MS, at_hour, hourly
from tests.builders.ledger import a_policy, an_entry

SYMBOL = "BTC/USDT:USDT"
BALANCE = Decimal(1000)


def held(direction: Direction = Direction.LONG, size: str = "1") -> LedgerEntry:
    return an_entry(SYMBOL, direction=direction, pending="0", filled=size, entry="100", fill="100")


def closes_of(
    prices: Sequence[float], *, first_hour: int = 0, missing: int | None = None
) -> Closes:
    """Return closes of which the first is made an hour after `first_hour`."""
    rows = [(price, price, price, price) for price in prices]
    bars = hourly(
        rows,
        symbol=SYMBOL,
        first_hour=first_hour,
        without=() if missing is None else [missing],
    )
    return Closes(candles={bars.symbol: bars}, step_ms=HOUR_MS)


def told(
    prices: Sequence[float],
    *,
    entry: LedgerEntry | None = None,
    first_hour: int = 0,
    missing: int | None = None,
    leeway: Leeway | None = None,
) -> list[int]:
    """Return which of some closes are marked, by their places."""
    moments = telling_moments(
        [held() if entry is None else entry],
        closes_of(prices, first_hour=first_hour, missing=missing),
        start_ms=at_hour(first_hour),
        end_ms=at_hour(first_hour + len(prices) + 1),
        leeway=leeway,
    )
    return [(one - at_hour(first_hour)) // HOUR_MS - 1 for one in moments]


def marked(
    standing: AccountStanding, equity: Decimal, hour: int, policy: RiskPolicy
) -> AccountStanding:
    return mark(standing, equity=equity, at_us=at_hour(hour) * 1000, policy=policy)


def an_account(policy: RiskPolicy, *, equity: str = "1000", hour: int = 0) -> AccountStanding:
    """Return an account of 1000 that was marked once."""
    standing = AccountStanding(starting_balance=Money(BALANCE))
    return marked(standing, Decimal(equity), hour, policy)


def test_every_close_below_all_since_the_high_is_marked_though_the_day_was_lower():
    #        day's low                high   lower  not   lower              last
    prices = [90.0, 95.0, 99.0, 103.0, 101.0, 102.0, 98.0, 99.0, 100.0]
    assert told(prices) == [0, 3, 4, 6, 8]


def test_every_close_below_all_of_its_day_is_marked_though_the_high_was_earlier():
    #        Monday evening          | Tuesday, which begins lower and falls on
    prices = [104.0, 90.0, 91.0, 92.0, 96.0, 97.0, 95.0, 95.5]
    assert told(prices, first_hour=19) == [0, 1, 3, 4, 6, 7]


def test_a_shorts_lows_are_the_highs_of_its_market():
    prices = [110.0, 105.0, 101.0, 97.0, 99.0, 98.0, 102.0, 101.0, 100.0]
    assert told(prices, entry=held(Direction.SHORT)) == [0, 3, 4, 6, 8]


@pytest.mark.parametrize("missing", [1, 4, 7])
def test_every_close_is_marked_where_a_bar_is_missing(missing):
    assert told([100.0] * 9, missing=missing) == list(range(9))


def test_where_no_limit_is_near_the_last_close_alone_is_marked():
    policy = a_policy()
    leeway = Leeway.of(an_account(policy, equity="1010"), policy)
    prices = [90.0, 95.0, 99.0, 103.0, 101.0, 102.0, 98.0, 99.0, 100.0]
    assert leeway is not None
    assert told(prices, leeway=leeway) == [8]


def test_where_no_limit_is_near_a_new_high_is_marked_too():
    policy = a_policy()
    leeway = Leeway.of(an_account(policy), policy)
    assert leeway is not None
    assert told([100.0, 101.0, 103.0, 102.0, 103.0, 100.0], leeway=leeway) == [2, 4, 5]


def test_where_no_limit_is_near_the_newest_beginning_of_a_day_is_marked_with_the_close_before():
    policy = a_policy()
    leeway = Leeway.of(an_account(policy, equity="1010"), policy)
    assert leeway is not None
    #        hours 19 to 23 of the first day, a whole day, and the third one from hour 48 on
    assert told([100.0] * 34, first_hour=18, leeway=leeway) == [28, 29, 33]


def test_where_no_limit_is_near_the_beginning_of_a_week_is_marked_beside_that_of_a_later_day():
    policy = a_policy()
    leeway = Leeway.of(an_account(policy, equity="1010"), policy)
    assert leeway is not None
    sunday = 6 * 24 + 18
    assert told([100.0] * 60, first_hour=sunday, leeway=leeway) == [4, 5, 52, 53, 59]


def test_what_was_lost_of_the_week_before_counts_as_well():
    policy = a_policy(max_daily_loss="0.05", max_weekly_loss="0.07")
    standing = an_account(policy)
    for hour in (30, 54):  # the second day begins at 1000, the third at 970
        standing = marked(standing, Decimal(970), hour, policy)
    leeway, ten = Leeway.of(standing, policy), held(size="10")
    assert leeway is not None
    prices = [97.0, 96.0, 95.0, 93.0, 95.0]
    dense = told(prices, entry=ten, first_hour=54)
    assert told(prices, entry=ten, first_hour=54, leeway=leeway) == dense == [0, 1, 2, 3, 4]
    assert told([*prices[:3], 93.5, 95.0], entry=ten, first_hour=54, leeway=leeway) == [4]


def test_what_is_lost_of_a_high_that_comes_first_counts_as_well():
    policy = a_policy(max_drawdown="0.05", max_daily_loss="0.05")
    leeway, ten = Leeway.of(an_account(policy), policy), held(size="10")
    assert leeway is not None
    prices = [106.0, 108.0, 110.0, 104.5, 108.0, 109.0]
    assert told(prices, entry=ten, leeway=leeway) == told(prices, entry=ten) == [0, 2, 3, 5]
    assert told([*prices[:3], 106.0, 108.0, 109.0], entry=ten, leeway=leeway) == [2, 5]


@pytest.mark.parametrize(
    "limits",
    [
        {"max_daily_loss": "0.02"},
        {"max_daily_loss": "0.02", "max_weekly_loss": "0.02"},
        {"max_drawdown": "0.02"},
    ],
)
def test_one_close_that_reaches_a_limit_brings_back_every_telling_close(limits):
    policy = a_policy(**limits)
    leeway = Leeway.of(an_account(policy), policy)
    prices = [99.0, 98.0, 97.0, 80.0, 97.0, 98.0, 97.5]
    assert leeway is not None
    assert told(prices, leeway=leeway) == told(prices) == [0, 1, 2, 3, 6]
    above = [80.001 if one == 80.0 else one for one in prices]
    assert told(above, leeway=leeway) == [6]


def test_nothing_is_left_out_while_a_breaker_holds_or_nothing_was_marked_yet():
    policy = a_policy(max_daily_loss="0.02")
    tripped = marked(an_account(policy), Decimal(970), 1, policy)
    assert tripped.tripped
    assert Leeway.of(tripped, policy) is None
    assert Leeway.of(AccountStanding(starting_balance=Money(BALANCE)), policy) is None


def after(
    standing: AccountStanding, found: Sequence[int], equity: Sequence[Decimal], policy, *, hour: int
):
    """Return what marks at some closes leave of an account: all that later ones depend on."""
    for place in found:
        standing = marked(standing, equity[place], hour + 1 + place, policy)
    marks = standing.marks
    assert marks is not None
    return marks, [(one.name, one.tripped_us) for one in standing.tripped]


prices_of = st.lists(st.integers(-40, 40), min_size=3, max_size=90)


@settings(max_examples=150)
@given(
    moves=prices_of,
    size=st.sampled_from(["0.5", "1", "3", "10"]),
    before=st.sampled_from(["960", "1000", "1030"]),
    side=st.sampled_from(list(Direction)),
    hour=st.sampled_from([18, 6 * 24 + 18]),  # of a Monday, of a Sunday
)
def test_marks_at_telling_closes_leave_what_marks_at_all_of_them_leave(
    moves, size, before, side, hour
):
    policy = a_policy(max_daily_loss="0.05", max_weekly_loss="0.07", max_drawdown="0.08")
    standing = marked(an_account(policy), Decimal(before), hour, policy)
    prices, price = [], 100.0
    for move in moves:
        price = max(price + move / 8, 1.0)
        prices.append(price)
    equity = [BALANCE + side.sign * Decimal(size) * (Decimal(one) - 100) for one in prices]
    leeway = Leeway.of(standing, policy)
    found = told(prices, entry=held(side, size), first_hour=hour, leeway=leeway)
    every = after(standing, range(len(prices)), equity, policy, hour=hour)
    assert after(standing, found, equity, policy, hour=hour) == every
