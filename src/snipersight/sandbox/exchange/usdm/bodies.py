"""Orders, algo orders and trades as Binance USD-M words them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from snipersight.domain.orders import (
    Fill,
    OrderKind,
    OrderStatus,
    Side,
    TriggerSource,
    VenueOrder,
)
from snipersight.domain.units import plain
from snipersight.sandbox.exchange.binance.fields import fixed
from snipersight.sandbox.exchange.usdm.desk import ALGO_OFFSET, Desk, Note, is_waiting

TYPES: Final = {
    OrderKind.LIMIT: "LIMIT",
    OrderKind.MARKET: "MARKET",
    OrderKind.STOP_MARKET: "STOP_MARKET",
    OrderKind.STOP_LIMIT: "STOP",
    OrderKind.TAKE_PROFIT_MARKET: "TAKE_PROFIT_MARKET",
    OrderKind.TAKE_PROFIT_LIMIT: "TAKE_PROFIT",
}
_STATUSES: Final = {
    OrderStatus.FILLED: "FILLED",
    OrderStatus.CANCELLED: "CANCELED",
    OrderStatus.EXPIRED: "EXPIRED",
    OrderStatus.REJECTED: "REJECTED",
}
WORKING_TYPES: Final = {TriggerSource.MARK: "MARK_PRICE", TriggerSource.LAST: "CONTRACT_PRICE"}


def type_in_book(order: VenueOrder) -> str:
    """Return the type of what lies in the book: of a triggered order, what it has become."""
    return "LIMIT" if order.kind.has_price else "MARKET"


def status_of(order: VenueOrder) -> str:
    """Return the status of an order in the book."""
    if order.status is OrderStatus.WORKING:
        return "PARTIALLY_FILLED" if order.filled_size else "NEW"
    return _STATUSES[order.status]


def side_of(order: VenueOrder | Fill) -> str:
    """Return `BUY` or `SELL`."""
    return "BUY" if order.side is Side.BUY else "SELL"


def order_body(desk: Desk, order: VenueOrder) -> dict[str, Any]:
    """Return an order of the book; of a triggered conditional one, what it has become."""
    rules, note = desk.world.instruments[order.symbol], desk.note(order)
    average = order.average_price or Decimal(0)
    return {
        "orderId": int(order.venue_id),
        "symbol": desk.world.venue_id_of(order.symbol),
        "status": status_of(order),
        "clientOrderId": order.client_id,
        "price": fixed(order.price, rules.tick),
        "avgPrice": fixed(average, rules.tick),
        "origQty": fixed(order.size, rules.lot),
        "executedQty": fixed(order.filled_size, rules.lot),
        "cumQuote": plain(order.filled_size * average),
        "timeInForce": "GTC",
        "type": type_in_book(order),
        "reduceOnly": order.is_reducing,
        "closePosition": False,
        "side": side_of(order),
        "positionSide": note.position_side,
        "stopPrice": "0",
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "origType": type_in_book(order),
        "priceMatch": "NONE",
        "selfTradePreventionMode": "NONE",
        "goodTillDate": 0,
        "time": note.created_us // 1_000,
        "updateTime": order.updated_us // 1_000,
    }


def algo_status(order: VenueOrder, note: Note) -> str:
    """Return the status of a conditional order in the algo service."""
    if is_waiting(order, note):
        return "NEW" if order.status is OrderStatus.WORKING else _STATUSES[order.status]
    return "TRIGGERED" if order.status is OrderStatus.WORKING else "FINISHED"


def algo_body(desk: Desk, order: VenueOrder) -> dict[str, Any]:
    """Return a conditional order of the algo service."""
    rules, note = desk.world.instruments[order.symbol], desk.note(order)
    is_triggered = not is_waiting(order, note)
    size = Decimal(0) if note.closes_position else order.size
    return {
        "algoId": ALGO_OFFSET + int(order.venue_id),
        "clientAlgoId": order.client_id,
        "algoType": "CONDITIONAL",
        "orderType": TYPES[order.kind],
        "symbol": desk.world.venue_id_of(order.symbol),
        "side": side_of(order),
        "positionSide": note.position_side,
        "timeInForce": "GTC",
        "quantity": fixed(size, rules.lot),
        "algoStatus": algo_status(order, note),
        "actualOrderId": order.venue_id if is_triggered else "",
        "actualPrice": fixed(order.average_price, rules.tick),
        "triggerPrice": fixed(order.trigger_price, rules.tick),
        "price": fixed(order.price, rules.tick),
        "icebergQuantity": None,
        "tpTriggerPrice": "0.000",
        "tpPrice": "0.000",
        "slTriggerPrice": "0.000",
        "slPrice": "0.000",
        "tpOrderType": "",
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "workingType": WORKING_TYPES[note.watches],
        "priceMatch": "NONE",
        "closePosition": note.closes_position,
        "priceProtect": False,
        "reduceOnly": order.is_reducing and not note.closes_position,
        "createTime": note.created_us // 1_000,
        "updateTime": order.updated_us // 1_000,
        "triggerTime": note.triggered_us // 1_000,
        "goodTillDate": 0,
    }


def trade_body(desk: Desk, fill: Fill, order: VenueOrder | None) -> dict[str, Any]:
    """Return one execution of an account."""
    return {
        "symbol": desk.world.venue_id_of(fill.symbol),
        "id": int(fill.fill_id),
        "orderId": int(fill.venue_id),
        "side": side_of(fill),
        "price": plain(fill.price),
        "qty": plain(fill.size),
        "realizedPnl": plain(desk.realised.get(fill.fill_id, Decimal(0))),
        "marginAsset": fill.fee_currency,
        "quoteQty": plain(fill.size * fill.price),
        "commission": plain(fill.fee),
        "commissionAsset": fill.fee_currency,
        "time": fill.at_us // 1_000,
        "positionSide": "BOTH" if order is None else desk.note(order).position_side,
        "buyer": fill.side is Side.BUY,
        "maker": fill.is_maker,
    }
