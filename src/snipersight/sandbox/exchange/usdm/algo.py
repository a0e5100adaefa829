"""The algo service: conditional orders, which wait apart from the book."""

from __future__ import annotations

from typing import Any, Final

from snipersight.domain.orders import OrderKind, OrderRequest, TriggerSource, VenueOrder
from snipersight.domain.units import Size, Symbol
from snipersight.sandbox.exchange.binance.fields import Fields
from snipersight.sandbox.exchange.binance.protocol import Asked
from snipersight.sandbox.exchange.binance.refusals import (
    Refusal,
    missing,
    no_open_order,
    no_such_order,
    superfluous,
)
from snipersight.sandbox.exchange.usdm.bodies import TYPES, algo_body
from snipersight.sandbox.exchange.usdm.desk import ALGO_OFFSET, Desk, Note, is_waiting
from snipersight.sandbox.exchange.usdm.orders import OrderDesk, positive_price, positive_size

_KINDS: Final = {name: kind for kind, name in TYPES.items() if kind.is_conditional}
_WATCHES: Final = {"MARK_PRICE": TriggerSource.MARK, "CONTRACT_PRICE": TriggerSource.LAST}
_MOST_ALGO: Final = 200  # of an account, over all markets


class AlgoDesk:
    """The routes about conditional orders.

    Args:
        desk: of the venue.
        orders: the routes about orders of the book.
    """

    def __init__(self, desk: Desk, orders: OrderDesk) -> None:
        self._desk = desk
        self._world = desk.world
        self._orders = orders

    async def place(self, asked: Asked) -> dict[str, Any]:
        """Place a conditional order; margin is looked at when it triggers.

        Raises:
            Refusal: Binance would not take it.
        """
        fields = asked.fields
        symbol = self._desk.symbol_of(fields.text("symbol"))
        await self._world.freshen([symbol])
        if fields.text("algoType") != "CONDITIONAL" or fields.text("type") not in _KINDS:
            raise Refusal(-1116, "Invalid orderType.")
        if len(self._waiting(asked.account_id, None)) >= _MOST_ALGO:
            raise Refusal(-4045, "Reach max stop order limit.")
        order = self._orders.submit(asked, *self._request(asked, symbol))
        return algo_body(self._desk, order)

    async def cancel(self, asked: Asked) -> dict[str, Any]:
        """Cancel a conditional order that still waits.

        Raises:
            Refusal: it does not wait, or there is none.
        """
        order = self._found(asked, no_open_order())
        if not (order.status.is_open and is_waiting(order, self._desk.note(order))):
            raise no_open_order()
        done = self._orders.cancelled(asked.account_id, order)
        return {
            "algoId": ALGO_OFFSET + int(done.venue_id),
            "clientAlgoId": done.client_id,
            "code": "200",
            "msg": "success",
        }

    async def cancel_all(self, asked: Asked) -> dict[str, Any]:
        """Cancel every conditional order of one market that still waits."""
        symbol = self._desk.symbol_of(asked.fields.text("symbol"))
        for order in self._waiting(asked.account_id, symbol):
            self._orders.cancelled(asked.account_id, order)
        return {"code": 200, "msg": "The operation of cancel all open order is done."}

    async def query(self, asked: Asked) -> dict[str, Any]:
        """Answer one conditional order, waiting or ended.

        Raises:
            Refusal: there is none.
        """
        return algo_body(self._desk, self._found(asked, no_such_order()))

    async def open_orders(self, asked: Asked) -> list[dict[str, Any]]:
        """Answer the conditional orders that wait."""
        found = self._waiting(asked.account_id, self._orders.symbol_if_given(asked))
        return [algo_body(self._desk, order) for order in found]

    async def all_orders(self, asked: Asked) -> list[dict[str, Any]]:
        """Answer the newest conditional orders of one market, oldest first."""
        symbol = self._desk.symbol_of(asked.fields.text("symbol"))
        orders = self._world.engine.orders(asked.account_id, open_only=False, symbol=symbol)
        found = [order for order in orders if order.kind.is_conditional]
        count = max(1, asked.fields.whole("limit", 500))
        return [algo_body(self._desk, order) for order in found[-count:]]

    def _request(self, asked: Asked, symbol: Symbol) -> tuple[OrderRequest, Note]:
        fields = asked.fields
        kind, closes = _KINDS[fields.text("type")], fields.flag("closePosition")
        watches = _watched(fields)
        direction, is_reducing, place = self._orders.aim(asked, closes=closes)
        request = OrderRequest(
            client_id=self._orders.client_id(fields, "clientAlgoId"),
            symbol=symbol,
            direction=direction,
            is_reducing=is_reducing,
            kind=kind,
            size=self._size(fields, symbol, kind, closes=closes),
            price=positive_price(fields.number("price")) if kind.has_price else None,
            trigger_price=positive_price(fields.number("triggerPrice")),
            trigger_source=watches,
        )
        note = Note(
            created_us=self._world.clock(),
            position_side=place,
            watches=watches,
            closes_position=closes,
        )
        return request, note

    def _size(self, fields: Fields, symbol: Symbol, kind: OrderKind, *, closes: bool) -> Size:
        if not closes:
            return positive_size(fields.number("quantity"))
        for name in ("quantity", "reduceOnly"):
            if name in fields:
                raise superfluous(name)
        if kind.has_price:
            raise Refusal(-4136, "Target strategy invalid for orderType with closePosition.")
        # Whatever is held then: a reducing order is cut to the position when it triggers.
        most = self._world.instruments[symbol].max_market_size
        return Size(most) if most is not None else positive_size(fields.number("quantity"))

    def _waiting(self, account: str, symbol: Symbol | None) -> list[VenueOrder]:
        return [
            order
            for order in self._world.engine.orders(account, symbol=symbol)
            if is_waiting(order, self._desk.note(order))
        ]

    def _found(self, asked: Asked, refusal: Refusal) -> VenueOrder:
        engine, fields = self._world.engine, asked.fields
        if "algoId" in fields:
            venue_id = str(fields.whole("algoId") - ALGO_OFFSET)
            order = engine.order(asked.account_id, venue_id=venue_id)
        elif "clientAlgoId" in fields:
            order = engine.order(asked.account_id, client_id=fields.client_id("clientAlgoId"))
        else:
            raise missing("algoId")
        if order is None or not order.kind.is_conditional:
            raise refusal
        return order


def _watched(fields: Fields) -> TriggerSource:
    name = fields.optional("workingType", "CONTRACT_PRICE")
    if name not in _WATCHES:
        raise Refusal(-4101, "Invalid workingType.")
    return _WATCHES[name]
