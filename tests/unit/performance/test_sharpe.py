import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kurtosis, skew

from snipersight.domain.errors import DataInvalid
from snipersight.performance.sharpe import (
    SharpeEstimate,
    deflated_sharpe,
    effective_trials,
    estimate_sharpe,
    expected_maximum_sharpe,
    minimum_track_record,
    probabilistic_sharpe,
)
from snipersight.performance.trials import ONE_TRIAL, Trials, deflated_by, trials_of

# Bailey & López de Prado 2014: the best of 100, annualised 2.5 on 250 days, five years of it.
PUBLISHED = SharpeEstimate(
    sharpe=2.5 / math.sqrt(250), observations=1_250, skew=-3.0, kurtosis=10.0
)
PUBLISHED_VARIANCE = 0.5 / 250
ESTIMATES = st.builds(
    lambda sharpe, observations, skewness, more: SharpeEstimate(
        sharpe=sharpe, observations=observations, skew=skewness, kurtosis=1 + skewness**2 + more
    ),
    st.floats(0.01, 0.5),
    st.integers(10, 3_000),
    st.floats(-3, 3),
    st.floats(0.1, 20),
)


def test_the_published_expected_maximum_is_reproduced():
    assert round(expected_maximum_sharpe(PUBLISHED_VARIANCE, 100), 4) == 0.1132


@pytest.mark.parametrize(
    ("trials", "skewness", "kurt", "deflated"),
    [(100, -3.0, 10.0, 0.9004), (46, -3.0, 10.0, 0.9505), (88, 0.0, 3.0, 0.9505)],
)
def test_the_published_deflated_ratios_are_reproduced(trials, skewness, kurt, deflated):
    estimate = replace(PUBLISHED, skew=skewness, kurtosis=kurt)
    ours = deflated_sharpe(estimate, variance=PUBLISHED_VARIANCE, trials=trials)
    assert round(ours, 4) == deflated


@pytest.mark.parametrize(
    ("periods", "skewness", "kurt", "years"),
    [  # Bailey & López de Prado 2012: an annual ratio of 2 against one of 1
        (250, 0.0, 3.0, 2.73),
        (52, 0.0, 3.0, 2.83),
        (12, 0.0, 3.0, 3.24),
        (12, -0.72, 5.78, 4.99),
    ],
)
def test_the_published_track_records_are_reproduced(periods, skewness, kurt, years):
    estimate = SharpeEstimate(
        sharpe=2 / math.sqrt(periods), observations=2, skew=skewness, kurtosis=kurt
    )
    needed = minimum_track_record(estimate, 1 / math.sqrt(periods))
    assert needed is not None
    assert round(needed / periods, 2) == years


@given(ESTIMATES, st.floats(-0.2, 0.3))
def test_with_the_minimum_track_record_confidence_is_just_reached(estimate, benchmark):
    needed = minimum_track_record(estimate, benchmark)
    if needed is None:
        assert probabilistic_sharpe(estimate, benchmark) <= 0.5
    else:
        is_enough = estimate.observations >= needed
        assert (probabilistic_sharpe(estimate, benchmark) >= 0.95 - 1e-9) is is_enough


@given(ESTIMATES, st.floats(0, 0.01), st.integers(1, 500))
def test_more_trials_never_make_a_ratio_more_credible(estimate, variance, trials):
    fewer = deflated_sharpe(estimate, variance=variance, trials=trials)
    more = deflated_sharpe(estimate, variance=variance, trials=trials + 1)
    assert more <= fewer <= probabilistic_sharpe(estimate)


@pytest.mark.parametrize("trials", [2, 10, 100])
def test_the_expected_maximum_is_near_the_best_of_so_many_draws(trials):
    best = np.random.default_rng(4).normal(0, 0.1, size=(20_000, trials)).max(axis=1)
    assert expected_maximum_sharpe(0.01, trials) == pytest.approx(best.mean(), rel=0.08)


@pytest.mark.parametrize("trials", [1.0, 1.01, 1.3])
def test_hardly_more_than_one_trial_expects_nothing_below_zero(trials):
    assert 0.0 <= expected_maximum_sharpe(1.0, trials) < 0.2


@pytest.mark.parametrize(("variance", "trials"), [(-0.1, 5), (math.nan, 5), (math.inf, 5), (0, 0)])
def test_trials_that_cannot_be_are_refused(variance, trials):
    with pytest.raises(DataInvalid, match="cannot be"):
        expected_maximum_sharpe(variance, trials)


@given(st.integers(0, 500))
def test_scipy_finds_the_same_moments(seed):
    returns = np.random.default_rng(seed).standard_t(5, size=60) * 0.01
    estimate = estimate_sharpe(returns)
    assert estimate is not None
    assert estimate.skew == pytest.approx(float(skew(returns)), abs=1e-12)
    assert estimate.kurtosis == pytest.approx(float(kurtosis(returns, fisher=False)))
    assert estimate.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1))
    assert estimate.annual == pytest.approx(estimate.sharpe * math.sqrt(365))


def test_the_standard_error_is_how_far_measured_ratios_lie_apart():
    random = np.random.default_rng(9)
    returns = random.gamma(2.0, 1.0, size=(4_000, 250)) - 1.5  # skewed, mean over deviation 0.35
    ratios = returns.mean(axis=1) / returns.std(axis=1, ddof=1)
    truth = SharpeEstimate(
        sharpe=0.5 / math.sqrt(2), observations=250, skew=math.sqrt(2), kurtosis=6.0
    )
    assert truth.error == pytest.approx(float(ratios.std()), rel=0.05)


@pytest.mark.parametrize("returns", [[], [0.1], [0.2, 0.2]])
def test_returns_without_spread_have_no_ratio(returns):
    assert estimate_sharpe(np.array(returns)) is None


@pytest.mark.parametrize(
    "changed", [{"observations": 1}, {"kurtosis": 2.0}, {"skew": math.nan}, {"sharpe": math.inf}]
)
def test_moments_that_no_returns_have_are_refused(changed):
    with pytest.raises(DataInvalid):
        replace(PUBLISHED, **changed)


def test_two_values_leave_no_doubt_of_a_ratio():
    certain = SharpeEstimate(sharpe=1.0, observations=9, skew=2.0, kurtosis=5.0)
    assert certain.error == 0.0
    assert [probabilistic_sharpe(certain, one) for one in (0.5, 1.0, 1.5)] == [1.0, 0.5, 0.0]


@given(st.integers(2, 8), st.integers(0, 100))
def test_the_average_correlation_makes_the_number_of_trials(count, seed):
    random = np.random.default_rng(seed)
    returns = random.normal(size=(count, 40)) + 2 * random.normal(size=40)
    matrix = np.corrcoef(returns)
    average = (matrix.sum() - count) / (count * (count - 1))
    assert effective_trials(returns) == pytest.approx(average + (1 - average) * count)


def test_the_same_trial_again_is_no_other_trial():
    returns = np.tile(np.random.default_rng(1).normal(size=50), (7, 1))
    assert effective_trials(returns) == pytest.approx(1.0)
    assert effective_trials(np.zeros((3, 50))) == pytest.approx(3.0)
    assert effective_trials(np.zeros((0, 50))) == 1.0


def test_trials_of_a_sweep_count_the_idle_ones():
    returns = np.vstack([np.zeros(30), np.random.default_rng(2).normal(0.1, 1.0, 30)])
    trials = trials_of(returns)
    assert trials.count == 2
    assert trials.sharpes[0] == 0.0
    assert trials.variance(30) == pytest.approx(float(trials.sharpes[1]) ** 2 / 2)


def test_trials_whose_ratios_nobody_knows_spread_as_luck_does():
    trials = Trials(count=20, sharpes=np.zeros(1))
    assert trials.variance(401) == pytest.approx(1 / 400)


def test_a_single_trial_is_deflated_by_nothing():
    assert deflated_by(ONE_TRIAL, PUBLISHED) == probabilistic_sharpe(PUBLISHED)


@pytest.mark.parametrize(("count", "sharpes"), [(0, []), (1, [0.1, 0.2]), (3, [0.1, math.nan])])
def test_trials_that_contradict_themselves_are_refused(count, sharpes):
    with pytest.raises(DataInvalid):
        Trials(count=count, sharpes=np.array(sharpes))
