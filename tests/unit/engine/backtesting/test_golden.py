"""Backtests worked out by hand, one for each rule of a single trade.

Rows are open, high, low, close of an hour. The plan, unless a test says otherwise: long 10 units
at 100, stop 90, out at 120, known at hour 1, so that the bar of hour 1 is the first that counts.
One R is 100 USDT.
"""

from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.ledger import EntryState
from snipersight.engine.backtesting.results import BacktestResult
from tests.builders.backtests import (
    PERPETUAL,
    QUIET,
    ScriptedPlans,
    a_profile_of_hours,
    an_idea,
    free_market,
    hourly,
    lived,
    quarters,
    recorded,
    refusals,
    stories,
)
from tests.builders.candles import Row

NEAR = (102.0, 103.0, 99.0, 101.0)  # goes beyond 100
UP = (101.0, 121.0, 100.5, 119.0)  # goes beyond 120
DOWN = (101.0, 102.0, 89.0, 91.0)  # goes beyond 90
BOTH = (101.0, 121.0, 89.0, 100.0)
SHORT: dict[str, Any] = {"symbol": PERPETUAL, "direction": Direction.SHORT}
TWO = ["110", "120"]  # 0.6 of the size goes out at the first


def mirrored(rows: list[Row]) -> list[Row]:
    """Return the market turned around 100."""
    return [(200 - one, 200 - low, 200 - high, 200 - close) for one, high, low, close in rows]


def balance_of(result: BacktestResult) -> Decimal:
    """Return the balance once it is known to be what trades and days say it is."""
    realised = sum((one.result for one in result.trades), Decimal(0))
    assert result.standing.balance == result.starting_balance + realised
    return round(Decimal(result.standing.balance), 9)  # sums of floats


def test_an_entry_fills_on_a_later_bar_and_only_beyond_its_limit():
    rows = [
        NEAR,  # closes at hour 1, when the plan is decided: it counts for nothing
        (102, 103, 100, 101),  # touches the limit, no more
        (101, 102, 99.75, 101),  # goes beyond it, and fills at it
        UP,
    ]
    result = lived(recorded(hourly(rows)), [an_idea(1)])
    assert stories(result) == [["3 in 10 at 100", "4 out 10 at 120", "4 targets"]]
    assert balance_of(result) == 10_200
    assert result.trades[0].outcome.net_r == 2


def test_a_target_in_the_bar_of_the_entry_does_not_count():
    rows = [QUIET, (102, 121, 99, 119), QUIET, (102, 120, 101, 119), (119, 120.5, 118, 119)]
    result = lived(recorded(hourly(rows)), [an_idea(1)])
    # The bar that touches 120 fills nothing either: limits fill beyond their price.
    assert stories(result) == [["2 in 10 at 100", "5 out 10 at 120", "5 targets"]]


def test_a_bar_that_opens_beyond_the_entry_fills_at_the_limit():
    result = lived(recorded(hourly([QUIET, (98, 99, 97, 98), UP])), [an_idea(1)])
    assert stories(result) == [["2 in 10 at 100", "3 out 10 at 120", "3 targets"]]


def test_the_stop_counts_in_the_bar_of_the_entry():
    result = lived(recorded(hourly([QUIET, (102, 103, 89, 91)])), [an_idea(1)])
    assert stories(result) == [["2 in 10 at 100", "2 out 10 at 90", "2 stop"]]
    assert balance_of(result) == 9_900


def test_a_gap_through_the_stop_fills_at_the_open():
    result = lived(recorded(hourly([QUIET, NEAR, (85, 86, 80, 84)])), [an_idea(1)])
    assert stories(result) == [["2 in 10 at 100", "3 out 10 at 85", "3 stop"]]
    assert balance_of(result) == 9_850
    assert result.trades[0].outcome.net_r == -1.5


def test_a_stop_is_filled_less_slippage_and_pays_the_taker():
    profile = a_profile_of_hours()
    rules = profile.planner.model_copy(update={"slippage_fraction": Decimal("0.001")})
    dear = profile.model_copy(update={"planner": rules})
    market = free_market(maker="0.001", taker="0.002")
    result = lived(recorded(hourly([QUIET, NEAR, DOWN]), market), [an_idea(1)], profile=dear)
    (trade,) = result.trades
    # A unit loses 10, 0.1 for the entry and 0.18 for the exit: 100 / 10.28 is 9.72 units.
    assert trade.staged.whole == Decimal("9.72")
    assert stories(result) == [["2 in 9.72 at 100", "3 out 9.72 at 89.91", "3 stop"]]
    # 9.72 · (89.91 - 100 - 0.1 - 89.91 · 0.002)
    assert balance_of(result) == 10_000 + Decimal("9.72") * Decimal("-10.36982")


def test_the_stop_comes_first_where_a_bar_touches_both():
    result = lived(recorded(hourly([QUIET, NEAR, BOTH])), [an_idea(1)])
    assert stories(result) == [["2 in 10 at 100", "3 out 10 at 90", "3 stop"]]
    assert result.trades[0].outcome.is_ambiguous


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([UP, DOWN], ["2.25 out 10 at 120", "2.25 targets"]),
        ([DOWN, UP], ["2.25 out 10 at 90", "2.25 stop"]),
    ],
)
def test_finer_bars_tell_which_came_first(order, expected):
    quiet = [QUIET] * 4
    fine = [*quiet, *[QUIET] * 3, NEAR, order[0], order[1], *[(91.0, 92.0, 90.5, 91.0)] * 2]
    both = (101.0, 121.0, 89.0, 91.0)
    market = recorded(hourly([QUIET, NEAR, both]), finer=quarters(fine))
    result = lived(market, [an_idea(1)])
    assert stories(result) == [["2 in 10 at 100", *expected]]


def test_a_first_target_takes_its_part_and_moves_the_stop_to_break_even():
    rows = [QUIET, NEAR, (101, 111, 100.5, 109), (109, 110, 99, 100)]
    result = lived(recorded(hourly(rows)), [an_idea(1, targets=TWO)])
    expected = ["2 in 10 at 100", "3 out 6 at 110", "3 stop 100", "4 out 4 at 100", "4 break_even"]
    assert stories(result) == [expected]
    assert balance_of(result) == 10_060


def test_break_even_waits_until_price_is_beyond_it():
    rows = [QUIET, NEAR, (101, 111, 98, 99), (99, 100, 98, 99), DOWN]
    result = lived(recorded(hourly(rows)), [an_idea(1, targets=TWO)])
    # Both closes lie below 100: a stop there would trigger at once. So the first one holds.
    assert stories(result) == [["2 in 10 at 100", "3 out 6 at 110", "5 out 4 at 90", "5 stop"]]
    assert balance_of(result) == 10_020


def test_a_trailing_stop_follows_the_best_close_by_its_distance():
    # Two ATR of 4 below the best close, once the first target was hit.
    profile = a_profile_of_hours(break_even=False, trailing_atr="2")
    rows = [QUIET, NEAR, (101, 111, 100.5, 110), (110, 116, 109, 115), (115, 116, 106, 107)]
    result = lived(recorded(hourly(rows)), [an_idea(1, targets=TWO)], profile=profile)
    expected = ["2 in 10 at 100", "3 out 6 at 110", "3 stop 102", "4 stop 107"]
    assert stories(result) == [[*expected, "5 out 4 at 107", "5 trailed"]]
    assert balance_of(result) == 10_088


def test_a_time_stop_ends_a_position_at_the_close():
    profile = a_profile_of_hours(time_stop_hours="2")
    rows = [QUIET, NEAR, QUIET, (102, 106, 101, 105), UP]
    result = lived(recorded(hourly(rows)), [an_idea(1)], profile=profile)
    # Entered in the bar that closed at 2; the bar that closes at 4 is two hours later.
    assert stories(result) == [["2 in 10 at 100", "4 out 10 at 105", "4 time_stop"]]
    assert balance_of(result) == 10_050


def test_an_entry_that_is_not_reached_in_time_expires():
    rows = [QUIET, QUIET, QUIET, NEAR, QUIET, QUIET]
    result = lived(recorded(hourly(rows)), [an_idea(1, valid_hours=2)])
    (trade,) = result.trades
    assert stories(result) == [["4 expired"]]
    assert trade.entry.state is EntryState.RELEASED
    assert balance_of(result) == 10_000


def test_the_last_bar_of_a_plans_time_still_enters():
    result = lived(recorded(hourly([QUIET, QUIET, NEAR, UP])), [an_idea(1, valid_hours=2)])
    assert stories(result) == [["3 in 10 at 100", "4 out 10 at 120", "4 targets"]]


def test_what_is_waiting_is_over_once_price_was_at_the_target():
    result = lived(recorded(hourly([QUIET, (102, 120, 101, 119), NEAR, UP])), [an_idea(1)])
    assert stories(result) == [["2 missed"]]
    assert result.trades[0].entry.state is EntryState.RELEASED


def test_only_what_was_reached_of_three_entries_is_held():
    profile = a_profile_of_hours(entry_fractions=("0.5", "0.25", "0.25"), break_even=False)
    rows = [QUIET, (102, 103, 97.5, 99), (99, 121, 98, 119)]
    result = lived(
        recorded(hourly(rows)), [an_idea(1, near="100", far="96", stop="90")], profile=profile
    )
    # Half at 100, a quarter at 98; 96 was not reached and is given back with the target.
    assert stories(result) == [["2 in 7.5 at 99.3333", "3 out 7.5 at 120", "3 targets"]]
    assert result.trades[0].entry.pending_size == 0
    assert balance_of(result) == 10_155  # 5 · 20 + 2.5 · 22


def test_funding_is_paid_at_the_hour_on_what_is_held():
    rows = [QUIET, NEAR, *[QUIET] * 5, (102, 105, 101, 104), (104, 105, 101, 102), UP]
    result = lived(
        recorded(hourly(rows, symbol=PERPETUAL)), [an_idea(1, symbol=PERPETUAL, valid_hours=30)]
    )
    # 08:00 is hour 8: 10 units at the close of 104, 0.01 %. The target comes at hour 10.
    expected = ["2 in 10 at 100", "8 funding 0.104", "10 out 10 at 120", "10 targets"]
    assert stories(result) == [expected]
    assert balance_of(result) == Decimal("10199.896")


def test_a_spot_market_pays_no_funding():
    rows = [QUIET, NEAR, *[QUIET] * 7, UP]
    result = lived(recorded(hourly(rows)), [an_idea(1)])
    assert stories(result) == [["2 in 10 at 100", "10 out 10 at 120", "10 targets"]]


@pytest.mark.parametrize(
    "rows",
    [
        [QUIET, NEAR, UP],
        [QUIET, NEAR, DOWN],
        [QUIET, NEAR, BOTH],
        [QUIET, NEAR, (85, 86, 80, 84)],
        [QUIET, NEAR, (101, 111, 100.5, 109), (109, 110, 99, 100)],
        [QUIET, (102, 120, 101, 119), NEAR],
    ],
)
def test_a_short_is_the_mirror_image_of_a_long(rows):
    targets = ["110", "120"]
    long = an_idea(1, symbol=PERPETUAL, targets=targets)
    short = an_idea(1, **SHORT, targets=["90", "80"])
    up = lived(recorded(hourly(rows, symbol=PERPETUAL)), [long])
    quiet = hourly(mirrored(rows), symbol=PERPETUAL)
    down = lived(recorded(quiet), [short])
    assert balance_of(up) == balance_of(down)
    assert len(up.trades) == len(down.trades) == 1
    (one,), (other,) = up.trades, down.trades
    assert [step.at_ms for step in one.steps] == [step.at_ms for step in other.steps]
    assert one.outcome.net_r == other.outcome.net_r
    assert one.outcome.ending == other.outcome.ending
    assert one.outcome.mae_r == pytest.approx(other.outcome.mae_r)


def test_a_short_sells_high_and_buys_low():
    rows = mirrored([QUIET, NEAR, UP])
    result = lived(recorded(hourly(rows, symbol=PERPETUAL)), [an_idea(1, **SHORT)])
    assert stories(result) == [["2 in 10 at 100", "3 out 10 at 80", "3 targets"]]
    assert balance_of(result) == 10_200


def test_spot_is_never_sold_short():
    short = an_idea(1, direction=Direction.SHORT)
    result = lived(recorded(hourly(mirrored([QUIET, NEAR, UP]))), [short])
    assert result.trades == ()
    assert refusals(result) == ["rejected:no_short"]


def test_a_trade_that_is_open_at_the_end_is_marked_and_not_closed():
    result = lived(recorded(hourly([QUIET, NEAR, (101, 108, 100, 107)])), [an_idea(1)])
    (trade,) = result.trades
    assert stories(result) == [["2 in 10 at 100"]]
    assert trade.entry.open_size == 10
    assert balance_of(result) == 10_000
    assert result.daily.equity[-1] == 10_070


def test_a_plan_that_still_waits_at_the_end_is_neither_sent_twice_nor_lost():
    result = lived(recorded(hourly([QUIET, NEAR, QUIET])), [an_idea(1), an_idea(2, near="101")])
    # One trade a market: the second plan waits for the first, and the period ends.
    assert len(result.trades) == 1
    assert result.funnel == {"approved": 1, "waiting": 1}


def test_a_size_below_the_venues_minimum_is_refused():
    market = free_market(min_notional=Decimal(1_001))
    result = lived(recorded(hourly([QUIET, NEAR, UP]), market), [an_idea(1)])
    assert result.trades == ()
    assert refusals(result) == ["declined:below_minimum"]


def test_a_size_that_makes_no_order_gives_its_budget_back():
    # 10 units at 100 suffice for the gate, but sold at the stop they are worth 900 only.
    market = free_market(min_notional=Decimal(950))
    result = lived(recorded(hourly([QUIET, NEAR, UP]), market), [an_idea(1)])
    assert result.trades == ()
    kinds = [one.kind.value for one in result.records]
    assert kinds.count("reserved") == kinds.count("released") > 0
    assert "filled" not in kinds
    assert balance_of(result) == 10_000


def test_nothing_of_a_plan_is_left_that_structure_shifted_against():
    plans = ScriptedPlans(plans=[an_idea(1)], shifts={"BTC/USDT": {3: Direction.SHORT}})
    result = lived(recorded(hourly([QUIET, QUIET, QUIET, NEAR, UP])), plans)
    assert stories(result) == [["3 invalidated"]]
    assert result.trades[0].entry.state is EntryState.RELEASED


def test_equity_is_marked_at_the_end_of_each_day():
    up, higher = (101, 104, 100, 103), (103, 106, 102, 105)  # the first three to midnight
    rows = [*[QUIET] * 20, (102, 103, 99, 101), *[up] * 3, *[higher] * 7, UP]
    result = lived(recorded(hourly(rows)), [an_idea(1)])
    # 31 December, 1 January with 10 · (103 - 100) open, 2 January after the target.
    assert result.daily.equity.tolist() == [10_000, 10_030, 10_200]
    # In at the close of hour 21: 3 of 24 hours; out at hour 32 of 24 + 8, the last.
    assert result.daily.exposure.tolist() == [0, 3 / 24, 1]
