"""Which days to learn from and which to judge by: walk-forward, and purged combinations.

A fold never judges by what it learned from. That a trade may outlast its days is what purging is
for: days beside those that are judged are left out of learning, and an embargo after those (López de Prado, "Advances in Financial Machine Learning", 2018, chapters 7 and 12).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from math import comb

import numpy as np

from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.evidence_columns import Integers, Mask
from snipersight.domain.timeframe import DAY_MS
from snipersight.performance.series import ClosedTrades
from snipersight.performance.windows import Window, joined

_MOST_FOLDS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """One way to part a period.

    Args:
        train: windows to learn from, oldest first; none overlaps one of `test`.
        test: windows to judge by, oldest first, none touching the next.
    """

    train: tuple[Window, ...]
    test: tuple[Window, ...]


def walk_forward(
    period: Window, *, train_days: int, test_days: int, is_anchored: bool, embargo_days: int = 0
) -> tuple[Fold, ...]:
    """Return folds that learn from the past and judge by what follows, oldest first.

    Test windows follow one another without a gap up to the end of the period; what is left there
    for less than a whole window is not judged.

    Args:
        period: all there is.
        train_days: length to learn from; of an anchored walk that of the first fold.
        test_days: length to judge by, and the step from fold to fold.
        is_anchored: learning always begins with the period, and grows; else it moves along.
        embargo_days: left out between learning and judging, at the end of learning: as long as a
            trade may last, so that none reaches from one into the other.

    Raises:
        ConfigInvalid: a length is out of bounds, or the period is too short for one fold.
    """
    if train_days < 1 or test_days < 1 or not 0 <= embargo_days < train_days:
        raise ConfigInvalid(
            f"a walk of {train_days} days to learn, {embargo_days} of them left out, and "
            f"{test_days} to judge cannot be",
            next_step="use lengths of at least a day, and leave out less than is learned from",
        )
    train, test = train_days * DAY_MS, test_days * DAY_MS
    count = (period.end_ms - period.start_ms - train) // test
    if count < 1:
        raise ConfigInvalid(
            f"{period.days:g} days are too few to learn from {train_days} and judge by {test_days}",
            next_step="take a longer period, or shorter windows",
        )
    cuts = [period.start_ms + train + fold * test for fold in range(count)]
    embargo = embargo_days * DAY_MS
    return tuple(
        Fold(
            train=(Window(period.start_ms if is_anchored else cut - train, cut - embargo),),
            test=(Window(cut, cut + test),),
        )
        for cut in cuts
    )


def purged_combinations(
    period: Window,
    *,
    groups: int = 10,
    test_groups: int = 2,
    purge_ms: int = 0,
    embargo_ms: int = 0,
) -> tuple[Fold, ...]:
    """Return every way to judge by some groups of days and learn from the others.

    Whole days are cut into groups as equal as can be; the longer ones come last. Neighbouring
    groups make one window.

    Args:
        period: all there is, whole days.
        groups: how many, at least 3.
        test_groups: of these to judge by, at least 1 and less than `groups`.
        purge_ms: left out of learning on both sides of a test window: as long as a trade may last.
        embargo_ms: left out after a test window in addition.

    Returns:
        Folds in the order of `itertools.combinations` of the groups.

    Raises:
        ConfigInvalid: a number is out of bounds, the period has fewer days than groups, or
            nothing would be left to learn from.
    """
    folds = comb(groups, test_groups) if groups > test_groups > 0 else 0
    if groups < 3 or not 0 < folds <= _MOST_FOLDS or purge_ms < 0 or embargo_ms < 0:
        raise ConfigInvalid(
            f"judging by {test_groups} of {groups} groups of days cannot be",
            next_step=f"use at least 3 groups, and at most {_MOST_FOLDS:,} combinations of them",
        )
    parts = day_groups(period, groups)
    return tuple(
        _combined(parts, chosen, purge_ms=purge_ms, embargo_ms=embargo_ms)
        for chosen in combinations(range(groups), test_groups)
    )


def combination_paths(groups: int, test_groups: int) -> Integers:
    """Return to which whole history each judged group of each fold belongs.

    Every group is judged in several folds; the first time it is, it belongs to history 0, then to
    1, and so on: each history has each group once.

    Returns:
        One row a fold of `purged_combinations`, one column a judged group, numbers from 0.
    """
    seen = [0] * groups
    paths = []
    for chosen in combinations(range(groups), test_groups):
        paths.append([seen[group] for group in chosen])
        for group in chosen:
            seen[group] += 1
    return np.array(paths, dtype=np.int64)


def judged_mask(trades: ClosedTrades, fold: Fold) -> Mask:
    """Return which trades are judged: those that opened within a test window."""
    return _opened_within(trades, fold.test)


def _opened_within(trades: ClosedTrades, windows: tuple[Window, ...]) -> Mask:
    is_within = np.zeros(len(trades), dtype=np.bool_)
    for window in windows:
        is_within |= (trades.opened_ms >= window.start_ms) & (trades.opened_ms < window.end_ms)
    return is_within


def day_groups(period: Window, groups: int) -> tuple[Window, ...]:
    """Return whole days cut into groups as equal as can be, the longer ones last.

    Raises:
        ConfigInvalid: the period has fewer days than groups.
    """
    days = (period.end_ms - period.start_ms) // DAY_MS
    if days < groups:
        raise ConfigInvalid(
            f"{days} days cannot be cut into {groups} groups",
            next_step="take a longer period, or fewer groups",
        )
    cuts = [period.start_ms + days * group // groups * DAY_MS for group in range(groups + 1)]
    return tuple(Window(start, end) for start, end in pairwise(cuts))


def _combined(
    parts: tuple[Window, ...], chosen: tuple[int, ...], *, purge_ms: int, embargo_ms: int
) -> Fold:
    test = joined(parts[group] for group in chosen)
    train = joined(part for group, part in enumerate(parts) if group not in chosen)
    for window in test:
        after = window.end_ms + purge_ms + embargo_ms
        train = _without(train, window.start_ms - purge_ms, after)
    if not train:
        raise ConfigInvalid(
            "what is left out around the days to judge by leaves none to learn from",
            next_step="use fewer groups, or leave out less",
        )
    return Fold(train=train, test=test)


def _without(windows: tuple[Window, ...], start_ms: int, end_ms: int) -> tuple[Window, ...]:
    """Return what is left of windows outside of a stretch."""
    left = [
        piece
        for window in windows
        for piece in (
            (window.start_ms, min(window.end_ms, start_ms)),
            (max(window.start_ms, end_ms), window.end_ms),
        )
        if piece[0] < piece[1]
    ]
    return tuple(Window(start, end) for start, end in left)
