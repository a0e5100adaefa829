"""A shape put on a market: its prices on the tick, held to the floors of every plan."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from snipersight.domain.decision import Check
from snipersight.domain.plan import Target
from snipersight.domain.profile import PlannerRules
from snipersight.domain.quick import quick
from snipersight.domain.units import plain
from snipersight.planner.axis import Axis
from snipersight.planner.comparison.shapes import PlanShape
from snipersight.planner.costs import Costs
from snipersight.planner.declined import NoPlan
from snipersight.planner.floors import (
    require_cheap,
    require_fine_tick,
    require_near,
    require_positive,
    require_reward,
)
from snipersight.planner.targets import Stake, net_r, weighted_r


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class PricedShape:
    """All prices of a plan, signed along its direction.

    Args:
        near, mid, far: of the entry zone, near >= mid >= far.
        stop: strictly below far.
        distance_atr: from near to the stop, in ATR.
        targets: exits, as the plan carries them.
        round_trip_cost: entry and stop, per unit, in quote currency.
        risk_reward: fraction-weighted R of the targets, net of costs.
    """

    near: Decimal
    mid: Decimal
    far: Decimal
    stop: Decimal
    distance_atr: float
    targets: tuple[Target, ...]
    round_trip_cost: Decimal
    risk_reward: float


def price_shape(
    shape: PlanShape,
    *,
    close: Decimal,
    atr: Decimal,
    axis: Axis,
    costs: Costs,
    rules: PlannerRules,
) -> PricedShape:
    """Return the prices of a shape behind a close.

    Every price is rounded as the planner rounds it, in the careful direction.

    Args:
        shape: distances.
        close: signed, at the decision.
        atr: then, in quote currency, at least 0.
        axis: of the shape's direction.
        costs, rules: of market and profile.

    Raises:
        NoPlan: `stop_not_positive`, `tick_too_coarse`, `stop_too_wide`, `cost`, `no_target` or
            `min_rr`, the first that applies in this order.
    """
    at, raw_distance = close - shape.approach_atr * atr, shape.stop_atr * atr
    near, far = axis.entry(at), axis.entry(at - shape.zone_atr * atr)
    stop = min(axis.exit(at - raw_distance), far - axis.tick)
    distance = near - stop
    require_positive(stop, axis)
    require_fine_tick(distance, raw=raw_distance, axis=axis)
    distance_atr = float(distance / atr)
    require_near(distance_atr, rules)
    cost = costs.stopped_out(entry=axis.price(near), stop=axis.price(stop))
    require_cheap(cost, distance, rules)
    stake = Stake(near=near, close=close, loss=distance + cost)
    targets = _targets(shape, at, raw_distance, stake=stake, axis=axis, costs=costs)
    risk_reward = weighted_r(targets)
    require_reward(risk_reward, rules)
    return PricedShape(
        near=near,
        mid=axis.entry((near + far) / 2),
        far=far,
        stop=stop,
        distance_atr=distance_atr,
        targets=targets,
        round_trip_cost=cost,
        risk_reward=risk_reward,
    )


def _targets(
    shape: PlanShape,
    near: Decimal,
    distance: Decimal,
    *,
    stake: Stake,
    axis: Axis,
    costs: Costs,
) -> tuple[Target, ...]:
    """Return the exits; each lies beyond the close and beyond the one before it."""
    found, last = [], max(stake.close, stake.near)
    for wanted in shape.targets:
        signed = axis.exit(near + wanted.distance_r * distance)
        price = axis.price(signed)
        if signed <= last or price <= 0:
            raise NoPlan(_no_target(price, axis.price(last)))
        found.append(
            Target(
                price=price,
                fraction=wanted.fraction,
                r_multiple=net_r(signed, stake, costs=costs, axis=axis),
                rationale=wanted.rationale,
            )
        )
        last = signed
    return tuple(found)


def _no_target(price: Decimal, last: Decimal) -> Check:
    return Check(
        code="no_target",
        passed=False,
        measured=price,
        limit=last,
        sentence=f"an exit would lie at {plain(price)}, which is no price beyond {plain(last)}",
    )
