"""How far equity fell below its highest mark, and how long it stayed there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from snipersight.domain.evidence_columns import Numbers
from snipersight.domain.timeframe import DAY_MS
from snipersight.performance.series import DailyEquity


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawdown:
    """A stretch of days on which equity was below an earlier mark.

    Args:
        depth: largest fall as a fraction of the peak, above 0; more than 1 below zero equity.
        peak_ms: day of the mark that was not reached again, ms UTC.
        trough_ms: day of the lowest mark.
        recovered_ms: day of the first mark that reached the peak again; None: not yet.
        days: from the peak to the recovery, or to the last mark.
    """

    depth: float
    peak_ms: int
    trough_ms: int
    recovered_ms: int | None
    days: int


def drawdown_by_day(equity: DailyEquity) -> Numbers:
    """Return how far each mark is below the highest so far, a fraction of it; 0 at a new high.

    The opening, where it is known, is the first.
    """
    marks = equity.marks
    peaks = np.maximum.accumulate(marks)
    return np.asarray(1.0 - marks / peaks, dtype=np.float64)


def drawdowns_of(equity: DailyEquity) -> tuple[Drawdown, ...]:
    """Return every drawdown, oldest first."""
    marks = equity.marks
    is_below = marks < np.maximum.accumulate(marks)
    edges = np.diff(np.concatenate(([False], is_below, [False])).astype(np.int8))
    depths = drawdown_by_day(equity)
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return tuple(
        _drawdown(equity, depths, int(begin), int(end))
        for begin, end in zip(begins, ends, strict=True)
    )


def deepest_drawdown(equity: DailyEquity) -> Drawdown | None:
    """Return the drawdown that fell furthest, the first of equals; None without any."""
    return max(drawdowns_of(equity), key=lambda one: one.depth, default=None)


def longest_drawdown(equity: DailyEquity) -> Drawdown | None:
    """Return the drawdown that lasted longest, the first of equals; None without any."""
    return max(drawdowns_of(equity), key=lambda one: one.days, default=None)


def _drawdown(equity: DailyEquity, depths: Numbers, begin: int, end: int) -> Drawdown:
    """Return the drawdown of the marks from `begin`, which are below the one before, to `end`."""
    days = equity.mark_days
    is_recovered = end < len(days)
    peak, last = int(days[begin - 1]), int(days[end if is_recovered else end - 1])
    return Drawdown(
        depth=float(depths[begin:end].max()),
        peak_ms=peak,
        trough_ms=int(days[begin + int(depths[begin:end].argmax())]),
        recovered_ms=last if is_recovered else None,
        days=(last - peak) // DAY_MS,
    )
