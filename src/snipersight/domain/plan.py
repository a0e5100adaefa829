"""The trade plan: a priced idea for one symbol, fixed once planned."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType

from snipersight.domain.confluence import Confluence
from snipersight.domain.direction import Direction
from snipersight.domain.errors import InvalidPlan
from snipersight.domain.instrument import MarketKind
from snipersight.domain.quick import quick
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Price, Symbol

SetupId = NewType("SetupId", str)
PlanId = NewType("PlanId", str)


class TradeType(StrEnum):
    """How long a trade of a profile is meant to live."""

    SCALP = "scalp"
    INTRADAY = "intraday"
    SWING = "swing"


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class StopLoss:
    """Where the idea is wrong.

    Args:
        price: trigger of the protective stop.
        rationale: the level that invalidates the setup and the buffer beyond it.
        distance_atr: distance from `entry_near` in ATR of the trigger timeframe.
    """

    price: Price
    rationale: str
    distance_atr: float


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One exit.

    Args:
        price: limit price of the exit.
        fraction: share of the position closed there, above 0, at most 1.
        r_multiple: gain per unit in units of the loss at the stop, both net of costs.
        rationale: the liquidity or structure it aims at.
    """

    price: Price
    fraction: Decimal
    r_multiple: float
    rationale: str


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class TradePlan:
    """A complete plan; valid if it exists.

    Size and R are computed from `entry_near`, where the loss per unit is largest.

    Args:
        setup_id: the same on every later bar; one setup is signalled once.
        plan_id: `setup_id` with the decision's bar close and the profile's content hash.
        venue, symbol, market: where it trades.
        timeframe: trigger timeframe, on which the setup was read.
        profile: name of the profile.
        created_at: close of the bar that completed the setup (UTC).
        valid_until: an unfilled plan expires here (UTC).
        entry_near, entry_far: proximal and distal edge of the entry zone.
        entry_mid: border of the aggressive (near) and conservative (far) halves.
        stop_loss, targets: exits; targets nearest first, fractions sum to 1.
        risk_reward: fraction-weighted R of the targets, net of costs.
        round_trip_cost: fees and slippage per unit for entry and stop, in quote currency.
        atr: ATR of the trigger timeframe at the decision, in quote currency.
        last_price: close at the decision.

    Raises:
        InvalidPlan: prices, fractions or times contradict each other.
    """

    setup_id: SetupId
    plan_id: PlanId
    venue: str
    symbol: Symbol
    market: MarketKind
    direction: Direction
    trade_type: TradeType
    timeframe: Timeframe
    profile: str
    created_at: datetime
    valid_until: datetime
    entry_near: Price
    entry_mid: Price
    entry_far: Price
    stop_loss: StopLoss
    targets: tuple[Target, ...]
    risk_reward: float
    round_trip_cost: Decimal
    atr: Price
    last_price: Price
    confluence: Confluence
    regime: Regime
    rationale: str

    def __post_init__(self) -> None:
        """Refuse a plan whose numbers contradict each other."""
        for problem in (_price_problem(self), _target_problem(self), _time_problem(self)):
            if problem:
                raise InvalidPlan(problem, where=f"{self.symbol} {self.direction}")


def _price_problem(plan: TradePlan) -> str | None:
    side, near = plan.direction, plan.entry_near
    prices = (near, plan.entry_mid, plan.entry_far, plan.stop_loss.price)
    if any(not price.is_finite() or price <= 0 for price in prices):
        return f"a price is not positive: {prices}"
    if side.is_winning(plan.entry_mid, entry=near):
        return f"entry_mid {plan.entry_mid} lies before entry_near {near}"
    if side.is_winning(plan.entry_far, entry=plan.entry_mid):
        return f"entry_far {plan.entry_far} lies before entry_mid {plan.entry_mid}"
    if not side.is_losing(plan.stop_loss.price, entry=plan.entry_far):
        return f"stop {plan.stop_loss.price} is not beyond entry_far {plan.entry_far}"
    return None


def _target_problem(plan: TradePlan) -> str | None:
    if not plan.targets:
        return "no target"
    last = plan.entry_near
    for target in plan.targets:
        if not target.price.is_finite() or not plan.direction.is_winning(target.price, entry=last):
            return f"target {target.price} is not beyond {last}"
        last = target.price
    fractions = [target.fraction for target in plan.targets]
    if min(fractions) <= 0 or sum(fractions) != 1:
        return f"target fractions {fractions} are not positive or do not sum to 1"
    return None


def _time_problem(plan: TradePlan) -> str | None:
    if plan.created_at.utcoffset() is None or plan.valid_until.utcoffset() is None:
        return "times carry no zone"
    if plan.valid_until <= plan.created_at:
        return f"valid_until {plan.valid_until} is not after created_at {plan.created_at}"
    return None


def setup_id_of(
    venue: str, symbol: Symbol, direction: Direction, timeframe: Timeframe, *anchors: object
) -> SetupId:
    """Return the identity of a setup from what it is, not from when it is looked at.

    Args:
        anchors: the zone's edges and the open times of the bars it hangs on, as exact values.
    """
    parts = (venue, symbol, direction.value, timeframe.name, *map(str, anchors))
    return SetupId(hashlib.sha256("|".join(parts).encode()).hexdigest()[:16])


def plan_id_of(setup_id: SetupId, closed_at_ms: int, profile_hash: str) -> PlanId:
    """Return the identity of one plan of a setup: its bar close and its profile's content."""
    text = f"{setup_id}|{closed_at_ms}|{profile_hash}"
    return PlanId(f"{setup_id}-{hashlib.sha256(text.encode()).hexdigest()[:8]}")
