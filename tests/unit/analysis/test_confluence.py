"""The score: it adds up, and mirrored or scaled markets score alike."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.analysis.confluence import CONFLICTS, FACTORS, score, tier_of
from snipersight.analysis.entry_zone import entry_zone
from snipersight.analysis.factors import Evidence, Opinion, ramp
from snipersight.domain.confluence import Tier
from snipersight.domain.direction import Direction
from snipersight.domain.profile import Conflicts, Weights
from tests.builders import a_context, a_leader, a_momentum, a_profile, a_setup, mirrored, scaled
from tests.builders.strategies import ABOUT, contexts, leaders, momentums

PROFILE = a_profile()


def evidence_of(context: Any, momentum: Any, leader: Any) -> Evidence:
    zone = entry_zone(context.setup, PROFILE.setup.zone_from)
    assert zone is not None
    return Evidence(context=context, zone=zone, momentum=momentum, leader=leader, profile=PROFILE)


def values_of(judges: Any, context: Any, momentum: Any, leader: Any) -> dict[str, float]:
    evidence = evidence_of(context, momentum, leader)
    return {judge.__name__: judge(evidence).value for judge in judges}


def hold_mirror_law(judges: Any, context: Any, momentum: Any, leader: Any) -> None:
    turned = [mirrored(one, about=ABOUT) if one else None for one in (context, momentum, leader)]
    assert values_of(judges, *turned) == values_of(judges, context, momentum, leader)


def hold_scale_law(judges: Any, context: Any, momentum: Any, leader: Any, factor: float) -> None:
    enlarged = scaled(context, by=factor)
    assert values_of(judges, enlarged, momentum, leader) == values_of(
        judges, context, momentum, leader
    )


@given(contexts(), momentums, leaders)
def test_every_factor_obeys_the_mirror_law(context, momentum, leader):
    hold_mirror_law((*FACTORS, *CONFLICTS), context, momentum, leader)


@given(contexts(), momentums, leaders, st.integers(-20, 20))
def test_every_factor_obeys_the_scale_law(context, momentum, leader, power):
    hold_scale_law((*FACTORS, *CONFLICTS), context, momentum, leader, 2.0**power)


def percent_of_price(evidence):
    """Measure the leg in percent of price: the one-sided habit the laws must catch."""
    setup = evidence.setup
    return Opinion(
        value=ramp(abs(setup.close - setup.origin) / setup.close, none_at=0, full_at=0.2),
        sentence="",
    )


def fond_of_longs(evidence):
    return Opinion(value=1.0 if evidence.direction is Direction.LONG else 0.9, sentence="")


def in_quote_currency(evidence):
    return Opinion(value=ramp(evidence.setup.atr, none_at=0, full_at=10), sentence="")


@pytest.mark.parametrize("wrong", [percent_of_price, fond_of_longs])
def test_the_mirror_law_catches_a_one_sided_factor(wrong):
    with pytest.raises(AssertionError):
        hold_mirror_law((wrong,), a_context(), None, None)


def test_the_scale_law_catches_a_factor_in_quote_currency():
    with pytest.raises(AssertionError):
        hold_scale_law((in_quote_currency,), a_context(), None, None, 2.0)


@given(contexts(), momentums, leaders)
def test_values_are_shares_and_contributions_add_up(context, momentum, leader):
    confluence = score(context, momentum, leader, PROFILE)
    total = math.fsum(factor.contribution for factor in confluence.factors)
    assert confluence.score == min(max(total, 0), 100)
    for factor in confluence.factors:
        assert 0 <= factor.value <= 1
        assert factor.contribution == factor.value * factor.weight
        assert factor.sentence
        assert "nan" not in factor.sentence


def test_factors_and_conflicts_are_those_a_profile_can_weigh():
    assert {judge.__name__ for judge in FACTORS} == set(Weights.model_fields)
    assert {judge.__name__ for judge in CONFLICTS} == set(Conflicts.model_fields)


def test_a_worked_score():
    # Values times weights: see test_factors for each value of the builder's setup.
    parts = {
        "bias_trend": 14 * 0.93,
        "zone_point_of_interest": 12 * 2.5 / 3,
        "order_block": 10 * 0.7,  # 1 ATR high: 0.4 + 0.4 × 0.75
        "fair_value_gap": 8 * 1.0,
        "sweep_quality": 12 * (0.35 * 0.5 + 0.15 / 3 + 0.25 * 34 / 96 + 0.25 * 0.5),
        "displacement": 10 * (0.3 + 0.4 * 1 / 2.25 + 0.3 * 0.25 / 0.4),
        "structure_shift": 8 * 0.65,
        "discount": 8 * 2 / 3,
        "kill_zone": 4 * 0.4,
        "momentum": 5 * 0.9375 * 0.25 / 0.3,
        "divergence": 4 * 0.125 / 0.3,
        "volume_spike": 5 * 0.5,
    }
    confluence = score(a_context(), a_momentum(), a_leader(1), PROFILE)
    measured = {f.name: f.contribution for f in confluence.factors if not f.name.startswith("_")}
    assert {name: measured[name] for name in parts} == pytest.approx(parts)
    assert confluence.score == pytest.approx(sum(parts.values()))
    assert confluence.conflicts == ()


def test_conflicts_are_subtracted_and_a_score_never_falls_below_zero():
    against = score(a_context(), a_momentum(), a_leader(-1), PROFILE)
    with_it = score(a_context(), a_momentum(), a_leader(1), PROFILE)
    assert with_it.score - against.score == pytest.approx(10)
    assert [factor.name for factor in against.conflicts] == ["against_leader"]
    harsh = a_profile(conflicts={"against_leader": 100})
    assert score(a_context(), None, a_leader(-1), harsh).score == 0


def test_tiers_include_their_border():
    assert [tier_of(points, PROFILE) for points in (75, 74.9, 60, 59.9)] == [
        Tier.A,
        Tier.B,
        Tier.B,
        Tier.C,
    ]


def test_a_setup_without_entry_zone_has_no_score():
    profile = a_profile(setup={"valid_bars": 32, "zone_from": ("gap",)})
    with pytest.raises(ValueError, match="entry zone"):
        score(a_context(setup=a_setup(gap=None)), None, None, profile)
