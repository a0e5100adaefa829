"""What a running bot says at the terminal and in the journal of a service."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from snipersight.domain import wording as texts
from snipersight.domain.execution import Mode
from snipersight.domain.venue import Environment

if TYPE_CHECKING:
    from snipersight.bootstrap.executing import Executed
    from snipersight.bootstrap.running.opening import OpenRun
    from snipersight.bootstrap.worlds import World
    from snipersight.domain.plan import TradePlan
    from snipersight.engine.report import RankedPlan


def begin_text(run: OpenRun, world: World) -> str:
    """Return what is run, in one line."""
    request, asked = run.session.request, run.asked
    trigger = request.profile.timeframe("trigger")
    return (
        f"Running {request.profile.name} on {request.symbols} of {run.session.source.venue}, a "
        f"look at every {trigger} close, account {run.books.ports.account_id}: "
        f"{_orders(world, is_asked=asked.approves)}. Ctrl-C ends it."
    )


def _orders(world: World, *, is_asked: bool) -> str:
    asked = ", each after a person has approved it" if is_asked else ""
    if world.mode is Mode.DRY_RUN:
        return f"dry run, nothing is sent{asked}"
    if world.environment is Environment.SIMULATED:
        return f"paper on the simulated venue{asked}"
    return f"{world.mode} on {world.venue} {world.environment}{asked}"


def scaled_text(scale: float, at_ms: int) -> str:
    """Return that time runs otherwise than usual."""
    return f"The time is {texts.minute_of(at_ms)} UTC, and {scale:g} seconds of it pass in one."


def close_text(close_ms: int, plans: Iterable[RankedPlan], *, waiting: int) -> str:
    """Return what is new at a close, in one line; empty for nothing."""
    new = [_plan_text(one.plan) for one in plans]
    if not new:
        return ""
    others = waiting - len(new)
    beside = f"; {texts.counted(others, 'earlier plan')} still waiting" if others else ""
    return f"{texts.minute_of(close_ms)}  {'; '.join(new)}{beside}"


def _plan_text(plan: TradePlan) -> str:
    prices = (plan.entry_near, plan.stop_loss.price, *(one.price for one in plan.targets))
    decimals = texts.decimals_of(prices)
    targets = ", ".join(texts.price_text(one.price, decimals) for one in plan.targets)
    return (
        f"{plan.direction} {plan.symbol} at {texts.price_text(plan.entry_near, decimals)}, "
        f"stop {texts.price_text(plan.stop_loss.price, decimals)}, targets {targets}, "
        f"score {plan.confluence.score:.0f}"
    )


def executed_text(executed: Executed, world: World) -> str:
    """Return what became of a plan that was to be executed, in one line."""
    plan = executed.plan
    name = f"{plan.direction} {plan.symbol} (plan {plan.plan_id})"
    if executed.trade is None:
        why = "; ".join(one.sentence for one in executed.refused)
        return f"Not executed: {name}: {why}"
    verb = "Rehearsed" if world.mode is Mode.DRY_RUN else "Sent"
    return f"{verb}: {name}, size {texts.size_text(executed.trade.size)}"
