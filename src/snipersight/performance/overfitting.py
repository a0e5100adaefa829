"""Whether choosing the best of many trials chooses anything: probability of overfitting.

Combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado & Zhu, "The Probability
of Backtest Overfitting", 2015): the days are cut into blocks, every half of the blocks is once the
sample in which the best trial is chosen, and the other half shows what the choice was worth.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from snipersight.domain.errors import DataInvalid
from snipersight.domain.evidence_columns import Integers, Numbers
from snipersight.performance.returns import LEAST_SPREAD

BLOCKS: Final = 16
_MOST_BLOCKS: Final = 20  # 184,756 halves
_CELLS: Final = 2_000_000  # halves times trials at a time: some 100 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Overfitting:
    """What choosing the best in one half was worth in the other.

    Args:
        probability: share of halves whose best trial was no better than the middle one in the
            other half, 0 to 1. About a half or more: the choice says nothing.
        loss_probability: share of halves whose best trial lost in the other half.
        halves: how many were looked at.
        trials: to choose from.
    """

    probability: float
    loss_probability: float
    halves: int
    trials: int


def measure_overfitting(returns: Numbers, *, blocks: int = BLOCKS) -> Overfitting | None:
    """Return how likely the best of some trials was chosen for its luck.

    Trials are compared by their Sharpe ratio; one whose returns do not differ has 0.

    Args:
        returns: one row a trial, one column a day, oldest first, the same days for all. So that
            blocks are of one length, the oldest days that are left over are not used.
        blocks: even, 2 to 20; 16 gives 12,870 halves.

    Returns:
        None for fewer than two trials, or fewer than two days a block.

    Raises:
        DataInvalid: `blocks` is out of bounds, or a return is not finite.
    """
    if blocks % 2 or not 2 <= blocks <= _MOST_BLOCKS:
        raise DataInvalid(f"{blocks} blocks cannot be halved; they are even, 2 to {_MOST_BLOCKS}")
    if not np.isfinite(returns).all():
        raise DataInvalid("a return is not a finite number")
    trials, days = returns.shape
    if trials < 2 or days < 2 * blocks:
        return None
    sums, squares = _block_sums(returns, blocks)
    chosen = np.array(list(combinations(range(blocks), blocks // 2)))
    rows = max(1, _CELLS // trials)
    parts = [
        _chosen_ranks(sums, squares, chosen[first : first + rows], days // blocks)
        for first in range(0, len(chosen), rows)
    ]
    ranks = np.concatenate([rank for rank, _ in parts])
    worth = np.concatenate([sharpe for _, sharpe in parts])
    return Overfitting(
        probability=float((ranks <= (trials + 1) / 2).mean()),
        loss_probability=float((worth < 0).mean()),
        halves=len(chosen),
        trials=trials,
    )


def _block_sums(returns: Numbers, blocks: int) -> tuple[Numbers, Numbers]:
    """Return the sums of returns and of their squares: one row a block, one column a trial."""
    trials, days = returns.shape
    used = returns[:, days % blocks :].reshape(trials, blocks, -1)
    return used.sum(axis=2).T, (used**2).sum(axis=2).T


def _chosen_ranks(
    sums: Numbers, squares: Numbers, chosen: Integers, block_days: int
) -> tuple[Numbers, Numbers]:
    """Return the rank, 1 for the worst, and the ratio in the other half of each half's best."""
    blocks = len(sums)
    halves = np.zeros((len(chosen), blocks))
    np.put_along_axis(halves, chosen, 1.0, axis=1)
    days = block_days * blocks // 2
    best = _sharpes(halves @ sums, halves @ squares, days).argmax(axis=1)
    halves = 1.0 - halves
    others = _sharpes(halves @ sums, halves @ squares, days)
    worth = np.take_along_axis(others, best[:, None], axis=1)
    below = (others < worth).sum(axis=1)
    equal = (others == worth).sum(axis=1)
    return below + (equal + 1) / 2, worth[:, 0]


def _sharpes(totals: Numbers, squares: Numbers, days: int) -> Numbers:
    means = totals / days
    mean_squares = squares / days
    variances = mean_squares - means**2
    # A difference of sums: of equal returns rounding leaves a little of their squares.
    is_spread = variances > np.maximum(LEAST_SPREAD * mean_squares, LEAST_SPREAD**2)
    spread = np.sqrt(np.where(is_spread, variances, 1.0))
    return np.where(is_spread, means / spread, 0.0)
