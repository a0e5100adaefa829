"""Binance's orders and executions as ours, spot and USD-M: read exactly, guess nothing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from snipersight.domain.errors import DataInvalid
from snipersight.domain.orders import Fill, OrderKind, OrderStatus, Side, VenueOrder
from snipersight.domain.units import Currency, Price, Size, Symbol
from snipersight.market.venues.numbers import decimal_of, flag_of, price_of, us_of

Row = Mapping[str, Any]

_KINDS: Final[Mapping[str, OrderKind]] = MappingProxyType(
    {
        "LIMIT": OrderKind.LIMIT,
        "LIMIT_MAKER": OrderKind.LIMIT,
        "MARKET": OrderKind.MARKET,
        "LIQUIDATION": OrderKind.MARKET,
        # USD-M
        "STOP": OrderKind.STOP_LIMIT,
        "STOP_MARKET": OrderKind.STOP_MARKET,
        "TRAILING_STOP_MARKET": OrderKind.STOP_MARKET,
        "TAKE_PROFIT_MARKET": OrderKind.TAKE_PROFIT_MARKET,
        # spot; TAKE_PROFIT is a market order there and a limit order on USD-M
        "STOP_LOSS": OrderKind.STOP_MARKET,
        "STOP_LOSS_LIMIT": OrderKind.STOP_LIMIT,
        "TAKE_PROFIT_LIMIT": OrderKind.TAKE_PROFIT_LIMIT,
    }
)
_STATUSES: Final[Mapping[str, OrderStatus]] = MappingProxyType(
    {
        "NEW": OrderStatus.WORKING,
        "PARTIALLY_FILLED": OrderStatus.WORKING,
        "PENDING_NEW": OrderStatus.WORKING,
        "PENDING_CANCEL": OrderStatus.WORKING,
        "FILLED": OrderStatus.FILLED,
        "CANCELED": OrderStatus.CANCELLED,
        "CANCELLED": OrderStatus.CANCELLED,
        "EXPIRED": OrderStatus.EXPIRED,
        "EXPIRED_IN_MATCH": OrderStatus.EXPIRED,
        "REJECTED": OrderStatus.REJECTED,
        # placed by the venue itself: deleveraging, its insurance fund
        "NEW_ADL": OrderStatus.WORKING,
        "NEW_INSURANCE": OrderStatus.WORKING,
        # of a conditional order
        "TRIGGERING": OrderStatus.WORKING,
        "TRIGGERED": OrderStatus.WORKING,
    }
)


def side_of(row: Row, name: str = "side") -> Side:
    """Return what an order does with the base currency."""
    return Side(str(row[name]).lower())


def kind_of(text: str, *, is_spot: bool) -> OrderKind:
    """Return the kind of an order.

    Raises:
        DataInvalid: the venue has a kind that we do not know.
    """
    if text == "TAKE_PROFIT":
        return OrderKind.TAKE_PROFIT_MARKET if is_spot else OrderKind.TAKE_PROFIT_LIMIT
    if text not in _KINDS:
        raise DataInvalid(f"order type {text!r} is unknown", where="the venue's answer")
    return _KINDS[text]


def status_of(text: str) -> OrderStatus:
    """Return where an order stands.

    Raises:
        DataInvalid: the venue has a status that we do not know.
    """
    if text not in _STATUSES:
        raise DataInvalid(f"order status {text!r} is unknown", where="the venue's answer")
    return _STATUSES[text]


def is_reducing(row: Row, side: Side, *, is_spot: bool) -> bool:
    """Return whether an order makes a position smaller.

    A sale on spot sells what is held. In hedge mode the side of the position tells it.
    """
    if is_spot:
        return side is Side.SELL
    of_position = str(row.get("positionSide", row.get("ps", "BOTH")))
    if of_position == "BOTH":
        return flag_of(row, "reduceOnly") or flag_of(row, "R") or flag_of(row, "closePosition")
    return (of_position == "LONG") is (side is Side.SELL)


def order_of(row: Row, symbol: Symbol, *, is_spot: bool) -> VenueOrder:
    """Return an order of the ordinary service.

    An answer to a cancel names the cancelled order's id as the original one.

    Raises:
        DataInvalid: kind or status are unknown, or a number is none.
    """
    side = side_of(row)
    filled = decimal_of(row, "executedQty")
    return VenueOrder(
        client_id=str(row.get("origClientOrderId") or row.get("clientOrderId") or ""),
        venue_id=str(row["orderId"]),
        symbol=symbol,
        side=side,
        kind=kind_of(str(row.get("origType") or row["type"]), is_spot=is_spot),
        is_reducing=is_reducing(row, side, is_spot=is_spot),
        size=Size(decimal_of(row, "origQty")),
        filled_size=Size(filled),
        status=status_of(str(row["status"])),
        price=price_of(row, "price"),
        trigger_price=price_of(row, "stopPrice"),
        average_price=_average(row, filled),
        updated_us=us_of(row, "updateTime", "transactTime", "time"),
        text=str(row.get("expiryReason") or ""),
    )


def _average(row: Row, filled: Decimal) -> Price | None:
    if (stated := price_of(row, "avgPrice")) is not None:
        return stated
    # Spot tells what was paid in all; of old orders it does not know, and says -1.
    paid = decimal_of(row, "cummulativeQuoteQty", "cumQuote")
    return Price(paid / filled) if filled > 0 and paid > 0 else None


def execution_of(row: Row, symbol: Symbol, *, client_id: str) -> Fill:
    """Return an execution of an account's list of trades.

    Args:
        row: of `myTrades` (spot) or `userTrades` (USD-M).
        symbol: ours.
        client_id: of its order; empty where that is not known.
    """
    is_buyer = row["isBuyer"] if "isBuyer" in row else row.get("buyer")
    side = side_of(row) if "side" in row else (Side.BUY if is_buyer else Side.SELL)
    return Fill(
        fill_id=str(row["id"]),
        client_id=client_id,
        venue_id=str(row["orderId"]),
        symbol=symbol,
        side=side,
        size=Size(decimal_of(row, "qty")),
        price=Price(decimal_of(row, "price")),
        fee=decimal_of(row, "commission"),
        fee_currency=Currency(str(row.get("commissionAsset") or "")),
        is_maker=flag_of(row, "isMaker") or flag_of(row, "maker"),
        at_us=us_of(row, "time"),
    )


def streamed_order(row: Row, symbol: Symbol, *, client_id: str, is_spot: bool) -> VenueOrder:
    """Return an order of a stream's frame (`executionReport`, `ORDER_TRADE_UPDATE`)."""
    side = side_of(row, "S")
    filled = decimal_of(row, "z")
    paid = decimal_of(row, "Z")
    return VenueOrder(
        client_id=client_id,
        venue_id=str(row["i"]),
        symbol=symbol,
        side=side,
        kind=kind_of(str(row.get("ot") or row["o"]), is_spot=is_spot),
        is_reducing=is_reducing(row, side, is_spot=is_spot),
        size=Size(decimal_of(row, "q")),
        filled_size=Size(filled),
        status=status_of(str(row["X"])),
        price=price_of(row, "p"),
        trigger_price=price_of(row, "P" if is_spot else "sp"),
        average_price=price_of(row, "ap") or (Price(paid / filled) if filled and paid else None),
        updated_us=us_of(row, "T"),
        text=_streamed_text(row),
    )


def _streamed_text(row: Row) -> str:
    words = [str(row.get(name) or "") for name in ("r", "eR")]
    return " ".join(word for word in words if word not in ("", "NONE"))


def streamed_fill(row: Row, symbol: Symbol, *, client_id: str, fee_currency: str) -> Fill | None:
    """Return the execution in a stream's frame; None where it tells of none.

    Args:
        row: an `executionReport` or the order of an `ORDER_TRADE_UPDATE`.
        symbol: ours.
        client_id: of its order.
        fee_currency: where the frame does not name one.
    """
    size, price = decimal_of(row, "l"), decimal_of(row, "L")
    if row.get("x") not in ("TRADE", "CALCULATED") or size <= 0 or price <= 0:
        return None
    return Fill(
        fill_id=str(row["t"]),
        client_id=client_id,
        venue_id=str(row["i"]),
        symbol=symbol,
        side=side_of(row, "S"),
        size=Size(size),
        price=Price(price),
        fee=decimal_of(row, "n"),
        fee_currency=Currency(str(row.get("N") or fee_currency)),
        is_maker=flag_of(row, "m"),
        at_us=us_of(row, "T"),
    )
