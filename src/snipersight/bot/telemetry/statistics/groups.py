"""Signals by what they have in common."""

from __future__ import annotations

from typing import Final

import numpy as np

from snipersight.bot.telemetry.statistics.columns import (
    DAY_MS,
    Coded,
    coded,
    is_approved,
    is_closed,
    where,
)
from snipersight.bot.telemetry.statistics.expectancies import expectancies_of
from snipersight.bot.telemetry.statistics.grouping import GroupBy
from snipersight.bot.telemetry.statistics.hit_rates import hit_rate_of
from snipersight.domain.evidence_columns import EvidenceTable, Integers, Numbers
from snipersight.domain.statistics import ENOUGH, Enough, Expectancy, GroupStats

_HOUR_MS: Final = 3_600_000


def groups_of(
    table: EvidenceTable, by: GroupBy, *, enough: Enough = ENOUGH
) -> tuple[GroupStats, ...]:
    """Return how each group of signals does, by what they have in common.

    Args:
        table: signals of any verdict; outcomes are told of the approved ones.
        by: the property.
        enough: below it a group has no estimate.

    Returns:
        Hours, tiers and directions in their order, other groups with most approved signals first.
    """
    split = _by_hour(table) if by is GroupBy.HOUR else coded(getattr(table, by.value))
    found = group_stats(table, split, enough=enough)
    if by in (GroupBy.HOUR, GroupBy.TIER, GroupBy.DIRECTION):
        return found
    return tuple(sorted(found, key=lambda one: (-one.approved, -one.signals, one.name)))


def group_stats(
    table: EvidenceTable, split: Coded, *, enough: Enough = ENOUGH
) -> tuple[GroupStats, ...]:
    """Return how each group of a split does, in the split's order."""
    approved = is_approved(table)
    told = np.where(approved, split.codes, -1)
    expectancies = expectancies_of(table, told, len(split.names), enough=enough)
    signals = np.bincount(split.codes[split.codes >= 0], minlength=len(split.names))
    parts = _parts(table, told, len(split.names))
    return tuple(
        stats_of_group(
            name,
            signals=int(signals[place]),
            approved=parts[place],
            expectancy=expectancies.each[place],
            enough=enough,
        )
        for place, name in enumerate(split.names)
    )


def stats_of_group(
    name: str, *, signals: int, approved: EvidenceTable, expectancy: Expectancy, enough: Enough
) -> GroupStats:
    """Return how one group does.

    Args:
        name: of the group.
        signals: how many it has, whatever their verdict.
        approved: its approved signals.
        expectancy: of these.
        enough: below it there is no estimate.
    """
    closed = is_closed(approved)
    has_estimates = expectancy.mean_r is not None
    return GroupStats(
        name=name,
        signals=signals,
        approved=len(approved),
        hit_rate=hit_rate_of(approved, enough=enough),
        expectancy=expectancy,
        mean_planned_rr=float(approved.risk_reward.mean()) if len(approved) else None,
        median_mae_r=_median(approved.mae_r[closed]) if has_estimates else None,
        median_mfe_r=_median(approved.mfe_r[closed]) if has_estimates else None,
    )


def _parts(table: EvidenceTable, group: Integers, groups: int) -> list[EvidenceTable]:
    """Return the signals of each group: sorted once and cut, for groups can be many."""
    order = np.argsort(group, kind="stable")
    ordered = where(table, order)
    borders = np.searchsorted(group[order], np.arange(groups + 1))
    return [where(ordered, slice(borders[one], borders[one + 1])) for one in range(groups)]


def _median(values: Numbers) -> float:
    return float(np.median(values))


def _by_hour(table: EvidenceTable) -> Coded:
    hours: Integers = (table.decided_ms % DAY_MS) // _HOUR_MS
    present = np.unique(hours)
    names = tuple(f"{hour:02d}" for hour in present)
    return Coded(names=names, codes=np.searchsorted(present, hours).astype(np.int64))
