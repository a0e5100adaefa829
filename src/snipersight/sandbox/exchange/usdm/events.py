"""The user stream of Binance USD-M: what the engine did, in the order in which it did it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from snipersight.domain.direction import Direction
from snipersight.domain.orders import Fill, OrderStatus, VenueOrder
from snipersight.domain.units import plain
from snipersight.matching import MatchEvent, PositionChange
from snipersight.sandbox.exchange.calls import dumps
from snipersight.sandbox.exchange.usdm.bodies import (
    TYPES,
    WORKING_TYPES,
    side_of,
    status_of,
    type_in_book,
)
from snipersight.sandbox.exchange.usdm.desk import (
    ALGO_OFFSET,
    Desk,
    Note,
    is_waiting,
    position_side,
)

_TRIGGERED: Final = "triggered"
_ENDED: Final = frozenset({OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.REJECTED})


class UserStream:
    """Words events and puts them on the lines of their account.

    Args:
        desk: of the venue.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world

    def on_event(self, event: MatchEvent) -> None:
        """Tell an account's lines of one thing that happened."""
        if event.fill is not None:
            self._on_fill(event, event.fill)
        elif event.order is not None:
            self._on_order(event, event.order)
        elif event.position is not None:
            self._on_money(event, "ORDER", [self._position(event, event.position)])
        elif event.funding is not None:
            self._on_money(event, "FUNDING_FEE", [])

    def _on_fill(self, event: MatchEvent, fill: Fill) -> None:
        order = self._world.engine.order(event.account_id, venue_id=fill.venue_id)
        if order is None:
            return
        note = self._desk.book(event.account_id, order, fill)
        status = "FILLED" if note.filled == order.size else "PARTIALLY_FILLED"
        self._tell_order(event, order, note, "TRADE", status, fill=fill)

    def _on_order(self, event: MatchEvent, order: VenueOrder) -> None:
        note = self._desk.note(order)
        if order.kind.is_conditional and self._on_algo(event, order, note):
            return
        if order.status is OrderStatus.WORKING and not order.filled_size:
            self._tell_order(event, order, note, "NEW", "NEW")
        elif order.status in _ENDED:
            status = status_of(order)
            self._tell_order(event, order, note, status, status)

    def _on_algo(self, event: MatchEvent, order: VenueOrder, note: Note) -> bool:
        """Tell of a conditional order; False if what it has become is to be told of too."""
        if order.text == _TRIGGERED and not note.triggered_us:
            note = self._desk.write(order, replace(note, triggered_us=event.at_us))
            self._tell_algo(event, order, note, "TRIGGERING")
            self._tell_algo(event, order, note, "TRIGGERED")
            return False
        if is_waiting(order, note):
            is_new = order.status is OrderStatus.WORKING
            self._tell_algo(event, order, note, "NEW" if is_new else status_of(order))
            return True
        if not order.status.is_open:
            self._tell_algo(event, order, note, "FINISHED")
        # Partial fills of a triggered order tell of themselves.
        return order.status is OrderStatus.WORKING

    def _tell_order(
        self,
        event: MatchEvent,
        order: VenueOrder,
        note: Note,
        happened: str,
        status: str,
        *,
        fill: Fill | None = None,
    ) -> None:
        at_ms = event.at_us // 1_000
        body: dict[str, Any] = {
            "s": self._world.venue_id_of(order.symbol),
            "c": order.client_id,
            "S": side_of(order),
            "o": type_in_book(order),
            "f": "GTC",
            "q": plain(order.size),
            "p": plain(order.price or Decimal(0)),
            "ap": plain(note.average),
            "sp": "0",
            "x": happened,
            "X": status,
            "i": int(order.venue_id),
            "z": plain(note.filled),
            "T": at_ms,
            "b": "0",
            "a": "0",
            "R": order.is_reducing,
            "wt": "CONTRACT_PRICE",
            "ot": type_in_book(order),
            "ps": note.position_side,
            "cp": False,
            "pP": False,
            "si": 0,
            "ss": 0,
            "V": "NONE",
            **self._execution(fill),
        }
        self._tell(event, {"e": "ORDER_TRADE_UPDATE", "T": at_ms, "E": self._now_ms(), "o": body})

    def _execution(self, fill: Fill | None) -> dict[str, Any]:
        if fill is None:
            return {"l": "0", "L": "0", "t": 0, "m": False, "rp": "0"}
        return {
            "l": plain(fill.size),
            "L": plain(fill.price),
            "N": fill.fee_currency,
            "n": plain(fill.fee),
            "t": int(fill.fill_id),
            "m": fill.is_maker,
            "rp": plain(self._desk.realised.get(fill.fill_id, Decimal(0))),
        }

    def _tell_algo(self, event: MatchEvent, order: VenueOrder, note: Note, status: str) -> None:
        at_ms, is_triggered = event.at_us // 1_000, bool(note.triggered_us)
        in_book = {
            "ai": order.venue_id if is_triggered and status != "TRIGGERING" else "",
            "ap": plain(note.average),
            "aq": plain(note.filled),
            "act": type_in_book(order) if is_triggered else "0",
        }
        body: dict[str, Any] = {
            "caid": order.client_id,
            "aid": ALGO_OFFSET + int(order.venue_id),
            "at": "CONDITIONAL",
            "o": TYPES[order.kind],
            "s": self._world.venue_id_of(order.symbol),
            "S": side_of(order),
            "ps": note.position_side,
            "f": "GTC",
            "q": "0" if note.closes_position else plain(order.size),
            "X": status,
            **in_book,
            "tp": plain(order.trigger_price or Decimal(0)),
            "p": plain(order.price or Decimal(0)),
            "V": "EXPIRE_MAKER",
            "wt": WORKING_TYPES[note.watches],
            "pm": "NONE",
            "cp": note.closes_position,
            "pP": False,
            "R": order.is_reducing,
            "tt": note.triggered_us // 1_000,
            "gtd": 0,
            "rm": order.text if status in ("REJECTED", "EXPIRED") else "",
        }
        self._tell(event, {"e": "ALGO_UPDATE", "T": at_ms, "E": self._now_ms(), "o": body})

    def _on_money(self, event: MatchEvent, why: str, positions: list[dict[str, Any]]) -> None:
        balances = [
            {"a": row.currency, "wb": plain(row.total), "cw": plain(row.total), "bc": "0"}
            for row in self._world.engine.balances(event.account_id)
        ]
        body = {"m": why, "B": balances, "P": positions}
        at_ms = event.at_us // 1_000
        self._tell(event, {"e": "ACCOUNT_UPDATE", "T": at_ms, "E": self._now_ms(), "a": body})

    def _position(self, event: MatchEvent, change: PositionChange) -> dict[str, Any]:
        account, engine = event.account_id, self._world.engine
        is_isolated = engine.is_isolated(account, change.symbol)
        size = change.size if change.direction is Direction.LONG else -change.size
        entry = plain(change.entry_price or Decimal(0))
        return {
            "s": self._world.venue_id_of(change.symbol),
            "pa": plain(size),
            "ep": entry,
            "bep": entry,
            "cr": "0",
            "up": "0",
            "mt": "isolated" if is_isolated else "cross",
            "iw": "0",
            "ps": position_side(change.direction, is_hedged=engine.is_hedged(account)),
        }

    def _now_ms(self) -> int:
        return self._world.clock() // 1_000

    def _tell(self, event: MatchEvent, body: dict[str, Any]) -> None:
        message = dumps(body)
        for line in self._world.lines.of_account(event.account_id):
            line.tell(message)
