"""ATR and ADX against TA-Lib, and the regime read from them."""

from typing import Any

import numpy as np
import pytest
import talib

from snipersight.analysis.smc.series import SmcSeries
from snipersight.domain.candles import Candles
from snipersight.domain.profile import SetupRules, SmcRules
from snipersight.domain.regime import Regime
from tests.builders.candles import Row, Walk, a_history, smc_rules
from tests.unit.analysis.smc.told import LONG, SHORT, tell

BOTH = pytest.mark.parametrize("direction", [LONG, SHORT])
SETUP = SetupRules(valid_bars=10)


def readings(history: Candles, rules: SmcRules) -> list[Any]:
    """Return what is known at each close, None before the machine may speak."""
    series = SmcSeries(rules, history.timeframe, SETUP)
    found = []
    for close_ms in history.close_time:
        series.advance(history, until_ms=int(close_ms))
        found.append(series.reading())
    return found


def spoken(seed: int) -> tuple[Candles, list[Any]]:
    """Return the bars one machine saw from its start, and what it said of each."""
    walk = Walk(seed=seed, bars=700, flat=0.05).candles()
    late = Candles(
        **{name: getattr(walk, name) for name in ("symbol", "timeframe", "open", "high", "low")},
        close=walk.close,
        volume=walk.volume,
        open_time=walk.open_time - 50 * walk.timeframe.duration_ms,
    )
    return late, readings(late, smc_rules())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_atr_and_adx_equal_talibs_from_the_machines_start(seed):
    bars, said = spoken(seed)
    atr = talib.ATR(bars.high, bars.low, bars.close, 14)
    adx = talib.ADX(bars.high, bars.low, bars.close, 14)
    assert [reading is None for reading in said[:50]] == [True] * 50
    ours = np.array([[reading.atr, reading.adx] for reading in said[50:]])
    np.testing.assert_allclose(ours[:, 0], atr[50:], rtol=1e-9)
    np.testing.assert_allclose(ours[:, 1], adx[50:], rtol=1e-9)


def test_the_regime_follows_adx_and_the_atrs_rank_with_hysteresis():
    bars, said = spoken(4)
    atr = talib.ATR(bars.high, bars.low, bars.close, 14)
    rules = smc_rules()
    is_trending = is_volatile = False
    seen = set()
    for i in range(14 + rules.regime_window_bars - 1, len(bars)):
        window = atr[i - rules.regime_window_bars + 1 : i]
        rank = float(np.mean(window < atr[i]))
        is_volatile = rank >= (rules.volatile_leave if is_volatile else rules.volatile_enter)
        adx = talib.ADX(bars.high[: i + 1], bars.low[: i + 1], bars.close[: i + 1], 14)[-1]
        is_trending = adx >= (rules.adx_trend_leave if is_trending else rules.adx_trend_enter)
        expected = Regime.TREND if is_trending else Regime.RANGE
        if is_volatile:
            expected = Regime.VOLATILE
        if said[i] is not None:
            assert (said[i].regime, said[i].atr_percentile) == (expected, pytest.approx(rank))
            seen.add(expected)
    assert seen == set(Regime)


def rising(count: int, *, first: float = 100.0) -> list[Row]:
    """Return bars that climb by a quarter, each with a range of 1."""
    steps = (first + i / 4 for i in range(count))
    return [(at, at + 0.625, at - 0.375, at + 0.25) for at in steps]


@BOTH
def test_a_steady_climb_is_a_trend_and_a_standstill_a_range(direction):
    told = tell(rising(60), direction)
    assert told.readings[0].regime is Regime.RANGE
    assert told.reading().regime is Regime.TREND


@BOTH
def test_bars_much_wider_than_before_are_volatile_whatever_their_direction(direction):
    told = tell([*rising(60), (115.0, 119.0, 113.0, 118.0)], direction)
    assert told.reading().regime is Regime.VOLATILE


@BOTH
def test_a_trend_that_weakens_a_little_stays_one(direction):
    to_and_fro = [(115.0, 115.5, 114.5, 115.0), (115.0, 115.75, 114.75, 115.25)] * 50
    told = tell([*rising(60), *to_and_fro], direction, volatile_enter=1.0, volatile_leave=1.0)
    between = [r for r in told.readings[60:] if 20 <= r.adx < 25]
    assert between
    assert all(reading.regime is Regime.TREND for reading in between)
    assert told.reading().regime is Regime.RANGE


def test_a_renewed_machine_knows_its_regime_when_it_begins_to_speak():
    history = a_history(rising(40), prelude_bars=50)
    said = readings(history, smc_rules(burn_in_bars=50, regime_window_bars=36))
    spoken = [reading for reading in said if reading is not None]
    assert spoken
    assert all(reading.regime is not None for reading in spoken)


def test_a_window_that_outlasts_the_burn_in_is_refused():
    with pytest.raises(ValueError, match="burn_in_bars must cover regime_window_bars"):
        smc_rules(burn_in_bars=50, regime_window_bars=37)
