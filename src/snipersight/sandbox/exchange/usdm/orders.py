"""Orders of the book: place, cancel, ask."""

from __future__ import annotations

import secrets
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from snipersight.domain.direction import Direction
from snipersight.domain.orders import ClientOrderId, OrderKind, OrderRequest, VenueOrder
from snipersight.domain.units import Price, Size, Symbol
from snipersight.domain.venue import Answer
from snipersight.sandbox.exchange.binance.fields import Fields
from snipersight.sandbox.exchange.binance.protocol import Asked
from snipersight.sandbox.exchange.binance.refusals import (
    Refusal,
    illegal,
    missing,
    no_open_order,
    no_such_order,
    superfluous,
)
from snipersight.sandbox.exchange.usdm.bodies import order_body, trade_body
from snipersight.sandbox.exchange.usdm.desk import Desk, Note, is_waiting
from snipersight.sandbox.exchange.usdm.rules import (
    check_notional,
    check_price,
    check_size,
    is_market,
    refusal_of,
)

_MOST_ROWS: Final = 1_000
_KINDS: Final = {"LIMIT": OrderKind.LIMIT, "MARKET": OrderKind.MARKET}
_MOVED: Final = frozenset(
    {"STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"}
)


class _Side(StrEnum):
    BUY = "BUY"
    SELL = "SELL"


class OrderDesk:
    """The routes about orders of the book.

    Args:
        desk: of the venue.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world

    async def place(self, asked: Asked) -> dict[str, Any]:
        """Place a limit or market order.

        Raises:
            Refusal: Binance would not take it; a conditional one belongs to the algo service.
        """
        fields = asked.fields
        symbol = self._desk.symbol_of(fields.text("symbol"))
        await self._world.freshen([symbol])
        name = fields.text("type")
        if name in _MOVED:
            raise Refusal(
                -4120,
                "Order type not supported for this endpoint. Please use the Algo Order API "
                "endpoints instead.",
            )
        if name not in _KINDS:
            raise Refusal(-1116, "Invalid orderType.")
        order = self._submitted(asked, symbol, _KINDS[name])
        return {**order_body(self._desk, order), "cumQty": str(order.filled_size)}

    def submit(self, asked: Asked, request: OrderRequest, note: Note) -> VenueOrder:
        """Hand an order to the engine and keep what it does not.

        Raises:
            Refusal: the engine took it not.
        """
        rules = self._world.instruments[request.symbol]
        check_size(request.size, rules, is_market=is_market(request.kind))
        for price in (request.price, request.trigger_price):
            if price is not None:
                check_price(price, rules)
        last = self._world.tape.last.get(request.symbol)
        worth = request.price or request.trigger_price or last
        if worth is not None and not note.closes_position:
            check_notional(request.size, worth, rules, is_reducing=request.is_reducing)
        answer: Answer = self._world.engine.submit(asked.account_id, request, at_us=note.created_us)
        if answer.problem is not None:
            raise refusal_of(answer.problem)
        order = self.newest(asked.account_id, request.client_id)
        self._desk.write(order, note)
        return order

    async def cancel(self, asked: Asked) -> dict[str, Any]:
        """Cancel an order of the book.

        Raises:
            Refusal: no such order is open.
        """
        order = self._found(asked, no_open_order())
        if not order.status.is_open:
            raise no_open_order()
        return order_body(self._desk, self.cancelled(asked.account_id, order))

    def cancelled(self, account: str, order: VenueOrder) -> VenueOrder:
        """Cancel an order and return it as it is then.

        Raises:
            Refusal: it is not open.
        """
        answer: Answer = self._world.engine.cancel(
            account, order.symbol, venue_id=order.venue_id, at_us=self._world.clock()
        )
        if answer.problem is not None:
            raise refusal_of(answer.problem)
        return self._world.engine.order(account, venue_id=order.venue_id) or order

    async def cancel_all(self, asked: Asked) -> dict[str, Any]:
        """Cancel every order of the book in one market."""
        symbol = self._desk.symbol_of(asked.fields.text("symbol"))
        for order in self.open_in_book(asked.account_id, symbol):
            self.cancelled(asked.account_id, order)
        return {"code": 200, "msg": "The operation of cancel all open order is done."}

    async def query(self, asked: Asked) -> dict[str, Any]:
        """Answer one order, open or ended.

        Raises:
            Refusal: there is no such order.
        """
        return order_body(self._desk, self._found(asked, no_such_order()))

    async def open_orders(self, asked: Asked) -> list[dict[str, Any]]:
        """Answer the open orders of the book; conditional ones are the algo service's."""
        found = self.open_in_book(asked.account_id, self.symbol_if_given(asked))
        return [order_body(self._desk, order) for order in found]

    async def all_orders(self, asked: Asked) -> list[dict[str, Any]]:
        """Answer the newest orders of one market, oldest first."""
        symbol = self._desk.symbol_of(asked.fields.text("symbol"))
        orders = [
            order
            for order in self._world.engine.orders(asked.account_id, open_only=False, symbol=symbol)
            if not is_waiting(order, self._desk.note(order))
        ]
        since_ms, first = asked.fields.whole("startTime", 0), asked.fields.whole("orderId", 0)
        bodies = (order_body(self._desk, order) for order in orders)
        kept = [body for body in bodies if body["time"] >= since_ms and body["orderId"] >= first]
        return _limited(kept, asked.fields, from_first="orderId" in asked.fields)

    async def trades(self, asked: Asked) -> list[dict[str, Any]]:
        """Answer an account's executions in one market, oldest first."""
        fields = asked.fields
        symbol = self._desk.symbol_of(fields.text("symbol"))
        since_us = fields.whole("startTime", 0) * 1_000
        engine, first = self._world.engine, fields.whole("fromId", 0)
        until_ms = fields.whole("endTime", 10**15)
        order_id = fields.optional("orderId")
        bodies = [
            trade_body(self._desk, fill, engine.order(asked.account_id, venue_id=fill.venue_id))
            for fill in engine.fills(asked.account_id, symbol, since_us=since_us)
            if int(fill.fill_id) >= first
            and fill.at_us // 1_000 <= until_ms
            and order_id in ("", fill.venue_id)
        ]
        return _limited(bodies, fields, from_first=bool(first or since_us))

    def open_in_book(self, account: str, symbol: Symbol | None) -> list[VenueOrder]:
        """Return an account's open orders that wait for no trigger."""
        return [
            order
            for order in self._world.engine.orders(account, symbol=symbol)
            if not is_waiting(order, self._desk.note(order))
        ]

    def symbol_if_given(self, asked: Asked) -> Symbol | None:
        """Return the market that a request names, None where it names none.

        Raises:
            Refusal: it names one that is not listed.
        """
        if "symbol" not in asked.fields:
            return None
        return self._desk.symbol_of(asked.fields.text("symbol"))

    def newest(self, account: str, client_id: str) -> VenueOrder:
        """Return the newest order of a client id.

        Raises:
            Refusal: there is none.
        """
        order: VenueOrder | None = self._world.engine.order(account, client_id=client_id)
        if order is None:
            raise no_such_order()
        return order

    def _submitted(self, asked: Asked, symbol: Symbol, kind: OrderKind) -> VenueOrder:
        fields = asked.fields
        is_limit = kind is OrderKind.LIMIT
        if is_limit and fields.text("timeInForce") != "GTC":
            raise Refusal(-1115, "Invalid timeInForce.")
        if not is_limit and "price" in fields:
            raise superfluous("price")
        direction, is_reducing, place = self.aim(asked)
        request = OrderRequest(
            client_id=self.client_id(fields, "newClientOrderId"),
            symbol=symbol,
            direction=direction,
            is_reducing=is_reducing,
            kind=kind,
            size=positive_size(fields.number("quantity")),
            price=positive_price(fields.number("price")) if is_limit else None,
        )
        note = Note(created_us=self._world.clock(), position_side=place)
        return self.submit(asked, request, note)

    def aim(self, asked: Asked, *, closes: bool = False) -> tuple[Direction, bool, str]:
        """Return the direction, whether the position gets smaller, and the position's side.

        Raises:
            Refusal: side, position side and position mode contradict one another.
        """
        fields = asked.fields
        side = fields.choice("side", _Side, Refusal(-1117, "Invalid side."))
        place = fields.optional("positionSide", "BOTH")
        is_hedged = self._world.engine.is_hedged(asked.account_id)
        if (place == "BOTH") is is_hedged:
            raise Refusal(-4061, "Order's position side does not match user's setting.")
        buys = side is _Side.BUY
        if is_hedged:
            if "reduceOnly" in fields:
                raise superfluous("reduceOnly")
            direction = Direction.LONG if place == "LONG" else Direction.SHORT
            return direction, buys is not (direction is Direction.LONG), place
        reduces = closes or fields.flag("reduceOnly")
        is_long = buys is not reduces
        return Direction.LONG if is_long else Direction.SHORT, reduces, place

    def client_id(self, fields: Fields, name: str) -> ClientOrderId:
        """Return the client's id of an order, or one made up as the venue does."""
        return ClientOrderId(fields.client_id(name) or f"web_{secrets.token_hex(10)}")

    def _found(self, asked: Asked, refusal: Refusal) -> VenueOrder:
        """Return the order that a request names by the venue's id or the client's."""
        symbol = self._desk.symbol_of(asked.fields.text("symbol"))
        engine, fields = self._world.engine, asked.fields
        if "orderId" in fields:
            order = engine.order(asked.account_id, venue_id=str(fields.whole("orderId")))
        elif "origClientOrderId" in fields:
            order = engine.order(asked.account_id, client_id=fields.client_id("origClientOrderId"))
        else:
            raise missing("orderId")
        if order is None or order.symbol != symbol or is_waiting(order, self._desk.note(order)):
            raise refusal
        return order


def positive_size(value: Decimal) -> Size:
    """Return a size above 0.

    Raises:
        Refusal: it is 0.
    """
    if value <= 0:
        raise Refusal(-4003, "Quantity less than or equal to zero.")
    return Size(value)


def positive_price(value: Decimal) -> Price:
    """Return a price above 0.

    Raises:
        Refusal: it is 0.
    """
    if value <= 0:
        raise Refusal(-4001, "Price less than or equal to zero.")
    return Price(value)


def _limited(
    rows: list[dict[str, Any]], fields: Fields, *, from_first: bool
) -> list[dict[str, Any]]:
    count = fields.whole("limit", 500)
    if not 0 < count <= _MOST_ROWS:
        raise illegal("limit")
    return rows[:count] if from_first else rows[-count:]
