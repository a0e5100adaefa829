"""Columns of evidence: which signals count, on which day, in which group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np

from snipersight.domain.evidence import OutcomeStatus, Verdict
from snipersight.domain.evidence_columns import EvidenceTable, Integers, Mask, Names

DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """A column of names as numbers.

    Args:
        names: the different names, sorted.
        codes: place in `names` of each row; −1: the row belongs to none.
    """

    names: tuple[str, ...]
    codes: Integers


def coded(column: Names) -> Coded:
    """Return the names that occur, sorted, as numbers; an empty name reads `unknown`."""
    read = {name: name or "unknown" for name in column.counts()}
    names = sorted(set(read.values()))
    places = np.zeros(len(column.known), dtype=np.int64)
    for place, name in enumerate(column.known):
        if name in read:
            places[place] = names.index(read[name])
    return Coded(names=tuple(names), codes=places[column.codes])


def day_codes(decided_ms: Integers) -> tuple[Integers, int]:
    """Return the day (UTC) of each decision as 0, 1, 2 … of the days there are, and how many."""
    if not len(decided_ms):
        return np.zeros(0, dtype=np.int64), 0
    days = decided_ms // DAY_MS
    first = int(days.min())
    is_there = np.bincount(days - first) > 0
    places = np.cumsum(is_there) - 1
    return places[days - first].astype(np.int64), int(is_there.sum())


def is_closed(table: EvidenceTable) -> Mask:
    """Return which signals were entered and closed: the only ones that hit or miss."""
    return table.status.equal(OutcomeStatus.CLOSED.value)


def is_approved(table: EvidenceTable) -> Mask:
    """Return which signals passed every gate: the only ones a trader was told."""
    return table.verdict.equal(Verdict.APPROVED.value)


def setups_in(table: EvidenceTable) -> int:
    """Return how many setups the signals are of."""
    return len(set(table.setup_id.tolist()))


def where(table: EvidenceTable, rows: Mask | Integers | slice) -> EvidenceTable:
    """Return some signals of a table: those a mask names, or numbered rows in their order."""
    if isinstance(rows, np.ndarray) and rows.dtype == np.bool_:
        rows = np.flatnonzero(rows)  # counted once instead of for every column
    columns: dict[str, Any] = {one.name: getattr(table, one.name)[rows] for one in fields(table)}
    return EvidenceTable(**columns)


def by_profile(table: EvidenceTable) -> Iterator[tuple[str, EvidenceTable]]:
    """Yield each profile with its signals, by name."""
    profiles = sorted(table.profile.counts())
    for profile in profiles:
        # Most tables are of one profile, and copying a large one takes longer than counting it.
        own = table if len(profiles) == 1 else where(table, table.profile.equal(profile))
        yield profile, own
