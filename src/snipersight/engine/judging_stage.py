"""Third and fifth stage: follow the plans to now, then rank them and ask the risk gate."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

from snipersight.domain.decision import (
    Approved,
    Candidate,
    Check,
    Rejected,
    RiskDecision,
    Stage,
)
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Symbol
from snipersight.engine.context import Ports, ScanContext, SymbolReading
from snipersight.engine.core import (
    BarClosed,
    Command,
    Decided,
    Event,
    Judged,
    RankingDue,
    Record,
    Reserve,
    Tell,
    step,
)
from snipersight.planner.voids import Bar, bars_of


async def follow_plans(context: ScanContext, ports: Ports) -> ScanContext:
    """Feed the core what was decided and every later close, up to the scan's moment."""
    state, ended = context.state, list(context.ended)
    for reading in context.readings:
        for event in events_of(reading, since_ms=context.as_of_ms - context.valid_ms):
            state, commands = step(state, event)
            ended += recorded(commands)
    return replace(context, state=state, ended=tuple(ended))


def events_of(reading: SymbolReading, *, since_ms: int) -> Iterator[Event]:
    """Return one symbol's decisions and closes in time order; at one close, the bar comes first.

    A plan is decided at its bar's close, so that bar must not be held against it.
    """
    bars: Iterable[Bar] = ()
    planned_ms = [one.at_ms for one in reading.candidates if one.plan is not None]
    if planned_ms and reading.trigger is not None and reading.feed is not None:
        # Bars up to the first plan end nothing.
        after_ms = max(since_ms, planned_ms[0])
        bars = bars_of(reading.trigger, after_ms=after_ms, shifts=reading.feed.shifts())
    return in_order(reading.symbol, reading.candidates, bars)


def in_order(
    symbol: Symbol, candidates: Iterable[Candidate], bars: Iterable[Bar]
) -> Iterator[Event]:
    """Yield decisions and bars of one symbol, each oldest first, as `events_of` does."""
    decisions = deque(candidates)
    for bar in bars:
        while decisions and decisions[0].at_ms < bar.closed_at_ms:
            yield Decided(candidate=decisions.popleft())
        yield BarClosed(symbol=symbol, bar=bar)
    for candidate in decisions:
        yield Decided(candidate=candidate)


def recorded(commands: Iterable[Command]) -> list[Candidate]:
    """Return the candidates that commands say have ended."""
    return [command.candidate for command in commands if isinstance(command, Record)]


async def judge_plans(context: ScanContext, ports: Ports) -> ScanContext:
    """Ask the gate for every waiting plan in rank order.

    One at a time: each verdict is recorded before the next plan is judged beside it.
    """
    state, commands = step(context.state, RankingDue(at_ms=context.as_of_ms))
    ended, approved = list(context.ended), list(context.approved)
    wanted = [command.plan for command in commands if isinstance(command, Reserve)]
    for done, plan in enumerate(wanted, start=1):
        decision = await _judge(context, ports, plan)
        state, answers = step(state, Judged(decision=decision))
        ended += recorded(answers)
        approved += [answer.decision for answer in answers if isinstance(answer, Tell)]
        ports.progress("judging", done, len(wanted))
    _tell_sink(ports, ended, approved)
    return replace(context, state=state, ended=tuple(ended), approved=tuple(approved))


async def _judge(context: ScanContext, ports: Ports, plan: TradePlan) -> RiskDecision:
    if context.unjudgeable is not None:
        return _unrecorded(plan, context.unjudgeable)
    # The verdict is written before it is known here, which takes the disk a moment.
    return await asyncio.to_thread(ports.gate.validate_plan, plan)


def _unrecorded(plan: TradePlan, error: StateUnavailable) -> Rejected:
    """Return the refusal of a plan that nobody could have recorded an approval of."""
    check = Check(code="audit_unwritable", passed=False, sentence=str(error))
    return Rejected(plan=plan, checks=(check,))


def _tell_sink(ports: Ports, ended: list[Candidate], approved: list[Approved]) -> None:
    """Emit what became of every signal; a symbol without a setup was none."""
    for candidate in ended:
        if candidate.direction is None or candidate.reason is None:
            continue
        is_declined = candidate.reason.stage is Stage.DECLINED
        ports.sink.emit(
            "plan_declined" if is_declined else "signal_rejected",
            {
                "symbol": candidate.symbol,
                "reason": str(candidate.reason),
                "setup_id": candidate.setup_id,
                "at_ms": candidate.at_ms,
            },
        )
    for decision in approved:
        plan = decision.plan
        ports.sink.emit(
            "signal_generated",
            {
                "symbol": plan.symbol,
                "plan_id": plan.plan_id,
                "score": plan.confluence.score,
                "size": str(decision.size),
            },
        )
