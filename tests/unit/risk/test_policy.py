"""The policy: limits that limit nothing, or contradict each other, cannot exist."""

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.exposure import Basis
from snipersight.risk.policy import RiskPolicy

NUMBERS = [
    item.name
    for item in fields(RiskPolicy)
    if isinstance(item.default, (Decimal, int)) and not isinstance(item.default, bool)
]
EXACT = [name for name in NUMBERS if isinstance(getattr(RiskPolicy(), name), Decimal)]


def _policy(**limits: Any) -> RiskPolicy:
    return RiskPolicy(**limits)


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity", "-0.01", "1000000000"])
@pytest.mark.parametrize("name", EXACT)
def test_a_limit_outside_of_its_range_is_named(name, value):
    with pytest.raises(ValueError, match=rf"{name} must lie between"):
        _policy(**{name: Decimal(value)})


@pytest.mark.parametrize("name", [name for name in NUMBERS if name not in EXACT])
def test_a_negative_count_or_time_is_named(name):
    with pytest.raises(ValueError, match=rf"{name} must lie between"):
        _policy(**{name: -1})


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
        _policy(**{name: Decimal(value) for name, value in limits.items()})


def test_amounts_of_another_basis_are_not_compared_with_risk():
    policy = RiskPolicy(
        basis=Basis.NOTIONAL, max_per_asset=Decimal("0.005"), max_total=Decimal("0.006")
    )
    assert policy.max_risk_per_trade > policy.max_per_asset


@pytest.mark.parametrize("name", [item.name for item in fields(RiskPolicy)])
def test_the_hash_covers_every_limit(name):
    policy = RiskPolicy(max_risk_per_trade=Decimal("0.009"))
    old = getattr(policy, name)
    new: Any = {
        Decimal: old * Decimal("0.999") if isinstance(old, Decimal) and old else Decimal("0.1"),
        int: old + 1 if isinstance(old, int) else 0,
        tuple: ("PEPE",),
        Basis: Basis.MARGIN,
    }[type(old)]
    if name == "max_leverage":
        new = Decimal(4)
    changed = replace(policy, **{name: new})
    assert changed.hash != policy.hash


def test_equal_limits_have_one_hash_however_they_are_spelled():
    assert RiskPolicy(max_total=Decimal("0.1")).hash == RiskPolicy(max_total=Decimal("0.100")).hash


def test_a_limit_is_told_with_its_range():
    with pytest.raises(ValueError, match="max_leverage") as error:
        RiskPolicy(max_leverage=Decimal(126))
    assert str(error.value) == "max_leverage must lie between 1 and 125, not 126"


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("max_leverage", Decimal(1), Decimal(125)),
        ("max_positions", 1, 10_000),
        ("smallest_share", Decimal(0), Decimal(1)),
        ("price_collar", Decimal("0.000001"), Decimal(1)),
        ("max_loss_streak", 1, 1000),
        ("reservation_us", 1_000_000, 366 * 86_400_000_000),
    ],
)
def test_a_range_includes_its_borders(name, low, high):
    for value in (low, high):
        assert getattr(_policy(**{name: value}), name) == value


def test_limits_may_be_as_high_as_the_limit_above_them():
    same = Decimal("0.05")
    limits = ("max_risk_per_trade", "max_per_asset", "max_cluster", "max_total")
    losses = ("max_daily_loss", "max_weekly_loss")
    policy = _policy(**dict.fromkeys((*limits, *losses), same))
    assert policy.max_total == same


def test_what_contradicts_each_other_is_told_at_once():
    with pytest.raises(ValueError, match="exceeds") as error:
        RiskPolicy(max_daily_loss=Decimal("0.07"), max_cluster=Decimal("0.11"))
    assert str(error.value) == (
        "max_cluster 0.11 exceeds max_total 0.10; max_daily_loss 0.07 exceeds max_weekly_loss 0.06"
    )


def test_limits_are_written_as_json_values():
    held = RiskPolicy(max_leverage=Decimal("1E+1"), restricted=("DOGE",)).as_json()
    assert (held["max_leverage"], held["restricted"], held["basis"]) == ("10", ["DOGE"], "risk")
    assert (held["max_total"], held["max_positions"]) == ("0.1", 10)
