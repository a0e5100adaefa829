from decimal import Decimal

from snipersight.bootstrap.account import simulated_account
from snipersight.bootstrap.gate import build_gate, within_limit
from snipersight.bootstrap.settings import Settings, load_settings
from snipersight.domain.decision import Approved, Rejected, RiskDecision
from snipersight.domain.profile import Profile
from tests.builders import a_plan, a_profile, an_instrument


def judged(profile: Profile, settings: Settings) -> RiskDecision:
    return build_gate(profile, settings).judge(
        a_plan(),
        instrument=an_instrument(),
        account=simulated_account(settings),
        quote_rate=Decimal(1),
    )


def test_a_profile_within_the_limit_is_left_alone():
    settings, _ = load_settings()
    profile = a_profile()
    assert within_limit(profile, settings) == (profile, ())


def test_a_profile_above_the_limit_is_sized_at_the_limit_and_that_is_said(monkeypatch):
    monkeypatch.setenv("MAX_RISK_PER_TRADE", "0.005")
    settings, _ = load_settings()
    lowered, remarks = within_limit(a_profile(), settings)
    assert lowered.sizing.risk_fraction == Decimal("0.005")
    assert "MAX_RISK_PER_TRADE" in remarks[0]


def test_a_wanted_risk_replaces_the_one_of_the_profile():
    settings, _ = load_settings()
    changed, remarks = within_limit(a_profile(), settings, wanted=Decimal("0.002"))
    assert changed.sizing.risk_fraction == Decimal("0.002")
    assert remarks == ()


def test_the_gate_sizes_within_the_risk_of_the_profile():
    settings, _ = load_settings()
    decision = judged(a_profile(sizing={"risk_fraction": "0.004"}), settings)
    assert isinstance(decision, Approved)
    assert Decimal(0) < decision.risk <= Decimal(40)  # 0.4 % of 10,000


def test_the_gate_refuses_a_risk_above_the_limit(monkeypatch):
    monkeypatch.setenv("MAX_RISK_PER_TRADE", "0.001")
    settings, _ = load_settings()
    assert isinstance(judged(a_profile(), settings), Rejected)


def test_the_account_is_the_configured_one_unless_a_balance_is_named():
    settings, _ = load_settings()
    assert simulated_account(settings).equity == Decimal("10000.0")
    named = simulated_account(settings, balance=Decimal(250))
    assert (named.equity, named.source) == (Decimal(250), "--balance")
