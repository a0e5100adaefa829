import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.performance.returns import (
    annual_sharpe,
    annual_sortino,
    cagr,
    calmar,
    daily_returns,
    total_return,
)
from tests.builders.performance import an_equity

CENTS = st.integers(-10_000, 10**9).map(lambda cents: cents / 100)
MARKS = st.lists(CENTS, min_size=1, max_size=40)


def test_a_return_is_a_fraction_of_the_mark_before():
    assert daily_returns(an_equity([100.0, 110.0, 99.0])) == pytest.approx([0.1, -0.1])


def test_the_first_day_has_a_return_where_the_opening_is_known():
    assert daily_returns(an_equity([110.0, 99.0], opening=100.0)) == pytest.approx([0.1, -0.1])


def test_ruin_is_the_last_return():
    equity = an_equity([50.0, -10.0, 80.0], opening=100.0)
    assert daily_returns(equity) == pytest.approx([-0.5, -1.0])
    assert total_return(equity) == -1.0
    assert cagr(equity) == -1.0


def test_doubling_within_a_year_is_a_growth_of_one():
    equity = an_equity(np.linspace(101.0, 200.0, 365).tolist(), opening=100.0)
    assert cagr(equity) == pytest.approx(1.0)
    assert total_return(equity) == pytest.approx(1.0)


def test_doubling_in_two_years_is_the_root():
    equity = an_equity(np.linspace(101.0, 200.0, 730).tolist(), opening=100.0)
    assert cagr(equity) == pytest.approx(math.sqrt(2) - 1)


def test_sharpe_worked_by_hand():
    # mean 0.02; deviation of the sample 0.01 · √2; √365 = 19.105
    assert annual_sharpe(np.array([0.01, 0.03])) == pytest.approx(math.sqrt(2) * 19.104973)


def test_sortino_worked_by_hand():
    # mean 0.005; downside √(0.01² / 2) over both days
    worked = 0.005 / math.sqrt(0.00005) * 19.104973
    assert annual_sortino(np.array([0.02, -0.01])) == pytest.approx(worked)


def test_calmar_is_growth_over_the_worst_drawdown():
    marks = [*np.linspace(100.0, 200.0, 100), 150.0, *np.linspace(160.0, 300.0, 264)]
    equity = an_equity(marks, opening=100.0)
    assert calmar(equity) == pytest.approx(2.0 / 0.25)


@pytest.mark.parametrize("returns", [[], [0.1], [0.01, 0.01, 0.01], [0.0, 0.0]])
def test_there_is_no_sharpe_ratio_without_spread(returns):
    assert annual_sharpe(np.array(returns)) is None


def test_growth_at_one_rate_has_no_sharpe_ratio_whatever_floats_leave_of_it():
    equity = an_equity([100.0 * 1.01**day for day in range(400)])
    assert annual_sharpe(daily_returns(equity)) is None


@pytest.mark.parametrize("returns", [[], [-0.1], [0.01, 0.02], [0.0, 0.0]])
def test_there_is_no_sortino_ratio_without_a_loss(returns):
    assert annual_sortino(np.array(returns)) is None


def test_there_is_no_calmar_ratio_without_a_drawdown():
    assert calmar(an_equity([100.0, 101.0, 102.0])) is None


def test_growth_beyond_any_number_is_none():
    assert cagr(an_equity([1e300], opening=1.0)) is None


def test_a_single_mark_has_no_growth():
    equity = an_equity([100.0])
    assert (cagr(equity), total_return(equity), calmar(equity)) == (None, 0.0, None)


@given(MARKS, st.floats(1, 1e7))
def test_every_figure_is_finite_or_none(marks, opening):
    equity = an_equity(marks, opening=opening)
    returns = daily_returns(equity)
    figures = [cagr(equity), calmar(equity), annual_sharpe(returns), annual_sortino(returns)]
    assert all(one is None or math.isfinite(one) for one in figures)
    assert math.isfinite(total_return(equity))


@given(st.lists(st.floats(1, 1e6), min_size=3, max_size=40))
def test_the_size_of_the_account_plays_no_part(marks):
    one, other = an_equity(marks), an_equity([mark * 1_024 for mark in marks])
    assert daily_returns(one) == pytest.approx(daily_returns(other), rel=1e-12)
    assert cagr(one) == cagr(other)
