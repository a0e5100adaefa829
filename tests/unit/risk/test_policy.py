"""The policy: limits that limit nothing, or contradict each other, cannot exist."""

from dataclasses import fields, replace
from decimal import Decimal

import pytest

from snipersight.domain.exposure import Basis
from snipersight.risk.policy import RiskPolicy

NUMBERS = [
    item.name
    for item in fields(RiskPolicy)
    if isinstance(item.default, (Decimal, int)) and not isinstance(item.default, bool)
]
EXACT = [name for name in NUMBERS if isinstance(getattr(RiskPolicy(), name), Decimal)]


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity", "-0.01", "1000000000"])
@pytest.mark.parametrize("name", EXACT)
def test_a_limit_outside_of_its_range_is_named(name, value):
    with pytest.raises(ValueError, match=rf"{name} must lie between"):
        RiskPolicy(**{name: Decimal(value)})


@pytest.mark.parametrize("name", [name for name in NUMBERS if name not in EXACT])
def test_a_negative_count_or_time_is_named(name):
    with pytest.raises(ValueError, match=rf"{name} must lie between"):
        RiskPolicy(**{name: -1})


def test_every_problem_is_named_at_once():
    with pytest.raises(ValueError, match=r"max_leverage .*; max_margin .*; max_positions "):
        RiskPolicy(max_leverage=Decimal(0), max_margin=Decimal(2), max_positions=0)


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"max_per_asset": "0.11"}, "max_per_asset 0.11 exceeds max_total 0.10"),
        ({"max_risk_per_trade": "0.06"}, "max_risk_per_trade 0.06 exceeds max_per_asset 0.05"),
        ({"max_cluster": "0.11"}, "max_cluster 0.11 exceeds max_total 0.10"),
        (
            {"max_cluster": "0.02", "max_risk_per_trade": "0.03"},
            "max_risk_per_trade 0.03 exceeds max_cluster 0.02",
        ),
        ({"max_daily_loss": "0.07"}, "max_daily_loss 0.07 exceeds max_weekly_loss 0.06"),
    ],
)
def test_limits_that_contradict_each_other_are_refused(limits, told):
    with pytest.raises(ValueError, match=told):
        RiskPolicy(**{name: Decimal(value) for name, value in limits.items()})


def test_amounts_of_another_basis_are_not_compared_with_risk():
    policy = RiskPolicy(
        basis=Basis.NOTIONAL, max_per_asset=Decimal("0.005"), max_total=Decimal("0.006")
    )
    assert policy.max_risk_per_trade > policy.max_per_asset


@pytest.mark.parametrize("name", [item.name for item in fields(RiskPolicy)])
def test_the_hash_covers_every_limit(name):
    policy = RiskPolicy(max_risk_per_trade=Decimal("0.009"))
    old = getattr(policy, name)
    new = {
        Decimal: lambda: old * Decimal("0.999") if old else Decimal("0.1"),
        int: lambda: old + 1,
        tuple: lambda: ("PEPE",),
        Basis: lambda: Basis.MARGIN,
    }[type(old)]()
    if name == "max_leverage":
        new = Decimal(4)
    changed = replace(policy, **{name: new})
    assert changed.hash != policy.hash


def test_equal_limits_have_one_hash_however_they_are_spelled():
    assert RiskPolicy(max_total=Decimal("0.1")).hash == RiskPolicy(max_total=Decimal("0.100")).hash
