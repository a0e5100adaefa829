from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.market.tick_evidence import digits_problem, digits_tick, tick_problem

D = Decimal


def prices_on(tick: str, count: int = 2000, *, around: int = 42_000, seed: int = 1):
    """Return prices on a tick, each rounded from exact decimals as a venue prints them."""
    units = np.random.default_rng(seed).integers(around - 2_000, around + 2_000, count)
    return np.array([float(int(unit) * D(tick)) for unit in units])


@pytest.mark.parametrize("tick", ["0.01", "0.00000001", "0.5", "1", "0.0005", "25"])
def test_prices_on_the_tick_agree_with_it(tick: str):
    assert tick_problem(D(tick), prices_on(tick)) is None


@pytest.mark.parametrize(("stated", "real"), [("0.1", "0.01"), ("0.01", "0.005"), ("1", "0.5")])
def test_prices_between_the_ticks_contradict_it(stated: str, real: str):
    problem = tick_problem(D(stated), prices_on(real))
    assert problem is not None
    assert "lie between its ticks, such as" in problem


@pytest.mark.parametrize(
    ("stated", "real", "shown"),
    [("0.01", "0.1", "0.1"), ("0.01", "0.02", "0.02"), ("0.1", "0.5", "0.5")],
)
def test_prices_on_coarser_steps_alone_contradict_it(stated: str, real: str, shown: str):
    assert tick_problem(D(stated), prices_on(real)) == f"nearly all lie on multiples of {shown}"


def test_a_few_orders_left_over_from_a_finer_tick_do_not_count():
    prices = prices_on("0.01")
    prices[:60] = prices_on("0.0001")[:60]
    assert tick_problem(D("0.01"), prices) is None


def test_a_market_that_hardly_moves_cannot_show_that_the_tick_is_too_fine():
    prices = np.array([0.999, 1.0, 1.001] * 700)
    assert tick_problem(D("0.0001"), prices) is None


def test_without_prices_nothing_is_contradicted():
    assert tick_problem(D("0.01"), np.empty(0)) is None


@pytest.mark.parametrize(
    ("price", "tick"),
    [(62271.0, "1"), (2088.4, "0.1"), (0.5484, "0.00001"), (9999.9, "0.1"), (10000.0, "1")],
)
def test_five_digits_give_the_tick_of_a_price(price: float, tick: str):
    assert digits_tick(price, 5) == D(tick)


def test_prices_with_more_digits_contradict_the_rule():
    assert digits_problem(5, np.array([62271.0, 9987.1])) is None
    assert digits_problem(5, np.array([62271.5])) == "62271.5 has more than 5 digits"


@given(st.sampled_from(["0.00000001", "0.0001", "0.01", "0.1", "1", "0.05"]), st.integers(0, 99))
def test_a_true_tick_is_never_doubted(tick: str, seed: int):
    assert tick_problem(D(tick), prices_on(tick, 500, seed=seed)) is None
