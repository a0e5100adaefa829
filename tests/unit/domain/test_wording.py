from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from snipersight.domain import wording as texts


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


FINITE = st.builds(
    lambda sign, digits, exponent: Decimal((sign, tuple(map(int, str(digits))), exponent)),
    st.sampled_from([0, 1]),
    st.integers(0, 10**60),
    st.one_of(st.integers(-500, 500), st.integers(-(10**17), 10**17)),
)


@given(FINITE)
@example(Decimal("1e300"))
@example(Decimal("-9E+999999999999999999"))
@example(Decimal("1E-1999999999999999997"))
@example(Decimal("0E+999999999999999999"))
@example(Decimal("1E+5000"))
def test_every_finite_number_has_a_text_of_readable_length(number):
    shown = [
        texts.price_text(number, texts.decimals_of([number])),
        texts.amount_text(number),
        texts.signed_amount(number),
        texts.size_text(number),
        texts.short_number(number),
        texts.signed_percent(number),
        texts.percent(number),
        texts.share(number),
        texts.bar(number),
    ]
    assert all(0 < len(text) <= 120 for text in shown)


def test_an_absurd_number_is_written_with_an_exponent():
    assert texts.amount_text(Decimal("1e300")) == "1.00E+300"
    assert texts.signed_amount(Decimal("-1e300")) == "−1.00E+300"
    assert texts.size_text(Decimal("1e-300")) == "1.00E-300"
    assert texts.signed_percent(Decimal("-1e300")) == "−1.00E+302 %"
    assert texts.amount_text(Decimal("1e30")) == "1,000,000,000,000,000,000,000,000,000,000.00"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "–"),
        ("2 h", "2 h"),
        (Decimal("0.1250"), "0.125"),
        (-5.0, "−5"),
        (1e9, "1,000,000,000"),
    ],
)
def test_a_measure_is_shown_in_short_whatever_it_is(value, expected):
    assert texts.measure(value) == expected


def test_points_have_one_decimal_and_no_negative_nothing():
    assert [texts.points(n) for n in (12.04, -8.0, -0.04, 0.0)] == ["12.0", "−8.0", "0.0", "0.0"]
