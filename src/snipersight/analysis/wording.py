"""How numbers of the analysis are written in sentences."""

from __future__ import annotations

from snipersight.analysis.facts import PriceZone
from snipersight.domain.direction import Direction
from snipersight.domain.units import exact, plain


def price_text(price: float) -> str:
    """Return a price with the digits it was quoted with: 0.00001234, 42150.5."""
    text = repr(float(price))
    if "e" in text or "n" in text or text == "-0.0":  # an exponent, no number at all
        return plain(exact(price))
    return text.removesuffix(".0")


def zone_text(zone: PriceZone) -> str:
    """Return a zone as `low-high`, its lower edge first."""
    return f"{price_text(zone.low)}-{price_text(zone.high)}"


def side_text(direction: Direction) -> str:
    """Return `bullish` or `bearish`."""
    return "bullish" if direction is Direction.LONG else "bearish"


def trend_text(trend: int) -> str:
    """Return a trend of -1, 0 or +1 in words."""
    return {1: "bullish", -1: "bearish"}.get(trend, "without direction")


def place_text(depth: float, direction: Direction) -> str:
    """Return a depth in words: `33% from the low`, of a short `9% from the high`.

    Args:
        depth: of `entry_zone.depth_in_range`; below 0 the price lies outside of the range, `45% beyond the
            high`.
        direction: of the trade.
    """
    favourable = "low" if direction is Direction.LONG else "high"
    return f"{abs(depth):.0%} {'from' if depth >= 0 else 'beyond'} the {favourable}"


def times_text(count: int) -> str:
    """Return how often: `once`, `3 times`."""
    return "once" if count == 1 else f"{count} times"
