from collections.abc import Iterable
from itertools import combinations, pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.timeframe import DAY_MS
from snipersight.performance.splits import (
    Fold,
    combination_paths,
    judged_mask,
    purged_combinations,
    walk_forward,
)
from snipersight.performance.windows import Window
from tests.builders.performance import FIRST_DAY_MS, some_trades


def days(start: int, end: int) -> Window:
    return Window(FIRST_DAY_MS + start * DAY_MS, FIRST_DAY_MS + end * DAY_MS)


def numbers(windows: Iterable[Window]) -> list[int]:
    """Return the days of windows, counted from the first."""
    return [
        day
        for one in windows
        for day in range(
            (one.start_ms - FIRST_DAY_MS) // DAY_MS, (one.end_ms - FIRST_DAY_MS) // DAY_MS
        )
    ]


def test_a_rolling_walk_moves_along():
    folds = walk_forward(days(0, 25), train_days=10, test_days=5, is_anchored=False)
    assert folds == tuple(
        Fold(train=(days(start, start + 10),), test=(days(start + 10, start + 15),))
        for start in (0, 5, 10)
    )


def test_an_anchored_walk_grows_and_leaves_the_embargo_out():
    folds = walk_forward(days(0, 22), train_days=10, test_days=5, is_anchored=True, embargo_days=2)
    assert folds == (
        Fold(train=(days(0, 8),), test=(days(10, 15),)),
        Fold(train=(days(0, 13),), test=(days(15, 20),)),
    )


@given(st.integers(1, 40), st.integers(1, 20), st.integers(0, 5), st.booleans(), st.integers(0, 90))
def test_a_walk_never_learns_from_what_it_judges_or_what_comes_later(
    train, test, embargo, is_anchored, more
):
    period = days(0, train + test + more)
    if embargo >= train:
        return
    folds = walk_forward(
        period, train_days=train, test_days=test, is_anchored=is_anchored, embargo_days=embargo
    )
    for fold in folds:
        (learned,), (judged,) = fold.train, fold.test
        assert period.start_ms <= learned.start_ms
        assert learned.end_ms + embargo * DAY_MS == judged.start_ms
    for one, other in pairwise(folds):
        assert one.test[0].end_ms == other.test[0].start_ms
    assert 0 <= period.end_ms - folds[-1].test[0].end_ms < test * DAY_MS


@pytest.mark.parametrize(
    ("train", "test", "embargo"), [(0, 5, 0), (5, 0, 0), (5, 5, 5), (5, 5, -1), (20, 11, 0)]
)
def test_a_walk_that_cannot_be_is_refused(train, test, embargo):
    with pytest.raises(ConfigInvalid):
        walk_forward(
            days(0, 30), train_days=train, test_days=test, is_anchored=True, embargo_days=embargo
        )


def test_three_groups_are_judged_in_pairs():
    folds = purged_combinations(days(0, 12), groups=3, test_groups=2, purge_ms=DAY_MS)
    assert [numbers(fold.test) for fold in folds] == [
        [0, 1, 2, 3, 4, 5, 6, 7],
        [0, 1, 2, 3, 8, 9, 10, 11],
        [4, 5, 6, 7, 8, 9, 10, 11],
    ]
    assert [numbers(fold.train) for fold in folds] == [[9, 10, 11], [5, 6], [0, 1, 2]]


@settings(max_examples=25, deadline=None)
@given(
    groups=st.integers(3, 7),
    chosen=st.integers(2, 5),
    size=st.integers(7, 9),
    purge=st.integers(0, 2),
    embargo=st.integers(0, 2),
)
def test_skfolio_splits_the_same_way(groups, chosen, size, purge, embargo):
    selection = pytest.importorskip("skfolio.model_selection")
    if chosen >= groups:
        return
    theirs = selection.CombinatorialPurgedCV(
        n_folds=groups, n_test_folds=chosen, purged_size=purge, embargo_size=embargo
    )
    folds = purged_combinations(
        days(0, groups * size),
        groups=groups,
        test_groups=chosen,
        purge_ms=purge * DAY_MS,
        embargo_ms=embargo * DAY_MS,
    )
    split = list(theirs.split(np.zeros((groups * size, 1))))
    assert [numbers(fold.train) for fold in folds] == [train.tolist() for train, _ in split]
    assert [numbers(fold.test) for fold in folds] == [
        np.concatenate(test).tolist() for _, test in split
    ]
    assert combination_paths(groups, chosen).tolist() == theirs.get_path_ids().tolist()


def test_a_trade_is_judged_in_the_window_that_it_was_opened_in():
    fold = Fold(train=(days(0, 5), days(10, 30)), test=(days(5, 10),))
    trades = some_trades([1.0] * 5, days=[4.5, 5.0, 9.9, 10.0, 14.5], held_days=[1, 3, 1, 1, 1])
    assert judged_mask(trades, fold).tolist() == [False, True, True, False, False]


@pytest.mark.parametrize(("groups", "chosen"), [(3, 1), (6, 2), (10, 2), (7, 4)])
def test_every_history_has_every_group_once(groups, chosen):
    paths = combination_paths(groups, chosen)
    folds = list(combinations(range(groups), chosen))
    histories: dict[int, list[int]] = {}
    for row, fold in zip(paths.tolist(), folds, strict=True):
        for path, group in zip(row, fold, strict=True):
            histories.setdefault(path, []).append(group)
    assert len(histories) == comb(groups, chosen) * chosen // groups
    assert all(sorted(one) == list(range(groups)) for one in histories.values())


def test_days_that_do_not_divide_make_groups_of_nearly_one_length():
    folds = purged_combinations(days(0, 11), groups=3, test_groups=1)
    assert [fold.test[0].days for fold in folds] == [3, 4, 4]


@pytest.mark.parametrize(
    "changed",
    [
        {"groups": 2, "test_groups": 1},
        {"groups": 5, "test_groups": 5},
        {"groups": 5, "test_groups": 0},
        {"groups": 30, "test_groups": 15},
        {"groups": 13, "test_groups": 2},
        {"purge_ms": -1},
        {"embargo_ms": -1},
        {"groups": 3, "purge_ms": 20 * DAY_MS},
    ],
)
def test_combinations_that_cannot_be_are_refused(changed):
    with pytest.raises(ConfigInvalid):
        purged_combinations(days(0, 12), **changed)


def test_an_empty_window_is_refused():
    with pytest.raises(ConfigInvalid, match="empty"):
        days(3, 3)
