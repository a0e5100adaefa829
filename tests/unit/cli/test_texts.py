from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.cli import texts


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        (["42250", "42250.5"], 1),
        (["42250.10000000", "42250.00000000"], 1),  # a tick of 0.1 as Binance writes it
        (["0.00001234", "0.00001200"], 8),
        (["1E+3", "500"], 0),
        ([], 0),
    ],
)
def test_decimals_are_those_that_matter(prices, expected):
    assert texts.decimals_of(Decimal(price) for price in prices) == expected


@given(st.decimals(min_value="0.00000001", max_value="1000000", places=8))
def test_a_price_is_shown_without_loss(price):
    shown = texts.price_text(price, texts.decimals_of([price]))
    assert Decimal(shown.replace(",", "")) == price


def test_prices_and_sizes_are_grouped():
    assert texts.price_text(Decimal("1234567.5"), 2) == "1,234,567.50"
    assert texts.size_text(Decimal("6369426.500")) == "6,369,426.5"
    assert texts.size_text(Decimal("0E-8")) == "0"
    assert texts.amount_text(Decimal("7860.194")) == "7,860.19"
    assert texts.amount_text(Decimal("0.125")) == "0.12"  # half to even


def test_signs_and_percent():
    assert texts.signed_percent(Decimal("-0.00705")) == "−0.70 %"
    assert texts.signed_percent(Decimal("0.0119")) == "+1.19 %"
    assert texts.signed_percent(Decimal("-0.000001")) == "0.00 %"
    assert texts.percent(Decimal("0.009999")) == "1.00 %"
    assert texts.share(Decimal("0.5")) == "50 %"
    assert texts.share(Decimal("0.333")) == "33.3 %"
    assert texts.multiple(-0.5) == "−0.50R"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (78496.93, "78,496.93"),
        (0.00001234, "0.00001234"),
        (-5.0, "−5"),
        (0.0, "0"),
        (Decimal("99.990"), "99.99"),
        (float("nan"), "nan"),
        (123456789.0, "123,456,800"),
    ],
)
def test_short_numbers_have_no_exponent(value, expected):
    assert texts.short_number(value) == expected


def test_times_are_told_in_utc():
    time = datetime(2024, 6, 7, 12, tzinfo=timezone(timedelta(hours=2)))
    assert texts.minute(time) == "2024-06-07 10:00"
    assert texts.iso(time) == "2024-06-07T10:00:00Z"
    assert texts.iso_of(1_717_754_400_500) == "2024-06-07T10:00:00.500000Z"
    assert texts.minute_of(0) == texts.minute(datetime(1970, 1, 1, tzinfo=UTC))
