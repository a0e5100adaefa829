"""Leverage is margin, never size: the lowest that fits, and where it liquidates."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument, MarginTier, MarketKind

_ONE = Decimal(1)


def tier_at(instrument: Instrument, notional: Decimal) -> MarginTier | None:
    """Return the margin step of a position's notional; None on spot or without a table."""
    reached = [tier for tier in instrument.margin_tiers if tier.notional_floor <= notional]
    return reached[-1] if reached else None


def leverage_cap(instrument: Instrument, capacity: Decimal, max_leverage: Decimal) -> Decimal:
    """Return the highest whole leverage at which the whole capacity may be used.

    1 on spot and for a perpetual whose margin table is unknown: its liquidation price could not
    be told. Otherwise the lower of our cap and the venue's at the notional it would make.

    Args:
        instrument: the market.
        capacity: what may back the position, in quote currency.
        max_leverage: our own cap, at least 1.
    """
    if instrument.kind is MarketKind.SPOT or not instrument.margin_tiers:
        return _ONE
    tier = tier_at(instrument, capacity * max_leverage) or instrument.margin_tiers[0]
    highest = min(max_leverage, tier.max_leverage)
    return max(_ONE, highest.to_integral_value(rounding=ROUND_FLOOR))


def lowest_leverage(notional: Decimal, capacity: Decimal) -> Decimal:
    """Return the lowest whole leverage whose margin fits the capacity, at least 1.

    Args:
        notional: position value in quote currency.
        capacity: above 0, in quote currency.
    """
    return max(_ONE, (notional / capacity).to_integral_value(rounding=ROUND_CEILING))


def liquidation_price(
    entry: Decimal, direction: Direction, *, leverage: Decimal, maintenance_fraction: Decimal
) -> Decimal:
    """Return where an isolated position of a linear perpetual is liquidated.

    The price at which margin plus result equals the maintenance margin of the notional there:
    entry × (1 - s/leverage) ÷ (1 - s × maintenance), s = +1 for a long and -1 for a short.
    Maintenance amounts, which move it away from the entry, are left out; so are fees. 0 for a
    long at leverage 1.
    """
    sign = direction.sign
    return entry * (_ONE - sign / leverage) / (_ONE - sign * maintenance_fraction)
