"""ATR and regime from a fixed window agree with the detectors' running ones."""

import numpy as np
import pytest

from snipersight.analysis.smc.series import SmcSeries
from snipersight.domain.profile import SetupRules
from snipersight.domain.regime import Regime
from snipersight.planner.comparison.bar_window import Bars
from snipersight.planner.comparison.tail_reading import (
    WINDOW_BARS,
    atr_and_regime_at,
    atr_at,
    regime_window_bars,
)
from tests.builders import walk
from tests.builders.candles import smc_rules
from tests.fakes.scanning import FINE, NOON_MS
from tests.unit.planner.comparison.markets import PROFILE, frames

RULES = PROFILE.roles.trigger


def bars_of(candles, *, by: float = 1.0) -> Bars:
    return Bars(
        open_time=candles.open_time,
        high=candles.high * by,
        low=candles.low * by,
        close=candles.close * by,
        first=0,
    )


def test_the_window_s_atr_is_the_detectors_own():
    candles = frames()[FINE].slice(0, 2400)
    series = SmcSeries(RULES, FINE, PROFILE.setup)
    series.advance(candles, until_ms=NOON_MS)
    reading = series.reading()
    assert reading is not None
    found = atr_at(bars_of(candles), 2399)
    assert found == pytest.approx(reading.atr, rel=1e-6)
    assert atr_and_regime_at(bars_of(candles), 2399, RULES)[0] == pytest.approx(found, rel=1e-9)


def test_most_regimes_are_those_of_the_detectors():
    """They differ only where the detectors' hysteresis holds a state."""
    candles = frames()[FINE].slice(0, 2400)
    series = SmcSeries(RULES, FINE, SetupRules(valid_bars=10))
    bars, agreed, known = bars_of(candles), 0, set()
    for row in range(1500, 2400):
        series.advance(candles, until_ms=int(candles.close_time[row]))
        regime = atr_and_regime_at(bars, row, RULES)[1]
        agreed += regime is series.trend_and_regime()[1]
        known.add(regime)
    assert agreed > 0.75 * 900
    assert known == set(Regime)


def test_without_hysteresis_the_regimes_are_exactly_those_of_the_detectors():
    rules = smc_rules(
        burn_in_bars=600,
        epoch_bars=600,
        regime_window_bars=40,
        adx_trend_leave=25.0,
        volatile_leave=0.95,
    )
    candles = frames()[FINE].slice(0, 2400)
    series = SmcSeries(rules, FINE, SetupRules(valid_bars=10))
    bars = bars_of(candles)
    for row in range(2000, 2400):
        series.advance(candles, until_ms=int(candles.close_time[row]))
        assert atr_and_regime_at(bars, row, rules)[1] is series.trend_and_regime()[1]


def test_bars_before_the_window_change_nothing():
    candles = walk(900, seed=2)
    row = 880
    cut = row + 1 - regime_window_bars(RULES)
    later = candles.slice(cut, 900)
    assert atr_and_regime_at(bars_of(later), row - cut, RULES) == atr_and_regime_at(
        bars_of(candles), row, RULES
    )
    cut = row + 1 - WINDOW_BARS
    assert atr_at(bars_of(candles.slice(cut, 900)), row - cut) == atr_at(bars_of(candles), row)


def test_bars_after_the_row_change_nothing():
    candles = walk(900, seed=2)
    early = bars_of(candles.slice(0, 700))
    assert atr_and_regime_at(early, 699, RULES) == atr_and_regime_at(bars_of(candles), 699, RULES)


def test_prices_four_times_as_high_have_four_times_the_atr_and_the_same_regime():
    candles = walk(900, seed=2)
    for row in range(600, 900, 50):
        atr, regime = atr_and_regime_at(bars_of(candles), row, RULES)
        assert atr_and_regime_at(bars_of(candles, by=4.0), row, RULES) == (4 * atr, regime)


def test_a_market_that_stands_still_has_no_atr():
    still = np.full(400, 100.0)
    bars = Bars(open_time=np.arange(400), high=still, low=still, close=still, first=0)
    assert atr_at(bars, 399) == 0.0
    assert atr_and_regime_at(bars, 399, RULES) == (0.0, Regime.RANGE)
