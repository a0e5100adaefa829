"""Hard gates refuse by name, and what cannot be measured is refused too."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from snipersight.analysis.facts import SetupContext
from snipersight.analysis.gates import first_failed, judge_gates, judge_score
from snipersight.domain.direction import Direction
from snipersight.domain.ports import LeaderState
from snipersight.domain.regime import Regime
from tests.builders import (
    DECIDED_AT_MS,
    a_confluence,
    a_context,
    a_leader,
    a_profile,
    a_reading,
    a_setup,
    mirrored,
    scaled,
)
from tests.builders.strategies import ABOUT, contexts, leaders

HOUR_MS = 3_600_000


def refusal(context: SetupContext, leader: LeaderState | None = None, **profile: Any) -> str | None:
    """Return the code that names the refusal, None where every gate is passed."""
    failed = first_failed(judge_gates(context, leader=leader, profile=a_profile(**profile)))
    return None if failed is None else failed.code


@pytest.mark.parametrize("side", Direction)
def test_a_setup_with_everything_in_its_favour_passes(side):
    assert refusal(a_context(side), a_leader(side.sign)) is None
    assert refusal(a_context(side), None) is None


@pytest.mark.parametrize(
    ("rule", "trend", "expected"),
    [
        ("with", 1, None),
        ("with", 0, "bias_alignment"),
        ("with", -1, "bias_alignment"),
        ("not_against", 0, None),
        ("not_against", -1, "bias_alignment"),
        ("off", -1, None),
    ],
)
def test_bias_alignment(rule, trend, expected):
    for side in Direction:
        bias = a_reading("4h", side, swing_trend=trend * side.sign)
        assert refusal(a_context(side, bias=bias), gates={"bias_alignment": rule}) == expected


@pytest.mark.parametrize(
    ("rule", "trend", "expected"),
    [
        ("with", 1, None),
        ("with", 0, "leader_alignment"),
        ("not_against", 0, None),
        ("not_against", -1, "leader_alignment"),
        ("off", -1, None),
    ],
)
def test_leader_alignment(rule, trend, expected):
    for side in Direction:
        leader = a_leader(trend * side.sign)
        assert refusal(a_context(side), leader, gates={"leader_alignment": rule}) == expected


def test_a_volatile_leader_refuses_unless_the_profile_trades_it():
    leader = a_leader(1, Regime.VOLATILE)
    assert refusal(a_context(), leader) == "leader_regime"
    trades_all = {"regimes": ("trend", "range", "volatile")}
    assert refusal(a_context(), leader, gates=trades_all) is None


@pytest.mark.parametrize("side", Direction)
def test_a_volatile_leader_refuses_even_where_its_trend_may_oppose(side):
    # A wild BTC takes every other market along, whichever way it runs.
    for trend in (-1, 0, 1):
        leader = a_leader(trend, Regime.VOLATILE)
        refused = refusal(a_context(side), leader, gates={"leader_alignment": "off"})
        assert refused == "leader_regime"


@pytest.mark.parametrize("rule", ["with", "not_against", "off"])
@pytest.mark.parametrize(
    "leader",
    [
        replace(a_leader(), known_at_ms=None),
        replace(a_leader(), regime=None),
        replace(a_leader(), known_at_ms=DECIDED_AT_MS - 9 * HOUR_MS),  # two 4h bars and more
        replace(a_leader(), known_at_ms=DECIDED_AT_MS + 1),  # from the future
    ],
)
def test_an_unknown_leader_fails_closed(leader, rule):
    assert refusal(a_context(), leader, gates={"leader_alignment": rule}) == "leader_unknown"


@pytest.mark.parametrize("rule", ["with", "not_against", "off"])
def test_the_leading_market_itself_is_asked_about_no_leader(rule):
    assert refusal(a_context(), None, gates={"leader_alignment": rule}) is None


def test_a_leader_of_the_running_bias_bar_is_known():
    leader = replace(a_leader(), known_at_ms=DECIDED_AT_MS - 8 * HOUR_MS)
    assert refusal(a_context(), leader) is None


@pytest.mark.parametrize("regime", [Regime.VOLATILE, None])
def test_regime_outside_the_profile_or_unknown_refuses(regime):
    assert refusal(a_context(zone=a_reading("1h", regime=regime))) == "regime"


def test_chasing_in_the_wrong_half_is_refused():
    # The entry at 100 in a range 92-116 lies at one third.
    assert refusal(a_context(), gates={"max_range_position": 0.34}) is None
    assert refusal(a_context(), gates={"max_range_position": 0.33}) == "range_position"
    short = a_context(Direction.SHORT)
    assert refusal(short, gates={"max_range_position": 0.33}) == "range_position"


def test_without_a_dealing_range_cheap_is_unknown_and_refused():
    assert refusal(a_context(zone=a_reading("1h", swing_high=None))) == "range_position"


def test_a_leg_without_the_zone_the_profile_wants_is_refused():
    context = a_context(setup=a_setup(gap=None))
    rules = {"valid_bars": 32, "zone_from": ("gap",)}
    assert refusal(context, setup=rules) == "entry_zone"


def test_every_gate_is_asked_even_after_a_refusal():
    bias = a_reading("4h", swing_trend=-1)
    zone = a_reading("1h", regime=None, swing_low=None)
    checks = judge_gates(a_context(bias=bias, zone=zone), leader=a_leader(-1), profile=a_profile())
    failed = [check.code for check in checks if not check]
    assert failed == ["bias_alignment", "leader_alignment", "regime", "range_position"]
    assert all(check.sentence for check in checks)


def test_score_gate_lets_the_limit_itself_pass():
    profile = a_profile(gates={"min_score": 72.0})
    assert judge_score(a_confluence(72.0), profile=profile)
    refused = judge_score(a_confluence(71.5), profile=profile)
    assert (refused.code, refused.measured, refused.limit) == ("score", 71.5, 72.0)
    assert not refused


def answers(context: SetupContext, leader: LeaderState | None) -> list[Any]:
    checks = judge_gates(context, leader=leader, profile=a_profile())
    return [(check.code, check.passed, check.measured) for check in checks]


@given(context=contexts(), leader=leaders)
def test_gates_obey_the_mirror_and_the_scale_law(context, leader):
    expected = answers(context, leader)
    turned = mirrored(leader, about=ABOUT) if leader else None
    assert answers(mirrored(context, about=ABOUT), turned) == expected
    assert answers(scaled(context, by=2.0**-9), leader) == expected
