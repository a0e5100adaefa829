from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.units import Rounding, exact, on_step, plain, to_price, to_size

D = Decimal
ticks = st.sampled_from([D("0.00000001"), D("0.0005"), D("0.01"), D("0.1"), D(1), D(5)])
prices = st.floats(1e-8, 1e6, allow_nan=False)


def test_a_float_becomes_the_decimal_a_reader_sees():
    assert exact(0.1) == D("0.1")
    assert exact(7.1e-06) == D("0.0000071")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_has_no_exact_value(value: float):
    with pytest.raises(ValueError, match="is no price, size or amount"):
        exact(value)


@pytest.mark.parametrize(
    ("rounding", "price"),
    [(Rounding.DOWN, "42250.1"), (Rounding.UP, "42250.2"), (Rounding.NEAREST, "42250.1")],
)
def test_a_price_moves_to_the_tick_in_the_named_direction(rounding: Rounding, price: str):
    assert to_price(42250.14, tick=D("0.1"), rounding=rounding) == D(price)


def test_a_price_on_the_tick_stays_whatever_the_direction():
    assert {to_price(0.07, tick=D("0.01"), rounding=way) for way in Rounding} == {D("0.07")}


def test_a_size_is_never_rounded_up():
    assert to_size(D("0.129999"), lot=D("0.01")) == D("0.12")
    assert to_size(D("0.009"), lot=D("0.01")) == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [("1E-8", "0.00000001"), ("1.500", "1.5"), ("1200", "1200"), ("-0.0", "0"), ("1E+3", "1000")],
)
def test_plain_text_has_no_exponent_and_no_trailing_zeros(value: str, text: str):
    assert plain(D(value)) == text


@given(prices, ticks)
def test_rounding_lands_on_the_tick_within_one_tick_on_the_named_side(price: float, tick: Decimal):
    down, up = (to_price(price, tick=tick, rounding=way) for way in (Rounding.DOWN, Rounding.UP))
    assert down <= exact(price) <= up
    assert down % tick == up % tick == 0
    assert up - down in (0, tick)


@given(st.decimals(0, 10**6, places=6), ticks)
def test_rounding_to_a_step_twice_changes_nothing(value: Decimal, step: Decimal):
    once = on_step(value, step, Rounding.NEAREST)
    assert on_step(once, step, Rounding.NEAREST) == once
