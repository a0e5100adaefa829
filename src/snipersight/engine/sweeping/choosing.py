"""What choosing the best of many runs is worth: on days that nothing was chosen by, and by luck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.evidence_columns import Integers, Mask, Numbers
from snipersight.domain.timeframe import DAY_MS
from snipersight.performance.overfitting import BLOCKS, Overfitting, measure_overfitting
from snipersight.performance.returns import LEAST_SPREAD
from snipersight.performance.splits import Fold, walk_forward
from snipersight.performance.windows import Window

_DEFAULT_FOLDS: Final = 4
_LEAST_BLOCKS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkTerms:
    """How a walk forward parts the days.

    Args:
        train_days: to choose by.
        test_days: to judge by, right after them.
        embargo_days: at the end of what is chosen by, left out: what was entered there may still
            be open while the choice is judged.
    """

    train_days: int
    test_days: int
    embargo_days: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldChoice:
    """What was chosen in one window, and what it did in the next.

    Args:
        fold: the windows.
        chosen: row of the run with the highest Sharpe ratio of the days to choose by; the earliest
            of equals.
        middle: row of the run that gained more than one half of the others, and less than the
            other half, in the window to judge by; the lower one of two.
        train_sharpe, test_sharpe: its ratios a day in both; 0 where its returns do not differ.
        test_return: what its account gained in the window to judge by, a fraction.
        middle_return: what the middle run gained there.
        better: share of the other runs that it beat there, 0 to 1.
    """

    fold: Fold
    chosen: int
    middle: int
    train_sharpe: float
    test_sharpe: float
    test_return: float
    middle_return: float
    better: float


def default_walk(period: Window) -> WalkTerms | None:
    """Return half of the days to choose by, and four steps through the rest; None where that fails.

    Fewer than 16 days make no walk.
    """
    days = int(period.days)
    test = days // (2 * _DEFAULT_FOLDS)
    if test < 2:
        return None
    return WalkTerms(train_days=days - _DEFAULT_FOLDS * test, test_days=test)


def folds_of(period: Window, terms: WalkTerms) -> tuple[Fold, ...]:
    """Return the folds of a walk that moves along.

    Raises:
        ConfigInvalid: the period is too short for one fold, or a length is out of bounds.
    """
    try:
        return walk_forward(
            period,
            train_days=terms.train_days,
            test_days=terms.test_days,
            is_anchored=False,
            embargo_days=terms.embargo_days,
        )
    except ConfigInvalid as error:
        raise ConfigInvalid(
            error.what, where="--walk-forward", next_step=error.next_step
        ) from error


def sharpes(returns: Numbers) -> Numbers:
    """Return the Sharpe ratio a day of each row; 0 where its returns do not differ."""
    if returns.shape[1] < 2:
        return np.zeros(len(returns))
    means, spreads = returns.mean(axis=1), returns.std(axis=1, ddof=1)
    is_spread = spreads > LEAST_SPREAD
    return np.where(is_spread, means / np.where(is_spread, spreads, 1.0), 0.0)


def walked(returns: Numbers, days: Integers, folds: tuple[Fold, ...]) -> tuple[FoldChoice, ...]:
    """Return what choosing would have chosen in each fold, oldest first.

    Args:
        returns: one row a run, one column a day.
        days: start of each day, milliseconds UTC.
        folds: of the same days.
    """
    return tuple(_walked(returns, days, fold) for fold in folds)


def _walked(returns: Numbers, days: Integers, fold: Fold) -> FoldChoice:
    train = sharpes(returns[:, days_within(days, fold.train)])
    judged = returns[:, days_within(days, fold.test)]
    chosen = int(train.argmax())
    gains = np.prod(1.0 + judged, axis=1) - 1.0
    middle = int(gains.argsort(kind="stable")[(len(gains) - 1) // 2])
    others = np.delete(gains, chosen)
    return FoldChoice(
        fold=fold,
        chosen=chosen,
        middle=middle,
        train_sharpe=float(train[chosen]),
        test_sharpe=float(sharpes(judged)[chosen]),
        test_return=float(gains[chosen]),
        middle_return=float(gains[middle]),
        better=float((gains[chosen] > others).mean()) if len(others) else 0.0,
    )


def learned_mask(days: Integers, folds: tuple[Fold, ...]) -> Mask:
    """Return the days that a search may learn from: those to choose by in the first fold.

    Whatever a search has learned of a later day it would know beforehand when that is judged.
    Without folds nothing is judged, and it learns from all.
    """
    if not folds:
        return np.ones(len(days), dtype=np.bool_)
    return days_within(days, folds[0].train)


def luck_of(returns: Numbers) -> Overfitting | None:
    """Return how likely the best run is best by luck; None for one run or fewer than 8 days.

    Days are cut into 16 blocks, or as many as have two days each.
    """
    blocks = min(BLOCKS, returns.shape[1] // 2 // 2 * 2)
    return measure_overfitting(returns, blocks=blocks) if blocks >= _LEAST_BLOCKS else None


def days_within(days: Integers, windows: tuple[Window, ...]) -> Mask:
    """Return which days lie whole in some windows."""
    is_within = np.zeros(len(days), dtype=np.bool_)
    for window in windows:
        is_within |= (days >= window.start_ms) & (days + DAY_MS <= window.end_ms)
    return is_within
