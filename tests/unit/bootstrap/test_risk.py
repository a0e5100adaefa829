from decimal import Decimal

import pytest

from snipersight.bootstrap.risk import build_policy
from snipersight.bootstrap.settings import load_settings
from snipersight.domain.errors import ConfigInvalid
from snipersight.risk.policy import RiskPolicy
from tests.builders import a_profile


def test_without_a_profile_the_limits_are_the_settings():
    assert build_policy(load_settings()[0]) == RiskPolicy()


def test_a_profile_says_how_much_a_trade_risks_and_what_it_costs():
    profile = a_profile(
        sizing={"risk_fraction": "0.004", "volatility_floor": 0.25},
        planner={"slippage_fraction": "0.001", "min_rr": 1.7},
    )
    policy = build_policy(load_settings()[0], profile)
    assert policy.risk_fraction == Decimal("0.004")
    assert policy.volatility_floor == Decimal("0.25")
    assert policy.slippage_fraction == Decimal("0.001")
    assert policy.min_rr == Decimal("1.7")


@pytest.mark.parametrize(("own", "asked", "held"), [(1.5, "2", "2"), (2.5, "2", "2.5")])
def test_the_higher_floor_of_reward_counts(monkeypatch, own, asked, held):
    monkeypatch.setenv("MIN_RISK_REWARD", asked)
    policy = build_policy(load_settings()[0], a_profile(planner={"min_rr": own}))
    assert policy.min_rr == Decimal(held)


def test_a_profile_that_makes_no_policy_is_named():
    profile = a_profile(sizing={"risk_fraction": "0.0000001"})
    with pytest.raises(ConfigInvalid, match=r"profile testing: risk_fraction must lie between"):
        build_policy(load_settings()[0], profile)
