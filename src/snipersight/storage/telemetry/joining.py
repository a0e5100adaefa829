"""Columns of evidence put together, and what of them a filter asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from snipersight.domain.evidence import EvidenceFilter
from snipersight.domain.evidence_columns import EvidenceTable, Mask, NameBook, Names


def joined(tables: Sequence[EvidenceTable]) -> EvidenceTable:
    """Return the signals of one table after another; of one or more."""
    if len(tables) == 1:
        return tables[0]
    columns: dict[str, Any] = {}
    for one in fields(EvidenceTable):
        parts = [getattr(table, one.name) for table in tables]
        is_names = isinstance(parts[0], Names)
        columns[one.name] = _joined_names(parts) if is_names else np.concatenate(parts)
    return EvidenceTable(**columns)


def narrowed(table: EvidenceTable, wanted: EvidenceFilter) -> EvidenceTable:
    """Return the signals that a filter asks for; its kind of outcome plays no part."""
    rows = np.flatnonzero(_rows_wanted(table, wanted))
    if len(rows) == len(table):
        return table
    columns: dict[str, Any] = {one.name: getattr(table, one.name)[rows] for one in fields(table)}
    return EvidenceTable(**columns)


def _rows_wanted(table: EvidenceTable, wanted: EvidenceFilter) -> Mask:
    rows = np.ones(len(table), dtype=np.bool_)
    if wanted.since_ms is not None:
        rows &= table.decided_ms >= wanted.since_ms
    if wanted.until_ms is not None:
        rows &= table.decided_ms < wanted.until_ms
    for name in ("origin", "profile", "symbol", "account_id"):
        value = getattr(wanted, name)
        if value is not None:
            rows &= getattr(table, name).equal(str(value))
    return rows


def _joined_names(columns: Sequence[Names]) -> Names:
    book = NameBook()
    parts = [book.codes(column.known)[column.codes] for column in columns]
    return book.column(np.concatenate(parts))
