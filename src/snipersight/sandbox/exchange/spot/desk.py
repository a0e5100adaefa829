"""What Binance spot knows of an order that the matching engine does not, and its order lists."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from snipersight.domain.orders import ClientOrderId, Fill, VenueOrder
from snipersight.domain.units import Symbol
from snipersight.sandbox.exchange.binance.refusals import unknown_symbol
from snipersight.sandbox.exchange.world import VenueWorld

NO_LIST: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What was said when an order was placed or cancelled, and what was told of it since.

    Args:
        created_us: when it came, microseconds UTC.
        is_maker_only: whether it was placed as `LIMIT_MAKER`.
        list_id: of its order list; -1 without.
        triggered_us: when its trigger was reached; 0 before.
        cancel_id: the client's id of the cancel that ended it; empty without one.
        filled, value: of the fills that were told, base units and quote currency.
    """

    created_us: int
    is_maker_only: bool = False
    list_id: int = NO_LIST
    triggered_us: int = 0
    cancel_id: str = ""
    filled: Decimal = Decimal(0)
    value: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderList:
    """Two orders of which only one can be filled.

    Args:
        list_id: the venue's.
        client_id: the client's id of the list.
        account, symbol: whose, and where.
        legs: the venue's ids of its orders.
        created_us: when it came, microseconds UTC.
    """

    list_id: int
    client_id: str
    account: str
    symbol: Symbol
    legs: tuple[str, ...]
    created_us: int


class Desk:
    """Notes on orders, and order lists, beside the engine.

    Args:
        world: of the venue.
    """

    def __init__(self, world: VenueWorld) -> None:
        self.world = world
        self._notes: dict[str, Note] = {}
        self._lists: dict[int, OrderList] = {}
        self._ended: set[int] = set()

    def symbol_of(self, venue_id: str) -> Symbol:
        """Return the market of a name such as `BTCUSDT`.

        Raises:
            Refusal: there is none.
        """
        symbol = self.world.symbol_of(venue_id)
        if symbol is None:
            raise unknown_symbol()
        return symbol

    def note(self, order: VenueOrder) -> Note:
        """Return what is known of an order; one that came past this desk has none written."""
        return self._notes.get(order.venue_id) or Note(created_us=order.updated_us)

    def write(self, order: VenueOrder, note: Note) -> Note:
        """Keep what is known of an order."""
        self._notes[order.venue_id] = note
        return note

    def book(self, order: VenueOrder, fill: Fill) -> Note:
        """Add a fill to its order's note and return the note."""
        note = self.note(order)
        value = note.value + fill.size * fill.price
        return self.write(order, replace(note, filled=note.filled + fill.size, value=value))

    def open_list(
        self, account: str, symbol: Symbol, client_id: str, legs: tuple[VenueOrder, ...]
    ) -> OrderList:
        """Join orders to a list, in their notes too."""
        found = OrderList(
            list_id=len(self._lists) + 1,
            client_id=client_id,
            account=account,
            symbol=symbol,
            legs=tuple(order.venue_id for order in legs),
            created_us=self.world.clock(),
        )
        self._lists[found.list_id] = found
        for order in legs:
            self.write(order, replace(self.note(order), list_id=found.list_id))
        return found

    def list_of(self, order: VenueOrder) -> OrderList | None:
        """Return the list that an order belongs to."""
        return self._lists.get(self.note(order).list_id)

    def find_list(
        self, account: str, *, list_id: int | None = None, client_id: str = ""
    ) -> OrderList | None:
        """Return an account's list by either id, the newest with that client id."""
        if list_id is not None:
            found = self._lists.get(list_id)
            return found if found is not None and found.account == account else None
        mine = (each for each in reversed(self._lists.values()) if each.account == account)
        return next((each for each in mine if each.client_id == client_id), None)

    def open_lists(self, account: str) -> list[OrderList]:
        """Return an account's lists of which an order is open, oldest first."""
        return [
            each
            for each in self._lists.values()
            if each.list_id not in self._ended and each.account == account and self.is_open(each)
        ]

    def orders_of(self, found: OrderList) -> tuple[VenueOrder, ...]:
        """Return the orders of a list as they are now."""
        engine = self.world.engine
        orders = (engine.order(found.account, venue_id=venue_id) for venue_id in found.legs)
        return tuple(order for order in orders if order is not None)

    def is_open(self, found: OrderList) -> bool:
        """Return whether one of its orders is open."""
        return any(order.status.is_open for order in self.orders_of(found))

    def is_first_end(self, found: OrderList) -> bool:
        """Return whether a list is over and that was not asked before: it is told of once."""
        if found.list_id in self._ended or self.is_open(found):
            return False
        self._ended.add(found.list_id)
        return True


def made_up_id() -> ClientOrderId:
    """Return an id as the venue makes one up for a client that gave none."""
    return ClientOrderId(secrets.token_hex(11))


def is_waiting(order: VenueOrder, note: Note) -> bool:
    """Return whether an order is conditional and its trigger was not reached."""
    return order.kind.is_conditional and not note.triggered_us and not order.filled_size
