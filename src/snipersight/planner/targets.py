"""Exits at liquidity and structure that exist; none is ever invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from snipersight.domain.decision import Check
from snipersight.domain.plan import Target
from snipersight.domain.profile import PlannerRules
from snipersight.domain.units import plain
from snipersight.planner.axis import Axis
from snipersight.planner.costs import Costs
from snipersight.planner.declined import NoPlan
from snipersight.planner.levels import Level

_SPACING_R = 0.5  # exits closer together than this share one order


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """What a target is measured against, in signed prices.

    Args:
        near: entry.
        close: the decision's close; a target must lie beyond it, or the plan is void at once.
        loss: per unit if the stop fills, costs included.
        room: how far beyond the close the first target lies at least, in distances from the
            close to the entry.
    """

    near: Decimal
    close: Decimal
    loss: Decimal
    room: Decimal = Decimal(0)

    @property
    def first(self) -> Decimal:
        """Return where the first target may lie."""
        return self.close + self.room * (self.close - self.near)


def choose_targets(
    levels: Sequence[Level], stake: Stake, *, costs: Costs, rules: PlannerRules, axis: Axis
) -> tuple[Target, ...]:
    """Return the exits: the first level worth `min_target_r` net, then each next one apart.

    As many as the profile has fractions, no further than `max_target_r`; where there are fewer
    levels, the last one closes what is left.

    Args:
        levels: what may be aimed at, nearest first.

    Raises:
        NoPlan: `no_target`: no level pays enough within reach.
    """
    chosen: list[tuple[Decimal, float, str]] = []
    floor, best = rules.min_target_r, 0.0
    for level in levels:
        signed = axis.exit(level.signed)
        r_multiple = net_r(signed, stake, costs=costs, axis=axis)
        if signed < stake.first or signed <= stake.close or r_multiple > rules.max_target_r:
            continue
        best = max(best, r_multiple)
        if r_multiple >= floor and len(chosen) < len(rules.target_fractions):
            chosen.append((signed, r_multiple, level.name))
            floor = r_multiple + _SPACING_R
    if not chosen:
        raise NoPlan(_no_target(best, stake, rules=rules, axis=axis))
    fractions = merged_fractions(rules.target_fractions, len(chosen))
    return tuple(
        Target(price=axis.price(signed), fraction=fraction, r_multiple=r_multiple, rationale=name)
        for (signed, r_multiple, name), fraction in zip(chosen, fractions, strict=True)
    )


def merged_fractions(fractions: Sequence[Decimal], count: int) -> tuple[Decimal, ...]:
    """Return the shares of `count` exits (at least 1); the last takes what is left of 1."""
    kept = tuple(fractions[: count - 1])
    return (*kept, sum(fractions[count - 1 :], Decimal(0)))


def weighted_r(targets: Sequence[Target]) -> float:
    """Return the R multiple of a plan whose every target fills, weighted by their fractions."""
    return sum(float(target.fraction) * target.r_multiple for target in targets)


def net_r(signed: Decimal, stake: Stake, *, costs: Costs, axis: Axis) -> float:
    """Return what an exit at a signed price pays net of costs, in R."""
    paid = costs.taken_profit(entry=axis.price(stake.near), target=axis.price(signed))
    return float((signed - stake.near - paid) / stake.loss)


def _no_target(best: float, stake: Stake, *, rules: PlannerRules, axis: Axis) -> Check:
    first = plain(axis.price(axis.exit(stake.first)))
    found = f"the best of them pays {best:.2f}R" if best > 0 else "none is within reach"
    return Check(
        code="no_target",
        passed=False,
        measured=best,
        limit=rules.min_target_r,
        sentence=f"no level from {first} on (as far from the close as the entry, times "
        f"{rules.min_target_room:g}) pays {rules.min_target_r:g}R to {rules.max_target_r:g}R net; "
        f"{found}",
    )
