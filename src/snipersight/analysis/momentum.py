"""Momentum, divergence and volume of the trigger timeframe, from TA-Lib.

Everything is a function of exactly the last `WINDOW_BARS` bars, so that what is said at a bar does
not depend on where the history begins, although Wilder's smoothing never forgets.

Momentum is measured by TA-Lib's CMO, which is the RSI on a scale around zero: RSI = 50 + CMO / 2.
Mirrored prices negate it to the last bit; the RSI itself would differ by a rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from snipersight.analysis.indicators import ta_lib
from snipersight.domain.candles import Candles, Floats
from snipersight.domain.direction import Direction
from snipersight.domain.quick import quick

WINDOW_BARS: Final = 250  # Wilder's smoothing over 14 keeps under 1e-7 of the bar before these
_PERIOD_BARS: Final = 14
_VOLUME_BARS: Final = 20
_RECENT_BARS: Final = 20  # where the newest extreme is looked for
_PREVIOUS_BARS: Final = 40  # and before them the one it is compared with


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Momentum:
    """What momentum and volume say at the newest bar.

    Args:
        balance: gains against losses over 14 bars, -1 (only losses) to +1 (only gains).
        lowest, highest: extremes of `balance` over the last 20 bars, the newest included.
        divergence: LONG where price made a lower low and momentum a higher one, SHORT for the
            mirrored highs; None without either, or with both equally strong.
        divergence_strength: how far momentum disagrees, as a difference of `balance`; 0 without.
        volume_ratio: newest volume ÷ mean of the 20 before it; 0 where nothing was traded then.
    """

    balance: float
    lowest: float
    highest: float
    divergence: Direction | None
    divergence_strength: float
    volume_ratio: float

    @property
    def rsi(self) -> float:
        """Return Wilder's RSI, 0-100; 50 where price never moved."""
        return rsi_of(self.balance)


def rsi_of(balance: float) -> float:
    """Return a momentum balance of -1 to +1 on the RSI's scale of 0 to 100."""
    return 50.0 + 50.0 * balance


def momentum_reading(candles: Candles) -> Momentum | None:
    """Return momentum at the newest bar, from exactly the last 250 bars.

    Args:
        candles: closed bars of the trigger timeframe, oldest first.

    Missing data: None with fewer than 250 bars; gaps in time are not filled.
    """
    if len(candles) < WINDOW_BARS:
        return None
    tail = candles
    if len(candles) > WINDOW_BARS:
        tail = candles.slice(len(candles) - WINDOW_BARS, len(candles))
    balance = _balance(tail.close)
    direction, strength = _divergence(tail, balance)
    recent = balance[-_RECENT_BARS:]
    return Momentum(
        balance=float(balance[-1]),
        lowest=float(recent.min()),
        highest=float(recent.max()),
        divergence=direction,
        divergence_strength=strength,
        volume_ratio=_volume_ratio(tail.volume),
    )


def _balance(close: Floats) -> Floats:
    return np.asarray(ta_lib().CMO(close, _PERIOD_BARS)) / 100.0


def _volume_ratio(volume: Floats) -> float:
    usual = float(ta_lib().SMA(volume, _VOLUME_BARS)[-2])
    return float(volume[-1]) / usual if usual > 0 else 0.0


def _divergence(tail: Candles, balance: Floats) -> tuple[Direction | None, float]:
    bullish = _disagreement(tail.low, balance)
    bearish = _disagreement(-tail.high, -balance)
    if bullish == bearish:
        return None, 0.0
    if bullish > bearish:
        return Direction.LONG, bullish
    return Direction.SHORT, bearish


def _disagreement(lows: Floats, balance: Floats) -> float:
    """Return by how much momentum rose between two lows while price fell; 0 if it did not.

    The earlier low must have come with losses, or there is no selling that could fade.
    """
    recent, previous = (
        slice(-_RECENT_BARS, None),
        slice(-_RECENT_BARS - _PREVIOUS_BARS, -_RECENT_BARS),
    )
    newer, older = int(np.argmin(lows[recent])), int(np.argmin(lows[previous]))
    before, after = float(balance[previous][older]), float(balance[recent][newer])
    fell = lows[recent][newer] < lows[previous][older]
    return max(0.0, after - before) if fell and before < 0 else 0.0
