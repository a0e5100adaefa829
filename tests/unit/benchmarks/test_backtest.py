"""What backtests are measured on is what it is said to be."""

from __future__ import annotations

import json

import numpy as np

from benchmarks.backtest_worlds import (
    ONE_TARGET,
    THREE_TARGETS,
    cross_world,
    save_terms,
    wandering_candles,
)
from snipersight.engine.backtest import backtest

BARS = 9_000


def test_a_longer_market_begins_like_a_shorter_one():
    short, long = wandering_candles(500), wandering_candles(900).slice(0, 500)
    np.testing.assert_array_equal(short.close, long.close)
    np.testing.assert_array_equal(short.high, long.high)


def test_nothing_is_refused_but_what_crosses_while_a_trade_is_open():
    for exits in (ONE_TARGET, THREE_TARGETS):
        world = cross_world(wandering_candles(BARS), exits)
        result = backtest(world.arena, world.leader, world.terms)
        assert len(result.trades) > 10
        assert all(trade.steps[0].entered for trade in result.trades)
        open_ms = [(trade.steps[0].at_ms, trade.steps[-1].at_ms) for trade in result.trades]
        plans = [one.plan for one in result.refused]
        for plan in plans:
            assert plan is not None
            at_ms = plan.created_at.timestamp() * 1000
            assert any(first <= at_ms <= last for first, last in open_ms)


def test_what_is_traded_elsewhere_begins_at_the_bar_that_ours_begins_at(tmp_path):
    candles = wandering_candles(BARS)
    world = cross_world(candles, ONE_TARGET)
    save_terms(tmp_path / "terms.json", world)
    stored = json.loads((tmp_path / "terms.json").read_text())
    first = stored["terms"]["first"]
    assert int(candles.close_time[first]) > world.terms.period.start_ms
    assert int(candles.close_time[first - 1]) <= world.terms.period.start_ms
    assert stored["forms"]["brackets"] == [[1.5, 0.5], [2.5, 0.25], [4.0, 0.25]]


def test_three_targets_close_in_three_parts():
    world = cross_world(wandering_candles(BARS), THREE_TARGETS)
    result = backtest(world.arena, world.leader, world.terms)
    parts = [sum(step.closed > 0 for step in trade.steps) for trade in result.trades]
    assert max(parts) == 3
