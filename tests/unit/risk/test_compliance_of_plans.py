"""Compliance of a plan by itself: every field and every number blocks it alone."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Price
from snipersight.risk.compliance_checks import (
    validate_risk_parameters,
    validate_trade_plan_completeness,
)
from tests.builders import DECIDED_AT_MS, a_plan
from tests.builders.compliance import (
    LATEST,
    SIDES,
    asked,
    facts_of,
    failed,
    forged,
    found,
    inputs_for,
)
from tests.builders.gating import gate_inputs
from tests.builders.ledger import a_policy


@pytest.mark.parametrize("name", [item.name for item in fields(TradePlan)])
def test_a_plan_without_a_field_is_incomplete_and_asked_nothing_else(name):
    plan = forged(a_plan(), **{name: None})
    checks = asked(plan, gate_inputs())
    assert [check.code for check in checks] == ["incomplete_plan"]
    assert f"{name} is missing" in validate_trade_plan_completeness(plan).sentence


def test_what_is_no_plan_lacks_everything():
    nothing: Any = None
    check = validate_trade_plan_completeness(nothing)
    assert not check
    assert (check.measured, check.limit) == (len(fields(TradePlan)), 0)


def test_a_plan_whose_fields_were_never_set_is_incomplete():
    assert failed(object.__new__(TradePlan), gate_inputs()) == ["incomplete_plan"]


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("away", [0, 100, 600])
def test_a_stop_that_does_not_lie_beyond_the_zone_is_refused_alone(side, away):
    # The far edge is 200 from the near one: at it, between the edges, and beyond the entry.
    sound = a_plan(side)
    stop = sound.entry_far + side.sign * away
    plan = forged(sound, stop_loss=replace(sound.stop_loss, price=Price(stop)))
    assert failed(plan) == ["stop_on_wrong_side"]
    check = validate_risk_parameters(plan, policy=a_policy())
    assert check.code == "stop_on_wrong_side"
    assert (check.measured, check.limit) == (stop, sound.entry_far)


@pytest.mark.parametrize("side", SIDES)
def test_a_stop_at_the_entry_risks_nothing_and_earns_nothing(side):
    sound = a_plan(side)
    plan = forged(sound, stop_loss=replace(sound.stop_loss, price=sound.entry_near))
    assert failed(plan, policy=a_policy(min_rr="0.5")) == ["stop_on_wrong_side", "min_rr"]
    assert found("min_rr", asked(plan)).measured == 0


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("at", [0, -50])
def test_a_first_target_not_beyond_the_entry_is_refused_alone(side, at):
    sound = a_plan(side)
    first = replace(sound.targets[0], price=Price(sound.entry_near + side.sign * at))
    plan = forged(sound, targets=(first, *sound.targets[1:]))
    assert failed(plan) == ["targets_on_wrong_side"]
    check = validate_risk_parameters(plan, policy=a_policy())
    assert check.code == "targets_on_wrong_side"
    assert (check.measured, check.limit) == (first.price, sound.entry_near)


@pytest.mark.parametrize("side", SIDES)
def test_targets_must_come_nearest_first(side):
    sound = a_plan(side)
    one, two, three = sound.targets
    again = replace(two, price=one.price)
    for targets in ((one, again, three), (two, one, three)):
        assert failed(forged(sound, targets=targets)) == ["targets_on_wrong_side"]


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("as_of_ms", "said"),
    [
        (DECIDED_AT_MS, None),
        (LATEST - 1, None),
        (LATEST, "ended at 2024-06-07 18:00:00+00:00"),
        (LATEST + 1, "ended at 2024-06-07 18:00:00+00:00"),
        (DECIDED_AT_MS - 1, "made at 2024-06-07 10:00:00+00:00, later than"),
    ],
)
def test_a_plan_counts_from_its_close_until_exactly_before_its_end(side, as_of_ms, said):
    plan = a_plan(side)
    fresh = facts_of(plan, at_ms=as_of_ms)
    inputs = inputs_for(plan, facts=fresh, as_of_ms=as_of_ms)
    assert failed(plan, inputs) == ([] if said is None else ["stale_plan"])
    check = found("stale_plan", asked(plan, inputs))
    assert said is None or check.sentence.startswith(said)
    moment = datetime.fromtimestamp(as_of_ms / 1000, UTC).isoformat()
    assert (check.measured, check.limit) == (moment, "2024-06-07T18:00:00+00:00")


def test_a_plan_of_another_zone_ends_at_the_same_moment():
    plan = a_plan()
    moved = plan.valid_until.astimezone(timezone(timedelta(hours=9)))
    inputs = inputs_for(plan, facts=facts_of(plan, at_ms=LATEST), as_of_ms=LATEST)
    assert failed(replace(plan, valid_until=moved), inputs) == ["stale_plan"]


@pytest.mark.parametrize("side", SIDES)
def test_wanting_more_risk_than_a_trade_may_take_is_refused_alone(side):
    plan = a_plan(side)
    at_limit = a_policy(risk_fraction="0.01", max_risk_per_trade="0.01")
    above = a_policy(risk_fraction="0.010001", max_risk_per_trade="0.01")
    assert failed(plan, policy=at_limit) == []
    assert failed(plan, policy=above) == ["max_risk_per_trade"]
    check = validate_risk_parameters(plan, policy=above)
    assert (check.code, check.measured, check.limit) == (
        "max_risk_per_trade",
        Decimal("0.010001"),
        Decimal("0.01"),
    )


@pytest.mark.parametrize("side", SIDES)
def test_a_reward_below_the_least_is_refused_alone(side):
    plan = a_plan(side, targets=("43250",) if side is Direction.LONG else ("41250",))
    kept = replace(plan, risk_reward=1.5)
    assert failed(kept, policy=a_policy(min_rr="1.5")) == []
    assert failed(kept, policy=a_policy(min_rr="1.51")) == ["min_rr"]
    check = validate_risk_parameters(kept, policy=a_policy(min_rr="1.51"))
    assert (check.code, check.measured, check.limit) == (
        "min_rr",
        Decimal("1.5"),
        Decimal("1.51"),
    )


@pytest.mark.parametrize("side", SIDES)
def test_a_plan_cannot_claim_more_than_its_prices_give(side):
    # 1000 to win, 500 to lose: 2 before costs, whatever the plan says.
    plan = a_plan(side, targets=("43250",) if side is Direction.LONG else ("41250",))
    boasting = replace(plan, risk_reward=9.0)
    assert found("min_rr", asked(boasting)).measured == 2
    assert failed(boasting, policy=a_policy(min_rr="2")) == []
    assert failed(boasting, policy=a_policy(min_rr="2.01")) == ["min_rr"]


def test_each_target_earns_by_its_fraction():
    # 750, 1400 and 2100 away on 500: 0.5 × 1.5 + 0.3 × 2.8 + 0.2 × 4.2 = 2.43.
    assert found("min_rr", asked(replace(a_plan(), risk_reward=9.0))).measured == Decimal("2.43")


@pytest.mark.parametrize("side", SIDES)
def test_risk_parameters_of_a_sound_plan_pass(side):
    check = validate_risk_parameters(a_plan(side), policy=a_policy())
    assert check
    assert check.code == "risk_parameters"
    assert check.sentence


def test_risk_parameters_of_an_incomplete_plan_are_not_looked_at():
    plan = forged(a_plan(), entry_far=None)
    assert validate_risk_parameters(plan, policy=a_policy()).code == "incomplete_plan"


def test_every_problem_of_a_plan_is_told_in_one_sentence():
    plan = forged(a_plan(), atr=Decimal(0), targets=())
    assert validate_trade_plan_completeness(plan) == Check(
        code="incomplete_plan",
        passed=False,
        measured=2,
        limit=0,
        sentence="atr is 0; no target",
    )


def test_a_plan_that_has_ended_says_when():
    plan = a_plan()
    facts = facts_of(plan, at_ms=LATEST)
    check = found("stale_plan", asked(plan, inputs_for(plan, facts=facts, as_of_ms=LATEST)))
    assert check.sentence == ("ended at 2024-06-07 18:00:00+00:00, it is 2024-06-07T18:00:00+00:00")
