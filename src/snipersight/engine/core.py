"""The core: `step(state, event)` returns the next state and what is to be done.

No input, no output, no clock, no await. Scan, run, replay and backtest differ only in the shell
that feeds events and carries commands out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from snipersight.domain.decision import (
    Approved,
    Candidate,
    RiskDecision,
    Stage,
    TerminalReason,
)
from snipersight.domain.plan import SetupId, TradePlan
from snipersight.domain.quick import quick, replace
from snipersight.domain.units import Symbol
from snipersight.engine.seen_setups import SeenSetups
from snipersight.planner.voids import Bar, VoidReason, is_entered, is_void
from snipersight.risk.gate import terminal_reason


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class BarClosed:
    """A trigger bar of one symbol closed."""

    symbol: Symbol
    bar: Bar


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A plan source decided at a close: a plan, or a refusal with its reason."""

    candidate: Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingDue:
    """Every symbol of this moment has been looked at: waiting plans may compete for the budget."""

    at_ms: int


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The risk gate answered for one waiting plan."""

    decision: RiskDecision


Event = BarClosed | Decided | RankingDue | Judged


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluate:
    """Ask the plan source what the close at `at_ms` decides for a symbol."""

    symbol: Symbol
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """Ask the risk gate for a plan; commands come in rank order."""

    plan: TradePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """An approved plan is to be told."""

    decision: Approved


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A candidate reached its terminal reason, which is to be kept."""

    candidate: Candidate


Command = Evaluate | Reserve | Tell | Record


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class EngineState:
    """What the core remembers.

    Args:
        waiting: plans that are not void, by setup.
        entered: when price first came back to the zone of a waiting plan, milliseconds UTC.
        seen: setups that were decided before; one setup makes one plan and is told once.
    """

    waiting: Mapping[SetupId, Candidate] = field(default_factory=lambda: MappingProxyType({}))
    entered: Mapping[SetupId, int] = field(default_factory=lambda: MappingProxyType({}))
    seen: SeenSetups = field(default_factory=SeenSetups)


Step = tuple[EngineState, tuple[Command, ...]]


def step(state: EngineState, event: Event) -> Step:
    """Return the state after an event, and the commands it leads to, in order."""
    match event:
        case BarClosed():
            return _on_bar(state, event)
        case Decided():
            return _on_decided(state, event.candidate)
        case RankingDue():
            return state, tuple(Reserve(plan=plan) for plan in ranked(state))
        case Judged():
            return _on_judged(state, event.decision)


def _on_bar(state: EngineState, event: BarClosed) -> Step:
    """Note which of the symbol's plans the bar enters, end those it voids, ask for new ones."""
    ended: list[Candidate] = []
    entered, bar = state.entered, event.bar
    for setup_id, candidate in state.waiting.items():
        plan = candidate.plan
        # The decision was made at a close: that bar and earlier ones are not held against it.
        is_later = bar.closed_at_ms > candidate.at_ms
        if plan is None or candidate.symbol != event.symbol or not is_later:
            continue
        if setup_id not in entered and is_entered(plan, bar):
            entered = MappingProxyType({**entered, setup_id: bar.closed_at_ms})
        reason = is_void(plan, bar)
        if reason is not None:
            ended.append(voided(candidate, reason, was_entered=setup_id in entered))
    noted = state if entered is state.entered else replace(state, entered=entered)
    evaluate = Evaluate(symbol=event.symbol, at_ms=bar.closed_at_ms)
    return _without(noted, ended), (*(Record(candidate=one) for one in ended), evaluate)


def voided(candidate: Candidate, reason: VoidReason, *, was_entered: bool) -> Candidate:
    """Return the candidate ended: whoever has no fill by now shall not enter any more."""
    missed = "its zone had been touched" if was_entered else "its zone was never touched"
    return replace(
        candidate,
        reason=TerminalReason(stage=Stage.GATED, name=reason.value),
        detail=f"{_VOIDS[reason]}; {missed}",
    )


_VOIDS: Final = {
    VoidReason.EXPIRED: "the plan expired",
    VoidReason.TARGET_TOUCHED: "price reached the first target",
    VoidReason.STOP_TOUCHED: "price reached the stop",
    VoidReason.STRUCTURE_SHIFT: "structure shifted against the plan",
}


def _on_decided(state: EngineState, candidate: Candidate) -> Step:
    if candidate.reason is not None:
        return state, (Record(candidate=candidate),)
    if candidate.setup_id is None:
        raise ValueError(f"{candidate.symbol}: a plan without a setup")
    if candidate.setup_id in state.seen:
        reason = TerminalReason(stage=Stage.GATED, name="repeated")
        detail = "the same zone of the same leg was planned before"
        return state, (Record(candidate=replace(candidate, reason=reason, detail=detail)),)
    waiting = MappingProxyType({**state.waiting, candidate.setup_id: candidate})
    return replace(state, waiting=waiting, seen=state.seen.with_one(candidate.setup_id)), ()


def _on_judged(state: EngineState, decision: RiskDecision) -> Step:
    candidate = state.waiting[decision.plan.setup_id]
    if isinstance(decision, Approved):
        return state, (Tell(decision=decision),)
    refused = replace(
        candidate,
        reason=terminal_reason(decision),
        detail=decision.failed[0].sentence,
        checks=(*candidate.checks, *decision.checks),
    )
    return _without(state, [refused]), (Record(candidate=refused),)


def _without(state: EngineState, ended: list[Candidate]) -> EngineState:
    if not ended:
        return state
    gone = {candidate.setup_id for candidate in ended}
    waiting = {key: value for key, value in state.waiting.items() if key not in gone}
    entered = {key: value for key, value in state.entered.items() if key not in gone}
    return replace(state, waiting=MappingProxyType(waiting), entered=MappingProxyType(entered))


def ranked(state: EngineState) -> tuple[TradePlan, ...]:
    """Return the waiting plans, best first: score, then R, then symbol and setup to break ties."""
    plans = [candidate.plan for candidate in state.waiting.values() if candidate.plan is not None]
    return tuple(sorted(plans, key=_rank_key))


def _rank_key(plan: TradePlan) -> tuple[float, float, str, str]:
    return (-plan.confluence.score, -plan.risk_reward, plan.symbol, plan.setup_id)
