"""Markets that are looked at in some hours only, worked out by hand.

Rows are open, high, low, close of an hour. Plans are those of `an_idea`: long at 100, stop 90, out
at 120. What closes at hour 3 is looked at by whoever looks in hour 3.
"""

from __future__ import annotations

import pytest

from snipersight.domain.timeframe import HOUR_MS
from snipersight.engine.backtesting.holding import holding_equity
from snipersight.engine.backtesting.hourly_universe import HourlyUniverse
from snipersight.engine.backtesting.marking import Closes
from snipersight.engine.backtesting.results import BacktestResult
from tests.builders.backtests import (
    QUIET,
    an_idea,
    at_hour,
    free_policy,
    hourly,
    hours_of,
    lived,
    looked_at,
    recorded,
    refusals,
    stories,
)
from tests.builders.plans import a_confluence

NEAR = (102.0, 103.0, 99.0, 101.0)
UP = (101.0, 121.0, 100.5, 119.0)
GONE = (102.0, 121.0, 101.5, 102.0)  # price was at the target of who is not in yet
BTC, ETH = "BTC/USDT", "ETH/USDT"


def sent(result: BacktestResult) -> list[tuple[str, float]]:
    """Return market and hour of each trade that was sent."""
    return [
        (one.plan.symbol.split("/")[0], hours_of(one.entry.reserved_us // 1000))
        for one in result.trades
    ]


def test_what_is_decided_while_nobody_looks_and_ends_before_somebody_does_never_was():
    market = recorded(hourly([QUIET] * 30))
    result = lived(market, [an_idea(1)], universe=looked_at(BTC=[0, 25, 26]))
    assert result.trades == ()
    assert refusals(result) == []
    assert result.funnel == {}


def test_a_plan_that_still_waits_is_sent_at_the_first_look():
    market = recorded(hourly([QUIET, QUIET, QUIET, QUIET, NEAR, UP]))
    result = lived(market, [an_idea(1)], universe=looked_at(BTC=[3, 4]))
    assert sent(result) == [("BTC", 3)]
    assert stories(result)[0][0] == "5 in 10 at 100"


def test_a_plan_that_was_void_before_the_first_look_is_not_sent():
    market = recorded(hourly([QUIET, QUIET, GONE, QUIET, NEAR, UP]))
    result = lived(market, [an_idea(1)], universe=looked_at(BTC=[4, 5]))
    assert sent(result) == []
    assert refusals(result) == ["gated:target_touched"]


def test_a_trade_goes_on_when_its_market_is_looked_at_no_more():
    market = recorded(hourly([QUIET, QUIET, NEAR, QUIET, UP]))
    result = lived(market, [an_idea(1)], universe=looked_at(BTC=[1]))
    assert sent(result) == [("BTC", 1)]
    assert stories(result) == [["3 in 10 at 100", "5 out 10 at 120", "5 targets"]]


def test_a_better_plan_of_a_market_that_is_not_looked_at_takes_no_budget():
    markets = [recorded(hourly([QUIET, NEAR, UP], symbol=one)) for one in (BTC, ETH)]
    plans = [
        an_idea(1, symbol=BTC, confluence=a_confluence(70)),
        an_idea(1, symbol=ETH, confluence=a_confluence(80)),
    ]
    alone = free_policy(max_total="0.0101", max_cluster="0.01", max_per_asset="0.01")
    both = lived(markets, plans, policy=alone, universe=looked_at(BTC=[1], ETH=[1]))
    assert sent(both) == [("ETH", 1)]
    one = lived(markets, plans, policy=alone, universe=looked_at(BTC=[1], ETH=[2]))
    assert sent(one)[0] == ("BTC", 1)


def test_only_closes_at_which_somebody_looked_count_as_bars():
    # Random entries are as many as ours a bar: bars that nobody looked at would thin them out.
    markets = [recorded(hourly([QUIET] * 10, symbol=one)) for one in (BTC, ETH)]
    assert lived(markets, []).bars == 2 * 11  # the close of hour 0 is one of the period
    assert lived(markets, [], universe=looked_at(BTC=[2, 3], ETH=[9])).bars == 3


def test_what_is_held_for_comparison_is_what_was_looked_at_as_the_period_began():
    rows = {BTC: [QUIET] * 30, ETH: [QUIET, *[(102, 205, 101, 204)] * 29]}  # doubles, and is large
    markets = [recorded(hourly(rows[one], symbol=one)) for one in (BTC, ETH)]
    closes = Closes(candles={one.instrument.symbol: one.finer for one in markets}, step_ms=HOUR_MS)
    early = lived(markets, [], universe=looked_at(BTC=[-1], ETH=[2, 3]))
    held = holding_equity(early, closes)
    assert held is not None
    assert held.equity[-1] == 10_000
    everything = holding_equity(lived(markets, []), closes)
    assert everything is not None
    assert everything.equity[-1] == 15_000
    late = lived(markets, [], universe=looked_at(ETH=[2, 3]))
    assert holding_equity(late, closes) is None


@pytest.mark.parametrize(
    ("hour", "is_in"),
    [(-1, False), (0, False), (2, True), (2.99, True), (3, False), (47.5, True), (48, False)],
)
def test_an_hour_lasts_until_the_next_and_beyond_the_known_ones_nobody_looks(hour, is_in):
    universe = looked_at(BTC=[2, 47])
    (symbol,) = universe.members
    assert universe.holds(symbol, at_hour(hour)) is is_in


def test_a_market_that_never_is_one_of_them_is_not_looked_at():
    universe = looked_at(BTC=[2])
    (symbol,) = looked_at(ETH=[2]).members
    assert not universe.holds(symbol, at_hour(2))


def test_other_hours_or_markets_have_another_name():
    same, other = looked_at(BTC=[2], ETH=[3]), looked_at(BTC=[2], ETH=[4])
    assert same.content_hash == looked_at(ETH=[3], BTC=[2]).content_hash
    later = HourlyUniverse(first_hour=same.first_hour + 1, members=same.members)
    names = {same.content_hash, other.content_hash, looked_at(BTC=[2]).content_hash}
    assert len(names | {later.content_hash}) == 4
