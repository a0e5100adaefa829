"""New bars with as many older ones before them as a decision looks back on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from snipersight.domain.candles import Candles, Floats, Times
from snipersight.domain.quick import quick
from snipersight.domain.timeframe import Timeframe


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Closed bars, oldest first.

    Args:
        open_time: milliseconds UTC.
        high, low, close: quote per base unit.
        first: the first row that is new and has enough before it; past the last where none is.
    """

    open_time: Times
    high: Floats
    low: Floats
    close: Floats
    first: int


class BarWindow:
    """Takes closed bars as they arrive: all at once, one by one, or a growing history.

    Args:
        timeframe: of the bars.
        bars: how many a decision looks at, its own included.
    """

    def __init__(self, timeframe: Timeframe, *, bars: int) -> None:
        self._timeframe, self._bars = timeframe, bars
        nothing = np.empty(0)
        self._kept = Bars(
            open_time=np.empty(0, np.int64), high=nothing, low=nothing, close=nothing, first=0
        )

    @property
    def known_at_ms(self) -> int | None:
        """Return the close of the newest bar taken, None before the first."""
        times = self._kept.open_time
        return int(times[-1]) + self._timeframe.duration_ms if len(times) else None

    @property
    def is_full(self) -> bool:
        """Return whether the newest bar has enough before it."""
        return len(self._kept.close) >= self._bars

    def take(self, candles: Candles, *, until_ms: int) -> Bars:
        """Return the bars closed at `until_ms` that were not taken yet, with those before them."""
        times, kept = candles.open_time, self._kept
        first = int(np.searchsorted(times, kept.open_time[-1], "right")) if len(kept.close) else 0
        newest = until_ms - self._timeframe.duration_ms
        stop = max(first, int(np.searchsorted(times, newest, "right")))
        bars = Bars(
            open_time=np.concatenate((kept.open_time, times[first:stop])),
            high=np.concatenate((kept.high, candles.high[first:stop])),
            low=np.concatenate((kept.low, candles.low[first:stop])),
            close=np.concatenate((kept.close, candles.close[first:stop])),
            first=max(len(kept.close), self._bars - 1),
        )
        self._kept = _newest(bars, self._bars)
        return bars


def _newest(bars: Bars, count: int) -> Bars:
    # Copies, or a few hundred rows would keep years of bars in memory.
    return Bars(
        open_time=bars.open_time[-count:].copy(),
        high=bars.high[-count:].copy(),
        low=bars.low[-count:].copy(),
        close=bars.close[-count:].copy(),
        first=0,
    )
