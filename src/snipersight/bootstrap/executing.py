"""Puts plans on: preflight, then for each the gate's reservation, the safeguards, the orders."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from snipersight.bootstrap.execution import Execution
from snipersight.domain.decision import Check, Rejected
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.execution import Mode, OrderIntent, Trade
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Symbol
from snipersight.domain.venue import Environment, Finding, FindingLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """What became of a plan that was to be executed.

    Args:
        plan: which one.
        trade: as it was sent; None where it was refused.
        intents: the orders it began with.
        refused: the checks that refused it; empty where none did.
    """

    plan: TradePlan
    trade: Trade | None = None
    intents: tuple[OrderIntent, ...] = ()
    refused: tuple[Check, ...] = ()


async def execute_plan(execution: Execution, plan: TradePlan) -> Executed:
    """Let the gate reserve a plan's budget, and send its entries if every safeguard agrees.

    Raises:
        LeaseLost: another executor has taken over.
        OrderRefused: the plan is for another venue or market.
        StateUnavailable: the store cannot be read or written; nothing was sent.
    """
    executor, mode = execution.executor, execution.world.mode
    staged = await asyncio.to_thread(executor.stage_order, plan, mode)
    if isinstance(staged, Rejected):
        return Executed(plan=plan, refused=staged.failed)
    submission = await executor.submit_order(staged.approved, mode=mode)
    if submission.trade is None:
        return Executed(plan=plan, refused=(submission.check,))
    return Executed(plan=plan, trade=submission.trade, intents=staged.intents)


async def require_ready(execution: Execution, symbols: Collection[Symbol]) -> tuple[Finding, ...]:
    """Ask the venue everything that must hold before the first order.

    Real money needs every answer; elsewhere what could not be asked is only told.

    Returns:
        What is worth telling.

    Raises:
        ConfigInvalid: something does not hold.
        VenueStopped: the venue refuses us as a whole.
        VenueUnavailable: the venue does not answer.
    """
    if execution.world.mode is Mode.DRY_RUN:
        return ()
    findings = await execution.venue.preflight(symbols)
    is_live = execution.world.environment is Environment.LIVE
    failed = [one for one in findings if _stops(one, is_live=is_live)]
    if failed:
        raise ConfigInvalid(
            "; ".join(f"{one.name}: {one.sentence}" for one in failed),
            where=f"preflight of {execution.venue.name} {execution.world.environment}",
            next_step="put it right; `snipersight doctor` asks again",
        )
    return told_of(findings)


def told_of(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings that are not simply fine."""
    return tuple(one for one in findings if one.level is not FindingLevel.OK)


def _stops(finding: Finding, *, is_live: bool) -> bool:
    if finding.level is FindingLevel.FAILED:
        return True
    return is_live and finding.level is FindingLevel.SKIPPED
