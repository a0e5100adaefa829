"""Which stretches of time were fetched: half-open intervals of milliseconds UTC.

A stretch without bars is fetched too once the venue has answered for it; that is how a gap at the
venue is told from bars that were never asked for.
"""

from __future__ import annotations

from collections.abc import Iterable

Interval = tuple[int, int]
"""`(start_ms, end_ms)`: from start, up to but without end."""


def united(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the same moments as few intervals, oldest first; empty ones vanish."""
    result: list[Interval] = []
    for start, end in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return tuple(result)


def missing(wanted: Interval, held: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the parts of `wanted` that no held interval covers, oldest first."""
    cursor, end = wanted
    gaps: list[Interval] = []
    for held_start, held_end in united(held):
        if held_start >= end:
            break
        if held_start > cursor:
            gaps.append((cursor, held_start))
        cursor = max(cursor, held_end)
    if cursor < end:
        gaps.append((cursor, end))
    return tuple(gaps)
