"""Bybit's orders, executions and positions as ours, and what it is sent for an order."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid
from snipersight.domain.orders import (
    Fill,
    FundingPayment,
    OrderKind,
    OrderRequest,
    OrderStatus,
    Quote,
    Side,
    TriggerSource,
    VenueOrder,
    VenuePosition,
)
from snipersight.domain.units import Currency, Price, Size, Symbol, plain
from snipersight.market.venues.numbers import decimal_of, flag_of, price_of, us_of

Row = Mapping[str, Any]

_STATUSES: Final[Mapping[str, OrderStatus]] = MappingProxyType(
    {
        "Created": OrderStatus.WORKING,
        "New": OrderStatus.WORKING,
        "PartiallyFilled": OrderStatus.WORKING,
        "Untriggered": OrderStatus.WORKING,
        "Triggered": OrderStatus.WORKING,
        "Active": OrderStatus.WORKING,
        "Filled": OrderStatus.FILLED,
        "Cancelled": OrderStatus.CANCELLED,
        "PartiallyFilledCanceled": OrderStatus.CANCELLED,
        "Deactivated": OrderStatus.CANCELLED,
        "Rejected": OrderStatus.REJECTED,
    }
)
# Cancelled by the venue, not by us: margin gone, nothing to reduce, out of the price band …
_BY_US: Final = frozenset({"", "UNKNOWN", "CancelByUser"})
_NO_REASON: Final = frozenset({"", "EC_NoError", "EC_PerCancelRequest", "UNKNOWN"})
# What changes a position; funding and delivery are told in the same list.
TRADES: Final = frozenset({"Trade", "AdlTrade", "BustTrade"})
RISING, FALLING = 1, 2


def order_fields(request: OrderRequest, *, market_id: str, is_hedged: bool) -> Mapping[str, object]:
    """Return what is sent for an order: exact numbers as text."""
    has_price = request.price is not None
    fields: dict[str, object] = {
        "category": "linear",
        "symbol": market_id,
        "side": "Buy" if request.side is Side.BUY else "Sell",
        "orderType": "Limit" if has_price else "Market",
        "qty": plain(request.size),
        "orderLinkId": request.client_id,
        "positionIdx": _position_index(request.direction, is_hedged=is_hedged),
        "reduceOnly": request.is_reducing,
    }
    if request.price is not None:
        fields |= {"price": plain(request.price), "timeInForce": "GTC"}
    if request.trigger_price is not None:
        fields |= {
            "triggerPrice": plain(request.trigger_price),
            "triggerDirection": _trigger_direction(request),
            "triggerBy": _watched(request.trigger_source),
        }
    if request.attached_stop is not None:
        fields |= {
            "stopLoss": plain(request.attached_stop),
            "slTriggerBy": _watched(request.trigger_source),
            "tpslMode": "Full",
        }
    return fields


def _position_index(direction: Direction, *, is_hedged: bool) -> int:
    if not is_hedged:
        return 0
    return 1 if direction is Direction.LONG else 2


def _trigger_direction(request: OrderRequest) -> int:
    # A sale that stops a loss waits for a fall; one that takes a profit for a rise.
    falls = (request.side is Side.SELL) is request.kind.is_stop
    return FALLING if falls else RISING


def _watched(source: TriggerSource) -> str:
    return "MarkPrice" if source is TriggerSource.MARK else "LastPrice"


def order_of(row: Row, symbol: Symbol) -> VenueOrder:
    """Return an order.

    Raises:
        DataInvalid: its status is unknown, or a number is none.
    """
    status = _status(row)
    return VenueOrder(
        client_id=str(row.get("orderLinkId") or ""),
        venue_id=str(row["orderId"]),
        symbol=symbol,
        side=Side(str(row["side"]).lower()),
        kind=_kind(row),
        is_reducing=flag_of(row, "reduceOnly") or flag_of(row, "closeOnTrigger"),
        size=Size(decimal_of(row, "qty")),
        filled_size=Size(decimal_of(row, "cumExecQty")),
        status=status,
        price=price_of(row, "price") if str(row.get("orderType")) == "Limit" else None,
        trigger_price=price_of(row, "triggerPrice"),
        average_price=_average(row),
        updated_us=us_of(row, "updatedTime", "createdTime"),
        text="" if status.is_open else _reason(row),
    )


def _status(row: Row) -> OrderStatus:
    text = str(row["orderStatus"])
    if text not in _STATUSES:
        raise DataInvalid(f"order status {text!r} is unknown", where="the venue's answer")
    status = _STATUSES[text]
    if status is OrderStatus.CANCELLED and str(row.get("cancelType") or "") not in _BY_US:
        return OrderStatus.EXPIRED
    return status


def _kind(row: Row) -> OrderKind:
    is_limit = str(row.get("orderType")) == "Limit"
    if price_of(row, "triggerPrice") is None:
        return OrderKind.LIMIT if is_limit else OrderKind.MARKET
    if _takes_profit(row):
        return OrderKind.TAKE_PROFIT_LIMIT if is_limit else OrderKind.TAKE_PROFIT_MARKET
    return OrderKind.STOP_LIMIT if is_limit else OrderKind.STOP_MARKET


def _takes_profit(row: Row) -> bool:
    named = str(row.get("stopOrderType") or "")
    if "TakeProfit" in named:
        return True
    if "StopLoss" in named or "TrailingStop" in named:
        return False
    is_sale = str(row["side"]) == "Sell"
    return int(row.get("triggerDirection") or 0) == (RISING if is_sale else FALLING)


def _average(row: Row) -> Price | None:
    filled = decimal_of(row, "cumExecQty")
    if filled <= 0:
        return None
    if (stated := price_of(row, "avgPrice")) is not None:
        return stated
    paid = decimal_of(row, "cumExecValue")
    return Price(paid / filled) if paid > 0 else None


def _reason(row: Row) -> str:
    words = [str(row.get(name) or "") for name in ("cancelType", "rejectReason")]
    return " ".join(word for word in words if word not in _NO_REASON and word != "CancelByUser")


def execution_of(row: Row, symbol: Symbol, *, quote: str) -> Fill:
    """Return an execution that changed a position.

    Args:
        row: of the list of executions, or of the stream.
        symbol: ours.
        quote: what fees are paid in where the row does not say.
    """
    return Fill(
        fill_id=str(row["execId"]),
        client_id=str(row.get("orderLinkId") or ""),
        venue_id=str(row["orderId"]),
        symbol=symbol,
        side=Side(str(row["side"]).lower()),
        size=Size(decimal_of(row, "execQty")),
        price=Price(decimal_of(row, "execPrice")),
        fee=decimal_of(row, "execFee"),
        fee_currency=Currency(str(row.get("feeCurrency") or quote)),
        is_maker=flag_of(row, "isMaker"),
        at_us=us_of(row, "execTime"),
    )


def quote_of(row: Row, symbol: Symbol, *, at_us: int) -> Quote:
    """Return last and mark price and the best of the book."""
    return Quote(
        symbol=symbol,
        last=Price(decimal_of(row, "lastPrice")),
        mark=Price(decimal_of(row, "markPrice")),
        at_us=at_us,
        bid=price_of(row, "bid1Price"),
        ask=price_of(row, "ask1Price"),
    )


def payment_of(row: Row, symbol: Symbol, *, quote: str) -> FundingPayment:
    """Return a funding payment of the list of executions; the venue counts it as a fee."""
    return FundingPayment(
        payment_id=str(row["execId"]),
        symbol=symbol,
        amount=-decimal_of(row, "execFee"),
        currency=Currency(str(row.get("feeCurrency") or quote)),
        at_us=us_of(row, "execTime"),
    )


def position_of(row: Row, symbol: Symbol, *, is_isolated: bool | None) -> VenuePosition:
    """Return a position that is not empty.

    Args:
        row: of the list of positions.
        symbol: ours.
        is_isolated: the account's margin mode, which a unified account's rows do not tell.
    """
    leverage = decimal_of(row, "leverage")
    return VenuePosition(
        symbol=symbol,
        direction=Direction.LONG if str(row["side"]) == "Buy" else Direction.SHORT,
        size=Size(decimal_of(row, "size")),
        entry_price=Price(decimal_of(row, "avgPrice", "entryPrice")),
        mark_price=price_of(row, "markPrice"),
        leverage=leverage if leverage > 0 else None,
        is_isolated=True if int(row.get("tradeMode") or 0) == 1 else is_isolated,
        liquidation_price=price_of(row, "liqPrice"),
    )
