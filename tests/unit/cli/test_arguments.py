from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.cli.arguments import (
    parse_amount,
    parse_as_of,
    parse_balance,
    parse_cost,
    parse_leverage,
    parse_rate,
    parse_risk,
    percent_text,
)
from snipersight.domain.candles import utc_text
from snipersight.domain.errors import ConfigInvalid

MOST = Decimal("0.02")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-06-07", "2024-06-07T00:00:00Z"),
        ("2024-06-07T12:00", "2024-06-07T12:00:00Z"),
        ("2024-06-07 12:00:30", "2024-06-07T12:00:30Z"),
        ("2024-06-07T12:00Z", "2024-06-07T12:00:00Z"),
        ("2024-06-07T12:00+02:00", "2024-06-07T10:00:00Z"),
        ("2024-06-07T00:30-05:00", "2024-06-07T05:30:00Z"),
    ],
)
def test_times_without_a_zone_are_utc(text, expected):
    assert utc_text(parse_as_of(text)) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13-01", "07.06.2024", "2024-06-07T25:00"])
def test_what_is_no_time_is_refused_with_examples(text):
    with pytest.raises(ConfigInvalid) as caught:
        parse_as_of(text)
    assert "2024-06-07T12:00" in caught.value.next_step
    assert caught.value.where == "--as-of"


@pytest.mark.parametrize("text", ["0024-06-07", "1999-01-01"])
def test_a_mistyped_year_before_crypto_is_refused(text):
    with pytest.raises(ConfigInvalid, match="before the first crypto market"):
        parse_as_of(text)


@pytest.mark.parametrize("text", ["1%", "1 %", "0.01", " 1.0% ", "1e-2"])
def test_percent_and_fraction_mean_the_same_risk(text):
    assert parse_risk(text, most=MOST) == Decimal("0.01")


@pytest.mark.parametrize("text", ["1", "2", "50"])
def test_a_bare_number_that_could_be_percent_is_refused(text):
    with pytest.raises(ConfigInvalid, match="percent or a fraction"):
        parse_risk(text, most=MOST)


@pytest.mark.parametrize("text", ["3%", "0.0201", "0.5"])
def test_a_risk_above_the_limit_is_refused_and_the_limit_is_named(text):
    with pytest.raises(ConfigInvalid, match=r"MAX_RISK_PER_TRADE allows, 2%"):
        parse_risk(text, most=MOST)


@pytest.mark.parametrize("text", ["0", "0%", "-1%", "nan", "inf%", "one", "", "%", "1%%"])
def test_a_risk_that_is_no_positive_number_is_refused(text):
    with pytest.raises(ConfigInvalid) as caught:
        parse_risk(text, most=MOST)
    assert "1% or 0.01" in caught.value.next_step


@given(st.decimals(min_value="0.0001", max_value="2", places=4))
def test_a_risk_in_percent_is_a_hundredth_of_the_number(percent):
    assert parse_risk(f"{percent}%", most=MOST) == percent / 100


def test_a_balance_is_a_plain_positive_number():
    assert parse_balance("2500.50") == Decimal("2500.50")
    for text in ("0", "-5", "nan", "2,500", "$5", ""):
        with pytest.raises(ConfigInvalid):
            parse_balance(text)


def test_percent_has_no_needless_digits():
    assert percent_text(Decimal("0.0100")) == "1%"
    assert percent_text(Decimal("0.005")) == "0.5%"
    assert percent_text(Decimal("0.1")) == "10%"


@pytest.mark.parametrize("parse", [parse_amount, parse_cost, parse_rate, parse_leverage])
@pytest.mark.parametrize(
    "text", ["1e300", "1e400", "1000000000000001", "9" * 40, "1E+999999999999999999"]
)
def test_a_number_no_account_can_hold_is_refused(parse, text):
    with pytest.raises(ConfigInvalid, match="the most that is taken") as caught:
        parse(text, where="--size")
    assert caught.value.where == "--size"
    assert "plain number" in caught.value.next_step


def test_each_bound_is_the_last_number_that_is_taken():
    assert parse_amount("1e15", where="--price") == Decimal(10) ** 15
    assert parse_balance("1e15") == Decimal(10) ** 15
    assert parse_leverage("125", where="--leverage") == 125
    assert parse_rate("1e12", where="--rate") == Decimal(10) ** 12
    for text, parse in (("125.5", parse_leverage), ("0.9", parse_leverage)):
        with pytest.raises(ConfigInvalid, match=r"125, the most|below 1"):
            parse(text, where="--leverage")
    with pytest.raises(ConfigInvalid, match="more than 1000000000000,"):
        parse_rate("1000000000001", where="--rate")
    with pytest.raises(ConfigInvalid, match="more than 1000000000000000,"):
        parse_balance("1e16")


@pytest.mark.parametrize(
    "text", ["1e-19", "0.0000000000000000001", "1.0000000000000000001", "1e-400"]
)
def test_more_decimals_than_any_coin_has_are_refused(text):
    with pytest.raises(ConfigInvalid, match="more than 18 decimals"):
        parse_amount(text, where="--price")


@pytest.mark.parametrize("text", ["1e-18", "0.000000000000000001", "2.50000000000000000000000"])
def test_eighteen_decimals_that_matter_are_taken(text):
    assert parse_amount(text, where="--price") == Decimal(text)


def test_a_cost_may_be_nothing_and_never_less():
    assert parse_cost("0.00", where="--fees") == 0
    with pytest.raises(ConfigInvalid, match="not above 0"):
        parse_cost("-1", where="--fees")
