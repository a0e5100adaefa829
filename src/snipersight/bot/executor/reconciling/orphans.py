"""Orders that carry our prefix and belong to no live trade: cancelled, and said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from snipersight.bot.executor.client_ids import is_ours
from snipersight.domain.orders import VenueOrder
from snipersight.domain.store import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedOrders:
    """The venue's open orders by whose they are.

    Args:
        orphans: ours by their id, of no live trade.
        foreign: somebody else's; never touched.
    """

    orphans: tuple[VenueOrder, ...] = ()
    foreign: tuple[VenueOrder, ...] = ()


def sort_orders(unit: UnitOfWork, orders: Iterable[VenueOrder]) -> SortedOrders:
    """Return the open orders that are no live trade's, apart by whether they carry our prefix.

    Args:
        unit: read after the orders were asked for: what was sent by then is journaled.
        orders: open ones of the account.
    """
    live = {one.trade_id for one in unit.book.live_trades()}
    orphans, foreign = [], []
    for order in orders:
        if not is_ours(order.client_id):
            if not _came_with_an_entry(unit, order):
                foreign.append(order)
            continue
        intent = unit.book.intent(order.client_id)
        if intent is None or intent.trade_id not in live:
            orphans.append(order)
    return SortedOrders(orphans=tuple(orphans), foreign=tuple(foreign))


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
