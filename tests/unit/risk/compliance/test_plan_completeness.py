"""Completeness: a plan that came past its constructor is found out, whatever is wrong in it."""

import copy
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.direction import Direction
from snipersight.domain.errors import InvalidPlan
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Price
from snipersight.risk.compliance.plan_completeness import plan_problems
from tests.builders import a_plan

NO_NUMBERS = (Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-Infinity"))
NO_PRICES = (*NO_NUMBERS, Decimal(0), Decimal(-1))
NO_FLOATS = (float("nan"), float("inf"), float("-inf"), 10**400)
PRICES = ("entry_near", "entry_mid", "entry_far", "atr", "last_price")


def forged(part: Any, **changes: Any) -> Any:
    """Return a plan, stop or target with other fields that came past its constructor."""
    other = copy.copy(part)
    for name, value in changes.items():
        object.__setattr__(other, name, value)
    return other


def with_target(**changes: Any) -> TradePlan:
    plan = a_plan()
    targets = (forged(plan.targets[0], **changes), *plan.targets[1:])
    broken: TradePlan = forged(plan, targets=targets)
    return broken


@pytest.mark.parametrize("side", Direction)
@pytest.mark.parametrize("targets", [1, 2, 3])
def test_a_whole_plan_has_no_problem(side, targets):
    prices = [str(42250 + side.sign * (1000 + n)) for n in range(targets)]
    assert plan_problems(a_plan(side, targets=prices)) == ()


def test_a_zone_of_one_price_is_a_zone():
    assert plan_problems(a_plan(near="42250", far="42250")) == ()


@pytest.mark.parametrize("name", PRICES)
@pytest.mark.parametrize("value", NO_PRICES)
def test_a_price_that_is_none_is_named(name, value):
    assert plan_problems(forged(a_plan(), **{name: value})) == (f"{name} is {value}",)


@pytest.mark.parametrize("value", NO_FLOATS)
def test_a_reward_or_score_that_is_no_number_is_named(value):
    assert "risk_reward" in plan_problems(forged(a_plan(), risk_reward=value))[0]
    plan = a_plan()
    boasting = forged(plan, confluence=forged(plan.confluence, score=value))
    assert "the score" in plan_problems(boasting)[0]


@pytest.mark.parametrize("value", NO_PRICES)
def test_a_stop_without_a_price_is_named(value):
    plan = a_plan()
    (problem,) = plan_problems(forged(plan, stop_loss=forged(plan.stop_loss, price=value)))
    assert problem.startswith(f"stop_loss has the price {value}")


@pytest.mark.parametrize("value", NO_FLOATS)
def test_a_stop_at_no_distance_is_named(value):
    plan = a_plan()
    far = forged(plan.stop_loss, distance_atr=value)
    assert "ATR away" in plan_problems(forged(plan, stop_loss=far))[0]


@pytest.mark.parametrize("value", NO_PRICES)
@pytest.mark.parametrize("name", ["price", "fraction"])
def test_a_target_without_a_number_is_named(name, value):
    (problem,) = plan_problems(with_target(**{name: value}))
    assert problem.startswith("target at ")
    assert str(value) in problem


@pytest.mark.parametrize("value", NO_FLOATS)
def test_a_target_of_no_multiple_is_named(value):
    assert plan_problems(with_target(r_multiple=value))[0].startswith("target at ")


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("stop_loss", "price"),
        ("stop_loss", "rationale"),
        ("stop_loss", "distance_atr"),
        ("confluence", "score"),
        ("confluence", "tier"),
        ("confluence", "factors"),
    ],
)
def test_a_part_without_a_field_is_named(part, name):
    plan = a_plan()
    broken = forged(plan, **{part: forged(getattr(plan, part), **{name: None})})
    assert plan_problems(broken) == (f"{part}.{name} is missing",)


@pytest.mark.parametrize("name", ["price", "fraction", "r_multiple", "rationale"])
def test_a_target_without_a_field_is_named(name):
    assert plan_problems(with_target(**{name: None})) == (f"target {name} is missing",)


def test_something_else_among_the_targets_is_named():
    targets = (*a_plan().targets[:2], "40000")
    assert "target price is missing" in plan_problems(forged(a_plan(), targets=targets))


@pytest.mark.parametrize("last", ["0.1", "0.200000000000000000000000001", "0.3"])
def test_fractions_must_make_a_whole(last):
    plan = a_plan()
    targets = (*plan.targets[:2], replace(plan.targets[2], fraction=Decimal(last)))
    (problem,) = plan_problems(forged(plan, targets=targets))
    assert problem == f"target fractions sum to {Decimal('0.8') + Decimal(last)}, not 1"


def test_a_plan_without_targets_is_named():
    assert plan_problems(forged(a_plan(), targets=())) == ("no target",)


@pytest.mark.parametrize("name", ["setup_id", "plan_id", "venue", "symbol", "profile"])
def test_an_empty_name_is_named(name):
    assert plan_problems(forged(a_plan(), **{name: ""})) == (f"{name} is empty",)


@pytest.mark.parametrize("symbol", ["BTCUSDT", "/USDT", "BTC/", "/BTC/USDT"])
def test_a_symbol_that_names_no_pair_is_named(symbol):
    (problem,) = plan_problems(forged(a_plan(), symbol=symbol))
    assert problem == f"symbol is {symbol!r}, which names no pair"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("entry_near", 42250.0),
        ("round_trip_cost", "37.7"),
        ("direction", "LONG"),
        ("market", "spot"),
        ("created_at", 1_717_754_400_000),
        ("targets", []),
        ("risk_reward", "2"),
    ],
)
def test_a_field_of_another_type_is_named(name, value):
    assert plan_problems(forged(a_plan(), **{name: value})) == (f"{name} is {value!r}",)


@pytest.mark.parametrize("name", ["created_at", "valid_until"])
def test_a_time_without_a_zone_is_named(name):
    naive = getattr(a_plan(), name).replace(tzinfo=None)
    assert plan_problems(forged(a_plan(), **{name: naive})) == ("times carry no zone",)


@pytest.mark.parametrize("late", [0, 1])
def test_a_plan_that_ends_before_it_begins_is_named(late):
    plan = a_plan()
    over = forged(plan, valid_until=plan.created_at - timedelta(seconds=late))
    assert "is not after created_at" in plan_problems(over)[0]


@pytest.mark.parametrize("side", Direction)
def test_a_zone_that_does_not_lead_to_the_stop_is_named(side):
    plan = a_plan(side)
    beyond = Price(plan.entry_near + side.sign)
    assert "entry_mid" in plan_problems(forged(plan, entry_mid=beyond))[0]
    short_of_mid = Price(plan.entry_mid + side.sign)
    assert "entry_far" in plan_problems(forged(plan, entry_far=short_of_mid))[0]


def test_a_zone_of_a_coin_worth_cents_is_held_to_the_same():
    plan = a_plan(near="0.04225", far="0.04205", stop="0.04175", targets=["0.0430"])
    assert plan_problems(plan) == ()
    beyond = forged(plan, entry_mid=Price(Decimal("0.04226")))
    assert plan_problems(beyond) == ("entry_mid 0.04226 lies before entry_near 0.04225",)


@pytest.mark.parametrize("value", [1e300, -1e300])
def test_a_number_that_reaches_the_largest_is_none(value):
    assert "risk_reward" in plan_problems(forged(a_plan(), risk_reward=value))[0]
    assert plan_problems(forged(a_plan(), risk_reward=value / 2)) == ()


def test_all_problems_are_named_at_once():
    plan = forged(a_plan(), symbol="BTC", atr=Decimal(0), targets=())
    plan = forged(plan, valid_until=plan.created_at)
    assert [problem.split()[0] for problem in plan_problems(plan)] == [
        "symbol",
        "atr",
        "no",
        "valid_until",
    ]


prices = st.integers(99, 103).map(Decimal)


@given(st.sampled_from(Direction), prices, prices, prices, st.integers(90, 110).map(Decimal))
def test_no_plan_that_can_exist_is_incomplete(side, near, mid, far, stop):
    target = str(near + side.sign * 10)
    try:
        plan = a_plan(
            side, near=str(near), far=str(far), stop=str(stop), targets=(target,), entry_mid=mid
        )
    except InvalidPlan:
        return
    assert plan_problems(plan) == ()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"risk_reward": float("nan")}, "risk_reward is nan, the score 72.0"),
        ({"entry_mid": Price(Decimal(42251))}, "entry_mid 42251 lies before entry_near 42250"),
        ({"entry_far": Price(Decimal(42151))}, "entry_far 42151 lies before entry_mid 42150"),
        (
            {"stop_loss": forged(a_plan().stop_loss, distance_atr=float("inf"))},
            "stop_loss has the price 41750, inf ATR away",
        ),
        (
            {"valid_until": a_plan().created_at},
            (
                "valid_until 2024-06-07 10:00:00+00:00 is not after created_at "
                "2024-06-07 10:00:00+00:00"
            ),
        ),
    ],
)
def test_a_contradiction_is_told_with_both_of_its_sides(changes, problem):
    assert plan_problems(forged(a_plan(), **changes)) == (problem,)


def test_a_target_is_told_with_its_numbers():
    (problem,) = plan_problems(with_target(fraction=Decimal(0)))
    r_multiple = a_plan().targets[0].r_multiple
    assert problem == f"target at 43000 has the fraction 0 and {r_multiple} R"
