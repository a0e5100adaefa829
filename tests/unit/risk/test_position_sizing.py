"""The specified formulas, to the letter and at their edges."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.risk.position_sizing import (
    adjust_for_volatility,
    calculate_position_size,
    validate_position_constraints,
)


@pytest.mark.parametrize(
    ("balance", "risk", "entry", "stop", "leverage", "size"),
    [
        (10_000, 0.01, 100, 99, 1, 100),
        (10_000, 0.01, 99, 100, 1, 100),  # a short
        (10_000, 0.01, 100, 99, 5, 500),  # the loss at the stop is then 500
        (10_000, 0.01, 100, 99, 0.5, 50),
        (10_000, 0.01, 42_250, 41_750, 1, 0.2),
        (10_000, 1, 100, 50, 1, 200),
        (250, 0.02, 0.00001240, 0.00001198, 1, 5 / 0.00000042),
        (10_000, 0.01, 100, 99, 125, 12_500),
    ],
)
def test_the_specified_formula(balance, risk, entry, stop, leverage, size):
    assert calculate_position_size(balance, risk, entry, stop, leverage) == pytest.approx(size)


def test_leverage_is_one_unless_given():
    assert calculate_position_size(10_000, 0.01, 100, 99) == 100


@pytest.mark.parametrize("position", range(5))
@pytest.mark.parametrize("bad", [0, -1, math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_or_not_positive_is_refused(position, bad):
    arguments: list[float] = [10_000, 0.01, 100, 99, 1]
    arguments[position] = bad
    with pytest.raises(ValueError, match="must be a finite number above 0"):
        calculate_position_size(*arguments)


def test_more_than_the_whole_balance_is_refused():
    assert calculate_position_size(100, 1, 10, 5) == 20
    with pytest.raises(ValueError, match="at most 1"):
        calculate_position_size(100, 1.0001, 10, 5)


def test_entry_at_the_stop_is_refused():
    with pytest.raises(ValueError, match="both 100"):
        calculate_position_size(10_000, 0.01, 100, 100)


def test_a_size_beyond_all_numbers_is_refused():
    with pytest.raises(ValueError, match="too close"):
        calculate_position_size(1e300, 1, 1e-300, 2e-300)


@given(
    st.floats(1, 1e9),
    st.floats(1e-4, 1),
    st.floats(1e-6, 1e6),
    st.floats(0.01, 0.99),
    st.floats(0.1, 125),
)
def test_the_loss_at_the_stop_is_the_risk_times_leverage(balance, risk, entry, share, leverage):
    stop = entry * share
    size = calculate_position_size(balance, risk, entry, stop, leverage)
    assert size * (entry - stop) == pytest.approx(balance * risk * leverage)


@pytest.mark.parametrize(
    ("current", "usual", "factor"),
    [(2, 2, 1), (1, 2, 1), (2.5, 2, 0.8), (4, 2, 0.5), (40, 2, 0.5)],
)
def test_volatility_shrinks_down_to_the_floor_and_never_enlarges(current, usual, factor):
    assert adjust_for_volatility(current, usual) == pytest.approx(factor)


@given(st.floats(1e-9, 1e9), st.floats(1e-9, 1e9), st.floats(0, 1))
def test_the_volatility_factor_lies_between_its_floor_and_one(current, usual, floor):
    factor = adjust_for_volatility(current, usual, floor=floor)
    assert floor <= factor <= 1
    assert adjust_for_volatility(current * 2, usual, floor=floor) <= factor


@pytest.mark.parametrize("bad", [0, -1, math.nan, math.inf])
def test_an_impossible_atr_is_refused(bad):
    with pytest.raises(ValueError, match="current_atr"):
        adjust_for_volatility(bad, 1)
    with pytest.raises(ValueError, match="usual_atr"):
        adjust_for_volatility(1, bad)


@pytest.mark.parametrize("floor", [-0.1, 1.1, math.nan])
def test_an_impossible_floor_is_refused(floor):
    with pytest.raises(ValueError, match="floor"):
        adjust_for_volatility(1, 1, floor=floor)


@pytest.mark.parametrize(
    ("size", "bounds", "code"),
    [
        (5, {"min_size": 1, "max_size": 10}, "position_constraints"),
        (1, {"min_size": 1, "max_size": 1}, "position_constraints"),
        (5, {}, "position_constraints"),
        (0.5, {"min_size": 1}, "below_minimum"),
        (11, {"max_size": 10}, "above_maximum"),
        (2, {"min_notional": 5, "price": 2}, "below_minimum"),
        (Decimal("2.5"), {"min_notional": 5, "price": 2}, "position_constraints"),
        (2, {"max_notional": 3, "price": 2}, "above_maximum"),
        (2, {"min_notional": 5}, "invalid_size"),
        (2, {"min_notional": 5, "price": math.nan}, "invalid_size"),
        (0, {}, "invalid_size"),
        (-1, {"max_size": 10}, "invalid_size"),
        (math.nan, {"min_size": 1}, "invalid_size"),
        (math.inf, {}, "invalid_size"),
    ],
)
def test_constraints_name_the_first_breach(size, bounds, code):
    check = validate_position_constraints(size, **bounds)
    assert check.code == code
    assert bool(check) is (code == "position_constraints")


def test_a_breach_carries_limit_and_measured_value():
    check = validate_position_constraints(0.5, 1, 10)
    assert (check.measured, check.limit) == (Decimal("0.5"), Decimal(1))
    assert check.sentence == "size 0.5 is below the minimum 1"


@pytest.mark.parametrize("bad", [0, math.nan])
@pytest.mark.parametrize("name", ["account_balance", "risk_pct", "entry", "stop", "leverage"])
def test_the_argument_that_is_none_is_named_with_its_value(name, bad):
    arguments = {"account_balance": 1e4, "risk_pct": 0.01, "entry": 100, "stop": 99, "leverage": 1}
    with pytest.raises(ValueError) as error:  # noqa: PT011 -- the whole text is compared
        calculate_position_size(**(arguments | {name: bad}))
    assert str(error.value) == f"{name} must be a finite number above 0, not {bad}"


@pytest.mark.parametrize("name", ["current_atr", "usual_atr"])
def test_the_atr_that_is_none_is_named_with_its_value(name):
    with pytest.raises(ValueError) as error:  # noqa: PT011 -- the whole text is compared
        adjust_for_volatility(**({"current_atr": 1.0, "usual_atr": 1.0} | {name: -2.0}))
    assert str(error.value) == f"{name} must be a finite number above 0, not -2.0"


def test_a_floor_may_be_all_or_nothing():
    assert adjust_for_volatility(4, 2, floor=1) == 1
    assert adjust_for_volatility(4, 1, floor=0) == 0.25


@pytest.mark.parametrize(
    ("size", "bounds", "measured", "limit", "sentence"),
    [
        (2, {}, "2", None, "size 2 is in bounds"),
        (0, {}, "0", "0", "size 0 must be a finite number above 0"),
        (0.5, {"min_size": 1}, "0.5", "1", "size 0.5 is below the minimum 1"),
        (11, {"max_size": 10}, "11", "10", "size 11 is above the maximum 10"),
        (2, {"min_notional": 5, "price": 2}, "4", "5", "notional 4 is below the minimum 5"),
        (2, {"max_notional": 3, "price": 2}, "4", "3", "notional 4 is above the maximum 3"),
        (4, {"max_notional": 1, "price": 0.5}, "2", "1", "notional 2.0 is above the maximum 1"),
        (2, {"max_notional": 4, "price": 2}, "2", None, "size 2 is in bounds"),
        (2, {"min_notional": 5}, None, None, "the notional needs a price above 0, none was given"),
        (2, {"max_notional": 5}, None, None, "the notional needs a price above 0, none was given"),
        (
            2,
            {"max_notional": 5, "price": 0},
            None,
            None,
            "the notional needs a price above 0, not 0",
        ),
    ],
)
def test_constraints_tell_what_was_held_against_what(size, bounds, measured, limit, sentence):
    check = validate_position_constraints(size, **bounds)
    exact = [None if text is None else Decimal(text) for text in (measured, limit)]
    assert [check.measured, check.limit] == exact
    assert check.sentence == sentence
