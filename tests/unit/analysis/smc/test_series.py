"""The typed face: what may be taken when, and what is said while the history is short."""

import time
from typing import Any

import numpy as np
import pytest

from snipersight.analysis.smc.series import SmcSeries
from snipersight.domain.candles import Candles
from snipersight.domain.profile import SetupRules
from tests.builders.candles import TABLE_START_MS, Walk, a_history, smc_rules
from tests.unit.analysis.smc.test_order_blocks import AWAY, SHIFT

SETUP = SetupRules(valid_bars=10)
FAR_MS = 2**61


def a_series(**rules: Any) -> SmcSeries:
    """Return a series that keeps facts from the table's start on."""
    found = smc_rules(calendar=("day",), **rules)
    history = a_history("")
    return SmcSeries(found, history.timeframe, SETUP, facts_from_ms=TABLE_START_MS)


def test_nothing_is_said_before_the_first_bar():
    series = a_series()
    assert series.known_at_ms is None
    assert not series.is_warm
    assert series.reading() is None
    assert len(series.facts()) == 0


def test_a_history_that_begins_after_the_machine_says_nothing():
    series = a_series()
    series.advance(a_history(SHIFT, prelude_bars=49), until_ms=FAR_MS)
    assert not series.is_warm
    assert series.reading() is None
    assert len(series.facts()) == 0


def test_a_history_that_reaches_back_to_the_machines_start_is_warm_at_the_epoch():
    series, history = a_series(), a_history(SHIFT, prelude_bars=50)
    series.advance(history, until_ms=TABLE_START_MS)
    assert not series.is_warm
    series.advance(history, until_ms=int(history.close_time[50]))
    assert series.is_warm


def test_a_bar_that_closes_later_is_not_looked_at():
    series, history = a_series(), a_history(SHIFT)
    close_ms = int(history.close_time[-1])
    assert series.advance(history, until_ms=close_ms - 1) is None
    assert series.known_at_ms == int(history.close_time[-2])
    assert series.advance(history, until_ms=close_ms) is not None


def test_bars_taken_already_are_skipped():
    series, history = a_series(), a_history(SHIFT)
    series.advance(history, until_ms=FAR_MS)
    before = (series.facts().tobytes(), series.reading())
    assert series.advance(history, until_ms=FAR_MS) is None
    assert (series.facts().tobytes(), series.reading()) == before


def test_stopping_at_setups_visits_each_and_ends():
    series, history = a_series(), a_history(SHIFT + AWAY)
    found = series.advance(history, until_ms=FAR_MS, stop_at_setup=True)
    assert found is not None
    assert found.known_at_ms == series.known_at_ms == int(history.close_time[-2])
    assert series.advance(history, until_ms=FAR_MS, stop_at_setup=True) is None
    assert series.known_at_ms == int(history.close_time[-1])


def test_a_setup_before_the_last_bar_is_not_returned_as_new():
    series = a_series()
    assert series.advance(a_history(SHIFT + AWAY), until_ms=FAR_MS) is None


def test_the_log_is_emptied_as_often_as_needed():
    walk = Walk(seed=5, bars=20_000).candles()
    series = SmcSeries(
        smc_rules(burn_in_bars=60, epoch_bars=60), walk.timeframe, SETUP, facts_from_ms=0
    )
    series.advance(walk, until_ms=FAR_MS)
    facts = series.facts()
    assert len(facts) > 10_000
    assert np.all(np.diff(facts["known_at"]) >= 0)


def test_the_tail_is_the_newest_bars_then_and_refuses_more_than_the_machine_saw():
    series, history = a_series(), a_history(SHIFT)
    series.advance(history, until_ms=int(history.close_time[-2]))
    told = series.tail(history.symbol, 54)
    series.advance(history, until_ms=FAR_MS)
    assert told is not None
    for name in ("open_time", "open", "high", "low", "close", "volume"):
        np.testing.assert_array_equal(getattr(told(), name), getattr(history, name)[-55:-1])
    assert series.tail(history.symbol, 55) is not None
    assert series.tail(history.symbol, 56) is None


def test_the_atr_s_rank_is_what_the_whole_reading_says_of_it():
    series, history = a_series(), a_history(SHIFT, prelude_bars=50)
    ranks = []
    for closed_at_ms in history.close_time.tolist():
        series.advance(history, until_ms=closed_at_ms)
        reading = series.reading()
        assert series.atr_percentile() == (None if reading is None else reading.atr_percentile)
        ranks.append(series.atr_percentile())
    assert ranks[:50] == [None] * 50
    assert len(set(ranks[50:])) > 1


@pytest.mark.parametrize("ages", [400])
def test_the_longest_ages_never_outrun_the_bars_remembered(ages):
    # Times of zones are kept with them, and no detector looks back further than the ring holds.
    walk = Walk(seed=9, bars=12_000, wildness=3.0).candles()
    rules = smc_rules(
        burn_in_bars=2000,
        epoch_bars=2000,
        zone_max_age_bars=ages,
        level_max_age_bars=ages,
        block_lookback_bars=50,
        max_leg_bars=400,
    )
    series = SmcSeries(rules, walk.timeframe, SETUP, facts_from_ms=0)
    series.advance(walk, until_ms=FAR_MS)
    facts = series.facts()
    age_bars = (facts["known_at"] - facts["at"]) // walk.timeframe.duration_ms
    assert age_bars.min() >= 1
    assert age_bars.max() <= 3 * ages + 51


@pytest.mark.slow
def test_ten_times_the_bars_cost_about_ten_times_as_much():
    short = Walk(seed=3, bars=30_000).candles()
    long = Walk(seed=3, bars=300_000).candles()
    assert cpu_seconds(long) <= 12 * cpu_seconds(short)


def cpu_seconds(history: Candles) -> float:
    """Return the least CPU time of five readings."""
    rules, best = smc_rules(burn_in_bars=200, epoch_bars=200), float("inf")
    for _ in range(5):
        series = SmcSeries(rules, history.timeframe, SETUP)
        begun = time.process_time()
        series.advance(history, until_ms=FAR_MS)
        best = min(best, time.process_time() - begun)
    return best


def test_what_was_read_stays_as_it_was_though_nobody_looked_before_later_bars():
    walk = Walk(seed=5, bars=900).candles()
    rules = {"burn_in_bars": 100, "epoch_bars": 200}
    early, late = a_series(**rules), a_series(**rules)
    pairs = []
    for closed_at_ms in walk.close_time[::11].tolist():
        for series in (early, late):
            series.advance(walk, until_ms=closed_at_ms)
        looked, unseen = early.reading(), late.reading()
        shown = repr(looked)
        pairs.append((shown, unseen))
    for kind in ("Block(", "Gap(", "Pool("):
        assert any(kind in shown for shown, _ in pairs)
    assert [repr(unseen) for _, unseen in pairs] == [shown for shown, _ in pairs]
