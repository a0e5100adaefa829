from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.cli.arguments import parse_as_of, parse_balance, parse_risk, percent_text
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
