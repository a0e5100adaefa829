"""Third and fourth stage: follow the plans to now, then rank them and ask the risk gate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from snipersight.domain.decision import Approved, Candidate, Stage
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Currency
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
from snipersight.engine.universe_stage import known_rate
from snipersight.planner.voids import bars_of


async def follow_plans(context: ScanContext, ports: Ports) -> ScanContext:
    """Feed the core what was decided and every later close, up to the scan's moment."""
    state, ended = context.state, list(context.ended)
    for reading in context.readings:
        for event in events_of(reading, since_ms=context.as_of_ms - context.valid_ms):
            state, commands = step(state, event)
            ended += _recorded(commands)
    return replace(context, state=state, ended=tuple(ended))


def events_of(reading: SymbolReading, *, since_ms: int) -> Iterator[Event]:
    """Yield one symbol's decisions and closes in time order; at one close, the bar comes first.

    A plan is decided at its bar's close, so that bar must not be held against it.
    """
    decisions = list(reading.candidates)
    if reading.trigger is not None and reading.feed is not None:
        bars = bars_of(reading.trigger, after_ms=since_ms, shifts=reading.feed.shifts())
        for bar in bars:
            while decisions and decisions[0].at_ms < bar.closed_at_ms:
                yield Decided(candidate=decisions.pop(0))
            yield BarClosed(symbol=reading.symbol, bar=bar)
    for candidate in decisions:
        yield Decided(candidate=candidate)


def _recorded(commands: Iterable[Command]) -> list[Candidate]:
    return [command.candidate for command in commands if isinstance(command, Record)]


async def judge_plans(context: ScanContext, ports: Ports) -> ScanContext:
    """Ask the gate for every waiting plan in rank order."""
    state, commands = step(context.state, RankingDue(at_ms=context.as_of_ms))
    ended, approved = list(context.ended), list(context.approved)
    rates = await _rates(context, ports, commands)
    for command in commands:
        if isinstance(command, Reserve):
            judged = _judge(context, ports, command.plan, rates)
            state, answers = step(state, judged)
            ended += _recorded(answers)
            approved += [answer.decision for answer in answers if isinstance(answer, Tell)]
    _tell_sink(ports, ended, approved)
    return replace(context, state=state, ended=tuple(ended), approved=tuple(approved))


async def _rates(
    context: ScanContext, ports: Ports, commands: Iterable[Command]
) -> Mapping[Currency, Decimal | None]:
    """Return what each quote currency of the plans is worth now; None where it is not known."""
    plans = [command.plan for command in commands if isinstance(command, Reserve)]
    quotes = sorted({context.instruments[plan.symbol].quote for plan in plans})
    return {quote: await known_rate(ports, quote, at_ms=context.as_of_ms) for quote in quotes}


def _judge(
    context: ScanContext, ports: Ports, plan: TradePlan, rates: Mapping[Currency, Decimal | None]
) -> Judged:
    instrument = context.instruments[plan.symbol]
    decision = ports.gate.judge(
        plan,
        instrument=instrument,
        account=ports.account,
        quote_rate=rates[instrument.quote],
    )
    return Judged(decision=decision)


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
