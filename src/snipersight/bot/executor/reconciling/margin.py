"""Leverage and margin mode of a position, where somebody changed them by hand."""

from __future__ import annotations

from snipersight.domain.execution import Trade
from snipersight.domain.orders import VenuePosition
from snipersight.domain.units import plain


def changed_margin(trade: Trade, position: VenuePosition) -> list[str]:
    """Return what of a position's margin is not as the trade was approved, in words."""
    found = []
    if position.leverage is not None and position.leverage != trade.leverage:
        found.append(f"leverage is {plain(position.leverage)}, not {plain(trade.leverage)}")
    if position.is_isolated is False:
        found.append("margin is cross, so that the whole account backs it")
    return found
