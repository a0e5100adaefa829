"""The price a plan is held against at a live venue: its newest short bar, never from the cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from snipersight.domain.observations import ReferencePrice
from snipersight.domain.timeframe import MINUTE_MS, Timeframe
from snipersight.domain.units import Price, Symbol, exact
from snipersight.market.ccxt_rows import Row, page_of

_LOOKBACK_MS: Final = 30 * MINUTE_MS  # a market that traded nothing for longer has no price
_LEAST_BARS: Final = 3


def reference_span(timeframe: Timeframe, at_ms: int) -> tuple[int, int]:
    """Return from when, and how many bars, to ask for so that the newest closed one is among them.

    Args:
        timeframe: shortest the venue serves.
        at_ms: the moment, milliseconds UTC.
    """
    bars = max(_LEAST_BARS, _LOOKBACK_MS // timeframe.duration_ms)
    return timeframe.floor(at_ms) - bars * timeframe.duration_ms, bars


def reference_of(
    rows: Sequence[Row], *, symbol: Symbol, timeframe: Timeframe, at_ms: int, venue: str
) -> ReferencePrice | None:
    """Return the close of the newest bar that is closed at `at_ms`; None if there is none.

    Raises:
        DataInvalid: the venue's rows contradict themselves.
    """
    candles = page_of(rows, symbol=symbol, timeframe=timeframe, closed_ms=at_ms).candles
    if len(candles) == 0:
        return None
    return ReferencePrice(
        price=Price(exact(float(candles.close[-1]))),
        at_ms=int(candles.close_time[-1]),
        step_ms=timeframe.duration_ms,
        source=f"{venue} {timeframe} close",
    )
