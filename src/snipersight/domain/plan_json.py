"""A plan, a verdict, a check as JSON values; exact numbers are text, rankings are numbers.

Every JSON of the program that shows a plan shows it like this.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from snipersight.domain.confluence import Factor
from snipersight.domain.decision import Approved, Check
from snipersight.domain.plan import Target, TradePlan
from snipersight.domain.units import plain
from snipersight.domain.wording import iso

Json = dict[str, Any]


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
