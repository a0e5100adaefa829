"""The shape of a plan: its distances, without the place and the moment it was made for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise
from typing import Final

from snipersight.domain.direction import Direction
from snipersight.domain.errors import InvalidPlan
from snipersight.domain.plan import TradePlan
from snipersight.domain.profile import Profile
from snipersight.domain.units import exact
from snipersight.planner.targets import merged_fractions

# A millionth of an ATR is below every tick, and few digits keep the planner's sums exact.
_GRAIN: Final = Decimal("0.000001")
# Medians of what the built-in profiles plan on recorded quarters of BTC, ETH and SOL.
_STOP_ATR: Final = Decimal(2)
_APPROACH_STOPS: Final = Decimal("0.75")
_ZONE_STOPS: Final = Decimal("0.15")
_FIRST_TARGET: Final = Decimal("1.25")  # of the R that the profile asks for in all
_TARGET_STEP_R: Final = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeTarget:
    """One exit.

    Args:
        distance_r: from the near edge, in distances from there to the stop (R before costs).
        fraction: share of the position closed there.

    Attributes:
        rationale: of the exit, in plain words.
    """

    distance_r: Decimal
    fraction: Decimal
    rationale: str = field(init=False)

    def __post_init__(self) -> None:
        """Word the rationale once; tens of thousands of plans carry it."""
        object.__setattr__(self, "rationale", f"{self.distance_r} times the stop distance")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanShape:
    """What a plan looks like wherever it is put.

    Args:
        direction: side of the trade.
        approach_atr: from the decision's close back to the near edge, in ATR; 0 enters at once.
        zone_atr: from the near edge to the far edge, in ATR; 0 is one price.
        stop_atr: from the near edge to the stop, in ATR.
        targets: nearest first.

    Raises:
        InvalidPlan: a distance is negative or no number, the stop lies within the zone, the
            targets are out of order, nearer than the close, or their fractions do not sum to 1.
    """

    direction: Direction
    approach_atr: Decimal
    zone_atr: Decimal
    stop_atr: Decimal
    targets: tuple[ShapeTarget, ...]

    def __post_init__(self) -> None:
        """Refuse a shape that no plan can have."""
        problem = _distance_problem(self) or _target_problem(self)
        if problem:
            raise InvalidPlan(problem, where=f"shape of a {self.direction}")

    def facing(self, direction: Direction) -> PlanShape:
        """Return the same shape on a side."""
        return self if direction is self.direction else replace(self, direction=direction)


def _distance_problem(shape: PlanShape) -> str:
    distances = (shape.approach_atr, shape.zone_atr, shape.stop_atr)
    if any(not one.is_finite() or one < 0 for one in distances):
        return f"approach, zone and stop are {distances} ATR"
    if shape.stop_atr <= shape.zone_atr:
        return f"the stop at {shape.stop_atr} ATR lies within the zone of {shape.zone_atr} ATR"
    return ""


def _target_problem(shape: PlanShape) -> str:
    if not shape.targets:
        return "no target"
    distances = [one.distance_r for one in shape.targets]
    # A target at the close or before it would be touched at once, and the plan void.
    levels = [shape.approach_atr / shape.stop_atr, *distances]
    if any(not one.is_finite() for one in distances) or any(a >= b for a, b in pairwise(levels)):
        return f"the targets at {distances} stop distances do not lie beyond the close, in order"
    fractions = [one.fraction for one in shape.targets]
    if min(fractions) <= 0 or sum(fractions) != 1:
        return f"target fractions {fractions} are not positive or do not sum to 1"
    return ""


def shape_of(plan: TradePlan) -> PlanShape:
    """Return the shape of a plan, to a millionth of an ATR.

    Raises:
        InvalidPlan: the plan's first target lies before its decision's close, or its ATR is 0.
    """
    if plan.atr <= 0:
        raise InvalidPlan(f"ATR is {plan.atr}", where=f"{plan.symbol} {plan.plan_id}")
    side, near = plan.direction, plan.entry_near
    stop = -side.gain(plan.stop_loss.price, entry=near)
    return PlanShape(
        direction=side,
        approach_atr=_rounded(side.gain(plan.last_price, entry=near) / plan.atr),
        zone_atr=_rounded(-side.gain(plan.entry_far, entry=near) / plan.atr),
        stop_atr=_rounded(stop / plan.atr),
        targets=tuple(
            ShapeTarget(
                distance_r=_rounded(side.gain(one.price, entry=near) / stop),
                fraction=one.fraction,
            )
            for one in plan.targets
        ),
    )


def typical_shapes(profile: Profile) -> tuple[PlanShape, PlanShape]:
    """Return a long and a short as the profile would plan them, for want of plans of its own.

    The stop lies 2 ATR from the entry (or at the profile's most), entries and zone in proportion
    to it; the first target pays a quarter more than the profile's `min_rr` or `min_target_r` and
    keeps its `min_target_room`, each next one pays 1R more, none more than `max_target_r`.

    Raises:
        InvalidPlan: under the profile's rules not even the first target can lie so near.
    """
    rules = profile.planner
    stop = min(_STOP_ATR, exact(rules.max_stop_atr))
    long = PlanShape(
        direction=Direction.LONG,
        approach_atr=_rounded(stop * _APPROACH_STOPS),
        zone_atr=_rounded(stop * _ZONE_STOPS),
        stop_atr=_rounded(stop),
        targets=_typical_targets(profile),
    )
    return long, long.facing(Direction.SHORT)


def _typical_targets(profile: Profile) -> tuple[ShapeTarget, ...]:
    rules = profile.planner
    paying = _FIRST_TARGET * exact(max(rules.min_target_r, rules.min_rr))
    first = max(paying, _APPROACH_STOPS * (1 + exact(rules.min_target_room)))
    steps = range(len(rules.target_fractions))
    distances = [first + _TARGET_STEP_R * step for step in steps]
    near = [one for one in distances if one <= exact(rules.max_target_r)]
    if not near:
        raise InvalidPlan(
            f"max_target_r {rules.max_target_r:g} leaves no room for a target at {first}R",
            where=f"profile {profile.name}",
            next_step="give shapes of the profile's own plans",
        )
    fractions = merged_fractions(rules.target_fractions, len(near))
    return tuple(
        ShapeTarget(distance_r=_rounded(distance), fraction=fraction)
        for distance, fraction in zip(near, fractions, strict=True)
    )


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_GRAIN).normalize() + Decimal(0)
