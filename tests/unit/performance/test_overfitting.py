from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from snipersight.domain.errors import DataInvalid
from snipersight.domain.evidence_columns import Numbers
from snipersight.performance.overfitting import measure_overfitting


def plain(returns: Numbers, blocks: int) -> tuple[float, float]:
    """Return the same as `measure_overfitting`, one half after another."""
    trials, days = returns.shape
    parts = np.split(returns[:, days % blocks :], blocks, axis=1)
    logits, worth = [], []
    for chosen in combinations(range(blocks), blocks // 2):
        inside = np.hstack([parts[one] for one in chosen])
        outside = np.hstack([parts[one] for one in range(blocks) if one not in chosen])
        best = int(np.argmax(inside.mean(axis=1) / inside.std(axis=1)))
        ratios = outside.mean(axis=1) / outside.std(axis=1)
        share = rankdata(ratios)[best] / (trials + 1)
        logits.append(np.log(share / (1 - share)))
        worth.append(ratios[best])
    return float(np.mean(np.array(logits) <= 1e-12)), float(np.mean(np.array(worth) < 0))


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000), st.integers(2, 7), st.integers(24, 70), st.sampled_from([2, 4, 6, 8])
)
def test_one_half_after_another_gives_the_same(seed, trials, days, blocks):
    returns = np.random.default_rng(seed).normal(0.05, 1.0, size=(trials, days))
    ours = measure_overfitting(returns, blocks=blocks)
    assert ours is not None
    assert (ours.probability, ours.loss_probability) == pytest.approx(plain(returns, blocks))


def test_the_best_of_pure_luck_is_overfitted_every_second_time():
    probabilities = []
    for seed in range(20):
        returns = np.random.default_rng(seed).normal(size=(10, 160))
        found = measure_overfitting(returns, blocks=8)
        assert found is not None
        probabilities.append(found.probability)
    assert 0.4 < np.mean(probabilities) < 0.7


def test_a_trial_that_is_really_better_is_not_overfitted():
    returns = np.random.default_rng(3).normal(size=(20, 480))
    returns[4] += 0.4
    found = measure_overfitting(returns)
    assert found is not None
    assert found.halves == 12_870
    assert found.probability < 0.01
    assert found.loss_probability < 0.01


def test_a_trial_that_shines_in_one_half_alone_is():
    # Each trial does well in its own sixteenth, and badly in all others.
    returns = np.random.default_rng(3).normal(-0.2, 0.5, size=(16, 320))
    for trial in range(16):
        returns[trial, trial * 20 : trial * 20 + 20] += 4
    found = measure_overfitting(returns)
    assert found is not None
    assert found.probability > 0.95


def test_idle_trials_are_worth_nothing_and_break_nothing():
    found = measure_overfitting(np.zeros((3, 64)))
    assert found is not None
    assert (found.probability, found.loss_probability) == (1.0, 0.0)
    earning = np.vstack([np.full(64, 0.01), np.zeros(64)])
    assert measure_overfitting(earning) == found.__class__(
        probability=1.0, loss_probability=0.0, halves=12_870, trials=2
    )


@pytest.mark.parametrize("shape", [(1, 100), (5, 31)])
def test_too_little_to_choose_from_says_nothing(shape):
    assert measure_overfitting(np.ones(shape)) is None


@pytest.mark.parametrize("blocks", [0, 3, 22])
def test_blocks_that_cannot_be_halved_are_refused(blocks):
    with pytest.raises(DataInvalid, match="halved"):
        measure_overfitting(np.ones((3, 100)), blocks=blocks)


def test_returns_that_are_no_numbers_are_refused():
    with pytest.raises(DataInvalid, match="finite"):
        measure_overfitting(np.full((3, 100), np.nan))
