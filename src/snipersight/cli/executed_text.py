"""What became of plans that were to be executed, in words and as JSON."""

from __future__ import annotations

from typing import Any, Final

from snipersight.bootstrap.executing import Executed
from snipersight.bootstrap.worlds import World
from snipersight.cli.position_views import intent_summary
from snipersight.domain import wording as texts
from snipersight.domain.execution import Mode, OrderIntent
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.plan_json import check_json
from snipersight.domain.units import plain
from snipersight.domain.venue import Environment

SCHEMA: Final = "snipersight.trade/1"


def world_text(world: World) -> str:
    """Return where orders go: `paper on the simulated venue at prices of binance`."""
    if world.mode is Mode.DRY_RUN:
        return f"dry run, nothing is sent to {world.venue}"
    if world.environment is Environment.SIMULATED:
        return f"{world.mode} on the simulated venue at prices of {world.venue}"
    return f"{world.mode} on {world.venue} {world.environment}"


def executed_lines(executed: Executed, world: World) -> list[str]:
    """Return what became of one plan, one line each order or reason."""
    plan = executed.plan
    name = f"{plan.direction} {plan.symbol} (plan {plan.plan_id})"
    if executed.trade is None:
        head = f"Not executed: {name}."
        return [head, *(f"  {one.code}: {one.sentence}" for one in executed.refused)]
    trade, base = executed.trade, parse_symbol(plan.symbol)[0]
    is_rehearsed = world.mode is Mode.DRY_RUN
    verb = "Rehearsed" if is_rehearsed else "Sent"
    size = f"{texts.size_text(trade.size)} {base}"
    leverage = "" if trade.leverage == 1 else f" at leverage {plain(trade.leverage)}"
    head = f"{verb}: {name}, {size}{leverage}, for account {trade.account_id}."
    # A rehearsal has written its orders down already.
    orders = () if is_rehearsed else executed.intents
    return [head, *(f"  {intent_summary(one)}" for one in orders)]


def executed_json(executed: Executed, world: World) -> dict[str, Any]:
    """Return what became of one plan as JSON values."""
    trade = executed.trade
    return {
        "plan_id": executed.plan.plan_id,
        "symbol": executed.plan.symbol,
        "direction": executed.plan.direction.value,
        "account": world.account.account_id,
        "venue": world.venue,
        "environment": world.environment.value,
        "mode": world.mode.value,
        "trade_id": None if trade is None else trade.trade_id,
        "size": None if trade is None else plain(trade.size),
        "orders": [_intent_json(one) for one in executed.intents],
        "refused": [check_json(one) for one in executed.refused],
    }


def _intent_json(intent: OrderIntent) -> dict[str, Any]:
    request = intent.request
    return {
        "client_id": intent.client_id,
        "side": request.side.value,
        "kind": request.kind.value,
        "size": plain(request.size),
        "price": None if request.price is None else plain(request.price),
    }
