"""Hit rates that never fall as the score rises."""

from __future__ import annotations

import numpy as np

from snipersight.domain.evidence_columns import Numbers

Curve = tuple[tuple[float, float], ...]
_Pool = tuple[float, float, float, int]  # mean, total, weight, how many levels


def curve_of(score: Numbers, hit: Numbers) -> Curve:
    """Return the hit rate over the score that fits best of all that never fall.

    Args:
        score: of closed signals; at least one.
        hit: 1 or 0 for each.

    Returns:
        The ends of each level, ascending in score and rate: least squares by pooling adjacent
        violators, equal scores pooled first.
    """
    levels, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    means = np.bincount(place, weights=hit) / counts
    fitted = rising(means, counts.astype(np.float64))
    is_first = np.append(True, np.diff(fitted) > 0)
    is_last = np.append(is_first[1:], True)
    ends = is_first | is_last
    return tuple(zip(levels[ends].tolist(), fitted[ends].tolist(), strict=True))


def forecast(curve: Curve, score: Numbers) -> Numbers:
    """Return the hit rate a curve gives scores; beyond its ends that of the nearer end."""
    points = np.asarray(curve, dtype=np.float64)
    return np.interp(score, points[:, 0], points[:, 1])


def rising(means: Numbers, weights: Numbers) -> Numbers:
    """Return the numbers that never fall and are nearest to others (docs/adr/0014).

    Pooling adjacent violators: what falls is averaged with its neighbours until nothing does.

    Args:
        means: at least one.
        weights: how much each counts, above 0.
    """
    pools: list[_Pool] = []
    for mean, weight in zip(means.tolist(), weights.tolist(), strict=True):
        pool = (mean, mean * weight, weight, 1)
        while pools and pools[-1][0] >= pool[0]:
            pool = _joined(pools.pop(), pool)
        pools.append(pool)
    return np.repeat([pool[0] for pool in pools], [pool[3] for pool in pools])


def _joined(one: _Pool, other: _Pool) -> _Pool:
    total, weight = one[1] + other[1], one[2] + other[2]
    return total / weight, total, weight, one[3] + other[3]
