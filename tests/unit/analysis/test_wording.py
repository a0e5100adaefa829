"""How the analysis words its numbers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.analysis.wording import place_text, price_text
from snipersight.domain.direction import Direction
from snipersight.domain.units import exact, plain


@pytest.mark.parametrize(
    ("depth", "direction", "text"),
    [
        (0.33, Direction.LONG, "33% from the low"),
        (0.09, Direction.SHORT, "9% from the high"),
        (-0.45, Direction.SHORT, "45% beyond the high"),
        (-0.02, Direction.LONG, "2% beyond the low"),
        (0.0, Direction.LONG, "0% from the low"),
    ],
)
def test_a_place_is_told_from_the_favourable_extreme(depth, direction, text):
    assert place_text(depth, direction) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_price_is_written_as_its_exact_decimal(price):
    assert price_text(price) == plain(exact(price))


@pytest.mark.parametrize("price", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_no_price(price):
    with pytest.raises(ValueError, match="is no price"):
        price_text(price)
