"""Orders, order lists and trades as Binance spot words them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from snipersight.domain.orders import Fill, OrderStatus, Side, VenueOrder
from snipersight.sandbox.exchange.spot.desk import NO_LIST, Desk, Note, OrderList, is_waiting
from snipersight.sandbox.exchange.spot.reading import KINDS, LIMIT_MAKER

_TYPES: Final = {kind: name for name, kind in KINDS.items() if name != LIMIT_MAKER}
_STATUSES: Final = {
    OrderStatus.FILLED: "FILLED",
    OrderStatus.CANCELLED: "CANCELED",
    OrderStatus.EXPIRED: "EXPIRED",
    OrderStatus.REJECTED: "REJECTED",
}
_ZERO: Final = Decimal(0)


def money(value: Decimal | None) -> str:
    """Return a number with the eight decimals that all of them have here."""
    return format(value or _ZERO, ".8f")


def type_of(order: VenueOrder, note: Note) -> str:
    """Return the type that an order was placed as."""
    return LIMIT_MAKER if note.is_maker_only else _TYPES[order.kind]


def status_of(order: VenueOrder) -> str:
    """Return the status of an order."""
    if order.status is OrderStatus.WORKING:
        return "PARTIALLY_FILLED" if order.filled_size else "NEW"
    return _STATUSES[order.status]


def side_of(order: VenueOrder | Fill) -> str:
    """Return `BUY` or `SELL`."""
    return "BUY" if order.side is Side.BUY else "SELL"


def working_ms(order: VenueOrder, note: Note) -> int:
    """Return since when an order lies in the book, milliseconds UTC; -1 while it waits."""
    if is_waiting(order, note):
        return -1
    return (note.triggered_us or note.created_us) // 1_000


def ack_body(desk: Desk, order: VenueOrder) -> dict[str, Any]:
    """Return that an order was taken."""
    note = desk.note(order)
    return {
        "symbol": desk.world.venue_id_of(order.symbol),
        "orderId": int(order.venue_id),
        "orderListId": note.list_id,
        "clientOrderId": order.client_id,
        "transactTime": order.updated_us // 1_000,
    }


def result_body(desk: Desk, order: VenueOrder) -> dict[str, Any]:
    """Return an order that was just placed, without its fills."""
    note = desk.note(order)
    body = ack_body(desk, order) | _state(order, note)
    return {**body, "workingTime": working_ms(order, note), "selfTradePreventionMode": "NONE"}


def full_body(desk: Desk, account: str, order: VenueOrder) -> dict[str, Any]:
    """Return an order that was just placed, with what was executed at once."""
    since_us = desk.note(order).created_us
    fills = [
        {
            "price": money(fill.price),
            "qty": money(fill.size),
            "commission": money(fill.fee),
            "commissionAsset": fill.fee_currency,
            "tradeId": int(fill.fill_id),
        }
        for fill in desk.world.engine.fills(account, order.symbol, since_us=since_us)
        if fill.venue_id == order.venue_id
    ]
    return {**result_body(desk, order), "fills": fills}


def cancel_body(desk: Desk, order: VenueOrder) -> dict[str, Any]:
    """Return an order that was just cancelled; its own id is the original one now."""
    note = desk.note(order)
    return {
        **ack_body(desk, order),
        "origClientOrderId": order.client_id,
        "clientOrderId": note.cancel_id,
        **_state(order, note),
        "selfTradePreventionMode": "NONE",
    }


def order_body(desk: Desk, order: VenueOrder) -> dict[str, Any]:
    """Return an order that was asked for."""
    note = desk.note(order)
    body = ack_body(desk, order)
    del body["transactTime"]
    return {
        **body,
        **_state(order, note),
        "stopPrice": money(order.trigger_price),
        "icebergQty": money(_ZERO),
        "time": note.created_us // 1_000,
        "updateTime": order.updated_us // 1_000,
        "isWorking": not is_waiting(order, note),
        "workingTime": working_ms(order, note),
        "selfTradePreventionMode": "NONE",
    }


def list_body(desk: Desk, found: OrderList, *, at_us: int = 0) -> dict[str, Any]:
    """Return an order list.

    Args:
        desk: of the venue.
        found: the list.
        at_us: when what is answered was done; 0: when the list was placed.
    """
    return {
        **list_state(desk, found),
        "listClientOrderId": found.client_id,
        "transactionTime": (at_us or found.created_us) // 1_000,
        "symbol": desk.world.venue_id_of(found.symbol),
        "orders": [
            {
                "symbol": desk.world.venue_id_of(order.symbol),
                "orderId": int(order.venue_id),
                "clientOrderId": order.client_id,
            }
            for order in desk.orders_of(found)
        ],
    }


def list_state(desk: Desk, found: OrderList) -> dict[str, Any]:
    """Return how far an order list is."""
    is_open = desk.is_open(found)
    return {
        "orderListId": found.list_id,
        "contingencyType": "OCO",
        "listStatusType": "EXEC_STARTED" if is_open else "ALL_DONE",
        "listOrderStatus": "EXECUTING" if is_open else "ALL_DONE",
    }


def trade_body(desk: Desk, fill: Fill, order: VenueOrder | None) -> dict[str, Any]:
    """Return one execution of an account."""
    return {
        "symbol": desk.world.venue_id_of(fill.symbol),
        "id": int(fill.fill_id),
        "orderId": int(fill.venue_id),
        "orderListId": NO_LIST if order is None else desk.note(order).list_id,
        "price": money(fill.price),
        "qty": money(fill.size),
        "quoteQty": money(fill.size * fill.price),
        "commission": money(fill.fee),
        "commissionAsset": fill.fee_currency,
        "time": fill.at_us // 1_000,
        "isBuyer": fill.side is Side.BUY,
        "isMaker": fill.is_maker,
        "isBestMatch": True,
    }


def _state(order: VenueOrder, note: Note) -> dict[str, Any]:
    body = {
        "price": money(order.price),
        "origQty": money(order.size),
        "executedQty": money(order.filled_size),
        "origQuoteOrderQty": money(_ZERO),
        "cummulativeQuoteQty": money(order.filled_size * (order.average_price or _ZERO)),
        "status": status_of(order),
        "timeInForce": "GTC",
        "type": type_of(order, note),
        "side": side_of(order),
    }
    if order.trigger_price is not None:
        body["stopPrice"] = money(order.trigger_price)
    return body
