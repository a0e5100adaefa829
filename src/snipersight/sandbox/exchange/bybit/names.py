"""Bybit's words for orders: ids, sides, kinds, triggers and states."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Final

from snipersight.domain.direction import Direction
from snipersight.domain.orders import OrderKind, Side, TriggerSource
from snipersight.domain.units import plain

_ORDER: Final = "7d2f8c60-0000-4000-8000-"
_EXECUTION: Final = "e1c5a940-0000-5000-8000-"
_FUNDING: Final = "f4b0d310-0000-5000-8000-"
_NUMBERED: Final = re.compile(re.escape(_ORDER) + r"(\d{12})")


class BybitSide(StrEnum):
    """What an order does."""

    BUY = "Buy"
    SELL = "Sell"


class BybitType(StrEnum):
    """How an order is executed, after its trigger if it has one."""

    LIMIT = "Limit"
    MARKET = "Market"


class TimeInForce(StrEnum):
    """How long an order stays."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    POST_ONLY = "PostOnly"
    RPI = "RPI"


class TriggerBy(StrEnum):
    """Which price a trigger watches."""

    LAST = "LastPrice"
    MARK = "MarkPrice"
    INDEX = "IndexPrice"  # the sandbox has none of its own: it stands where the mark price does

    @property
    def source(self) -> TriggerSource:
        """Return the price in the words of the domain."""
        return TriggerSource.LAST if self is TriggerBy.LAST else TriggerSource.MARK


class PositionIdx(IntEnum):
    """Which of a market's positions is meant."""

    ONE_WAY = 0
    HEDGE_BUY = 1
    HEDGE_SELL = 2


def position_idx(direction: Direction, *, is_hedged: bool) -> PositionIdx:
    """Return Bybit's number of the position of a direction."""
    if not is_hedged:
        return PositionIdx.ONE_WAY
    return PositionIdx.HEDGE_BUY if direction is Direction.LONG else PositionIdx.HEDGE_SELL


def order_id(venue_id: str) -> str:
    """Return Bybit's kind of id of an order that the engine numbers."""
    return f"{_ORDER}{int(venue_id):012d}"


def venue_id(order_id_: str) -> str | None:
    """Return the engine's number of an order; None if that is no id of ours."""
    found = _NUMBERED.fullmatch(order_id_)
    return str(int(found.group(1))) if found is not None else None


def execution_id(fill_id: str) -> str:
    """Return Bybit's kind of id of an execution that the engine numbers."""
    return f"{_EXECUTION}{int(fill_id):012d}"


def funding_id(payment_id: str) -> str:
    """Return Bybit's kind of id of a funding payment that the engine numbers."""
    return f"{_FUNDING}{int(payment_id):012d}"


def kind_of(type_: BybitType, *, is_buy: bool, rises: bool | None) -> OrderKind:
    """Return the kind of an order.

    Args:
        type_: Bybit's.
        is_buy: whether it buys.
        rises: whether price has to rise to its trigger; None without a trigger.
    """
    is_market = type_ is BybitType.MARKET
    if rises is None:
        return OrderKind.MARKET if is_market else OrderKind.LIMIT
    if rises is is_buy:
        return OrderKind.STOP_MARKET if is_market else OrderKind.STOP_LIMIT
    return OrderKind.TAKE_PROFIT_MARKET if is_market else OrderKind.TAKE_PROFIT_LIMIT


def type_of(kind: OrderKind) -> str:
    """Return Bybit's type of an order."""
    return BybitType.LIMIT.value if kind.has_price else BybitType.MARKET.value


def side_of(side: Side) -> str:
    """Return Bybit's side of an order."""
    return BybitSide.BUY.value if side is Side.BUY else BybitSide.SELL.value


def trigger_direction(kind: OrderKind, side: Side) -> int:
    """Return 1 for a trigger that price rises to, 2 for one that it falls to, 0 without one."""
    if not kind.is_conditional:
        return 0
    return 1 if kind.is_stop is (side is Side.BUY) else 2


def shown(value: Decimal | None, otherwise: str = "") -> str:
    """Return a number as Bybit writes it, or what stands where there is none."""
    return otherwise if value is None else plain(value)
