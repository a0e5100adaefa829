"""Orders that carry our prefix and belong to no live trade: cancelled, and said.

Except what guards a position that this store does not know: its own store was lost, or is
somewhere else, and without that order the position would be naked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from snipersight.bot.executor.client_ids import is_ours
from snipersight.domain.direction import Direction
from snipersight.domain.orders import Side, VenueOrder, VenuePosition
from snipersight.domain.store import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedOrders:
    """The venue's open orders by whose they are.

    Args:
        orphans: ours by their id, of no live trade.
        foreign: somebody else's, or another store's that guard a position; never touched.
    """

    orphans: tuple[VenueOrder, ...] = ()
    foreign: tuple[VenueOrder, ...] = ()


def sort_orders(
    unit: UnitOfWork, orders: Iterable[VenueOrder], positions: Collection[VenuePosition]
) -> SortedOrders:
    """Return the open orders that are no live trade's, apart by whether they carry our prefix.

    Args:
        unit: read after the orders were asked for: what was sent by then is journaled.
        orders: open ones of the account.
        positions: of the account; the units that a sale on spot ties up are in none.
    """
    live = {one.trade_id for one in unit.book.live_trades()}
    orphans, foreign = [], []
    for order in orders:
        if not is_ours(order.client_id):
            if not _came_with_an_entry(unit, order):
                foreign.append(order)
            continue
        intent = unit.book.intent(order.client_id)
        if intent is None and _guards(order, positions):
            foreign.append(order)
        elif intent is None or intent.trade_id not in live:
            orphans.append(order)
    return SortedOrders(orphans=tuple(orphans), foreign=tuple(foreign))


def _guards(order: VenueOrder, positions: Collection[VenuePosition]) -> bool:
    """Return whether an order that nobody here placed makes something smaller that is there."""
    if not order.is_reducing or ":" not in order.symbol:
        return order.is_reducing
    closed = Direction.LONG if order.side is Side.SELL else Direction.SHORT
    return any(one.symbol == order.symbol and one.direction is closed for one in positions)


def _came_with_an_entry(unit: UnitOfWork, order: VenueOrder) -> bool:
    """Return whether it is the stop that a venue set for an entry of ours, under no id."""
    if order.client_id or not order.is_reducing or order.trigger_price is None:
        return False
    return any(
        intent.request.attached_stop == order.trigger_price
        for trade in unit.book.live_trades()
        if trade.symbol == order.symbol
        for intent in unit.book.intents(trade.trade_id)
    )
