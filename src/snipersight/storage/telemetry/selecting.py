"""Which rows a filter asks for, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Select, select

from snipersight.domain.evidence import EvidenceFilter
from snipersight.storage.telemetry.tables import SCAN_COUNT, SIGNAL, SIGNAL_GROUP

ORDER: Final = (SIGNAL.c.decided_ms, SIGNAL.c.key)  # oldest decision first


def signals_wanted(wanted: EvidenceFilter) -> list[ColumnElement[bool]]:
    """Return the conditions on rows of signals."""
    conditions = decided_within(wanted)
    groups = groups_wanted(wanted)
    if groups:
        conditions.append(SIGNAL.c.group_id.in_(select(SIGNAL_GROUP.c.id).where(*groups)))
    return conditions


def decided_within(wanted: EvidenceFilter) -> list[ColumnElement[bool]]:
    """Return the conditions on when a signal was decided."""
    return list(_within(SIGNAL.c.decided_ms, wanted))


def groups_wanted(wanted: EvidenceFilter) -> list[ColumnElement[bool]]:
    """Return the conditions on rows of groups."""
    columns = SIGNAL_GROUP.c
    values = {
        columns.origin: wanted.origin,
        columns.profile: wanted.profile,
        columns.symbol: wanted.symbol,
        columns.account_id: wanted.account_id,
    }
    return [column == str(value) for column, value in values.items() if value is not None]


def scans_wanted(wanted: EvidenceFilter) -> Select[Any]:
    """Return what reads the counts of scans, oldest first."""
    columns = SCAN_COUNT.c
    values = {
        columns.origin: wanted.origin,
        columns.profile: wanted.profile,
        columns.account_id: wanted.account_id,
    }
    equal = [column == str(value) for column, value in values.items() if value is not None]
    within = _within(columns.at_ms, wanted)
    return select(SCAN_COUNT).where(*equal, *within).order_by(columns.at_ms, columns.context_id)


def _within(column: Column[int], wanted: EvidenceFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.since_ms is not None:
        yield column >= wanted.since_ms
    if wanted.until_ms is not None:
        yield column < wanted.until_ms
