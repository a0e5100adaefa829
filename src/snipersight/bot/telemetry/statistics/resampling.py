"""How far an average can be from what was measured: days are drawn again, not signals.

Signals of one day are no independent observations: one move of the market stops or pays all of
them. Drawing single signals again would take fifty signals of one afternoon for fifty facts and
make every interval too narrow. So whole days (UTC, of the decision) are the unit: each resampled
history is as many days, drawn with replacement, each with all of its signals. What carries over
from one day to the next is not in it; intervals are still a little narrow where moves last days.
A history of more than 400 days is drawn in blocks of neighbouring days, at most 400 of them: that
takes in what lasts a few days, and the work stays bounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from snipersight.domain.evidence_columns import Integers, Numbers
from snipersight.performance.percentiles import expanded_tail

RESAMPLES: Final = 2_000
_SEED: Final = 20_190_713  # any: the same evidence gives the same interval
_MOST_BLOCKS: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySums:
    """Values of groups summed by day.

    Args:
        sums, counts: one row a day, one column a group.
    """

    sums: Numbers
    counts: Numbers

    @property
    def days(self) -> Integers:
        """Return on how many days each group has a value."""
        return np.asarray((self.counts > 0).sum(axis=0), dtype=np.int64)

    @property
    def means(self) -> Numbers:
        """Return the average of each group; NaN without a value."""
        return _ratio(self.sums.sum(axis=0), self.counts.sum(axis=0))


def day_sums(values: Numbers, day: Integers, group: Integers, *, days: int, groups: int) -> DaySums:
    """Return values summed by day and group.

    Args:
        values: one a signal.
        day: number of its day.
        group: number of its group, −1 for none.
        days, groups: how many there are.
    """
    kept = group >= 0
    cells = day[kept] * groups + group[kept]
    shape = (days, groups)
    totals = np.bincount(cells, weights=values[kept], minlength=days * groups)
    counts = np.bincount(cells, minlength=days * groups)
    return DaySums(
        sums=totals.astype(np.float64).reshape(shape),
        counts=counts.astype(np.float64).reshape(shape),
    )


def resampled_means(sums: DaySums) -> Numbers:
    """Return the averages of resampled histories: one row a history, one column a group.

    NaN where a history has no value of the group.
    """
    blocks = _block_starts(len(sums.sums))
    weights = _block_weights(len(blocks))
    # Single precision: a resampled average is used for its place among 2,000 others.
    totals = weights @ _in_blocks(sums.sums, blocks).astype(np.float32)
    counts = weights @ _in_blocks(sums.counts, blocks).astype(np.float32)
    return _ratio(totals.astype(np.float64), counts.astype(np.float64))


def intervals(resampled: Numbers, days: Integers) -> tuple[Numbers, Numbers]:
    """Return where each group's average lies with 95 % confidence; NaN where nothing is known.

    Percentiles, taken further out for few days (Hesterberg 2015, expanded percentile interval:
    plain ones are too narrow by what Student's t is wider than the normal distribution).

    Args:
        resampled: averages, one column a group.
        days: how many days each group has.
    """
    low = np.full(resampled.shape[1], np.nan)
    high = low.copy()
    ordered = np.sort(resampled, axis=0)  # NaN goes last
    known = np.count_nonzero(~np.isnan(resampled), axis=0)
    tails = _tails(days)
    for column in np.flatnonzero((known > 0) & (days > 1)):
        values = ordered[: known[column], column]
        low[column], high[column] = np.quantile(values, (tails[column], 1 - tails[column]))
    return low, high


def _tails(days: Integers) -> Numbers:
    return np.array([expanded_tail(count) for count in days.tolist()], dtype=np.float64)


def _block_starts(days: int) -> Integers:
    """Return the first day of each block: every day is one, as long as there are few."""
    length = max(1, -(-days // _MOST_BLOCKS))
    return np.arange(0, days, length)


def _in_blocks(by_day: Numbers, starts: Integers) -> Numbers:
    if len(starts) == len(by_day):
        return by_day
    return np.asarray(np.add.reduceat(by_day, starts, axis=0), dtype=np.float64)


@lru_cache(maxsize=8)
def _block_weights(blocks: int) -> NDArray[np.float32]:
    """Return how often each block occurs in each resampled history; at most 3.2 MB."""
    random = np.random.default_rng((_SEED, blocks))
    drawn = random.integers(0, max(blocks, 1), size=(RESAMPLES, blocks), dtype=np.int32)
    drawn += (np.arange(RESAMPLES, dtype=np.int32) * blocks)[:, None]
    counts = np.bincount(drawn.ravel(), minlength=RESAMPLES * blocks)
    weights = counts.astype(np.float32).reshape(RESAMPLES, blocks)
    weights.flags.writeable = False  # it is shared by everybody who asks
    return weights


def _ratio(totals: Numbers, counts: Numbers) -> Numbers:
    known = counts > 0
    return np.where(known, totals / np.where(known, counts, 1.0), np.nan)
