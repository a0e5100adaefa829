"""Choosing by some days and judging by others, with returns that can be checked with a pencil."""

import numpy as np
import pytest

from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.timeframe import DAY_MS
from snipersight.engine.sweeping.choosing import (
    WalkTerms,
    default_walk,
    folds_of,
    learned_mask,
    luck_of,
    sharpes,
    walked,
)
from snipersight.performance.sharpe import estimate_sharpe
from snipersight.performance.windows import Window

DAYS = np.arange(12, dtype=np.int64) * DAY_MS
PERIOD = Window(0, 12 * DAY_MS)
UP, DOWN, IDLE = (0.01, 0.03), (-0.01, -0.03), (0.0, 0.0)


def rows(*runs: tuple[tuple[float, float], ...]) -> np.ndarray:
    """Return returns of six pairs of days for each run."""
    return np.array([[day for pair in run for day in pair] for run in runs])


def test_what_is_chosen_is_the_best_of_the_days_before_and_judged_by_those_after():
    returns = rows(
        (UP, UP, DOWN, DOWN, UP, UP),
        (DOWN, DOWN, UP, UP, DOWN, DOWN),
        (IDLE, IDLE, IDLE, IDLE, IDLE, IDLE),
    )
    folds = folds_of(PERIOD, WalkTerms(train_days=4, test_days=4, embargo_days=0))
    first, second = walked(returns, DAYS, folds)
    assert (first.chosen, second.chosen) == (0, 1)
    assert first.test_return == pytest.approx((0.99 * 0.97) ** 2 - 1)
    assert first.middle_return == first.better == 0.0
    assert (first.middle, second.middle) == (2, 2)
    assert second.test_return == pytest.approx((0.99 * 0.97) ** 2 - 1)
    assert first.train_sharpe > 0 > first.test_sharpe


def test_days_that_are_left_out_choose_nothing():
    # The second run is the best only if the two days right before the window count.
    returns = rows((UP, IDLE, IDLE, IDLE, IDLE, IDLE), (IDLE, (0.5, 0.9), IDLE, IDLE, IDLE, IDLE))
    near = folds_of(PERIOD, WalkTerms(train_days=4, test_days=4, embargo_days=0))
    apart = folds_of(PERIOD, WalkTerms(train_days=4, test_days=4, embargo_days=2))
    assert [walked(returns, DAYS, folds)[0].chosen for folds in (near, apart)] == [1, 0]


def test_nothing_of_a_later_day_changes_a_choice():
    dice = np.random.default_rng(1)
    returns = dice.normal(0, 0.01, (5, 12))
    folds = folds_of(PERIOD, WalkTerms(train_days=4, test_days=2, embargo_days=1))
    before = walked(returns, DAYS, folds)
    for place, fold in enumerate(folds):
        changed = returns.copy()
        changed[:, fold.test[0].start_ms <= DAYS] = dice.normal(
            0, 1, changed[:, fold.test[0].start_ms <= DAYS].shape
        )
        after = walked(changed, DAYS, folds)
        assert [one.chosen for one in after[: place + 1]] == [
            one.chosen for one in before[: place + 1]
        ]


def test_a_search_learns_of_no_day_that_is_judged():
    folds = folds_of(PERIOD, WalkTerms(train_days=4, test_days=2, embargo_days=1))
    learned = learned_mask(DAYS, folds)
    assert DAYS[learned].tolist() == [0, DAY_MS, 2 * DAY_MS]
    assert learned_mask(DAYS, ()).all()


def test_of_equals_the_earliest_is_chosen():
    returns = rows(*[(UP,) * 6] * 3)
    folds = folds_of(PERIOD, WalkTerms(train_days=4, test_days=4))
    assert [one.chosen for one in walked(returns, DAYS, folds)] == [0, 0]


def test_ratios_are_those_of_the_estimate_and_zero_where_nothing_varies():
    returns = np.random.default_rng(2).normal(0.001, 0.01, (3, 50))
    returns[1] = 0.25
    found = sharpes(returns)
    assert found[1] == 0.0
    for row in (0, 2):
        estimate = estimate_sharpe(returns[row])
        assert estimate is not None
        assert found[row] == pytest.approx(estimate.sharpe)


@pytest.mark.parametrize(("days", "train", "test"), [(800, 400, 100), (16, 8, 2), (100, 52, 12)])
def test_half_of_the_days_choose_unless_said_otherwise(days, train, test):
    walk = default_walk(Window(0, days * DAY_MS))
    assert walk == WalkTerms(train_days=train, test_days=test)
    assert len(folds_of(Window(0, days * DAY_MS), walk)) == 4


def test_a_few_days_make_no_walk_and_too_long_a_walk_is_refused():
    assert default_walk(Window(0, 15 * DAY_MS)) is None
    with pytest.raises(ConfigInvalid, match="12 days are too few") as refused:
        folds_of(PERIOD, WalkTerms(train_days=10, test_days=4))
    assert refused.value.where == "--walk-forward"


def test_the_best_of_chance_is_lucky_and_the_one_that_is_better_is_not():
    noise = np.random.default_rng(3).normal(0, 0.01, (12, 120))
    lucky = luck_of(noise)
    noise[4] += 0.02
    better = luck_of(noise)
    assert lucky is not None
    assert better is not None
    assert lucky.probability > 0.3 > 0.01 > better.probability
    assert luck_of(noise[:, :7]) is None
    assert luck_of(noise[:1]) is None
