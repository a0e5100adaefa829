"""Plans read back from the JSON that evidence keeps of those the risk gate never saw."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from snipersight.domain.confluence import Confluence, Factor, Tier
from snipersight.domain.direction import Direction
from snipersight.domain.errors import InvalidPlan
from snipersight.domain.instrument import MarketKind
from snipersight.domain.plan import PlanId, SetupId, StopLoss, Target, TradePlan, TradeType
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Price, Symbol

Json = dict[str, Any]


def plan_of_json(text: str, *, profile: str) -> TradePlan | None:
    """Return the plan that `plan_json` wrote; None where the text is empty or of another version.

    Args:
        text: JSON.
        profile: its name, which stands beside it.
    """
    try:
        held = json.loads(text) if text else None
        return _plan(held, profile) if isinstance(held, dict) else None
    except (ValueError, KeyError, TypeError, InvalidOperation, InvalidPlan):
        return None


def _plan(held: Json, profile: str) -> TradePlan:
    entry, stop = held["entry"], held["stop"]
    return TradePlan(
        setup_id=SetupId(held["setup_id"]),
        plan_id=PlanId(held["plan_id"]),
        venue=held["venue"],
        symbol=Symbol(held["symbol"]),
        market=MarketKind(held["market"]),
        direction=Direction(held["direction"]),
        trade_type=TradeType(held["trade_type"]),
        timeframe=Timeframe.parse(held["timeframe"]),
        profile=profile,
        created_at=_time(held["created_at"]),
        valid_until=_time(held["valid_until"]),
        entry_near=_price(entry["near"]),
        entry_mid=_price(entry["mid"]),
        entry_far=_price(entry["far"]),
        stop_loss=StopLoss(
            price=_price(stop["price"]),
            rationale=stop["rationale"],
            distance_atr=float(stop["distance_atr"]),
        ),
        targets=tuple(map(_target, held["targets"])),
        risk_reward=float(held["risk_reward"]),
        round_trip_cost=Decimal(held["round_trip_cost"]),
        atr=_price(held["atr"]),
        last_price=_price(held["decision_price"]),
        confluence=Confluence(
            score=float(held["score"]),
            tier=Tier(held["tier"]),
            factors=tuple(map(_factor, held["factors"])),
        ),
        regime=Regime(held["regime"]),
        rationale=held["rationale"],
    )


def _target(held: Json) -> Target:
    return Target(
        price=_price(held["price"]),
        fraction=Decimal(held["fraction"]),
        r_multiple=float(held["r_multiple"]),
        rationale=held["rationale"],
    )


def _factor(held: Json) -> Factor:
    return Factor(
        name=held["name"],
        value=float(held["value"]),
        weight=float(held["weight"]),
        contribution=float(held["contribution"]),
        sentence=held["sentence"],
        price=None if held["price"] is None else float(held["price"]),
    )


def _price(text: str) -> Price:
    return Price(Decimal(text))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
