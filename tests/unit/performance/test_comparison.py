import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.errors import DataInvalid
from snipersight.performance.comparison import (
    against_holding,
    against_random,
    as_good_to_settle,
    settled_at,
)
from snipersight.performance.metrics import measure_equity
from tests.builders.performance import an_equity, equity_of_returns

MARKET = np.random.default_rng(6).normal(0.001, 0.03, 300)


def test_half_a_holding_takes_half_the_part():
    run, holding = equity_of_returns(MARKET / 2), equity_of_returns(MARKET)
    found = against_holding(run, holding)
    assert found.beta == pytest.approx(0.5)
    assert found.correlation == pytest.approx(1.0)
    assert (found.run, found.holding) == (measure_equity(run), measure_equity(holding))
    assert found.excess_return == found.run.total_return - found.holding.total_return


def test_correlation_and_information_ratio_are_numpys():
    ours = 0.3 * MARKET + np.random.default_rng(7).normal(0.002, 0.01, 300)
    found = against_holding(equity_of_returns(ours), equity_of_returns(MARKET))
    apart = ours - MARKET
    assert found.correlation == pytest.approx(float(np.corrcoef(ours, MARKET)[0, 1]))
    worked = apart.mean() / apart.std(ddof=1) * math.sqrt(365)
    assert found.information_ratio == pytest.approx(float(worked))


def test_the_holding_itself_is_no_better_than_itself():
    same = against_holding(equity_of_returns(MARKET), equity_of_returns(MARKET))
    assert (same.excess_return, same.information_ratio) == (0.0, None)


def test_what_never_moves_goes_with_nothing():
    still, moving = equity_of_returns([0.0] * 300), equity_of_returns(MARKET)
    assert against_holding(moving, still).beta is None
    found = against_holding(still, moving)
    assert found.beta == pytest.approx(0.0)
    assert found.correlation is None


def test_days_after_ruin_are_not_compared():
    run = an_equity([105.0, 0.0, 0.0], opening=100.0)
    holding = an_equity([102.0, 101.0, 150.0], opening=100.0)
    found = against_holding(run, holding)
    ours, theirs = np.array([0.05, -1.0]), np.array([0.02, 101 / 102 - 1])
    assert found.beta == pytest.approx(float(np.polyfit(theirs, ours, 1)[0]))


@pytest.mark.parametrize("marks", [[100.0], [100.0, 100.0, 100.0]])
def test_other_days_cannot_be_compared(marks):
    with pytest.raises(DataInvalid, match="same days"):
        against_holding(an_equity([100.0, 101.0]), an_equity(marks))


def test_the_rank_among_random_runs_is_the_published_p_value():
    found = against_random(0.3, np.array([0.1, 0.3, 0.5, -0.2]))
    assert (found.at_least_as_good, found.runs) == (2, 4)
    assert found.median == pytest.approx(0.2)
    assert found.p_value == pytest.approx(3 / 5)


def test_without_a_random_run_nothing_is_shown():
    found = against_random(9.0, np.zeros(0))
    assert (found.p_value, found.median) == (1.0, None)


def test_a_run_like_any_other_has_a_small_p_value_as_often_as_it_says():
    random = np.random.default_rng(12)
    small = [
        against_random(float(row[0]), row[1:]).p_value <= 0.05
        for row in random.normal(size=(2_000, 100))
    ]
    assert np.mean(small) == pytest.approx(0.05, abs=0.015)


@pytest.mark.parametrize(("measured", "runs"), [(math.nan, [1.0]), (1.0, [math.inf])])
def test_figures_that_are_no_numbers_are_refused(measured, runs):
    with pytest.raises(DataInvalid, match="finite"):
        against_random(measured, np.array(runs))


@given(
    runs=st.integers(1, 3_000), share=st.floats(0, 1), seed=st.integers(0, 9), most=st.floats(0, 1)
)
def test_ending_early_concludes_what_all_runs_conclude(runs, share, seed, most):
    figures = (np.random.default_rng(seed).random(runs) < share).astype(float)
    last = settled_at(0.5, figures, as_good_to_settle(runs, most))
    made, whole = against_random(0.5, figures[:last]), against_random(0.5, figures)
    assert (made.p_value <= most) == (whole.p_value <= most)


def test_it_ends_with_the_run_that_settles_it():
    figures = np.array([0.0, 1.0] * 200)
    assert as_good_to_settle(1_000, 0.05) == 50
    assert settled_at(0.5, figures, 50) == 100
    assert settled_at(1.0, figures[:99], 50) is None
