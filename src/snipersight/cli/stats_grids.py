"""Statistics as tables of words, the same for the terminal, Markdown and the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from snipersight.bot.telemetry.statistics.words import r_range, rate_range, signed_r
from snipersight.domain.statistics import (
    Calibration,
    Expectancy,
    Funnel,
    GateWorth,
    GroupStats,
    HitRate,
    RDistribution,
    StageCount,
    TierComparison,
)
from snipersight.domain.wording import multiple, percent

_TOO_FEW: Final = "too few"
GROUP_HEAD: Final = (
    "signals",
    "approved",
    "closed",
    "hit rate",
    "expectancy",
    "planned",
    "median MAE",
    "median MFE",
)
_GROUP_EXTRAS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table of words.

    Args:
        head: names of its columns.
        rows: cells, as many a row as there are columns; the first names the row.
        words: how many columns from the left hold words; the rest are numbers.
        extras: how many columns from the right a narrow window may do without.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1
    extras: int = 0

    def without_extras(self) -> Grid:
        """Return it without the columns that a narrow window may do without."""
        end = len(self.head) - self.extras
        rows = tuple(row[:end] for row in self.rows)
        return Grid(head=self.head[:end], rows=rows, words=self.words)


def groups_grid(by: str, groups: Sequence[GroupStats]) -> Grid:
    """Return all that is known of each group."""
    rows = tuple(group_cells(one) for one in groups)
    return Grid(head=(by, *GROUP_HEAD), rows=rows, extras=_GROUP_EXTRAS)


def group_cells(group: GroupStats) -> tuple[str, ...]:
    """Return all that is known of a group, its name first."""
    return (
        group.name,
        f"{group.signals:,}",
        f"{group.approved:,}",
        f"{group.hit_rate.closed:,}",
        rate_text(group.hit_rate),
        mean_text(group.expectancy),
        _multiple_or_dash(group.mean_planned_rr),
        _multiple_or_dash(group.median_mae_r),
        _multiple_or_dash(group.median_mfe_r),
    )


def tiers_grid(tiers: Sequence[GroupStats], comparison: TierComparison) -> Grid:
    """Return what is known of each tier, and below them by how much the better one is better."""
    grid = groups_grid("tier", tiers)
    if comparison.difference is None:
        return grid
    name = f"{comparison.better} less {comparison.worse}"
    apart = estimate_text(comparison.difference, comparison.low, comparison.high)
    row = [name if column == "tier" else "" for column in grid.head]
    row[grid.head.index("expectancy")] = apart
    return replace(grid, rows=(*grid.rows, tuple(row)))


def gates_grid(gates: Sequence[GateWorth]) -> Grid:
    """Return what the refused signals of each gate would have brought."""
    head = ("gate", "refused", "closed", "expectancy of the refused", "approved less refused")
    rows = tuple(
        (
            one.gate,
            f"{one.refused:,}",
            f"{one.closed:,}",
            mean_text(one.refused_expectancy),
            estimate_text(one.difference, one.low, one.high),
        )
        for one in gates
    )
    return Grid(head=head, rows=rows)


def funnel_grid(funnel: Funnel) -> Grid:
    """Return how candidates ended, each with how many came as far."""
    rows = tuple(
        (stage_name(one), f"{one.count:,}", f"{one.denominator:,}", _share(one))
        for one in funnel.stages
    )
    return Grid(head=("ended", "candidates", "of those that came as far", "share"), rows=rows)


def spread_grid(spread: RDistribution) -> Grid:
    """Return the ends and quantiles of results."""
    rows = (
        ("worst", r_or_dash(spread.worst)),
        *((f"{percent(part, 0)} are below", signed_r(value)) for part, value in spread.quantiles),
        ("best", r_or_dash(spread.best)),
        ("average", r_or_dash(spread.mean)),
    )
    return Grid(head=("of all results", "net R"), rows=rows)


def scores_grid(calibration: Calibration) -> Grid:
    """Return how often signals of neighbouring scores hit."""
    rows = tuple(
        (
            f"{one.low:.0f}–{one.high:.0f}",
            f"{one.n:,}",
            f"{one.hits:,}",
            f"{percent(one.rate, 0)} ({rate_range(one.rate_low, one.rate_high)})",
        )
        for one in calibration.bins
    )
    return Grid(head=("scores", "closed", "hits", "hit rate"), rows=rows)


def stage_name(one: StageCount) -> str:
    """Return `gated:min_score`, or the bare stage."""
    return f"{one.stage}:{one.name}" if one.name else one.stage


def rate_text(rate: HitRate) -> str:
    """Return `41 % (31–52 %)`, or that there is too little."""
    if rate.rate is None or rate.low is None or rate.high is None:
        return _TOO_FEW
    return f"{percent(rate.rate, 0)} ({rate_range(rate.low, rate.high)})"


def mean_text(expectancy: Expectancy) -> str:
    """Return `+0.21R (−0.05R to +0.47R)`, or that there is too little."""
    return estimate_text(expectancy.mean_r, expectancy.low, expectancy.high)


def estimate_text(mean: float | None, low: float | None, high: float | None) -> str:
    """Return a result with its interval, or that there is too little."""
    if mean is None or low is None or high is None:
        return _TOO_FEW
    return f"{signed_r(mean)} ({r_range(low, high)})"


def r_or_dash(value: float | None) -> str:
    """Return a result with its sign, or a dash where there is none."""
    return "–" if value is None else signed_r(value)


def _multiple_or_dash(value: float | None) -> str:
    return "–" if value is None else multiple(value)


def _share(one: StageCount) -> str:
    return percent(one.count / one.denominator, 1) if one.denominator else "–"
