import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.domain.evidence_columns import Numbers
from snipersight.performance.stationary import (
    RESAMPLES,
    optimal_block_length,
    resampled_sums,
)


def lasting(seed: int, days: int, memory: float) -> Numbers:
    """Return a series of which each value keeps a share of the one before."""
    random = np.random.default_rng(seed)
    values = np.empty(days)
    values[0] = random.normal()
    for day, shock in enumerate(random.normal(size=days - 1)):
        values[day + 1] = memory * values[day] + shock
    return values


@pytest.mark.parametrize(
    ("seed", "days", "memory", "length"),
    [  # what arch 8.0.0 finds
        (1, 500, 0.0, 3.189709),
        (2, 500, 0.5, 6.813863),
        (3, 1_000, 0.9, 34.048951),
        (4, 60, 0.5, 1.558744),
        (5, 25, -0.5, 1.280673),
    ],
)
def test_the_block_length_is_that_of_the_reference(seed, days, memory, length):
    assert optimal_block_length(lasting(seed, days, memory)) == pytest.approx(length, abs=1e-6)


def test_five_small_correlations_in_a_row_are_enough_to_leave_out_the_rest():
    # Every sixth day is another: its correlation, behind five small ones, is not looked at.
    values = np.random.default_rng(6).normal(size=300) + 3 * (np.arange(300) % 6 == 0)
    assert optimal_block_length(values) == pytest.approx(1.538592, abs=1e-6)  # arch 8.0.0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 800), st.sampled_from([-0.6, 0.0, 0.4, 0.95]))
def test_arch_finds_the_same_block_length(seed, days, memory):
    bootstrap = pytest.importorskip("arch.bootstrap")
    values = lasting(seed, days, memory)
    theirs = float(bootstrap.optimal_block_length(values)["stationary"].iloc[0])
    assert optimal_block_length(values) == pytest.approx(max(1.0, theirs), rel=1e-9)


@pytest.mark.parametrize("values", [[], [1.0] * 5, [0.0] * 200, [0.3] * 200])
def test_a_series_that_tells_nothing_has_blocks_of_a_day(values):
    assert optimal_block_length(np.array(values)) == 1.0


@given(st.lists(st.sampled_from([0.0, 0.0, -1.0, 2.0]), max_size=80))
def test_whatever_the_days_bring_blocks_are_of_a_day_at_least_and_a_third_at_most(values):
    length = optimal_block_length(np.array(values))
    assert 1.0 <= length <= max(1, -(-len(values) // 3))


@pytest.mark.parametrize("length", [1, 4, 50])
def test_every_history_has_as_many_days_as_the_real_one(length):
    sums = resampled_sums(np.ones((90, 1)), block_length=length)
    assert sums.shape == (RESAMPLES, 1)
    assert (sums == 90).all()


@pytest.mark.parametrize("length", [1, 7])
def test_every_day_is_drawn_as_often_as_any_other(length):
    # A day occurs once a history on average; the deviation of that is below √(2 · length).
    average = resampled_sums(np.eye(60), block_length=length).mean(axis=0)
    assert average == pytest.approx(np.ones(60), abs=5 * np.sqrt(2 * length / RESAMPLES))


@pytest.mark.parametrize("length", [1, 3, 12])
def test_resampled_averages_spread_as_theory_says(length):
    # Politis & Romano 1994, lemma 1: Σ of circular covariances, weighted.
    values = lasting(11, 240, 0.8)
    centred, days = values - values.mean(), 240
    lag = np.arange(1, days)
    circular = np.array([centred @ np.roll(centred, shift) for shift in range(days)]) / days
    weights = (1 - lag / days) * (1 - 1 / length) ** lag
    variance = (circular[0] + 2 * float(weights @ circular[1:])) / days
    averages = resampled_sums(values[:, None], block_length=length)[:, 0] / days
    assert averages.mean() == pytest.approx(values.mean(), abs=5 * np.sqrt(variance / RESAMPLES))
    assert averages.var() == pytest.approx(variance, rel=0.15)


def test_the_same_history_is_drawn_again_the_same_way():
    values = lasting(1, 50, 0.2)[:, None]
    first = resampled_sums(values, block_length=3)
    from snipersight.performance import stationary

    stationary._day_counts.cache_clear()
    assert (resampled_sums(values, block_length=3) == first).all()
