"""Isolated margin: where it is used up, and how much of a loss it bears at most."""

from __future__ import annotations

from decimal import Decimal

from snipersight.domain.units import Rounding, on_step
from snipersight.matching.amounts import ONE, ZERO, rounded_up, share_of
from snipersight.matching.positions import LiquidationWatch, OpenPosition


def liquidation_price(position: OpenPosition) -> Decimal | None:
    """Return the mark price at which an isolated position is taken over; None if there is none.

    There margin plus result equals the maintenance margin of the notional, with the maintenance
    fraction of the tier that the cost falls into. Rounded to the tick towards the entry.
    """
    if not position.is_isolated:
        return None
    market, cost, margin, size = position.market, position.cost, position.margin, position.size
    fraction = market.tier_of(cost).maintenance_fraction
    if position.is_long:
        price = on_step((cost - margin) / (size * (ONE - fraction)), market.tick, Rounding.UP)
    else:
        price = on_step((cost + margin) / (size * (ONE + fraction)), market.tick, Rounding.DOWN)
    return price if price > 0 else None


def watch(position: OpenPosition) -> None:
    """Let a position wait for its liquidation price, which has moved."""
    lanes = position.market.liquidations
    old = position.watch
    if old is not None and old.lane is not None:
        old.lane.drop(old)
    position.liquidation_price = price = liquidation_price(position) if position.size else None
    if price is None:
        position.watch = None
        return
    position.watch = LiquidationWatch(position)
    lanes[0 if position.is_long else 1].push(price, position.number, position.watch)


def is_past_border(position: OpenPosition, trigger: Decimal) -> bool:
    """Return whether the position is due for liquidation, and was before `trigger` was reached."""
    border, mark = position.liquidation_price, position.market.mark
    if border is None or mark is None:
        return False
    if position.is_long:
        return mark <= border and trigger < border
    return mark >= border and trigger > border


def closing_terms(
    position: OpenPosition, size: Decimal, price: Decimal, fee_fraction: Decimal
) -> tuple[Decimal, Decimal]:
    """Return the price and the fee at which a part of a position is closed.

    An isolated position never costs more than its margin: beyond the price at which that is used
    up the venue has taken the position over, so nothing worse is charged, fee included.
    """
    fee = rounded_up(size * price * fee_fraction)
    if not position.is_isolated:
        return price, fee
    cost = share_of(position.cost, size, position.size)
    margin = share_of(position.margin, size, position.size)
    result = _result(position, size, price, cost)
    if result - fee >= -margin:
        return price, fee
    if result < -margin:
        price = _used_up_at(position, size, cost=cost, margin=margin)
        result = _result(position, size, price, cost)
    return price, min(fee, margin + result) if fee > 0 else fee


def closing_price_with_all(position: OpenPosition, price: Decimal) -> tuple[Decimal, Decimal]:
    """Return the price of a liquidation, and the fee that takes whatever margin is left."""
    size, cost, margin = position.size, position.cost, position.margin
    result = position.result(price)
    if result < -margin:
        price = _used_up_at(position, size, cost=cost, margin=margin)
        result = position.result(price)
    return price, max(margin + result, ZERO)


def _result(position: OpenPosition, size: Decimal, price: Decimal, cost: Decimal) -> Decimal:
    value = size * price
    return value - cost if position.is_long else cost - value


def _used_up_at(
    position: OpenPosition, size: Decimal, *, cost: Decimal, margin: Decimal
) -> Decimal:
    tick = position.market.tick
    if position.is_long:
        return on_step((cost - margin) / size, tick, Rounding.UP)
    return on_step((cost + margin) / size, tick, Rounding.DOWN)
