"""How orders end: filled, cancelled, expired, and what goes with them."""

from __future__ import annotations

from snipersight.domain.orders import OrderStatus
from snipersight.matching.book_order import BookOrder
from snipersight.matching.floor import Floor
from snipersight.matching.funds import release
from snipersight.matching.positions import OpenPosition

NO_POSITION = "nothing to reduce"
PAIR_ENDED = "the other order of the pair came first"


def end(floor: Floor, order: BookOrder, status: OrderStatus, *, at_us: int, text: str = "") -> None:
    """End an order: free what it tied up, take it out of the book, tell it."""
    account, lane = order.account, order.lane
    order.status = status
    order.text = text
    order.updated_us = at_us
    release(order)
    if lane is not None:
        lane.drop(order)
    account.open.pop(order.venue_id, None)
    if order.is_reducing and not order.market.is_spot:
        _leave_position(order)
    floor.note_order(order)


def _leave_position(order: BookOrder) -> None:
    position = order.account.side(order.direction).get(order.market.symbol)
    if position is None:
        return
    position.exits.pop(order.number, None)
    if position.attached is order:
        position.attached = None


def end_partner(
    floor: Floor, order: BookOrder, *, status: OrderStatus = OrderStatus.EXPIRED, at_us: int
) -> None:
    """End the other order of a pair, if there is one and it is open."""
    partner = order.partner
    if partner is None:
        return
    order.partner = None
    partner.partner = None
    if partner.status.is_open:
        end(floor, partner, status, at_us=at_us, text=PAIR_ENDED)


def end_exits(floor: Floor, position: OpenPosition, *, at_us: int) -> None:
    """End the orders that reduce a position which is gone; what outlives it stays (see rules)."""
    outlive = floor.rules.conditionals_outlive_position
    for order in tuple(position.exits.values()):
        is_kept = outlive and order.waits_for_trigger and order is not position.attached
        if order.status.is_open and not is_kept:
            end(floor, order, OrderStatus.EXPIRED, at_us=at_us, text=NO_POSITION)
