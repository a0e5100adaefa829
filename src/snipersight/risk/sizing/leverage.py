"""Leverage is margin, never size: what a market allows, what fits, and where it liquidates."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final, NamedTuple

from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument, MarginTier, MarketKind
from snipersight.domain.plan import TradePlan

_ONE: Final = Decimal(1)
_ZERO: Final = Decimal(0)
_SPOT: Final = MarketKind.SPOT


def tier_at(instrument: Instrument, notional: Decimal) -> MarginTier | None:
    """Return the margin step of a position's notional; None on spot or without a table.

    Below the lowest step, the lowest.
    """
    tiers = instrument.margin_tiers
    for tier in reversed(tiers):
        if tier.notional_floor <= notional:
            return tier
    return tiers[0] if tiers else None


def leverage_cap(instrument: Instrument, notional: Decimal, max_leverage: Decimal) -> Decimal:
    """Return the highest whole leverage allowed for a position of this notional, at least 1.

    1 on spot and for a perpetual whose margin table is unknown: its liquidation price could not
    be told. Otherwise the lower of our cap and the venue's.

    Args:
        instrument: the market.
        notional: position value in quote currency.
        max_leverage: our own cap, at least 1.
    """
    return _capped(instrument, tier_at(instrument, notional), max_leverage)


def _capped(instrument: Instrument, tier: MarginTier | None, max_leverage: Decimal) -> Decimal:
    if instrument.kind is _SPOT or tier is None:
        return _ONE
    highest = max_leverage if max_leverage <= tier.max_leverage else tier.max_leverage
    whole = highest.to_integral_value(ROUND_FLOOR)
    return whole if whole > _ONE else _ONE


def lowest_leverage(notional: Decimal, capacity: Decimal) -> Decimal:
    """Return the lowest whole leverage whose margin fits the capacity, at least 1.

    Args:
        notional: position value in quote currency.
        capacity: above 0, in quote currency.
    """
    lowest = (notional / capacity).to_integral_value(ROUND_CEILING)
    # The quotient has finitely many digits: one that was rounded down to a whole number lies.
    if lowest * capacity < notional:
        lowest += _ONE
    return lowest if lowest > _ONE else _ONE


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


class LiquidationBorder(NamedTuple):
    """How near to the entry a position may be liquidated: beyond the stop, with a cushion.

    Args:
        entry: price the position is entered at.
        direction: its side.
        price: liquidation must lie here or beyond; 0 for a long whose stop is so far away that
            nothing lies beyond it.
    """

    entry: Decimal
    direction: Direction
    price: Decimal

    @classmethod
    def of(cls, plan: TradePlan, *, cushion: Decimal) -> LiquidationBorder:
        """Return the border of a plan; `cushion` is in stop distances."""
        near, stop = plan.entry_near, plan.stop_loss.price
        border = stop - (near - stop) * cushion
        return cls(near, plan.direction, border if border >= _ZERO else _ZERO)

    def allows(self, leverage: Decimal, *, maintenance_fraction: Decimal) -> bool:
        """Return whether liquidation lies at the border or beyond, without a rounded quotient."""
        sign = self.direction.sign
        liquidated = self.entry * (leverage - sign)
        border = self.price * leverage * (_ONE - sign * maintenance_fraction)
        return border >= liquidated if sign > 0 else border <= liquidated

    def highest(self, maintenance_fraction: Decimal) -> Decimal | None:
        """Return the highest whole leverage it allows, 0 for none, None for any."""
        sign = self.direction.sign
        # Long: 1 - border × (1 - m) ÷ entry is the margin a unit needs; short: the mirror image.
        share = sign * (_ONE - self.price * (_ONE - sign * maintenance_fraction) / self.entry)
        if share <= _ZERO:
            return None
        found = (_ONE / share).to_integral_value(ROUND_FLOOR)
        if found >= _ONE and self.allows(found, maintenance_fraction=maintenance_fraction):
            return found
        return max(found - 1, _ZERO)  # the quotient's last digit was rounded up


def safe_leverage(
    instrument: Instrument, notional: Decimal, max_leverage: Decimal, *, border: LiquidationBorder
) -> Decimal:
    """Return the highest whole leverage that is allowed and liquidates beyond the border.

    0 where not even leverage 1 does, as for a short whose stop lies twice as high as its entry.
    """
    tier = tier_at(instrument, notional)
    cap = _capped(instrument, tier, max_leverage)
    if tier is None:
        return cap
    highest = border.highest(tier.maintenance_fraction)
    return cap if highest is None else min(cap, highest)


class Backing(NamedTuple):
    """What may back one more position, in its quote currency.

    Args:
        capacity: pays the margin and the entry's fee.
        fee_fraction: the entry's fee, of the notional.
        margin: what the limits leave of margin.
    """

    capacity: Decimal
    fee_fraction: Decimal
    margin: Decimal

    def carries(self, notional: Decimal, leverage: Decimal) -> bool:
        """Return whether it backs a position at a leverage; nothing is carried below 1."""
        return (
            leverage >= _ONE
            and notional * (_ONE + self.fee_fraction * leverage) <= self.capacity * leverage
            and notional <= self.margin * leverage
        )

    def largest(self, leverage: Decimal) -> Decimal:
        """Return the largest notional it carries at a leverage of at least 1."""
        by_capacity = self.capacity * leverage / (_ONE + self.fee_fraction * leverage)
        return min(by_capacity, self.margin * leverage)

    def room(self, notional: Decimal) -> Decimal:
        """Return the margin that a position of this notional may take."""
        return min(self.capacity - notional * self.fee_fraction, self.margin)
