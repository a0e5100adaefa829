"""Rounding: never in the account's favour, and parts add up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.matching.amounts import rounded_down, rounded_up, share_of, slipped

D = Decimal
lots = st.integers(1, 10**9).map(lambda count: D(count) / 1000)


@pytest.mark.parametrize(
    ("amount", "up", "down"),
    [
        ("0.123456781", "0.12345679", "0.12345678"),
        ("-0.123456781", "-0.12345678", "-0.12345679"),
        ("5", "5", "5"),
    ],
)
def test_what_is_paid_goes_up_and_what_comes_back_goes_down(amount, up, down):
    assert (rounded_up(D(amount)), rounded_down(D(amount))) == (D(up), D(down))


@given(amount=lots, part=lots, more=lots)
def test_a_share_and_its_rest_make_the_whole(amount, part, more):
    whole = part + more
    first = share_of(amount, part, whole)
    rest = share_of(amount - first, more, more)
    assert first + rest == amount
    assert 0 <= first <= amount
    assert first == rounded_down(first)


@pytest.mark.parametrize(
    ("price", "is_buy", "fraction", "got"),
    [
        ("100", True, "0.0005", "100.1"),
        ("100", False, "0.0005", "99.9"),
        ("100", True, "0", "100.0"),
        ("100.04", False, "0", "100.0"),
        ("0.1", False, "0.9", "0.1"),
    ],
)
def test_a_taker_slips_to_the_tick_against_itself_and_never_to_nothing(
    price, is_buy, fraction, got
):
    found = slipped(D(price), is_buy=is_buy, fraction=D(fraction), tick=D("0.1"))
    assert found == D(got)
