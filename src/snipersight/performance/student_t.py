"""Tails of Student's t and of the normal distribution, one value at a time (docs/adr/0014)."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist


def normal_tail(distance: float) -> float:
    """Return how often a normal value lies further above its mean than so many deviations."""
    return math.erfc(distance / math.sqrt(2)) / 2


def t_tail(distance: float, freedom: float) -> float:
    """Return how often Student's t lies above a distance.

    Args:
        distance: 0 or more.
        freedom: degrees, above 0; need not be whole.
    """
    squared = distance * distance
    whole = freedom + squared
    return _beta_share(freedom / 2, 0.5, freedom / whole, squared / whole) / 2


@lru_cache(maxsize=4_096)
def t_distance(tail: float, freedom: float) -> float:
    """Return the distance that Student's t lies above with a chance.

    Args:
        tail: above 0, below ½.
        freedom: degrees, above 0; need not be whole.
    """
    # Newton's steps go up and never beyond: the tail is convex, and t's is wider than the normal.
    distance = -NormalDist().inv_cdf(tail)
    while True:
        missing = t_tail(distance, freedom) - tail
        further = distance + missing / _t_density(distance, freedom)
        # What is left is rounding.
        if further <= distance * (1 + 1e-14):
            return distance
        distance = further


def _t_density(distance: float, freedom: float) -> float:
    log_height = -_log_beta(freedom / 2, 0.5) - math.log(freedom) / 2
    return math.exp(log_height - (freedom + 1) / 2 * math.log1p(distance * distance / freedom))


def _beta_share(a: float, b: float, x: float, rest: float) -> float:
    """Return the regularised incomplete beta function (DLMF 8.17.22) of `x`; `rest` is 1 − `x`."""
    if x <= 0:
        return 0.0
    if x > (a + 1) / (a + b + 2):  # beyond it the fraction hardly converges
        return 1 - _beta_share(b, a, rest, x)
    log_front = a * math.log(x) + b * math.log(rest) - _log_beta(a, b)
    return math.exp(log_front) / a / _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction, from as deep as any `a` and `b` need upwards."""
    value = 1.0
    for m in range(30 + round(3 * math.sqrt(max(a, b))), -1, -1):
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        value = 1 + odd / value
        if m:
            even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            value = 1 + even / value
    return value


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
