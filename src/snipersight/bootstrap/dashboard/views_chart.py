"""Candles with what was known of them at one moment, as the dashboard draws them."""

from __future__ import annotations

from dataclasses import dataclass

from snipersight.domain.annotations import StructureLabel, SweptLevel, Zone

MOST_BARS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartRequest:
    """What is to be drawn.

    Args:
        venue, symbol: of the market, as a signal names them.
        timeframe: of the bars, `15m`.
        profile: by whose thresholds zones and structure are read; None: none are.
        until_ms: no bar that closes after this moment, and no fact that was not known by then,
            milliseconds UTC; None: up to the newest closed bar.
        bars: how many at most, 1 to 5,000.
    """

    venue: str
    symbol: str
    timeframe: str
    profile: str | None = None
    until_ms: int | None = None
    bars: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolLine:
    """Resting liquidity that was not taken yet.

    Args:
        text: what it is, `EQH`, `PDL`.
        price: where.
        start_ms: open of the bar it began with.
        is_above: whether it lies over price: buy-side liquidity.
    """

    text: str
    price: float
    start_ms: int
    is_above: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartView:
    """Closed bars, oldest first, as columns of equal length, and the facts known at the last close.

    Args:
        venue, symbol, timeframe: of the bars.
        bar_ms: length of a bar.
        open_ms: open time of each bar, milliseconds UTC.
        open, high, low, close, volume: of each.
        zones: order blocks, gaps, breakers; alive or ended within the bars.
        structure: BOS, CHoCH, initial breaks.
        swept: levels that a wick took.
        pools: liquidity that rests.
        known_ms: close of the last bar: nothing here was unknown then.
        has_earlier: whether there are older bars.
        has_later: whether there are newer closed bars.
        remark: what a person should know, such as that the cache does not reach this far; empty: nothing.
        read_ms: when it was read.
    """

    venue: str
    symbol: str
    timeframe: str
    bar_ms: int
    open_ms: tuple[int, ...]
    open: tuple[float, ...]
    high: tuple[float, ...]
    low: tuple[float, ...]
    close: tuple[float, ...]
    volume: tuple[float, ...]
    zones: tuple[Zone, ...] = ()
    structure: tuple[StructureLabel, ...] = ()
    swept: tuple[SweptLevel, ...] = ()
    pools: tuple[PoolLine, ...] = ()
    known_ms: int | None = None
    has_earlier: bool = False
    has_later: bool = False
    remark: str = ""
    read_ms: int = 0
