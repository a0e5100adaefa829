"""A position as Bybit writes it, and the margins of all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from snipersight.domain.direction import Direction
from snipersight.domain.orders import VenuePosition
from snipersight.domain.units import Symbol
from snipersight.sandbox.exchange.bybit.desk import Desk
from snipersight.sandbox.exchange.bybit.fields import LINEAR
from snipersight.sandbox.exchange.bybit.names import BybitSide, PositionIdx, shown
from snipersight.sandbox.exchange.bybit.tiers import risk_limit_of

_NOTHING: Final = Decimal(0)
_FINEST: Final = Decimal("1E-8")
_FIXED: Final[Mapping[str, Any]] = {
    "tradeMode": 0,
    "positionStatus": "Normal",
    "autoAddMargin": 0,
    "adlRankIndicator": 0,
    "bustPrice": "",
    "tpslMode": "Full",
    "takeProfit": "0",
    "trailingStop": "0",
    "sessionAvgPrice": "",
    "isReduceOnly": False,
    "leverageSysUpdatedTime": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """What an account's open positions need and earn, by currency.

    Args:
        initial, maintenance: margin.
        result: unrealised, at the mark price.
    """

    initial: Mapping[str, Decimal]
    maintenance: Mapping[str, Decimal]
    result: Mapping[str, Decimal]


def margins_of(desk: Desk, account: str) -> Margins:
    """Return the margins and unrealised results of an account's positions."""
    initial: defaultdict[str, Decimal] = defaultdict(Decimal)
    maintenance: defaultdict[str, Decimal] = defaultdict(Decimal)
    result: defaultdict[str, Decimal] = defaultdict(Decimal)
    for position in desk.world.engine.positions(account):
        quote = desk.world.instruments[position.symbol].quote
        initial[quote] += _initial(position)
        maintenance[quote] += _maintenance(desk, position)
        result[quote] += _unrealised(position)
    return Margins(initial=initial, maintenance=maintenance, result=result)


def position_body(desk: Desk, account: str, symbol: Symbol, idx: PositionIdx) -> dict[str, Any]:
    """Return a position as lists show it; a flat one has size 0 and no side."""
    position = desk.position(account, symbol, idx)
    place = desk.place(account, symbol, idx)
    stop = desk.attached_stop(account, symbol, idx)
    return {
        "positionIdx": int(idx),
        "symbol": desk.world.venue_id_of(symbol),
        "leverage": shown(desk.world.engine.leverage(account, symbol)),
        "markPrice": shown(desk.world.engine.quote(symbol).mark)
        if symbol in desk.world.tape.last
        else "0",
        "stopLoss": shown(None if stop is None else stop.trigger_price, "0"),
        "curRealisedPnl": shown(place.current),
        "cumRealisedPnl": shown(place.total),
        "seq": desk.sequence,
        "createdTime": str(place.opened_us // 1_000),
        "updatedTime": str(place.updated_us // 1_000),
        **_FIXED,
        **_sized(desk, symbol, position),
    }


def position_event(desk: Desk, account: str, symbol: Symbol, idx: PositionIdx) -> dict[str, Any]:
    """Return a position as the private stream tells it, where its average price is `entryPrice`."""
    body = position_body(desk, account, symbol, idx)
    entry_price = body.pop("avgPrice")
    return {**body, "entryPrice": entry_price, "category": LINEAR}


def _sized(desk: Desk, symbol: Symbol, position: VenuePosition | None) -> dict[str, Any]:
    notional = _NOTHING if position is None else position.size * position.entry_price
    limit = risk_limit_of(desk.world.instruments[symbol], notional)
    risk = {"riskId": limit.number, "riskLimitValue": shown(limit.limit)}
    if position is None:
        return {**_FLAT, **risk}
    is_long = position.direction is Direction.LONG
    initial = _initial(position)
    return {
        **risk,
        "side": (BybitSide.BUY if is_long else BybitSide.SELL).value,
        "size": shown(position.size),
        "avgPrice": shown(_rounded(position.entry_price)),
        "positionValue": shown(_rounded(notional)),
        "positionBalance": shown(initial if position.is_isolated else _NOTHING),
        "liqPrice": shown(position.liquidation_price),
        "positionIM": shown(initial),
        "positionMM": shown(_maintenance(desk, position)),
        "unrealisedPnl": shown(_rounded(_unrealised(position))),
    }


_FLAT: Final[Mapping[str, Any]] = {
    "side": "",
    "size": "0",
    "avgPrice": "0",
    "positionValue": "0",
    "positionBalance": "0",
    "liqPrice": "",
    "positionIM": "0",
    "positionMM": "0",
    "unrealisedPnl": "0",
}


def _initial(position: VenuePosition) -> Decimal:
    leverage = position.leverage or Decimal(1)
    return _rounded(position.size * position.entry_price / leverage)


def _maintenance(desk: Desk, position: VenuePosition) -> Decimal:
    notional = position.size * (position.mark_price or position.entry_price)
    tier = risk_limit_of(desk.world.instruments[position.symbol], notional).tier
    return _rounded(notional * tier.maintenance_fraction)


def _unrealised(position: VenuePosition) -> Decimal:
    move = (position.mark_price or position.entry_price) - position.entry_price
    return position.size * (move if position.direction is Direction.LONG else -move)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_FINEST)
