"""The stationary bootstrap (Politis & Romano 1994): histories drawn again in blocks of days.

Days that follow one another are no independent observations: a trend lasts, and so does a loss.
A block begins at a day drawn with equal chance and goes on, round the end to the beginning, for a
length of its own, geometric with a given mean. A resampled history is as many days as the real one.

What is asked of a history here are sums over its days (of returns, of their squares, of results),
so it is enough to know how often each day occurs in it; the histories are drawn once for a number
of days and a length, and serve every question. See docs/adr/0013-evidence-statistics.md.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from snipersight.domain.evidence_columns import Numbers
from snipersight.performance.returns import LEAST_SPREAD

Counts = NDArray[np.unsignedinteger]

RESAMPLES: Final = 2_000
_SEED: Final = 19_940_401  # any: the same evidence gives the same interval
_ROWS: Final = 250  # of histories drawn at a time: memory stays small however long they are


def optimal_block_length(values: Numbers) -> float:
    """Return the mean block length that tells the variance of a series' average best, days.

    Politis & White (2004) with the correction of Patton, Politis & White (2009): long where
    values go on as they were, 1 where each day stands for itself.

    Args:
        values: one a day, oldest first; fewer than twenty, or equal ones, give 1.
    """
    days = len(values)
    if days < 20 or float(values.std()) <= LEAST_SPREAD:
        return 1.0
    centred = values - values.mean()
    lags = math.ceil(math.sqrt(days)) + _run_of_lags(days)
    covariances = (
        np.array([centred[lag:] @ centred[: days - lag] for lag in range(lags + 1)]) / days
    )
    window = _last_lag(_correlations(centred, covariances), days)
    lag = np.arange(1, window + 1)
    kept = 2.0 * np.minimum(1.0, 2.0 * (1.0 - lag / window)) * covariances[1 : window + 1]
    long_run = float(covariances[0] + kept.sum())
    if abs(long_run) <= LEAST_SPREAD**2:
        return 1.0
    slope = float((lag * kept).sum())
    best = (slope / long_run) ** 2 * days
    return float(np.clip(best ** (1 / 3), 1.0, math.ceil(min(3 * math.sqrt(days), days / 3))))


def resampled_sums(columns: Numbers, *, block_length: int) -> Numbers:
    """Return the sums of columns over resampled histories: one row a history, one column each.

    Args:
        columns: one row a day, oldest first, at least one.
        block_length: mean length of a block, days, at least 1.
    """
    # Single precision: a resampled sum is used for its place among 2,000 others.
    values = columns.astype(np.float32)
    sums = [part.astype(np.float32) @ values for part in _day_counts(len(columns), block_length)]
    return np.concatenate(sums).astype(np.float64)


@lru_cache(maxsize=4)
def _day_counts(days: int, block_length: int) -> tuple[Counts, ...]:
    """Return how often each day occurs in each history; 1.5 MB for two years.

    They are held by everybody who makes runs, so they take the smallest type that knows them.
    """
    random = np.random.default_rng((_SEED, days, block_length))
    return tuple(_drawn(random, days, 1.0 / block_length) for _ in range(RESAMPLES // _ROWS))


def _drawn(random: np.random.Generator, days: int, chance: float) -> Counts:
    """Return how often each day occurs in some histories, a new block beginning by chance."""
    place = np.arange(days)
    begins = random.random((_ROWS, days)) < chance
    begins[:, 0] = True
    block = np.maximum.accumulate(np.where(begins, place, 0), axis=1)
    firsts = random.integers(0, days, size=(_ROWS, days))
    day = (np.take_along_axis(firsts, block, axis=1) + place - block) % days
    day += (np.arange(_ROWS) * days)[:, None]
    counts = np.bincount(day.ravel(), minlength=_ROWS * days)
    smallest = counts.astype(np.min_scalar_type(int(counts.max())))
    smallest.flags.writeable = False  # it is shared by everybody who asks
    return smallest.reshape(_ROWS, days)


def _run_of_lags(days: int) -> int:
    """Return how many correlations in a row have to be small before later ones are left out."""
    return max(5, int(math.log10(days)))


def _correlations(centred: Numbers, covariances: Numbers) -> Numbers:
    """Return the size of the correlation of a series with itself some days before, by lag."""
    days, squares = len(centred), np.concatenate(([0.0], np.cumsum(centred**2)))
    lag = np.arange(len(covariances))
    # As the lagged series are compared, less the first pair: the reference does the same.
    size = np.sqrt((squares[-1] - squares[lag + 1]) * squares[days - lag - 1])
    shares = np.divide(covariances * days, size, out=np.zeros(len(lag)), where=size > 0)
    return np.asarray(np.abs(shares), dtype=np.float64)


def _last_lag(correlations: Numbers, days: int) -> int:
    """Return up to which lag covariances are used: twice where correlation has died away."""
    most, run = len(correlations) - 1, _run_of_lags(days)
    is_small = correlations[:most] < 2.0 * math.sqrt(math.log10(days) / days)
    runs = np.convolve(is_small, np.ones(run, dtype=np.int64), mode="valid")
    died = np.flatnonzero(runs == run)
    return min(2 * max(int(died[0]), 1), most) if len(died) else most
