from dataclasses import fields
from decimal import Decimal

import pytest

from snipersight.bootstrap.risk_settings import SETTING_OF, RiskSettings, in_variables
from snipersight.bootstrap.settings import load_settings
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.exposure import Basis
from snipersight.risk.policy import RiskPolicy

OF_THE_PROFILE = {"risk_fraction", "slippage_fraction", "volatility_floor"}


def test_every_limit_of_the_policy_has_a_variable_or_belongs_to_the_profile():
    policy = {field.name for field in fields(RiskPolicy)}
    assert set(SETTING_OF) | OF_THE_PROFILE == policy
    assert set(SETTING_OF.values()) <= set(RiskSettings.model_fields)


def test_without_settings_the_limits_are_the_defaults_of_the_policy():
    assert RiskPolicy(**load_settings()[0].limits()) == RiskPolicy()  # type: ignore[arg-type]


EVERY_LIMIT = [
    ("MAX_RISK_PER_TRADE", "0.005", "max_risk_per_trade", Decimal("0.005")),
    ("MAX_TOTAL_EXPOSURE", "0.2", "max_total", Decimal("0.2")),
    ("MAX_PER_ASSET_EXPOSURE", "0.04", "max_per_asset", Decimal("0.04")),
    ("EXPOSURE_BASIS", " Notional", "basis", Basis.NOTIONAL),
    ("MAX_CLUSTER_EXPOSURE", "0.06", "max_cluster", Decimal("0.06")),
    ("CLUSTER_CORRELATION", "0.9", "cluster_correlation", Decimal("0.9")),
    ("MAX_LEVERAGE", "3", "max_leverage", Decimal(3)),
    ("MAX_MARGIN_USAGE", "0.5", "max_margin", Decimal("0.5")),
    ("MAX_OPEN_POSITIONS", "4", "max_positions", 4),
    ("SMALLEST_SIZE_SHARE", "0.5", "smallest_share", Decimal("0.5")),
    ("MAX_VOLUME_SHARE", "0.02", "max_volume_share", Decimal("0.02")),
    ("PRICE_COLLAR", "0.1", "price_collar", Decimal("0.1")),
    ("RESTRICTED_SYMBOLS", "luna, 1000PEPE/USDT:USDT", "restricted", ("LUNA", "PEPE")),
    ("LIQUIDATION_CUSHION", "1", "liquidation_cushion", Decimal(1)),
    ("MIN_RISK_REWARD", "2", "min_rr", Decimal(2)),
    ("MAX_DAILY_LOSS", "0.02", "max_daily_loss", Decimal("0.02")),
    ("MAX_WEEKLY_LOSS", "0.05", "max_weekly_loss", Decimal("0.05")),
    ("MAX_DRAWDOWN", "0.1", "max_drawdown", Decimal("0.1")),
    ("MAX_LOSS_STREAK", "3", "max_loss_streak", 3),
    ("LOSS_STREAK_PAUSE_HOURS", "12", "streak_pause_us", 12 * 3600 * 10**6),
    ("COOLDOWN_MINUTES", "1.5", "cooldown_us", 90 * 10**6),
    ("MAX_UNPROTECTED_SECONDS", "10", "max_unprotected_us", 10**7),
    ("MAX_DATA_AGE_SECONDS", "60", "max_data_age_us", 6 * 10**7),
    ("MAX_CLOCK_SKEW_MS", "250", "max_clock_skew_ms", 250),
    ("RESERVATION_HOURS", "2", "reservation_us", 2 * 3600 * 10**6),
]


def test_the_table_below_names_every_variable():
    assert {row[0].lower() for row in EVERY_LIMIT} == set(RiskSettings.model_fields)


@pytest.mark.parametrize(("variable", "text", "field", "value"), EVERY_LIMIT)
def test_a_variable_sets_its_limit(monkeypatch, variable, text, field, value):
    monkeypatch.setenv(variable, text)
    policy = RiskPolicy(**load_settings()[0].limits())  # type: ignore[arg-type]
    assert getattr(policy, field) == value


@pytest.mark.parametrize("variable", sorted(set(RiskSettings.model_fields)))
@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "-1", "1e99"])
def test_no_limit_takes_what_limits_nothing(monkeypatch, variable, text):
    name = variable.upper()
    monkeypatch.setenv(name, f"{text}!" if name == "RESTRICTED_SYMBOLS" else text)
    with pytest.raises(ConfigInvalid, match=name):
        load_settings()


CONTRADICTIONS = [
    ({"MAX_PER_ASSET_EXPOSURE": "0.2"}, "MAX_PER_ASSET_EXPOSURE 0.2 exceeds MAX_TOTAL_EXPOSURE"),
    ({"MAX_PER_ASSET_EXPOSURE": "0.005"}, "MAX_RISK_PER_TRADE 0.01 exceeds MAX_PER_ASSET"),
    ({"MAX_CLUSTER_EXPOSURE": "0.2"}, "MAX_CLUSTER_EXPOSURE 0.2 exceeds MAX_TOTAL_EXPOSURE"),
    ({"MAX_CLUSTER_EXPOSURE": "0.005"}, "MAX_RISK_PER_TRADE 0.01 exceeds MAX_CLUSTER_EXPOSURE"),
    ({"MAX_DAILY_LOSS": "0.1"}, "MAX_DAILY_LOSS 0.1 exceeds MAX_WEEKLY_LOSS 0.06"),
    ({"MAX_TOTAL_EXPOSURE": "10"}, "MAX_TOTAL_EXPOSURE 10 is more than the account"),
]


@pytest.mark.parametrize(("variables", "sentence"), CONTRADICTIONS)
def test_limits_that_contradict_each_other_are_refused_by_their_variables(
    monkeypatch, variables, sentence
):
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    with pytest.raises(ConfigInvalid) as caught:
        load_settings()
    assert sentence in caught.value.what


def test_several_times_the_account_is_a_fine_limit_of_notional(monkeypatch):
    monkeypatch.setenv("EXPOSURE_BASIS", "notional")
    monkeypatch.setenv("MAX_TOTAL_EXPOSURE", "3")
    monkeypatch.setenv("MAX_PER_ASSET_EXPOSURE", "1.5")
    assert load_settings()[0].limits()["max_total"] == 3


@pytest.mark.parametrize(
    ("variables", "limit"),
    [
        ({}, "0.075"),
        ({"MAX_TOTAL_EXPOSURE": "0.2"}, "0.125"),
        ({"EXPOSURE_BASIS": "notional", "MAX_TOTAL_EXPOSURE": "3"}, "0.075"),
        ({"MAX_CLUSTER_EXPOSURE": "0.02"}, "0.02"),
    ],
)
def test_a_cluster_may_risk_what_lies_midway_unless_it_is_said(monkeypatch, variables, limit):
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    assert load_settings()[0].cluster_limit == Decimal(limit)


def test_an_asset_that_is_none_is_named(monkeypatch):
    monkeypatch.setenv("RESTRICTED_SYMBOLS", "LUNA,DO GE!")
    with pytest.raises(ConfigInvalid, match="GE! is no asset or symbol"):
        load_settings()


def test_only_whole_names_are_translated():
    assert in_variables("max_total 1, max_totals 2") == "MAX_TOTAL_EXPOSURE 1, max_totals 2"
