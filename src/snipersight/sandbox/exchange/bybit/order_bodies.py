"""An order as Bybit writes it, in lists and on streams."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from snipersight.domain.orders import OrderStatus, VenueOrder
from snipersight.matching.endings import NO_POSITION
from snipersight.matching.taking import NO_LIQUIDITY
from snipersight.sandbox.exchange.bybit.desk import Desk, Note, is_liquidation, is_waiting
from snipersight.sandbox.exchange.bybit.fields import LINEAR
from snipersight.sandbox.exchange.bybit.names import (
    order_id,
    shown,
    side_of,
    trigger_direction,
    type_of,
)

_NOTHING: Final = Decimal(0)
_UNKNOWN: Final = "UNKNOWN"
_NEVER_SET: Final[Mapping[str, Any]] = {
    "blockTradeId": "",
    "isLeverage": "",
    "orderIv": "",
    "takeProfit": "",
    "tpTriggerBy": "",
    "tpLimitPrice": "",
    "slLimitPrice": "",
    "placeType": "",
    "smpType": "None",
    "smpGroup": 0,
    "smpOrderId": "",
}


def order_body(desk: Desk, order: VenueOrder) -> dict[str, Any]:
    """Return an order as lists show it."""
    note = desk.note(order)
    return {
        "orderId": order_id(order.venue_id),
        "orderLinkId": link_id(order),
        "symbol": desk.world.venue_id_of(order.symbol),
        "price": shown(order.price, "0"),
        "qty": shown(order.size),
        "side": side_of(order.side),
        "positionIdx": int(note.idx),
        "orderStatus": status(order, note),
        "createType": create_type(order, note),
        "cancelType": _cancel_type(order, note),
        "rejectReason": _reject_reason(order),
        "timeInForce": note.time_in_force,
        "orderType": type_of(order.kind),
        "stopOrderType": stop_type(order, note),
        "lastPriceOnCreated": shown(note.last_price),
        "reduceOnly": order.is_reducing,
        "closeOnTrigger": note.closes_on_trigger,
        "createdTime": str(note.created_us // 1_000),
        "updatedTime": str(order.updated_us // 1_000),
        **_executed(desk, order, note),
        **_triggers(order, note),
        **_NEVER_SET,
    }


def order_event(desk: Desk, order: VenueOrder) -> dict[str, Any]:
    """Return an order as the private stream tells it."""
    quote = desk.world.instruments[order.symbol].quote
    body = order_body(desk, order)
    del body["isLeverage"]  # told by lists alone
    return {**body, "category": LINEAR, "feeCurrency": quote}


def link_id(order: VenueOrder) -> str:
    """Return the client's id of an order; empty where the venue placed it."""
    return "" if is_liquidation(order) else order.client_id


def status(order: VenueOrder, note: Note) -> str:
    """Return Bybit's state of an order."""
    waits = is_waiting(order, note)
    if order.status is OrderStatus.WORKING:
        if waits:
            return "Untriggered"
        return "PartiallyFilled" if order.filled_size else "New"
    if order.status is OrderStatus.FILLED:
        return "Filled"
    if order.status is OrderStatus.REJECTED:
        return "Rejected"
    return "Deactivated" if waits else "Cancelled"


def stop_type(order: VenueOrder, note: Note) -> str:
    """Return what kind of stop an order is; empty for none."""
    if note.is_attached:
        return "StopLoss"
    return "Stop" if order.kind.is_conditional else ""


def create_type(order: VenueOrder, note: Note) -> str:
    """Return who made an order."""
    if note.is_attached:
        return "CreateByStopLoss"
    if is_liquidation(order):
        return "CreateByTakeOver_PassThrough"
    return "CreateByUser"


def _cancel_type(order: VenueOrder, note: Note) -> str:
    if order.text == NO_POSITION:
        return "CancelByTpSlTsClear" if note.is_attached else "CancelByReduceOnly"
    return "CancelByUser" if order.status is OrderStatus.CANCELLED else _UNKNOWN


def _reject_reason(order: VenueOrder) -> str:
    return "EC_NoImmediateQtyToFill" if order.text == NO_LIQUIDITY else "EC_NoError"


def _executed(desk: Desk, order: VenueOrder, note: Note) -> dict[str, Any]:
    leaves = order.size - order.filled_size if order.status.is_open else _NOTHING
    average = order.average_price or _NOTHING
    worth = order.price or order.trigger_price or _NOTHING
    quote = desk.world.instruments[order.symbol].quote
    return {
        "avgPrice": shown(order.average_price),
        "leavesQty": shown(leaves),
        "leavesValue": shown(leaves * worth),
        "cumExecQty": shown(order.filled_size),
        "cumExecValue": shown(order.filled_size * average),
        "cumExecFee": shown(note.fee),
        "cumFeeDetail": {quote: shown(note.fee)} if order.filled_size else {},
    }


def _triggers(order: VenueOrder, note: Note) -> dict[str, Any]:
    is_conditional = order.kind.is_conditional
    has_stop = note.stop_loss is not None
    return {
        "triggerPrice": shown(order.trigger_price),
        "triggerDirection": trigger_direction(order.kind, order.side),
        "triggerBy": note.trigger_by.value if is_conditional else "",
        "stopLoss": shown(note.stop_loss),
        "slTriggerBy": note.stop_loss_by.value if has_stop else "",
        "tpslMode": "Full" if has_stop or note.is_attached else "",
    }
