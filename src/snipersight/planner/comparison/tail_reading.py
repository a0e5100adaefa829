"""ATR and regime at one bar, from exactly so many bars before it.

Wilder's smoothing never forgets, so a fixed window is what keeps a decision independent of where
the history begins and of how the bars came (see `analysis.momentum`).
"""

from __future__ import annotations

import numpy as np

from snipersight.analysis.indicators import ta_lib
from snipersight.domain.candles import Floats
from snipersight.domain.profile import SmcRules
from snipersight.domain.regime import Regime
from snipersight.planner.comparison.bar_window import Bars

WINDOW_BARS = 250  # Wilder's smoothing over 14 keeps under 1e-7 of the bar before these
_PERIOD_BARS = 14


def atr_at(bars: Bars, row: int) -> float:
    """Return Wilder's ATR over 14 bars at a row that has 249 before it; 0 where price stood still."""
    return float(_atr(bars, slice(row + 1 - WINDOW_BARS, row + 1))[-1])


def regime_window_bars(rules: SmcRules) -> int:
    """Return how many bars `atr_and_regime_at` looks at."""
    return WINDOW_BARS + rules.regime_window_bars


def atr_and_regime_at(bars: Bars, row: int, rules: SmcRules) -> tuple[float, Regime]:
    """Return ATR and regime at a row, read from its own timeframe alone.

    Volatile by the ATR's rank in its window, else a trend by ADX; both by the borders at which a
    state is entered, without the hysteresis a running reader has.

    Args:
        bars: those before the row reach back `regime_window_bars(rules)`.
        row: the newest bar.
        rules: window and borders.
    """
    window = slice(row + 1 - regime_window_bars(rules), row + 1)
    atr = _atr(bars, window)
    now = float(atr[-1])
    before = atr[-rules.regime_window_bars : -1]
    if np.count_nonzero(before < now) >= rules.volatile_enter * len(before):
        return now, Regime.VOLATILE
    adx = ta_lib().ADX(bars.high[window], bars.low[window], bars.close[window], _PERIOD_BARS)
    return now, Regime.TREND if adx[-1] >= rules.adx_trend_enter else Regime.RANGE


def _atr(bars: Bars, window: slice) -> Floats:
    atr: Floats = ta_lib().ATR(
        bars.high[window], bars.low[window], bars.close[window], _PERIOD_BARS
    )
    return atr
