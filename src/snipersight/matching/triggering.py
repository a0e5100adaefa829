"""What happens when price reaches what waits for it: triggers, resting limits, liquidations."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.matching.amounts import ZERO
from snipersight.matching.book_order import BookOrder
from snipersight.matching.endings import end_partner
from snipersight.matching.filling import fill
from snipersight.matching.floor import Floor
from snipersight.matching.lanes import Waiting
from snipersight.matching.liquidating import liquidate
from snipersight.matching.margin import is_past_border
from snipersight.matching.markets import Market
from snipersight.matching.positions import LiquidationWatch
from snipersight.matching.taking import (
    available,
    execute_now,
    is_marketable,
    rest_limit,
    take_liquidity,
)

TRIGGERED: Final = "triggered"


def serve(floor: Floor, item: Waiting, *, at_us: int) -> bool:
    """Carry out what price has reached; False if the print offers nothing for it any more."""
    if isinstance(item, BookOrder):
        if not item.is_conditional or item.is_triggered:
            return _fill_resting(floor, item, at_us=at_us)
        trigger(floor, item, at_us=at_us)
        return True
    if not isinstance(item, LiquidationWatch):
        raise TypeError(f"{type(item).__name__} waits in the book")
    liquidate(floor, item.position, at_us=at_us)
    return True


def _fill_resting(floor: Floor, order: BookOrder, *, at_us: int) -> bool:
    market = order.market
    rest = order.size - order.filled
    size = available(market, rest)
    if size <= 0:
        return False
    filled = fill(floor, order, size, order.price or ZERO, is_maker=True, at_us=at_us)
    take_liquidity(market, filled)
    return size == rest


def trigger(floor: Floor, order: BookOrder, *, at_us: int) -> None:
    """Turn a conditional order into the market or limit order that it waited to be."""
    lane, market = order.lane, order.market
    if lane is not None:
        lane.drop(order)
    order.is_triggered = True
    order.text = TRIGGERED
    order.updated_us = at_us
    end_partner(floor, order, at_us=at_us)
    if _is_liquidated_instead(floor, order, at_us=at_us):
        return
    floor.note_order(order)
    reference = _reference(market, order)
    if order.price is None or is_marketable(order, reference):
        execute_now(floor, order, reference, at_us=at_us)
    else:
        rest_limit(floor, order, at_us=at_us)


def _reference(market: Market, order: BookOrder) -> Decimal:
    # Within a bar price came past the trigger; a print may have jumped over it.
    price = order.trigger_price if market.is_inside_bar else market.last
    return price or ZERO


def _is_liquidated_instead(floor: Floor, order: BookOrder, *, at_us: int) -> bool:
    if order.market.is_spot or not order.is_reducing:
        return False
    position = order.account.side(order.direction).get(order.market.symbol)
    if position is None:
        return False
    if position.attached is order:
        position.attached = None
    if not order.is_stop or not is_past_border(position, order.trigger_price or ZERO):
        return False
    liquidate(floor, position, at_us=at_us)
    return not order.status.is_open
