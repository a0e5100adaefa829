"""The user stream of Binance spot: what the engine did, in the order in which it did it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from snipersight.domain.instrument import Instrument
from snipersight.domain.orders import Fill, OrderStatus, VenueOrder
from snipersight.domain.units import Symbol
from snipersight.matching import MatchEvent
from snipersight.sandbox.exchange.calls import dumps
from snipersight.sandbox.exchange.spot.bodies import money, side_of, status_of, type_of, working_ms
from snipersight.sandbox.exchange.spot.desk import Desk, Note, OrderList

_TRIGGERED: Final = "triggered"
_ENDED: Final = frozenset({OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.REJECTED})
_SUBSCRIPTION: Final = 0  # a line has one at most


class UserStream:
    """Words events and puts them on the lines of their account.

    Args:
        desk: of the venue.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world
        self._number = 0

    def on_event(self, event: MatchEvent) -> None:
        """Tell an account's lines of one thing that happened."""
        if event.fill is not None:
            self._on_fill(event, event.fill)
        elif event.order is not None:
            self._on_order(event, event.order)

    def _on_fill(self, event: MatchEvent, fill: Fill) -> None:
        order = self._world.engine.order(event.account_id, venue_id=fill.venue_id)
        if order is None:
            return
        note = self._desk.book(order, fill)
        status = "FILLED" if note.filled == order.size else "PARTIALLY_FILLED"
        self._report(event, order, note, happened="TRADE", status=status, fill=fill)
        self._tell_money(event, order)

    def _on_order(self, event: MatchEvent, order: VenueOrder) -> None:
        note = self._desk.note(order)
        if order.text == _TRIGGERED and not note.triggered_us:
            note = self._desk.write(order, replace(note, triggered_us=event.at_us))
            self._report(event, order, note, happened="NEW", status="NEW")
        elif order.status is OrderStatus.WORKING and not order.filled_size:
            self._tell_new_list(event, order)
            self._report(event, order, note, happened="NEW", status="NEW")
            self._tell_money(event, order)
        elif order.status in _ENDED:
            status = status_of(order)
            self._report(event, order, note, happened=status, status=status)
            self._tell_money(event, order)
        if not order.status.is_open:
            self._tell_ended_list(event, order)

    def _report(
        self,
        event: MatchEvent,
        order: VenueOrder,
        note: Note,
        *,
        happened: str,
        status: str,
        fill: Fill | None = None,
    ) -> None:
        """Tell of an order; a cancel has an id of its own, and names the order's second."""
        is_cancel = status == "CANCELED"
        self._number += 1
        body: dict[str, Any] = {
            **self._stamped("executionReport", order.symbol),
            "c": note.cancel_id if is_cancel else order.client_id,
            "S": side_of(order),
            "o": type_of(order, note),
            "f": "GTC",
            "q": money(order.size),
            "p": money(order.price),
            "P": money(order.trigger_price),
            "F": money(None),
            "g": note.list_id,
            "C": order.client_id if is_cancel else "",
            "x": happened,
            "X": status,
            "r": "NONE",
            "i": int(order.venue_id),
            **_execution(fill),
            "z": money(note.filled),
            "T": event.at_us // 1_000,
            "I": self._number,
            "w": status in ("NEW", "PARTIALLY_FILLED") and working_ms(order, note) > 0,
            "M": False,
            "O": note.created_us // 1_000,
            "Z": money(note.value),
            "Q": money(None),
            "V": "NONE",
        }
        if (since_ms := working_ms(order, note)) > 0:
            body["W"] = since_ms
        self._tell(event, body)

    def _tell_money(self, event: MatchEvent, order: VenueOrder) -> None:
        rules: Instrument = self._world.instruments[order.symbol]
        changed = (rules.base, rules.quote)
        rows = [
            {"a": row.currency, "f": money(row.free), "l": money(row.total - row.free)}
            for row in self._world.engine.balances(event.account_id)
            if row.currency in changed
        ]
        at_ms = event.at_us // 1_000
        body = {"e": "outboundAccountPosition", "E": self._now_ms(), "u": at_ms, "B": rows}
        self._tell(event, body)

    def _tell_new_list(self, event: MatchEvent, order: VenueOrder) -> None:
        found = self._desk.list_of(order)
        # Both orders of a list are new at once; the first one brings the word of it.
        if found is not None and found.legs[0] == order.venue_id:
            self._tell_list(event, found, ("EXEC_STARTED", "EXECUTING"))

    def _tell_ended_list(self, event: MatchEvent, order: VenueOrder) -> None:
        found = self._desk.list_of(order)
        if found is not None and self._desk.is_first_end(found):
            self._tell_list(event, found, ("ALL_DONE", "ALL_DONE"))

    def _tell_list(self, event: MatchEvent, found: OrderList, status: tuple[str, str]) -> None:
        name = self._world.venue_id_of(found.symbol)
        body = {
            **self._stamped("listStatus", found.symbol),
            "g": found.list_id,
            "c": "OCO",
            "l": status[0],
            "L": status[1],
            "r": "NONE",
            "C": found.client_id,
            "T": event.at_us // 1_000,
            "O": [
                {"s": name, "i": int(order.venue_id), "c": order.client_id}
                for order in self._desk.orders_of(found)
            ],
        }
        self._tell(event, body)

    def _stamped(self, name: str, symbol: Symbol) -> dict[str, Any]:
        return {"e": name, "E": self._now_ms(), "s": self._world.venue_id_of(symbol)}

    def _now_ms(self) -> int:
        return self._world.clock() // 1_000

    def _tell(self, event: MatchEvent, body: dict[str, Any]) -> None:
        message = dumps({"subscriptionId": _SUBSCRIPTION, "event": body})
        for line in self._world.lines.of_account(event.account_id):
            line.tell(message)


def _execution(fill: Fill | None) -> dict[str, Any]:
    if fill is None:
        return {
            "l": money(None),
            "L": money(None),
            "n": "0",
            "N": None,
            "t": -1,
            "m": False,
            "Y": money(None),
        }
    return {
        "l": money(fill.size),
        "L": money(fill.price),
        "n": money(fill.fee),
        "N": fill.fee_currency,
        "t": int(fill.fill_id),
        "m": fill.is_maker,
        "Y": money(fill.size * fill.price),
    }
