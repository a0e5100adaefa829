"""Binance USD-M's conditional orders: a service of their own, with ids of their own.

Once such an order triggers, it places an ordinary one under another id; what was filled is told
of that one alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from snipersight.domain.orders import OrderKind, OrderStatus, VenueOrder
from snipersight.domain.units import Size, Symbol
from snipersight.market.venues.binance_rows import Row, is_reducing, kind_of, side_of, status_of
from snipersight.market.venues.numbers import decimal_of, price_of, us_of

TYPES: Final[Mapping[OrderKind, str]] = MappingProxyType(
    {
        OrderKind.LIMIT: "LIMIT",
        OrderKind.MARKET: "MARKET",
        OrderKind.STOP_MARKET: "STOP_MARKET",
        OrderKind.STOP_LIMIT: "STOP",
        OrderKind.TAKE_PROFIT_MARKET: "TAKE_PROFIT_MARKET",
        OrderKind.TAKE_PROFIT_LIMIT: "TAKE_PROFIT",
    }
)
_FINISHED: Final = "FINISHED"


def conditional_of(row: Row, symbol: Symbol) -> VenueOrder:
    """Return a conditional order as its own service tells it.

    Of one that has triggered this is not the whole truth: see `followed`.

    Raises:
        DataInvalid: kind or status are unknown, or a number is none.
    """
    side = side_of(row)
    placed = placed_id(row)
    return VenueOrder(
        client_id=str(row.get("clientAlgoId") or ""),
        venue_id=placed or _own_id(row["algoId"]),
        symbol=symbol,
        side=side,
        kind=kind_of(str(row.get("orderType") or row["type"]), is_spot=False),
        is_reducing=is_reducing(row, side, is_spot=False),
        size=Size(decimal_of(row, "quantity")),
        filled_size=Size(decimal_of({})),
        status=_status(str(row["algoStatus"]), has_placed=bool(placed)),
        price=price_of(row, "price"),
        trigger_price=price_of(row, "triggerPrice"),
        updated_us=us_of(row, "updateTime", "createTime"),
    )


def placed_id(row: Row) -> str:
    """Return the id of the ordinary order that it placed; empty before it triggered."""
    text = str(row.get("actualOrderId") or row.get("ai") or "")
    return "" if text == "0" else text


def followed(order: VenueOrder, placed: VenueOrder | None) -> VenueOrder:
    """Return a triggered order as what it became.

    Args:
        order: of the conditional service.
        placed: the ordinary order; None where it is not found (yet): it may still come.
    """
    if placed is None:
        return replace(order, status=OrderStatus.WORKING)
    return replace(
        order,
        venue_id=placed.venue_id,
        filled_size=placed.filled_size,
        status=placed.status,
        average_price=placed.average_price,
        updated_us=max(order.updated_us, placed.updated_us),
        text=placed.text,
    )


def streamed_conditional(row: Mapping[str, Any], symbol: Symbol, *, at_us: int) -> VenueOrder:
    """Return the order of an `ALGO_UPDATE`.

    Args:
        row: its field `o`.
        symbol: ours.
        at_us: time of the frame.
    """
    side = side_of(row, "S")
    filled, size = decimal_of(row, "aq"), decimal_of(row, "q")
    status = str(row["X"])
    if status == _FINISHED:
        known = OrderStatus.FILLED if filled >= size else OrderStatus.EXPIRED
    else:
        known = status_of(status)
    return VenueOrder(
        client_id=str(row.get("caid") or ""),
        venue_id=placed_id(row) or _own_id(row["aid"]),
        symbol=symbol,
        side=side,
        kind=kind_of(str(row["o"]), is_spot=False),
        is_reducing=is_reducing(row, side, is_spot=False),
        size=Size(size),
        filled_size=Size(filled),
        status=known,
        price=price_of(row, "p"),
        trigger_price=price_of(row, "tp"),
        average_price=price_of(row, "ap") if filled > 0 else None,
        updated_us=at_us,
        text="" if known.is_open else str(row.get("rm") or ""),
    )


def _own_id(number: object) -> str:
    # Both services count for themselves: the same number may be an ordinary order's.
    return f"algo-{number}"


def _status(text: str, *, has_placed: bool) -> OrderStatus:
    if text == _FINISHED:
        # Without an ordinary order nothing can have been filled.
        return OrderStatus.WORKING if has_placed else OrderStatus.EXPIRED
    return status_of(text)
