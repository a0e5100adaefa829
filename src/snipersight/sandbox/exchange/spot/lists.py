"""Order lists of Binance spot: two orders for the same units, of which only one can be filled."""

from __future__ import annotations

from typing import Any, Final

from snipersight.domain.orders import Side
from snipersight.sandbox.exchange.binance.fields import Fields
from snipersight.sandbox.exchange.binance.protocol import Asked
from snipersight.sandbox.exchange.binance.refusals import Refusal, no_open_order
from snipersight.sandbox.exchange.spot.bodies import ack_body, list_body, result_body
from snipersight.sandbox.exchange.spot.desk import Desk, OrderList, made_up_id
from snipersight.sandbox.exchange.spot.orders import OrderDesk, neither
from snipersight.sandbox.exchange.spot.reading import (
    LIMIT_MAKER,
    Detail,
    Frame,
    Leg,
    detail_of,
    frame_of,
    leg_of,
)
from snipersight.sandbox.exchange.spot.rules import check_pair, refusal_of, rejected

_STOPS: Final = frozenset({"STOP_LOSS", "STOP_LOSS_LIMIT"})
_TARGETS: Final = frozenset({LIMIT_MAKER, "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"})
_MISPLACED: Final = {
    (Side.BUY, "target"): (-1165, "A limit order in a buy OCO must be below."),
    (Side.SELL, "target"): (-1166, "A limit order in a sell OCO must be above."),
    (Side.BUY, "stop"): (-1196, "A stop loss order in a buy OCO must be above."),
    (Side.SELL, "stop"): (-1197, "A stop loss order in a sell OCO must be below."),
    (Side.BUY, "profit"): (-1198, "A take profit order in a buy OCO must be below."),
    (Side.SELL, "profit"): (-1199, "A take profit order in a sell OCO must be above."),
}


class ListDesk:
    """The routes about order lists.

    Args:
        desk: of the venue.
        orders: the routes about single orders.
    """

    def __init__(self, desk: Desk, orders: OrderDesk) -> None:
        self._desk = desk
        self._world = desk.world
        self._orders = orders

    async def place(self, asked: Asked) -> dict[str, Any]:
        """Place a target and a stop for the same units, both or none.

        Raises:
            Refusal: Binance would not take them.
        """
        fields, account = asked.fields, asked.account_id
        symbol = self._desk.symbol_of(fields.text("symbol"))
        await self._world.freshen([symbol])
        target, stop = _legs(fields, frame_of(fields, symbol))
        detail = detail_of(fields, Detail.RESULT)
        client_id = fields.client_id("listClientOrderId") or made_up_id()
        if any(each.client_id == client_id for each in self._desk.open_lists(account)):
            raise rejected("Duplicate order sent.")
        found = self._opened(account, client_id, target, stop)
        body = ack_body if detail is Detail.ACK else result_body
        reports = [body(self._desk, order) for order in self._desk.orders_of(found)]
        return {**list_body(self._desk, found), "orderReports": reports}

    async def cancel(self, asked: Asked) -> dict[str, Any]:
        """Cancel what is open of a list.

        Raises:
            Refusal: there is no such list, or it is over.
        """
        found = self._found(asked, client_field="listClientOrderId", refusal=no_open_order())
        symbol = self._desk.symbol_of(asked.fields.text("symbol"))
        open_ = [order for order in self._desk.orders_of(found) if order.status.is_open]
        if found.symbol != symbol or not open_:
            raise no_open_order()
        cancel_id = asked.fields.client_id("newClientOrderId") or made_up_id()
        return self._orders.cancelled(asked.account_id, open_[0], cancel_id)

    async def query(self, asked: Asked) -> dict[str, Any]:
        """Answer one list, open or over.

        Raises:
            Refusal: there is none.
        """
        refusal = Refusal(-2018, "Order list does not exist.")
        found = self._found(asked, client_field="origClientOrderId", refusal=refusal)
        return list_body(self._desk, found)

    async def open_lists(self, asked: Asked) -> list[dict[str, Any]]:
        """Answer the lists of which an order is open."""
        return [list_body(self._desk, each) for each in self._desk.open_lists(asked.account_id)]

    def _opened(self, account: str, client_id: str, target: Leg, stop: Leg) -> OrderList:
        legs = (target, stop)
        self._orders.check(account, legs)
        symbol = target.request.symbol
        check_pair(target.request, stop.request, last=self._world.tape.last.get(symbol))
        at_us = self._world.clock()
        answer = self._world.engine.submit_pair(account, target.request, stop.request, at_us=at_us)
        if answer.problem is not None:
            raise refusal_of(answer.problem)
        orders = tuple(self._orders.keep(account, leg, at_us=at_us) for leg in legs)
        return self._desk.open_list(account, symbol, client_id, orders)

    def _found(self, asked: Asked, *, client_field: str, refusal: Refusal) -> OrderList:
        fields, account = asked.fields, asked.account_id
        if "orderListId" in fields:
            found = self._desk.find_list(account, list_id=fields.whole("orderListId"))
        elif client_field in fields:
            client_id = fields.client_id(client_field)
            found = self._desk.find_list(account, client_id=client_id)
        else:
            raise neither(client_field, "orderListId")
        if found is None:
            raise refusal
        return found


def _legs(fields: Fields, frame: Frame) -> tuple[Leg, Leg]:
    """Return target and stop of a list.

    Raises:
        Refusal: a leg is missing or impossible, or they make no such list.
    """
    types = [fields.text(f"{place}Type") for place in ("above", "below")]
    if not set(types) <= _STOPS | _TARGETS:
        raise Refusal(-1158, "Order type not supported in OCO.")
    if types == [LIMIT_MAKER, LIMIT_MAKER]:
        raise Refusal(-1168, "At least one OCO order must be contingent.")
    is_sale = frame.side is Side.SELL
    for place, name in zip(("above", "below"), types, strict=True):
        _check_place(name, _TARGETS if (place == "above") is is_sale else _STOPS, frame.side)
    above, below = (leg_of(fields, frame, prefix=place) for place in ("above", "below"))
    return (above, below) if is_sale else (below, above)


def _check_place(name: str, allowed: frozenset[str], side: Side) -> None:
    if name not in allowed:
        what = "target" if name == LIMIT_MAKER else "stop" if name in _STOPS else "profit"
        raise Refusal(*_MISPLACED[side, what])
