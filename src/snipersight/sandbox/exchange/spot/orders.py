"""Orders of Binance spot: place, cancel, ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from snipersight.domain.orders import Side, VenueOrder
from snipersight.domain.units import Symbol
from snipersight.sandbox.exchange.binance.fields import Fields
from snipersight.sandbox.exchange.binance.protocol import Asked
from snipersight.sandbox.exchange.binance.refusals import (
    Refusal,
    illegal,
    no_open_order,
    no_such_order,
)
from snipersight.sandbox.exchange.spot.bodies import (
    ack_body,
    cancel_body,
    full_body,
    list_body,
    order_body,
    result_body,
    trade_body,
)
from snipersight.sandbox.exchange.spot.desk import Desk, Note, OrderList, is_waiting, made_up_id
from snipersight.sandbox.exchange.spot.reading import Detail, Leg, detail_of, frame_of, leg_of
from snipersight.sandbox.exchange.spot.rules import (
    check_counts,
    check_filters,
    refusal_of,
    rejected,
)

_MOST_ROWS: Final = 1_000
_DAY_MS: Final = 86_400_000
Row = TypeVar("Row")


class OrderDesk:
    """The routes about single orders.

    Args:
        desk: of the venue.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world

    async def place(self, asked: Asked) -> dict[str, Any]:
        """Place an order.

        Raises:
            Refusal: Binance would not take it.
        """
        fields = asked.fields
        symbol = self._desk.symbol_of(fields.text("symbol"))
        await self._world.freshen([symbol])
        leg = leg_of(fields, frame_of(fields, symbol))
        is_plain = leg.type_name in ("LIMIT", "MARKET")
        detail = detail_of(fields, Detail.FULL if is_plain else Detail.ACK)
        order = self._submitted(asked.account_id, leg)
        if detail is Detail.ACK:
            return ack_body(self._desk, order)
        if detail is Detail.RESULT:
            return result_body(self._desk, order)
        return full_body(self._desk, asked.account_id, order)

    def check(self, account: str, legs: Sequence[Leg]) -> None:
        """Refuse orders of one market that its filters do not let pass.

        Raises:
            Refusal: named after the filter.
        """
        symbol = legs[0].request.symbol
        rules, last = self._world.instruments[symbol], self._world.tape.last.get(symbol)
        for leg in legs:
            check_filters(leg.request, rules, last=last)
        open_ = self._world.engine.orders(account, symbol=symbol)
        check_counts(
            placed=len(legs),
            algo_placed=sum(leg.request.kind.is_conditional for leg in legs),
            open_=len(open_),
            waiting=sum(is_waiting(order, self._desk.note(order)) for order in open_),
        )

    def keep(self, account: str, leg: Leg, *, at_us: int) -> VenueOrder:
        """Note what the engine does not know of an order that it took, and return the order.

        Raises:
            Refusal: it took none.
        """
        order: VenueOrder | None = self._world.engine.order(
            account, client_id=leg.request.client_id
        )
        if order is None:
            raise no_such_order()
        self._desk.write(order, Note(created_us=at_us, is_maker_only=leg.is_maker_only))
        return order

    async def cancel(self, asked: Asked) -> dict[str, Any]:
        """Cancel an order; of a list, both.

        Raises:
            Refusal: no such order is open.
        """
        order = self._found(asked, no_open_order())
        if not order.status.is_open:
            raise no_open_order()
        cancel_id = asked.fields.client_id("newClientOrderId") or made_up_id()
        return self.cancelled(asked.account_id, order, cancel_id)

    def cancelled(self, account: str, order: VenueOrder, cancel_id: str) -> dict[str, Any]:
        """Cancel an open order with what belongs to it, and return the answer.

        Raises:
            Refusal: it is not open.
        """
        found = self._desk.list_of(order)
        legs = (order,) if found is None else self._desk.orders_of(found)
        ending = [leg for leg in legs if leg.status.is_open]
        for leg in ending:
            self._desk.write(leg, replace(self._desk.note(leg), cancel_id=cancel_id))
        answer = self._world.engine.cancel(
            account, order.symbol, venue_id=order.venue_id, at_us=self._world.clock()
        )
        if answer.problem is not None:
            raise refusal_of(answer.problem)
        ended = [self._world.engine.order(account, venue_id=leg.venue_id) or leg for leg in ending]
        reports = [cancel_body(self._desk, leg) for leg in ended]
        return reports[0] if found is None else self._cancelled_list(found, reports)

    async def cancel_all(self, asked: Asked) -> list[dict[str, Any]]:
        """Cancel every open order of one market, lists among them.

        Raises:
            Refusal: none is open.
        """
        account, answers = asked.account_id, []
        symbol = self._desk.symbol_of(asked.fields.text("symbol"))
        while open_ := self._world.engine.orders(account, symbol=symbol):
            answers.append(self.cancelled(account, open_[0], made_up_id()))
        if not answers:
            raise no_open_order()
        return answers

    async def query(self, asked: Asked) -> dict[str, Any]:
        """Answer one order, open or ended.

        Raises:
            Refusal: there is no such order.
        """
        return order_body(self._desk, self._found(asked, no_such_order()))

    async def open_orders(self, asked: Asked) -> list[dict[str, Any]]:
        """Answer the open orders of one market or of all, conditional ones among them."""
        name = asked.fields.optional("symbol")
        symbol = self._desk.symbol_of(name) if name else None
        found = self._world.engine.orders(asked.account_id, symbol=symbol)
        return [order_body(self._desk, order) for order in found]

    async def all_orders(self, asked: Asked) -> list[dict[str, Any]]:
        """Answer the newest orders of one market, oldest first; from an id on, the oldest."""
        fields, engine = asked.fields, self._world.engine
        symbol = self._desk.symbol_of(fields.text("symbol"))
        since_ms, until_ms = _span(fields)
        first = fields.whole("orderId", 0)
        bodies = (
            order_body(self._desk, order)
            for order in engine.orders(asked.account_id, open_only=False, symbol=symbol)
            if int(order.venue_id) >= first
        )
        kept = [body for body in bodies if since_ms <= body["time"] <= until_ms]
        return _limited(kept, fields, from_first=bool(first or since_ms))

    async def trades(self, asked: Asked) -> list[dict[str, Any]]:
        """Answer an account's executions in one market, oldest first."""
        fields, engine = asked.fields, self._world.engine
        symbol = self._desk.symbol_of(fields.text("symbol"))
        since_ms, until_ms = _span(fields)
        first, order_id = fields.whole("fromId", 0), fields.optional("orderId")
        fills = [
            fill
            for fill in engine.fills(asked.account_id, symbol, since_us=since_ms * 1_000)
            if int(fill.fill_id) >= first
            and fill.at_us // 1_000 <= until_ms
            and order_id in ("", fill.venue_id)
        ]
        kept = _limited(fills, fields, from_first=bool("fromId" in fields or since_ms))
        return [
            trade_body(self._desk, fill, engine.order(asked.account_id, venue_id=fill.venue_id))
            for fill in kept
        ]

    def _submitted(self, account: str, leg: Leg) -> VenueOrder:
        self.check(account, [leg])
        if leg.is_maker_only and self._would_match(leg):
            raise rejected("Order would immediately match and take.")
        at_us = self._world.clock()
        answer = self._world.engine.submit(account, leg.request, at_us=at_us)
        if answer.problem is not None:
            raise refusal_of(answer.problem)
        return self.keep(account, leg, at_us=at_us)

    def _would_match(self, leg: Leg) -> bool:
        price, last = leg.request.price, self._world.tape.last.get(leg.request.symbol)
        if price is None or last is None:
            return False
        return price > last if leg.request.side is Side.BUY else price < last

    def _cancelled_list(self, found: OrderList, reports: list[dict[str, Any]]) -> dict[str, Any]:
        body = list_body(self._desk, found, at_us=self._world.clock())
        return {**body, "orderReports": reports}

    def _found(self, asked: Asked, refusal: Refusal) -> VenueOrder:
        """Return the order that a request names by the venue's id or the client's."""
        fields, engine = asked.fields, self._world.engine
        symbol: Symbol = self._desk.symbol_of(fields.text("symbol"))
        if "orderId" in fields:
            order = engine.order(asked.account_id, venue_id=str(fields.whole("orderId")))
        elif "origClientOrderId" in fields:
            order = engine.order(asked.account_id, client_id=fields.client_id("origClientOrderId"))
        else:
            raise neither("origClientOrderId", "orderId")
        if order is None or order.symbol != symbol:
            raise refusal
        return order


def neither(one: str, other: str) -> Refusal:
    """Return the refusal of a request that lacks both of two fields."""
    return Refusal(-1102, f"Param '{one}' or '{other}' must be sent, but both were empty/null!")


def _span(fields: Fields) -> tuple[int, int]:
    """Return first and last moment of a question, milliseconds UTC; 0 for no first one.

    Raises:
        Refusal: more than a day lies between them.
    """
    since_ms, until_ms = fields.whole("startTime", 0), fields.whole("endTime", 10**15)
    if "startTime" in fields and "endTime" in fields and until_ms - since_ms > _DAY_MS:
        raise Refusal(-1127, "More than 24 hours between startTime and endTime.")
    return since_ms, until_ms


def _limited(rows: list[Row], fields: Fields, *, from_first: bool) -> list[Row]:
    count = fields.whole("limit", 500)
    if not 0 < count <= _MOST_ROWS:
        raise illegal("limit")
    return rows[:count] if from_first else rows[-count:]
