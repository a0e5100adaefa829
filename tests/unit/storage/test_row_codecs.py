"""Exact numbers and standings survive the way into a text column and back."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.direction import Direction
from snipersight.domain.standing import (
    AccountStanding,
    BreakerName,
    Cooldown,
    EquityMarks,
    MarkedPrice,
    TradingState,
    TrippedBreaker,
)
from snipersight.domain.units import Money
from snipersight.storage.row_codecs import (
    Unreadable,
    standing_from_text,
    standing_to_text,
    to_decimal,
    to_text,
)

numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12)
times = st.integers(0, 2**62)
marks = st.builds(
    EquityMarks,
    units=numbers,
    unit_value=numbers,
    high=numbers,
    day=st.just("2026-05-04"),
    day_open=numbers,
    week=st.just("2026-05-04"),
    week_open=numbers,
    marked_us=times,
    prices=st.lists(
        st.builds(MarkedPrice, entry_id=st.text(max_size=9), price=numbers, quote_rate=numbers),
        max_size=3,
    ).map(tuple),
)
breakers = st.builds(
    TrippedBreaker,
    name=st.sampled_from(BreakerName),
    state=st.sampled_from(TradingState),
    tripped_us=times,
    until_us=st.none() | times,
    measured=st.none() | numbers,
    limit=st.none() | numbers,
    sentence=st.text(max_size=20),
)
cooldowns = st.builds(
    Cooldown, symbol=st.text(max_size=9), direction=st.sampled_from(Direction), until_us=times
)
standings = st.builds(
    AccountStanding,
    starting_balance=numbers,
    flows=numbers,
    realised=numbers,
    marks=st.none() | marks,
    tripped=st.lists(breakers, max_size=3).map(tuple),
    cooldowns=st.lists(cooldowns, max_size=3).map(tuple),
    loss_streak=st.integers(0, 99),
)


@given(numbers)
def test_a_number_reads_back_as_itself(number):
    assert to_decimal(to_text(number)) == number


def test_a_tiny_price_is_stored_without_an_exponent():
    assert to_text(Decimal("1E-8")) == "0.00000001"


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_not_finite_is_neither_stored_nor_read(value):
    with pytest.raises(ValueError, match="cannot be stored"):
        to_text(Decimal(value))
    with pytest.raises(Unreadable):
        to_decimal(value)


@given(standings)
def test_a_standing_reads_back_as_itself(standing):
    assert standing_from_text(standing_to_text(standing)) == standing


def _changed(**fields: object) -> str:
    whole = json.loads(standing_to_text(AccountStanding(starting_balance=Money(Decimal(1)))))
    return json.dumps({key: item for key, item in (whole | fields).items() if item is not ...})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        _changed(flows=...),
        _changed(invented=1),
        _changed(realised="NaN"),
        _changed(realised=1.5),
        _changed(tripped=[{"name": "daily_loss"}]),
        _changed(cooldowns=[["BTC/USDT", "UP", 1]]),
        _changed(marks={"units": "1"}),
        _changed(loss_streak="many"),
    ],
)
def test_a_standing_that_makes_no_sense_is_refused(text):
    with pytest.raises(Unreadable):
        standing_from_text(text)
