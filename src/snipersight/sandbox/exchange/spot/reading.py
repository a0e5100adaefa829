"""Orders as clients of Binance spot write them: alone, or as the legs of a list."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from snipersight.domain.direction import Direction
from snipersight.domain.orders import ClientOrderId, OrderKind, OrderRequest, Side, TriggerSource
from snipersight.domain.units import Size, Symbol
from snipersight.sandbox.exchange.binance.fields import Fields
from snipersight.sandbox.exchange.binance.refusals import Refusal, illegal, superfluous
from snipersight.sandbox.exchange.spot.desk import made_up_id
from snipersight.sandbox.exchange.spot.rules import price_in, rejected, size_in

LIMIT_MAKER: Final = "LIMIT_MAKER"
KINDS: Final = {
    "LIMIT": OrderKind.LIMIT,
    LIMIT_MAKER: OrderKind.LIMIT,
    "MARKET": OrderKind.MARKET,
    "STOP_LOSS": OrderKind.STOP_MARKET,
    "STOP_LOSS_LIMIT": OrderKind.STOP_LIMIT,
    "TAKE_PROFIT": OrderKind.TAKE_PROFIT_MARKET,
    "TAKE_PROFIT_LIMIT": OrderKind.TAKE_PROFIT_LIMIT,
}
_NOT_OFFERED: Final = {
    "icebergQty": "Iceberg orders are not supported for this symbol.",
    "trailingDelta": "Trailing stop orders are not supported for this symbol.",
    "quoteOrderQty": "Quote order qty market orders are not support for this symbol.",
}


class Detail(StrEnum):
    """How much the answer to an order tells."""

    ACK = "ACK"
    RESULT = "RESULT"
    FULL = "FULL"


class _Side(StrEnum):
    BUY = "BUY"
    SELL = "SELL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What the orders of one request have in common.

    Args:
        symbol, side, size: of each.
    """

    symbol: Symbol
    side: Side
    size: Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One order as it was written.

    Args:
        request: for the engine.
        type_name: the venue's.
    """

    request: OrderRequest
    type_name: str

    @property
    def is_maker_only(self) -> bool:
        """Return whether it may not be executed at once."""
        return self.type_name == LIMIT_MAKER


def frame_of(fields: Fields, symbol: Symbol) -> Frame:
    """Return side and size of a request.

    Raises:
        Refusal: one is missing or impossible.
    """
    side = fields.choice("side", _Side, Refusal(-1117, "Invalid side."))
    if "quoteOrderQty" in fields:
        raise rejected(_NOT_OFFERED["quoteOrderQty"])
    return Frame(
        symbol=symbol,
        side=Side.BUY if side is _Side.BUY else Side.SELL,
        size=size_in(fields.number("quantity"), "quantity"),
    )


def leg_of(fields: Fields, frame: Frame, *, prefix: str = "") -> Leg:
    """Return an order of a request.

    Args:
        fields: of the request.
        frame: what its orders have in common.
        prefix: `above` or `below` for a leg of a list.

    Raises:
        Refusal: a field is missing, impossible, or not for an order of this type.
    """
    names = _Names(prefix)
    type_name = fields.text(names("type"))
    if type_name not in KINDS:
        raise Refusal(-1116, "Invalid orderType.")
    kind = KINDS[type_name]
    for name in ("icebergQty", "trailingDelta"):
        if names(name) in fields:
            raise rejected(_NOT_OFFERED[name])
    _check_time_in_force(fields, names("timeInForce"), type_name)
    price, trigger = names("price"), names("stopPrice")
    for name, is_needed in ((price, kind.has_price), (trigger, kind.is_conditional)):
        if not is_needed and name in fields:
            raise superfluous(name)
    request = OrderRequest(
        client_id=_client_id(fields, names),
        symbol=frame.symbol,
        direction=Direction.LONG,
        is_reducing=frame.side is Side.SELL,
        kind=kind,
        size=frame.size,
        price=price_in(fields.number(price), price) if kind.has_price else None,
        trigger_price=price_in(fields.number(trigger), trigger) if kind.is_conditional else None,
        trigger_source=TriggerSource.LAST,
    )
    return Leg(request=request, type_name=type_name)


def detail_of(fields: Fields, otherwise: Detail) -> Detail:
    """Return how much the client wants to be told.

    Raises:
        Refusal: it asks for something unknown.
    """
    if "newOrderRespType" not in fields:
        return otherwise
    return fields.choice("newOrderRespType", Detail, illegal("newOrderRespType"))


def has_time_in_force(type_name: str) -> bool:
    """Return whether an order of this type says for how long it is good."""
    return type_name == "LIMIT" or type_name.endswith("_LIMIT")


def _check_time_in_force(fields: Fields, name: str, type_name: str) -> None:
    if not has_time_in_force(type_name):
        if name in fields:
            raise superfluous(name)
    elif fields.text(name) != "GTC":
        raise Refusal(-1115, "Invalid timeInForce.")


def _client_id(fields: Fields, names: _Names) -> ClientOrderId:
    name = names("clientOrderId") if names.prefix else "newClientOrderId"
    return ClientOrderId(fields.client_id(name)) or made_up_id()


class _Names:
    """The names of fields: as they are, or of one leg (`aboveType`)."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def __call__(self, name: str) -> str:
        return f"{self.prefix}{name[0].upper()}{name[1:]}" if self.prefix else name
