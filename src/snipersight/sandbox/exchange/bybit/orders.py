"""Bybit's routes about orders: create, cancel, and the lists of open and ended ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from snipersight.domain.orders import OrderRequest, VenueOrder
from snipersight.domain.units import Symbol
from snipersight.domain.venue import Answer
from snipersight.sandbox.exchange.bybit.desk import Desk
from snipersight.sandbox.exchange.bybit.fields import Fields
from snipersight.sandbox.exchange.bybit.names import TimeInForce, order_id, venue_id
from snipersight.sandbox.exchange.bybit.order_bodies import (
    link_id,
    order_body,
    status,
    stop_type,
)
from snipersight.sandbox.exchange.bybit.paging import page_of, paged, period_ms
from snipersight.sandbox.exchange.bybit.placing import read_order
from snipersight.sandbox.exchange.bybit.refusals import bad_parameter, no_such_order
from snipersight.sandbox.exchange.bybit.routes import Asked
from snipersight.sandbox.exchange.bybit.rules import check_order, refusal_of

_ID: Final = "orderId"
_KEPT_CLOSED: Final = 500  # ended orders that the list of open ones still knows
_FILTERS: Final = frozenset({"Order", "StopOrder", "tpslOrder", "OcoOrder"})


class OrderDesk:
    """The routes about orders.

    Args:
        desk: of the venue.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world

    async def create(self, asked: Asked) -> dict[str, Any]:
        """Take an order in; the answer is no more than an acknowledgement.

        Raises:
            Refusal: Bybit would not take it.
        """
        asked.fields.require_linear()
        symbol = self._desk.symbol_of(asked.fields.text("symbol"))
        await self._world.freshen([symbol])
        request, note = read_order(asked.fields, symbol, desk=self._desk, account=asked.account_id)
        last = self._world.tape.last.get(symbol)
        check_order(request, self._world.instruments[symbol], last=last)
        order = self._submitted(asked.account_id, request)
        self._desk.write(asked.account_id, order, note)
        if request.kind.has_price and note.time_in_force == TimeInForce.IOC.value:
            self._cancelled(asked.account_id, order)
        return _acknowledged(order)

    async def cancel(self, asked: Asked) -> dict[str, Any]:
        """Cancel an order by Bybit's id or the client's; by Bybit's if both are given.

        Raises:
            Refusal: no such order is open.
        """
        asked.fields.require_linear()
        symbol = self._desk.symbol_of(asked.fields.text("symbol"))
        order = self._named(asked.account_id, asked.fields)
        if order is None or order.symbol != symbol or not self._cancelled(asked.account_id, order):
            raise no_such_order()
        return _acknowledged(order)

    async def cancel_all(self, asked: Asked) -> dict[str, Any]:
        """Cancel every order of a market, of a base or of a settlement coin; of a kind if asked.

        Raises:
            Refusal: none of the three is named.
        """
        asked.fields.require_linear()
        fits = self._selection(asked.fields)
        orders = [
            order
            for order in self._world.engine.orders(asked.account_id, open_only=True)
            if fits(order) and self._cancelled(asked.account_id, order)
        ]
        return {"list": [_acknowledged(order) for order in orders], "success": "1"}

    async def realtime(self, asked: Asked) -> dict[str, Any]:
        """Answer open orders, conditional ones too; ended ones by id or with `openOnly=1`.

        What ended before the venue's last restart is only in the history.

        Raises:
            Refusal: neither a market nor a coin is named.
        """
        fields, account = asked.fields, asked.account_id
        if not fields.is_linear():
            return paged([], fields, id_name=_ID)
        fits = self._selection(fields)
        if _ID in fields or "orderLinkId" in fields:
            found = self._named(account, fields)
            orders = [] if found is None or not self._is_remembered(found) else [found]
        elif fields.optional("openOnly", "0") == "0":
            orders = list(self._world.engine.orders(account, open_only=True))
        else:
            orders = [order for order in self._ended(account) if self._is_remembered(order)]
            orders = orders[-_KEPT_CLOSED:]
        return self._page(filter(fits, orders), fields)

    async def history(self, asked: Asked) -> dict[str, Any]:
        """Answer ended orders, newest first.

        Raises:
            Refusal: a field says nothing that Bybit knows.
        """
        fields, account = asked.fields, asked.account_id
        if not fields.is_linear():
            return paged([], fields, id_name=_ID)
        begin_ms, end_ms = period_ms(fields, now_ms=self._world.clock() // 1_000)
        fits = self._selection(fields, needs_scope=False)
        if _ID in fields or "orderLinkId" in fields:
            found = self._named(account, fields)
            orders = [] if found is None or found.status.is_open else [found]
        else:
            orders = self._ended(account)
        wanted = fields.optional("orderStatus")
        kept = (
            order
            for order in filter(fits, orders)
            if begin_ms <= self._desk.note(order).created_us // 1_000 <= end_ms
            and wanted in ("", status(order, self._desk.note(order)))
        )
        return self._page(kept, fields)

    def _submitted(self, account: str, request: OrderRequest) -> VenueOrder:
        answer: Answer = self._world.engine.submit(account, request, at_us=self._world.clock())
        if answer.problem is None and answer.order is not None:
            return answer.order
        if answer.problem is None:
            raise no_such_order()
        if request.symbol not in self._world.tape.last:
            raise bad_parameter("symbol without a price")
        quote = self._world.engine.quote(request.symbol)
        raise refusal_of(answer.problem, request, last=quote.last, mark=quote.mark)

    def _cancelled(self, account: str, order: VenueOrder) -> bool:
        answer: Answer = self._world.engine.cancel(
            account, order.symbol, venue_id=order.venue_id, at_us=self._world.clock()
        )
        return answer.problem is None

    def _named(self, account: str, fields: Fields) -> VenueOrder | None:
        """Return the order that a request names; None if nobody knows it."""
        engine = self._world.engine
        if _ID in fields:
            number = venue_id(fields.text(_ID))
            return None if number is None else engine.order(account, venue_id=number)
        name = fields.link_id()
        if not name:
            raise bad_parameter("orderId or orderLinkId")
        return engine.order(account, client_id=name)

    def _ended(self, account: str) -> list[VenueOrder]:
        orders = self._world.engine.orders(account, open_only=False)
        return [order for order in orders if not order.status.is_open]

    def _is_remembered(self, order: VenueOrder) -> bool:
        return order.status.is_open or order.updated_us >= self._desk.restarted_us

    def _page(self, orders: Iterable[VenueOrder], fields: Fields) -> dict[str, Any]:
        return page_of(
            list(orders)[::-1],
            fields,
            id_of=lambda order: order_id(order.venue_id),
            body_of=lambda order: order_body(self._desk, order),
        )

    def _selection(
        self, fields: Fields, *, needs_scope: bool = True
    ) -> Callable[[VenueOrder], bool]:
        """Return which orders a request is about, by market, coin and kind.

        Raises:
            Refusal: neither market nor coin is named where one has to be.
        """
        scope = [name for name in ("symbol", "baseCoin", "settleCoin") if name in fields]
        if needs_scope and not scope:
            raise bad_parameter("symbol, baseCoin or settleCoin")
        symbols = self._scope(fields)
        kind = fields.optional("orderFilter")
        if kind and kind not in _FILTERS:
            raise bad_parameter("orderFilter")

        def fits(order: VenueOrder) -> bool:
            is_stop = bool(stop_type(order, self._desk.note(order)))
            return order.symbol in symbols and kind in ("", "StopOrder" if is_stop else "Order")

        return fits

    def _scope(self, fields: Fields) -> frozenset[Symbol]:
        if "symbol" in fields:
            return frozenset({self._desk.symbol_of(fields.text("symbol"))})
        base, settle = fields.optional("baseCoin"), fields.optional("settleCoin")
        return frozenset(
            symbol
            for symbol, rules in self._world.instruments.items()
            if base in ("", rules.base) and settle in ("", rules.quote)
        )


def _acknowledged(order: VenueOrder) -> dict[str, Any]:
    return {"orderId": order_id(order.venue_id), "orderLinkId": link_id(order)}
