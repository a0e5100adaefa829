"""What holds where finer bars tell the order inside a bar of the trigger."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.analysis.resampling import resample
from snipersight.domain.direction import Direction
from snipersight.engine.backtesting.results import BacktestResult
from snipersight.engine.recording import Recording
from tests.builders.backtests import BALANCE, HOURLY, at_hour, lived, quarters, recorded
from tests.builders.outcomes import wandering_rows
from tests.builders.wandering_backtests import SYMBOLS, WanderingPlans, cut, managed

HOURS = 72
seeds = st.integers(0, 7)  # few, so that the laws share their runs
fewer = settings(max_examples=8)


@cache
def markets(seed: int) -> tuple[Recording, ...]:
    """Return markets of quarters of an hour, with the hours that they make up."""
    found = []
    for number, symbol in enumerate(SYMBOLS[:2]):
        fine = quarters(wandering_rows(100 * seed + number, 4 * HOURS, start=256.0), symbol=symbol)
        found.append(recorded(resample(fine, HOURLY), finer=fine))
    return tuple(found)


@cache
def a_run(seed: int, *, hours: int = HOURS) -> BacktestResult:
    cuts = [cut(one, at_hour(hours)) for one in markets(seed)]
    return lived(cuts, WanderingPlans(seed=seed), profile=managed(seed), hours=hours)


@fewer
@given(seeds)
def test_a_step_lies_on_the_close_of_a_finer_bar_and_leaves_no_better_than_it(seed):
    fine = {one.instrument.symbol: one.finer for one in markets(seed)}
    for trade in a_run(seed).trades:
        bars = fine[trade.plan.symbol]
        for step in trade.steps:
            place = int(np.searchsorted(bars.close_time, step.at_ms))
            assert bars.close_time[place] == step.at_ms
            best = bars.high[place] if trade.plan.direction is Direction.LONG else bars.low[place]
            if step.closed > 0:
                sign = trade.plan.direction.sign
                assert sign * step.proceeds / step.closed <= sign * best + 1e-9


@fewer
@given(seeds)
def test_what_is_realised_is_what_the_balance_gained(seed):
    result = a_run(seed)
    assert result.standing.balance == BALANCE + sum(one.result for one in result.trades)
    for trade in result.trades:
        held = trade.steps[-1].held if trade.steps else 0.0
        assert float(trade.entry.open_size) == pytest.approx(held * float(trade.staged.whole))


@fewer
@given(seeds, st.sampled_from([24, 37, 50]))
def test_later_finer_bars_change_nothing_that_was_told_before_them(seed, hours):
    early, late = a_run(seed, hours=hours), a_run(seed)
    until_us = at_hour(hours) * 1000
    known = [one for one in late.records if one.at_us <= until_us]
    assert [(one.kind, one.subject, one.at_us, one.body) for one in early.records] == [
        (one.kind, one.subject, one.at_us, one.body) for one in known
    ]


def test_the_laws_are_told_of_trades_that_finer_bars_brought_to_another_end():
    ends = []
    for seed in range(8):
        coarse = [replace(one, finer=one.bars[HOURLY]) for one in markets(seed)]
        plain = lived(coarse, WanderingPlans(seed=seed), profile=managed(seed), hours=HOURS)
        ends.append(
            [one.result for one in plain.trades] != [one.result for one in a_run(seed).trades]
        )
    assert any(ends)
