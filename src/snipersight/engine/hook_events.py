"""What plug-ins are told of a scan: stages, its end, and the verdict on each plan, as plain data.

docs/plugins.md lists every event and every value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from snipersight.domain.hooks import HookEvent
from snipersight.domain.plan import TradePlan
from snipersight.domain.plan_json import Json, check_json, decision_json, number, plan_json
from snipersight.engine.context import ScanContext
from snipersight.engine.report import RankedPlan, Refusal, ScanReport
from snipersight.engine.stage_log import stage_counts

_APPROVED: Final = "approved"


def stage_began(name: str, context: ScanContext) -> HookEvent:
    """Return that a stage begins.

    Args:
        name: of the stage, as in `engine.scan.STAGES`.
        context: as the stage finds it.
    """
    return HookEvent(
        name="before_stage",
        at_ms=context.as_of_ms,
        context_id=context.context_id,
        stage=name,
        data={"counts": stage_counts(context)},
    )


def stage_ended(name: str, context: ScanContext, *, seconds: float) -> HookEvent:
    """Return that a stage has ended, and the plans that are alive after it.

    Args:
        name: of the stage.
        context: as the stage left it.
        seconds: that it took.
    """
    return HookEvent(
        name="after_stage",
        at_ms=context.as_of_ms,
        context_id=context.context_id,
        stage=name,
        data={
            "counts": stage_counts(context),
            "seconds": number(seconds),
            "plans": [_brief(plan) for plan in _alive(context)],
        },
    )


def scan_ended(report: ScanReport, *, seconds: float) -> HookEvent:
    """Return that a scan has ended: how many plans there are, and how every candidate ended.

    Args:
        report: what the scan answers.
        seconds: that it took.
    """
    return HookEvent(
        name="scan_finished",
        at_ms=report.as_of_ms,
        context_id=report.context_id,
        data={
            "venue": report.venue,
            "profile": report.profile.name,
            "symbols": len(report.universe),
            "seconds": number(seconds),
            "funnel": dict(report.funnel),
            "plans": [_brief(ranked.plan) for ranked in report.plans],
            "warnings": list(report.warnings),
        },
    )


class VerdictEvents:
    """Tells plug-ins the verdict on each plan once, however many closes it stands.

    It remembers what the last report held: after a restart the plans that still stand are told
    once more, and a plan that was refused and is approved later is told again, as approved.
    """

    def __init__(self) -> None:
        self._told: frozenset[tuple[str, str]] = frozenset()

    def of(self, report: ScanReport) -> tuple[HookEvent, ...]:
        """Return `plan_approved` and `plan_refused` of the verdicts that are new in a report."""
        verdicts = dict(_verdicts(report))
        new = [event for key, event in verdicts.items() if key not in self._told]
        self._told = frozenset(verdicts)
        return tuple(new)


def _verdicts(report: ScanReport) -> Iterator[tuple[tuple[str, str], HookEvent]]:
    for ranked in report.plans:
        yield (ranked.plan.plan_id, _APPROVED), _approved(ranked, report)
    for refusal in report.refusals:
        if refusal.plan is not None:
            key = (refusal.plan.plan_id, str(refusal.reason))
            yield key, _refused(refusal, refusal.plan, report)


def _approved(ranked: RankedPlan, report: ScanReport) -> HookEvent:
    data = {"plan": plan_json(ranked.plan), **decision_json(ranked.decision)}
    return _verdict("plan_approved", data, report)


def _refused(refusal: Refusal, plan: TradePlan, report: ScanReport) -> HookEvent:
    data = {
        "plan": plan_json(plan),
        "reason": str(refusal.reason),
        "detail": refusal.detail,
        "checks": [check_json(check) for check in refusal.checks],
    }
    return _verdict("plan_refused", data, report)


def _verdict(name: str, data: Json, report: ScanReport) -> HookEvent:
    return HookEvent(name=name, at_ms=report.as_of_ms, context_id=report.context_id, data=data)


def _alive(context: ScanContext) -> Iterable[TradePlan]:
    """Return the approved plans, best first, then those that wait for a verdict."""
    approved = [decision.plan for decision in context.approved]
    told = {plan.setup_id for plan in approved}
    waiting = (one.plan for one in context.state.waiting.values() if one.setup_id not in told)
    return [*approved, *(plan for plan in waiting if plan is not None)]


def _brief(plan: TradePlan) -> Json:
    return {
        "plan_id": plan.plan_id,
        "setup_id": plan.setup_id,
        "symbol": plan.symbol,
        "direction": plan.direction.value,
        "tier": plan.confluence.tier.value,
        "score": number(plan.confluence.score),
    }
