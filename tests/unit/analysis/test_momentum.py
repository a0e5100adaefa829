"""Momentum, divergence and volume of the last 250 bars."""

import numpy as np
import pytest

from snipersight.analysis.momentum import WINDOW_BARS, momentum_reading, rsi_of
from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from tests.builders import candles_of, walk


def flat_then(*closes: float, volume: list[float] | None = None) -> Candles:
    """Return 250 bars: a calm zigzag around 100, then the given closes."""
    calm = [100.0 + (i % 2) for i in range(WINDOW_BARS - len(closes))]
    path = [*calm, *closes]
    rows = [
        (before, max(before, now), min(before, now), now)
        for before, now in zip([path[0], *path], path, strict=False)
    ]
    return candles_of(rows, volume=volume)


def test_too_little_history_has_no_momentum():
    assert momentum_reading(walk(WINDOW_BARS - 1, seed=1)) is None
    assert momentum_reading(walk(WINDOW_BARS, seed=1)) is not None


def test_momentum_does_not_depend_on_where_the_history_begins():
    candles = walk(800, seed=2)
    whole = momentum_reading(candles)
    for first in (1, 17, 300, 800 - WINDOW_BARS):
        assert momentum_reading(candles.slice(first, 800)) == whole


def test_momentum_does_not_depend_on_later_bars():
    candles = walk(600, seed=3)
    assert momentum_reading(candles.slice(0, 500)) == momentum_reading(
        walk(600, seed=3).slice(0, 500)
    )
    assert momentum_reading(candles.slice(0, 500)) != momentum_reading(candles)


def test_rsi_is_wilders():
    import talib

    for seed in range(20):
        candles = walk(WINDOW_BARS, seed=seed)
        reading = momentum_reading(candles)
        assert reading is not None
        assert reading.rsi == pytest.approx(talib.RSI(candles.close, 14)[-1], abs=1e-9)


def test_a_market_that_never_moves_has_rsi_fifty_and_no_divergence():
    reading = momentum_reading(candles_of([(100, 100, 100, 100)] * WINDOW_BARS))
    assert reading is not None
    assert (reading.rsi, reading.divergence) == (50.0, None)


def test_mirrored_prices_negate_momentum_to_the_last_bit():
    for seed in range(30):
        candles = walk(WINDOW_BARS, seed=seed)
        turned = Candles(
            symbol=candles.symbol,
            timeframe=candles.timeframe,
            open_time=candles.open_time,
            open=2048 - candles.open,
            high=2048 - candles.low,
            low=2048 - candles.high,
            close=2048 - candles.close,
            volume=candles.volume,
        )
        here, there = momentum_reading(candles), momentum_reading(turned)
        assert here is not None
        assert there is not None
        assert (there.balance, there.lowest, there.highest) == (
            -here.balance,
            -here.highest,
            -here.lowest,
        )
        assert there.divergence == (here.divergence.opposite if here.divergence else None)
        assert there.divergence_strength == here.divergence_strength


# A crash to 80, a slow recovery, then a slower drift to a lower low.
CRASH = [98, 95, 90, 85, 80]
RECOVERY = [81.0 + 0.5 * i for i in range(30)]
DRIFT = [94.0, 92, 93, 90, 91, 88, 89, 86, 87, 84, 85, 82, 83, 80, 81, 79]


def test_a_lower_low_on_weaker_selling_is_a_bullish_divergence():
    reading = momentum_reading(flat_then(*CRASH, *RECOVERY, *DRIFT))
    assert reading is not None
    assert reading.divergence is Direction.LONG
    assert 0.05 < reading.divergence_strength < 1


def test_a_higher_high_on_weaker_buying_is_a_bearish_divergence():
    path = [200 - price for price in (*CRASH, *RECOVERY, *DRIFT)]
    reading = momentum_reading(flat_then(*path))
    assert reading is not None
    assert reading.divergence is Direction.SHORT


def test_a_higher_low_is_no_divergence():
    higher = [price + 3 for price in DRIFT]
    reading = momentum_reading(flat_then(*CRASH, *RECOVERY, *higher))
    assert reading is not None
    assert reading.divergence is None
    assert reading.divergence_strength == 0


def test_volume_ratio_leaves_the_newest_bar_out_of_its_own_mean():
    volume = [10.0] * (WINDOW_BARS - 1) + [35.0]
    reading = momentum_reading(flat_then(volume=volume))
    assert reading is not None
    assert reading.volume_ratio == pytest.approx(3.5)


def test_no_volume_at_all_is_no_spike():
    reading = momentum_reading(flat_then(volume=[0.0] * WINDOW_BARS))
    assert reading is not None
    assert reading.volume_ratio == 0


def test_extremes_cover_the_last_twenty_bars_only():
    candles = walk(WINDOW_BARS, seed=5)
    reading = momentum_reading(candles)
    assert reading is not None
    import talib

    recent = talib.RSI(candles.close, 14)[-20:]
    assert rsi_of(reading.lowest) == pytest.approx(np.min(recent), abs=1e-9)
    assert rsi_of(reading.highest) == pytest.approx(np.max(recent), abs=1e-9)
