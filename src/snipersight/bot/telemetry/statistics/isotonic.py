"""Hit rates that never fall as the score rises."""

from __future__ import annotations

import numpy as np

from snipersight.domain.evidence_columns import Numbers

Curve = tuple[tuple[float, float], ...]


def curve_of(score: Numbers, hit: Numbers) -> Curve:
    """Return the hit rate over the score that fits best of all that never fall.

    Args:
        score: of closed signals; at least one.
        hit: 1 or 0 for each.

    Returns:
        The ends of each level, ascending in score and rate: least squares by pooling adjacent
        violators, equal scores pooled first.
    """
    # scikit-learn wraps the same function and takes twice as long to import.
    from scipy.optimize import isotonic_regression

    levels, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    means = np.bincount(place, weights=hit) / counts
    fitted = np.asarray(isotonic_regression(means, weights=counts.astype(np.float64)).x)
    is_first = np.append(True, np.diff(fitted) > 0)
    is_last = np.append(is_first[1:], True)
    ends = is_first | is_last
    return tuple(zip(levels[ends].tolist(), fitted[ends].tolist(), strict=True))


def forecast(curve: Curve, score: Numbers) -> Numbers:
    """Return the hit rate a curve gives scores; beyond its ends that of the nearer end."""
    points = np.asarray(curve, dtype=np.float64)
    return np.interp(score, points[:, 0], points[:, 1])
