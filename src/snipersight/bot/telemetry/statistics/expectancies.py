"""What a closed signal brings on average, net of costs, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from snipersight.bot.telemetry.statistics.columns import day_codes, is_closed
from snipersight.bot.telemetry.statistics.resampling import (
    DaySums,
    day_sums,
    intervals,
    resampled_means,
)
from snipersight.bot.telemetry.statistics.words import r_range, signed_r, too_few
from snipersight.domain.evidence_columns import EvidenceTable, Integers, Numbers
from snipersight.domain.statistics import ENOUGH, Enough, Expectancy
from snipersight.domain.wording import counted


def expectancy_of(table: EvidenceTable, *, enough: Enough = ENOUGH) -> Expectancy:
    """Return the average net R of the closed signals with its interval.

    Args:
        table: the signals in question; those that are not closed play no part.
        enough: below it there is no average.
    """
    everybody = np.zeros(len(table), dtype=np.int64)
    return expectancies_of(table, everybody, 1, enough=enough).each[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupedExpectancies:
    """Expectancies of groups over the same resampled histories, so that they can be compared.

    Args:
        each: one of every group.
        resampled: averages, one row a history, one column a group.
    """

    each: Sequence[Expectancy]
    resampled: Numbers

    def difference(self, first: int, second: int) -> tuple[float, float, float, float] | None:
        """Return by how much one group does better than another.

        Days are drawn for both groups together: what a day did to the whole market is not taken
        for a difference between them.

        Returns:
            Difference of the averages, R, its interval, and the share of histories in which the
            first did better; None where either has too little.
        """
        one, other = self.each[first], self.each[second]
        if one.mean_r is None or other.mean_r is None:
            return None
        apart = (self.resampled[:, first] - self.resampled[:, second])[:, None]
        days = np.asarray([min(one.days, other.days)], dtype=np.int64)
        low, high = intervals(apart, days)
        known = apart[~np.isnan(apart)]
        # A tie is no evidence for either side.
        better = float((known > 0).mean() + (known == 0).mean() / 2)
        return one.mean_r - other.mean_r, float(low[0]), float(high[0]), better


def expectancies_of(
    table: EvidenceTable, group: Integers, groups: int, *, enough: Enough = ENOUGH
) -> GroupedExpectancies:
    """Return the expectancy of each group of signals.

    Args:
        table: signals; those that are not closed play no part.
        group: number of the group of each signal, −1 for none.
        groups: how many groups there are.
        enough: below it a group has no average.
    """
    return expectancies_of_splits(table, [(group, groups)], enough=enough)


def expectancies_of_splits(
    table: EvidenceTable, splits: Sequence[tuple[Integers, int]], *, enough: Enough = ENOUGH
) -> GroupedExpectancies:
    """Return the expectancies of the groups of several splits, one split after another.

    Args:
        table: signals; those that are not closed play no part.
        splits: at least one: number of the group of each signal, and how many groups there are.
        enough: below it a group has no average.
    """
    sums = _closed_sums(table, splits)
    resampled = resampled_means(sums)
    days = sums.days
    low, high = intervals(resampled, days)
    counts = sums.counts.sum(axis=0)
    each = [
        _expectancy(
            n=int(counts[group]),
            days=int(days[group]),
            measured=(float(sums.means[group]), float(low[group]), float(high[group])),
            enough=enough,
        )
        for group in range(sums.sums.shape[1])
    ]
    return GroupedExpectancies(each=each, resampled=resampled)


def _closed_sums(table: EvidenceTable, splits: Sequence[tuple[Integers, int]]) -> DaySums:
    """Return net R of the closed signals by day, over the days on which any group has one."""
    closed = is_closed(table)
    counted = closed & np.any([group >= 0 for group, _ in splits], axis=0)
    day, days = day_codes(table.decided_ms[counted])
    parts = [
        day_sums(table.net_r[counted], day, group[counted], days=days, groups=groups)
        for group, groups in splits
    ]
    return DaySums(
        sums=np.hstack([part.sums for part in parts]),
        counts=np.hstack([part.counts for part in parts]),
    )


def _expectancy(
    *, n: int, days: int, measured: tuple[float, float, float], enough: Enough
) -> Expectancy:
    missing = too_few(n, days, enough)
    if missing or any(math.isnan(value) for value in measured):
        sentence = missing or "too few to say: every closed signal is of one day"
        return Expectancy(n=n, days=days, mean_r=None, low=None, high=None, sentence=sentence)
    mean, low, high = measured
    return Expectancy(
        n=n,
        days=days,
        mean_r=mean,
        low=low,
        high=high,
        sentence=(
            f"{signed_r(mean)} a closed signal on average, net of costs ({r_range(low, high)}), "
            f"from {n:,} on {counted(days, 'day')}"
        ),
    )
