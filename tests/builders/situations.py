"""Trades, their orders and situations in round numbers: near 100, stop 95, targets 110 and 120."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from snipersight.bot.executor.actions import Action, Place, Situation, Timings
from snipersight.bot.executor.client_ids import client_order_id
from snipersight.domain.direction import Direction
from snipersight.domain.execution import (
    Exit,
    IntentState,
    Leg,
    ManagementRules,
    Mode,
    OrderIntent,
    Trade,
    TradeId,
    TradeState,
)
from snipersight.domain.instrument import Instrument, parse_symbol
from snipersight.domain.orders import OrderKind, OrderRequest, Quote
from snipersight.domain.plan import PlanId, SetupId
from snipersight.domain.units import Price, Size, Symbol
from snipersight.domain.venue import Environment, VenueCapabilities
from tests.builders.instruments import an_instrument

NOW_US = 1_760_000_000_000_000
SECOND_US = 1_000_000
PERPETUAL = VenueCapabilities()
SPOT = VenueCapabilities(has_reduce_only=False, pairs_exits=True, has_mark=False)
_MIDDLE = Decimal(100)  # shorts are the longs mirrored here


def price(text: str) -> Price:
    return Price(Decimal(text))


def size(text: str) -> Size:
    return Size(Decimal(text))


def mirrored(value: Decimal, direction: Direction) -> Price:
    """Return a price of a long as it is, and of a short as its mirror image about 100."""
    return Price(value if direction is Direction.LONG else 2 * _MIDDLE - value)


def a_market(symbol: str = "BTC/USDT:USDT", **overrides: Any) -> Instrument:
    """Return a market with tick 0.1 and lot 0.01, without fees."""
    values: dict[str, Any] = {"tick": "0.1", "lot": "0.01", "maker": "0", "taker": "0"}
    return an_instrument(symbol, **(values | overrides))


def spot_market(**overrides: Any) -> Instrument:
    """Return a spot market with a least notional of 10."""
    return a_market("BTC/USDT", **({"min_notional": Decimal(10)} | overrides))


def a_trade(
    direction: Direction = Direction.LONG,
    *,
    symbol: str = "BTC/USDT:USDT",
    size: str = "10",
    near: str = "100",
    mid: str = "99",
    far: str = "98",
    stop: str = "95",
    targets: tuple[tuple[str, str], ...] = (("110", "0.5"), ("120", "0.5")),
    cost: str = "0",
    rules: ManagementRules | None = None,
    **overrides: Any,
) -> Trade:
    """Return a trade of 10 units, by default without costs, valid for an hour.

    Prices are those of a long; a short mirrors them about 100.
    """

    def at(text: str) -> Price:
        return mirrored(Decimal(text), direction)

    loss = abs(Decimal(near) - Decimal(stop)) + Decimal(cost)
    values: dict[str, Any] = {
        "trade_id": TradeId("entry-1"),
        "account_id": "main",
        "plan_id": PlanId("plan-1"),
        "setup_id": SetupId("setup-1"),
        "venue": "sandbox",
        "environment": Environment.SIMULATED,
        "mode": Mode.PAPER,
        "symbol": Symbol(symbol),
        "market": parse_symbol(symbol)[2],
        "direction": direction,
        "size": Size(Decimal(size)),
        "leverage": Decimal(1),
        "entry_near": at(near),
        "entry_mid": at(mid),
        "entry_far": at(far),
        "initial_stop": at(stop),
        "stop_price": at(stop),
        "exits": tuple(
            Exit(price=at(level), fraction=Decimal(fraction)) for level, fraction in targets
        ),
        "valid_until_us": NOW_US + 3600 * SECOND_US,
        "cost_per_unit": Decimal(cost),
        "risk_quote": Decimal(size) * loss,
        "atr": Decimal(2),
        "rules": rules or ManagementRules(),
        "created_us": NOW_US - SECOND_US,
    }
    return Trade(**(values | overrides))


def an_order(
    leg: Leg,
    size: str,
    *,
    trade: Trade | None = None,
    index: int = 0,
    generation: int = 0,
    state: IntentState = IntentState.WORKING,
    filled: str = "0",
    at: str | None = None,
    **overrides: Any,
) -> OrderIntent:
    """Return an order of a trade that was sent ten seconds ago.

    Args:
        at: price of a limit, trigger of a stop; by default where the trade has it.
    """
    owner = trade or a_trade()
    created_us = NOW_US - 10 * SECOND_US
    values: dict[str, Any] = {
        "client_id": client_order_id(
            owner.account_id, owner.plan_id, leg, index=index, generation=generation
        ),
        "trade_id": owner.trade_id,
        "account_id": owner.account_id,
        "leg": leg,
        "index": index,
        "generation": generation,
        "state": state,
        "filled_size": Size(Decimal(filled)),
        "created_us": created_us,
        "sent_us": created_us,
        "updated_us": created_us,
    }
    values |= overrides
    level = Price(Decimal(at)) if at else _level(owner, leg, index)
    request = OrderRequest(
        client_id=values["client_id"],
        symbol=owner.symbol,
        direction=owner.direction,
        is_reducing=leg is not Leg.ENTRY,
        size=Size(Decimal(size)),
        **_pricing(leg, level),
    )
    return OrderIntent(request=request, **values)


def _level(trade: Trade, leg: Leg, index: int) -> Price:
    if leg is Leg.TARGET:
        return trade.exits[index].price
    if leg is Leg.STOP:
        return trade.stop_price
    return (trade.entry_near, trade.entry_mid, trade.entry_far)[index]


def _pricing(leg: Leg, level: Price) -> dict[str, Any]:
    if leg is Leg.STOP:
        return {"kind": OrderKind.STOP_MARKET, "trigger_price": level}
    if leg is Leg.FLATTEN:
        return {"kind": OrderKind.MARKET}
    return {"kind": OrderKind.LIMIT, "price": level}


def a_pair(
    size: str, *, trade: Trade, index: int = 0, generation: int = 0, **both: Any
) -> tuple[OrderIntent, OrderIntent]:
    """Return target and stop of the same units as one list."""
    target = an_order(Leg.TARGET, size, trade=trade, index=index, generation=generation, **both)
    stop = an_order(Leg.STOP, size, trade=trade, index=index, generation=generation, **both)
    return (
        replace(target, pair_id=stop.client_id),
        replace(stop, pair_id=target.client_id),
    )


def a_situation(
    *intents: OrderIntent,
    trade: Trade | None = None,
    held: str = "0",
    average: str | None = None,
    entered: str | None = None,
    last: str | None = "101",
    **overrides: Any,
) -> Situation:
    """Return a situation on the perpetual; a trade that holds something is open.

    Args:
        last: price now, last and mark; None: unknown.
    """
    owner = trade or a_trade()
    amount = Decimal(entered or held)
    if amount > 0 and owner.state is TradeState.ENTERING:
        owner = replace(owner, state=TradeState.OPEN, opened_us=NOW_US - 60 * SECOND_US)
    entry = Price(Decimal(average)) if average else owner.entry_near
    now = None if last is None else Price(Decimal(last))
    is_spot = ":" not in owner.symbol
    values: dict[str, Any] = {
        "trade": owner,
        "intents": intents,
        "held": Size(Decimal(held)),
        "average_entry": entry if amount > 0 else None,
        "entered": Size(amount),
        "quote": None
        if now is None
        else Quote(symbol=owner.symbol, last=now, mark=now, at_us=NOW_US),
        "instrument": spot_market() if is_spot else a_market(),
        "abilities": SPOT if is_spot else PERPETUAL,
        "timings": Timings(),
        "now_us": NOW_US,
        "pending": Size(owner.size - amount),
        "is_booked": True,
    }
    return Situation(**(values | overrides))


def told(actions: tuple[Action, ...]) -> list[str]:
    """Return actions as short lines: `place S0-1 5 @ 95`, `cancel E0-0`, `Finish` …"""
    return [line for action in actions for line in _lines(action)]


def _lines(action: Action) -> list[str]:
    if isinstance(action, Place):
        return ["place " + " + ".join(_order_line(one) for one in action.intents)]
    kind = type(action).__name__
    details = {
        "Cancel": lambda: f" {_short(action.client_id)}",  # type: ignore[union-attr]
        "LookUp": lambda: f" {_short(action.client_id)}",  # type: ignore[union-attr]
        "GiveUp": lambda: f" {_short(action.client_id)}",  # type: ignore[union-attr]
        "MoveStop": lambda: f" {action.price}",  # type: ignore[union-attr]
        "Cover": lambda: f" {action.is_covered}",  # type: ignore[union-attr]
        "Alarm": lambda: f" {action.subject.split(':')[0]}",  # type: ignore[union-attr]
    }
    return [kind.lower() + details.get(kind, lambda: "")()]


def _order_line(one: OrderIntent) -> str:
    level = one.request.trigger_price or one.request.price
    where = "" if level is None else f" @ {level.normalize():f}"
    return f"{_short(one.client_id)} {one.request.size.normalize():f}{where}"


def _short(client_id: str) -> str:
    return client_id.split("-", 2)[2]
