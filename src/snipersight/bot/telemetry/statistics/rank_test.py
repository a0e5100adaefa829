"""Whether higher scores hit more often than chance explains."""

from __future__ import annotations

from typing import Final

import numpy as np

from snipersight.domain.evidence_columns import Integers, Numbers

_FLIPS: Final = 4_000
_SEED: Final = 19_450_131  # any: the same evidence gives the same answer
_ROWS: Final = 250  # of flips at a time: memory stays small however long the history


def rank_p_value(score: Numbers, hit: Numbers, day: Integers, *, days: int) -> float:
    """Return how often scores without meaning would go with hits at least as well, 0 to 1.

    The covariance of rank and hit, summed by day; under no relation each day's sum is as likely
    to have the other sign (Wilcoxon's rank sum with a wild cluster bootstrap: the signals of a
    day count as one observation). One-sided: lower scores hitting more often give a value near 1.

    Args:
        score, hit, day: of closed signals, `day` from 0 to `days` − 1.
        days: how many days there are.
    """
    if np.ptp(score) == 0 or np.ptp(hit) == 0:
        return 1.0  # every score the same, or all hit, or none: nothing to go by
    ranks = _ranks(score)
    by_day = np.bincount(
        day, weights=(ranks - ranks.mean()) * (hit - hit.mean()), minlength=days
    ).astype(np.float64)
    scale = float(np.abs(by_day).sum())
    if scale == 0:
        return 1.0  # each day cancels out in itself
    measured = float(by_day.sum()) / scale
    flipped = _flipped_sums(by_day / scale)
    # Sums of the same numbers in another order differ in their last digits.
    return (1 + int((flipped >= measured - 1e-12).sum())) / (1 + len(flipped))


def _flipped_sums(by_day: Numbers) -> Numbers:
    random = np.random.default_rng((_SEED, len(by_day)))
    parts = []
    for _ in range(_FLIPS // _ROWS):
        signs = random.integers(0, 2, size=(_ROWS, len(by_day)), dtype=np.int8) * 2 - 1
        parts.append(signs.astype(np.float64) @ by_day)
    return np.concatenate(parts)


def _ranks(values: Numbers) -> Numbers:
    """Return the rank of each value from 0 to 1; equal values share the middle of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    middles = (ends - (counts - 1) / 2) / len(values)
    return np.asarray(middles[place], dtype=np.float64)
