"""One ranked plan and one refusal as JSON values; exact numbers are text, rankings are numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snipersight.domain.plan_json import Json, check_json, decision_json, plan_json
from snipersight.domain.units import plain
from snipersight.domain.wording import iso_of

if TYPE_CHECKING:
    from snipersight.engine.report import RankedPlan, Refusal


def ranked_plan_json(ranked: RankedPlan, *, chart: str | None) -> Json:
    """Return an approved plan with its rank, price now, size and risk.

    Args:
        ranked: the plan.
        chart: path of its picture, or None.
    """
    return {
        "rank": ranked.rank,
        "status": str(ranked.status),
        "entered_at": None if ranked.entered_at_ms is None else iso_of(ranked.entered_at_ms),
        **plan_json(ranked.plan),
        "last_price": plain(ranked.last_price),
        "distance_fraction": plain(ranked.distance_fraction),
        **decision_json(ranked.decision),
        "chart": chart,
    }


def refusal_json(refusal: Refusal) -> Json:
    """Return how a candidate ended that is no plan to trade; `plan` is None before there was one."""
    return {
        "symbol": refusal.symbol,
        "reason": str(refusal.reason),
        "detail": refusal.detail,
        "at": None if refusal.at_ms is None else iso_of(refusal.at_ms),
        "direction": None if refusal.direction is None else refusal.direction.value,
        "setup_id": refusal.setup_id,
        "plan": None if refusal.plan is None else plan_json(refusal.plan),
        "checks": [check_json(check) for check in refusal.checks],
    }
