"""What a scan tells its plug-ins: plain data, prices as decimal text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from snipersight.domain.hooks import HookEvent, Hooks
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import plain
from snipersight.engine.context import ScanContext
from snipersight.engine.report import RankedPlan, Refusal, ScanReport


def before_stage(stage: str, context: ScanContext) -> HookEvent:
    """Return that a stage begins, with what is known so far."""
    return _of_stage("before_stage", stage, context)


def after_stage(stage: str, context: ScanContext) -> HookEvent:
    """Return that a stage has ended, with what is known now."""
    return _of_stage("after_stage", stage, context)


def _of_stage(name: str, stage: str, context: ScanContext) -> HookEvent:
    return HookEvent(
        name=name,
        at_ms=context.as_of_ms,
        context_id=context.context_id,
        stage=stage,
        data=stage_counts(context),
    )


def stage_counts(context: ScanContext) -> Mapping[str, int]:
    """Return how far a scan has come: symbols, read, waiting, ended, approved."""
    return {
        "symbols": len(context.universe),
        "read": sum(reading.error is None for reading in context.readings),
        "waiting": len(context.state.waiting),
        "ended": len(context.ended),
        "approved": len(context.approved),
    }


def events_of_report(report: ScanReport, hooks: Hooks) -> Iterator[HookEvent]:
    """Yield every approved plan, best first, every refused one, then that the scan has finished.

    Args:
        report: of the scan.
        hooks: what nobody of them wants is not made: refused plans are many.
    """
    if hooks.wants("plan_approved"):
        for ranked in report.plans:
            yield _event("plan_approved", report, _approved(ranked))
    if hooks.wants("plan_refused"):
        for refusal in report.refusals:
            if refusal.direction is not None:
                yield _event("plan_refused", report, _refused(refusal))
    counts = {"symbols": len(report.universe), "plans": len(report.plans)}
    yield _event("scan_finished", report, {**counts, "funnel": dict(report.funnel)})


def _event(name: str, report: ScanReport, data: Mapping[str, object]) -> HookEvent:
    return HookEvent(name=name, at_ms=report.as_of_ms, context_id=report.context_id, data=data)


def _approved(ranked: RankedPlan) -> Mapping[str, object]:
    size = {"size": plain(ranked.decision.size), "last_price": plain(ranked.last_price)}
    return {**_plan(ranked.plan), **size, "rank": ranked.rank, "status": ranked.status.value}


def _refused(refusal: Refusal) -> Mapping[str, object]:
    known = {} if refusal.plan is None else _plan(refusal.plan)
    return {
        **known,
        "symbol": refusal.symbol,
        "setup_id": refusal.setup_id,
        "reason": str(refusal.reason),
        "detail": refusal.detail,
        "decided_ms": refusal.at_ms,
    }


def _plan(plan: TradePlan) -> Mapping[str, object]:
    return {
        "plan_id": plan.plan_id,
        "setup_id": plan.setup_id,
        "venue": plan.venue,
        "symbol": plan.symbol,
        "direction": plan.direction.value,
        "profile": plan.profile,
        "timeframe": plan.timeframe.name,
        "decided_ms": int(plan.created_at.timestamp() * 1000),
        "valid_until_ms": int(plan.valid_until.timestamp() * 1000),
        "entry_near": plain(plan.entry_near),
        "entry_far": plain(plan.entry_far),
        "stop_loss": plain(plan.stop_loss.price),
        "targets": [plain(target.price) for target in plan.targets],
        "risk_reward": plan.risk_reward,
        "score": plan.confluence.score,
    }
