"""The scan: one look at the market, from candles to ranked, sized plans.

`STAGES` is the whole of it, in order; every stage takes the context and returns a richer one.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from snipersight.domain.account import AccountState
from snipersight.domain.candles import utc_text
from snipersight.domain.decision import Approved, Candidate
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.hooks import Hooks, NoHooks
from snipersight.domain.plan import PlanId
from snipersight.domain.ports import (
    CandleSource,
    EventSink,
    LeaderContext,
    PlanSource,
    RiskGate,
)
from snipersight.domain.regime import Regime
from snipersight.domain.units import Price, exact
from snipersight.engine.context import Ports, Progress, ScanContext
from snipersight.engine.hook_events import events_of_report
from snipersight.engine.report import PlanStatus, RankedPlan, Refusal, ScanReport, ScanRequest
from snipersight.engine.stages import STAGES, Stages, run_stages
from snipersight.planner.smc_source import SmcPlanSource


async def run_scan(
    request: ScanRequest,
    *,
    source: CandleSource,
    gate: RiskGate,
    account: AccountState,
    sink: EventSink,
    progress: Progress,
    plans: PlanSource | None = None,
    hooks: Hooks | None = None,
) -> ScanReport:
    """Scan once and return everything that was found and refused.

    The same request over the same candles gives the same report, whatever the number of workers.

    Args:
        request: what to scan, and as of when.
        source: candles, instruments and rates.
        gate: sizes and approves.
        account: as it is known before its positions are marked at the prices of the moment.
        sink: takes the events.
        progress: is told what is being done, how much of it is done, and of how much.
        plans: where plans come from; SMC under the request's profile unless given.
        hooks: told of every stage and of what was found; nobody is unless given.

    Raises:
        ConfigInvalid: the request cannot be understood or lies after the source's data.
        VenueUnavailable: the venue cannot be reached at all.
    """
    ports = Ports(
        source=source,
        plans=plans or SmcPlanSource(request.profile),
        gate=gate,
        account=account,
        sink=sink,
        progress=progress,
    )
    finished = await conduct(
        request, ports, STAGES, makes_shadows=plans is None, hooks=hooks or NoHooks()
    )
    return finished.report


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A scan that has ended.

    Args:
        context: everything that was seen.
        report: what it comes to.
    """

    context: ScanContext
    report: ScanReport


async def conduct(
    request: ScanRequest, ports: Ports, stages: Stages, *, makes_shadows: bool, hooks: Hooks
) -> Finished:
    """Take a request through all stages; scan and run do the same from here on.

    Args:
        request: what to scan, and as of when.
        ports: the outside.
        stages: in order.
        makes_shadows: read SMC plans together with those of refused setups, as far back as a
            plan may live, instead of the ports' plans.
        hooks: told of every stage and of what was found.

    Raises:
        ConfigInvalid: the request cannot be understood or lies after the source's data.
        VenueUnavailable: the venue cannot be reached at all.
    """
    context = await begin(request, ports)
    if makes_shadows:
        ports = replace(ports, plans=_plans_of(context))
    named = {"context_id": context.context_id}
    ports.sink.emit("scan_started", {**named, "symbols": request.symbols})
    context = await run_stages(context, ports, stages, hooks=hooks)
    report = write_report(context, ports)
    ports.sink.emit("scan_finished", {**named, "plans": len(report.plans)})
    for event in events_of_report(report, hooks):
        hooks.tell(event)
    return Finished(context=context, report=report)


def _plans_of(context: ScanContext) -> PlanSource:
    """Return SMC plans, with those of refused setups as far back as a plan may live."""
    since_ms = context.as_of_ms - context.valid_ms
    return SmcPlanSource(context.request.profile, shadows_after_ms=since_ms)


async def begin(request: ScanRequest, ports: Ports) -> ScanContext:
    """Return the context of a scan that has not looked at anything yet."""
    newest = await ports.source.now_ms()
    as_of = newest if request.as_of_ms is None else request.as_of_ms
    if as_of > newest:
        raise ConfigInvalid(
            f"{utc_text(as_of)} lies after the newest data, {utc_text(newest)}",
            where="--as-of",
            next_step="choose an earlier moment, or leave it out for the newest",
        )
    trigger = request.profile.timeframe("trigger")
    return ScanContext(
        request=request,
        context_id=_context_id(request, ports, as_of),
        as_of_ms=as_of,
        trigger=trigger,
        valid_ms=request.profile.setup.valid_bars * trigger.duration_ms,
    )


def _context_id(request: ScanRequest, ports: Ports, as_of_ms: int) -> str:
    """Return `scan_<moment>_<hash>`: the same question has the same id in every process."""
    asked = (ports.source.venue, request.symbols, request.profile.content_hash, str(as_of_ms))
    digest = hashlib.sha256("|".join(asked).encode()).hexdigest()[:6]
    moment = utc_text(as_of_ms).translate(str.maketrans("T", "_", "-:Z"))
    return f"scan_{moment}_{digest}"


def write_report(context: ScanContext, ports: Ports) -> ScanReport:
    """Return the report of a finished context."""
    last = {
        reading.symbol: exact(float(reading.trigger.close[-1]))
        for reading in context.readings
        if reading.trigger is not None
    }
    plans = tuple(
        _ranked(rank, decision, context, last[decision.plan.symbol])
        for rank, decision in enumerate(context.approved, start=1)
    )
    regimes = Counter(
        reading.regime.value if reading.regime else "unknown" for reading in context.readings
    )
    report = ScanReport(
        context_id=context.context_id,
        as_of_ms=context.as_of_ms,
        venue=ports.source.venue,
        profile=context.request.profile,
        account=context.account or ports.account,
        universe=context.universe,
        dropped=context.dropped,
        plans=plans,
        refusals=refusals_of(context.ended),
        regimes=dict(sorted(regimes.items())),
        warnings=context.warnings,
    )
    return with_leaders(report, context.leader)


def refusals_of(ended: Iterable[Candidate]) -> tuple[Refusal, ...]:
    """Return candidates that ended, as a report tells of them, by symbol and time."""
    return tuple(_refusal(candidate) for candidate in sorted(ended, key=_order))


def _order(candidate: Candidate) -> tuple[str, int, str]:
    return (candidate.symbol, candidate.at_ms, str(candidate.reason))


def _ranked(rank: int, decision: Approved, context: ScanContext, last_price: Decimal) -> RankedPlan:
    plan = decision.plan
    distance = (plan.entry_near - last_price) / last_price
    is_inside = not plan.direction.is_winning(Price(last_price), entry=plan.entry_near)
    entered_ms = context.state.entered.get(plan.setup_id)
    return RankedPlan(
        rank=rank,
        plan=plan,
        decision=decision,
        last_price=last_price,
        distance_fraction=distance,
        status=_status(is_inside=is_inside, was_entered=entered_ms is not None),
        entered_at_ms=entered_ms,
    )


def _status(*, is_inside: bool, was_entered: bool) -> PlanStatus:
    if is_inside:
        return PlanStatus.IN_ZONE
    return PlanStatus.TOUCHED if was_entered else PlanStatus.WAITING


def _refusal(candidate: Candidate) -> Refusal:
    if candidate.reason is None:
        raise ValueError(f"{candidate.symbol}: recorded without a terminal reason")
    return Refusal(
        symbol=candidate.symbol,
        reason=candidate.reason,
        detail=candidate.detail,
        at_ms=candidate.at_ms,
        direction=candidate.direction,
        setup_id=candidate.setup_id,
        plan=candidate.plan,
        checks=candidate.checks,
        shadow=candidate.shadow,
    )


def with_leaders(report: ScanReport, leader: LeaderContext | None) -> ScanReport:
    """Return the report with what the leading market did when each of its plans was decided.

    A plan decided while that was not known has no entry.
    """
    if leader is None:
        return report
    moments = {plan.plan_id: int(plan.created_at.timestamp() * 1000) for plan in report.signals}
    states: dict[PlanId, Regime | None] = {
        plan_id: leader.at(at_ms).regime for plan_id, at_ms in moments.items()
    }
    known = {plan_id: regime for plan_id, regime in states.items() if regime is not None}
    return replace(report, leaders=known)
