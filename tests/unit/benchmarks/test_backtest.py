"""What backtests are measured on is what it is said to be."""

from __future__ import annotations

import numpy as np

from benchmarks.backtest_worlds import ONE_TARGET, THREE_TARGETS, cross_world, wandering_candles
from snipersight.engine.backtest import backtest

BARS = 9_000


def test_a_longer_market_begins_like_a_shorter_one():
    short, long = wandering_candles(500), wandering_candles(900).slice(0, 500)
    np.testing.assert_array_equal(short.close, long.close)
    np.testing.assert_array_equal(short.high, long.high)


def test_every_trade_is_taken_to_its_end_whatever_is_lost():
    for exits in (ONE_TARGET, THREE_TARGETS):
        world = cross_world(wandering_candles(BARS), exits)
        result = backtest(world.arena, world.leader, world.terms)
        assert len(result.trades) > 20
        refused = {
            name: count
            for name, count in result.funnel.items()
            if name.startswith(("rejected", "declined"))
        }
        # What crosses back in the bar that ends a trade meets it still open; nothing else is refused.
        assert set(refused) <= {"rejected:opposing_position"}
        assert sum(refused.values()) * 5 < len(result.trades)


def test_three_targets_close_in_three_parts():
    world = cross_world(wandering_candles(BARS), THREE_TARGETS)
    result = backtest(world.arena, world.leader, world.terms)
    parts = [sum(step.closed > 0 for step in trade.steps) for trade in result.trades]
    assert max(parts) == 3
