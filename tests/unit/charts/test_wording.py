from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from snipersight.charts.wording import (
    distance_text,
    minute_text,
    multiple_text,
    plan_prices,
    price_decimals,
    price_text,
    share_text,
    volume_text,
)
from tests.unit.charts.pictures import a_plan


@pytest.mark.parametrize(
    ("prices", "decimals"),
    [
        (["67412.30", "67000.05"], 2),
        (["67412.30000000", "67000.50000000"], 1),
        (["0.00000823", "0.00000800"], 8),
        (["8.23E-6"], 8),
        (["120", "95000"], 0),
        (["1E+5"], 0),
        (["0.3333333333333333333333333333"], 12),
    ],
)
def test_decimals_are_those_of_the_finest_price(prices, decimals):
    assert price_decimals([Decimal(price) for price in prices]) == decimals


@pytest.mark.parametrize(
    ("price", "decimals", "text"),
    [
        ("67412.3", 2, "67,412.30"),
        ("0.00000823", 8, "0.00000823"),
        ("8.2E-6", 8, "0.00000820"),
        ("1234567", 0, "1,234,567"),
    ],
)
def test_prices_have_separators_and_no_exponent(price, decimals, text):
    assert price_text(Decimal(price), decimals) == text
    assert price_text(float(price), decimals) == text


@pytest.mark.parametrize(
    ("fraction", "text"), [("0.5", "50%"), ("1", "100%"), ("0.333333", "33.3%"), ("0.125", "12.5%")]
)
def test_fractions_are_percentages(fraction, text):
    assert share_text(Decimal(fraction)) == text


@pytest.mark.parametrize(
    ("price", "text"), [("98", "2.00%"), ("102", "2.00%"), ("99.95", "0.0500%"), ("99.9", "0.10%")]
)
def test_distances_have_no_sign_and_tiny_ones_more_digits(price, text):
    assert distance_text(Decimal(price), entry=Decimal(100)) == text


def test_multiples_have_two_decimals_and_a_true_minus():
    assert multiple_text(1.5) == "1.50R"
    assert multiple_text(-0.256) == "−0.26R"


@pytest.mark.parametrize(
    ("volume", "text"),
    [(0, "0.00"), (7.123, "7.12"), (968.4, "968"), (1_234_567, "1.23M"), (2.16e12, "2.16T"),
     (45_600, "45.6K"), (5e9, "5.00B")],
)  # fmt: skip
def test_volumes_are_short(volume, text):
    assert volume_text(volume) == text


def test_times_are_told_in_utc_whatever_zone_they_came_in():
    tokyo = datetime(2024, 6, 7, 9, 30, tzinfo=timezone(timedelta(hours=9)))
    assert minute_text(tokyo) == "2024-06-07 00:30 UTC"


def test_a_plans_prices_run_from_the_stop_to_the_last_target():
    prices = [str(price) for price in plan_prices(a_plan())]
    assert prices == ["97.25", "98.00", "98.50", "99.00", "101.50", "103.00", "104.75"]
