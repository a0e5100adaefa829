"""The score of a setup: weighted factors, conflicts subtracted. A ranking, not a probability."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from snipersight.analysis import factors_conflict, factors_event, factors_location
from snipersight.analysis.entry_zone import entry_zone
from snipersight.analysis.factors import Evidence, Opinion
from snipersight.analysis.facts import SetupContext
from snipersight.analysis.momentum import Momentum
from snipersight.domain.confluence import Confluence, Factor, Tier
from snipersight.domain.ports import LeaderState
from snipersight.domain.profile import Profile

Judge = Callable[[Evidence], Opinion]

# The function's name is the factor's name and its key among the profile's weights.
FACTORS: Final[tuple[Judge, ...]] = (
    factors_location.bias_trend,
    factors_location.zone_point_of_interest,
    factors_location.order_block,
    factors_location.fair_value_gap,
    factors_event.sweep_quality,
    factors_event.displacement,
    factors_event.structure_shift,
    factors_location.discount,
    factors_event.kill_zone,
    factors_event.momentum,
    factors_event.divergence,
    factors_event.volume_spike,
)
CONFLICTS: Final[tuple[Judge, ...]] = (
    factors_conflict.against_bias,
    factors_conflict.against_leader,
    factors_conflict.opposing_zone,
    factors_conflict.volatile,
)


def score(
    context: SetupContext,
    momentum: Momentum | None,
    leader: LeaderState | None,
    profile: Profile,
) -> Confluence:
    """Return the score of a setup that passed the gates.

    Args:
        context: the setup with everything known at its decision.
        momentum: of the trigger timeframe then; None with too little history, which scores 0.
        leader: BTC's state then; None for BTC itself.
        profile: weights, deductions and tiers.

    Raises:
        ValueError: the setup has no entry zone under the profile; the gate `entry_zone` says so.
    """
    zone = entry_zone(context.setup, profile.setup.zone_from)
    if zone is None:
        raise ValueError("a setup without entry zone has no score; ask the gates first")
    evidence = Evidence(
        context=context, zone=zone, momentum=momentum, leader=leader, profile=profile
    )
    factors = judge_all(evidence)
    total = math.fsum(factor.contribution for factor in factors)
    points = min(max(total, 0.0), 100.0)
    return Confluence(score=points, tier=tier_of(points, profile), factors=factors)


def judge_all(evidence: Evidence) -> tuple[Factor, ...]:
    """Return every factor, then every conflict, in a fixed order."""
    weights, deductions = evidence.profile.weights, evidence.profile.conflicts
    speaking_for = [
        _weighed(judge, evidence, getattr(weights, judge.__name__)) for judge in FACTORS
    ]
    against = [
        _weighed(judge, evidence, -getattr(deductions, judge.__name__)) for judge in CONFLICTS
    ]
    return (*speaking_for, *against)


def _weighed(judge: Judge, evidence: Evidence, weight: float) -> Factor:
    opinion = judge(evidence)
    return Factor(
        name=judge.__name__,
        value=opinion.value,
        weight=weight,
        contribution=opinion.value * weight + 0.0,  # never a negative zero
        sentence=opinion.sentence,
        price=opinion.price,
    )


def tier_of(points: float, profile: Profile) -> Tier:
    """Return the quality class of a score in a profile."""
    if points >= profile.tiers.a:
        return Tier.A
    return Tier.B if points >= profile.tiers.b else Tier.C
