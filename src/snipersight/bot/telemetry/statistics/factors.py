"""What signals with a factor bring, and without it."""

from __future__ import annotations

from typing import Final

import numpy as np

from snipersight.bot.telemetry.statistics.columns import (
    Coded,
    is_approved,
    where,
)
from snipersight.bot.telemetry.statistics.expectancies import expectancies_of_splits
from snipersight.bot.telemetry.statistics.groups import stats_of_group
from snipersight.domain.evidence_columns import EvidenceTable, FactorColumns, Numbers
from snipersight.domain.statistics import ENOUGH, Enough, GroupStats

_OFTEN_ABSENT: Final = 1 / 3  # of the signals it was judged for
_TWO: Final[tuple[str, ...]] = ("absent", "present")
_THREE: Final[tuple[str, ...]] = ("low", "middle", "high")


def factor_groups_of(
    table: EvidenceTable, factors: FactorColumns, *, enough: Enough = ENOUGH
) -> tuple[GroupStats, ...]:
    """Return how signals do by what each factor added to their score.

    A factor that adds nothing to a third of its signals or more splits them into present and
    absent; another one into thirds: low, middle, high. A signal is in a group of every factor it
    was judged by.

    Args:
        table: signals of any verdict; outcomes are told of the approved ones.
        factors: what their factors added, in the table's order.
        enough: below it a group has no estimate.

    Raises:
        ValueError: the factors are of other signals than the table.
    """
    if not len(table) or not factors.names:
        return ()
    if len(factors.points) != len(table):
        raise ValueError(f"factors of {len(factors.points)} signals beside {len(table)} signals")
    splits = [_split(name, factors.points[:, place]) for place, name in enumerate(factors.names)]
    return _stats(table, [split for split in splits if split.names], enough)


def _split(name: str, points: Numbers) -> Coded:
    judged = np.isfinite(points)
    if not judged.any():
        return Coded(names=(), codes=np.full(len(points), -1, dtype=np.int64))
    if (points[judged] == 0).mean() >= _OFTEN_ABSENT:
        codes, words = np.where(points != 0, 1, 0), _TWO
    else:
        borders = np.quantile(points[judged], (1 / 3, 2 / 3))
        codes, words = np.searchsorted(borders, points, side="left"), _THREE
    return Coded(
        names=tuple(f"{name}: {word}" for word in words),
        codes=np.where(judged, codes, -1).astype(np.int64),
    )


def _stats(table: EvidenceTable, splits: list[Coded], enough: Enough) -> tuple[GroupStats, ...]:
    """Return the groups of all splits, over the same resampled days."""
    approved = is_approved(table)
    told = [np.where(approved, split.codes, -1) for split in splits]
    sized = [(group, len(split.names)) for group, split in zip(told, splits, strict=True)]
    each = iter(expectancies_of_splits(table, sized, enough=enough).each if splits else ())
    return tuple(
        stats_of_group(
            name,
            signals=int((split.codes == place).sum()),
            approved=where(table, np.flatnonzero(group == place)),
            expectancy=next(each),
            enough=enough,
        )
        for group, split in zip(told, splits, strict=True)
        for place, name in enumerate(split.names)
    )
