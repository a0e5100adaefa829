"""One plan, one refusal, one check as JSON values; exact numbers are text, rankings are numbers."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from snipersight.domain.confluence import Factor
from snipersight.domain.decision import Approved, Check
from snipersight.domain.plan import Target, TradePlan
from snipersight.domain.units import plain
from snipersight.domain.wording import iso, iso_of

if TYPE_CHECKING:
    from snipersight.engine.report import RankedPlan, Refusal

Json = dict[str, Any]


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


def plan_json(plan: TradePlan) -> Json:
    """Return everything a plan says about itself; its price then is `decision_price`."""
    return {
        "plan_id": plan.plan_id,
        "setup_id": plan.setup_id,
        "venue": plan.venue,
        "symbol": plan.symbol,
        "market": plan.market.value,
        "direction": plan.direction.value,
        "trade_type": plan.trade_type.value,
        "timeframe": plan.timeframe.name,
        "created_at": iso(plan.created_at),
        "valid_until": iso(plan.valid_until),
        "decision_price": plain(plan.last_price),
        "entry": {
            "near": plain(plan.entry_near),
            "mid": plain(plan.entry_mid),
            "far": plain(plan.entry_far),
        },
        "stop": {
            "price": plain(plan.stop_loss.price),
            "distance_atr": number(plan.stop_loss.distance_atr),
            "rationale": plan.stop_loss.rationale,
        },
        "targets": [_target_json(target) for target in plan.targets],
        "risk_reward": number(plan.risk_reward),
        "round_trip_cost": plain(plan.round_trip_cost),
        "atr": plain(plan.atr),
        "regime": plan.regime.value,
        "tier": plan.confluence.tier.value,
        "score": number(plan.confluence.score),
        "factors": [factor_json(factor) for factor in plan.confluence.factors],
        "rationale": plan.rationale,
    }


def decision_json(decision: Approved) -> Json:
    """Return the size and the checks of an approval."""
    return {
        "size": {
            "base": plain(decision.size),
            "notional": plain(decision.notional),
            "margin": plain(decision.margin),
            "leverage": plain(decision.leverage),
        },
        "risk": {"amount": plain(decision.risk), "fraction": plain(decision.risk_fraction)},
        "checks": [check_json(check) for check in decision.checks],
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


def factor_json(factor: Factor) -> Json:
    """Return one reason with its points."""
    return {
        "name": factor.name,
        "value": number(factor.value),
        "weight": number(factor.weight),
        "contribution": number(factor.contribution),
        "price": None if factor.price is None else number(factor.price),
        "sentence": factor.sentence,
    }


def check_json(check: Check) -> Json:
    """Return one question that was asked and its answer."""
    return {
        "code": check.code,
        "passed": check.passed,
        "measured": _measure(check.measured),
        "limit": _measure(check.limit),
        "sentence": check.sentence,
    }


def number(value: float) -> float | None:
    """Return a float that JSON can hold: None for NaN and infinity."""
    return float(value) if math.isfinite(value) else None


def _target_json(target: Target) -> Json:
    return {
        "price": plain(target.price),
        "fraction": plain(target.fraction),
        "r_multiple": number(target.r_multiple),
        "rationale": target.rationale,
    }


def _measure(value: float | str | Decimal | None) -> float | str | None:
    if isinstance(value, Decimal):
        return plain(value) if value.is_finite() else None
    return number(value) if isinstance(value, (int, float)) else value
