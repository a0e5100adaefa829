"""Signals and outcomes read as columns: rows become arrays a part at a time, never objects."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sqlalchemy import Boolean, ColumnElement, Integer, Select, and_, cast, func, select

from snipersight.domain.evidence import EvidenceFilter, OutcomeStatus
from snipersight.domain.evidence_columns import EvidenceTable, FactorColumns, NameBook, Names
from snipersight.storage.telemetry.selecting import (
    ORDER,
    decided_within,
    groups_wanted,
    signals_wanted,
)
from snipersight.storage.telemetry.tables import OUTCOME, SIGNAL, SIGNAL_GROUP

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection

Array = np.ndarray[Any, np.dtype[Any]]
_Kind = type[np.generic] | NameBook

_PART: Final = 4_096  # rows that are objects at the same time

_GROUP: Final = (
    "account_id",
    "origin",
    "profile",
    "venue",
    "symbol",
    "timeframe",
    "direction",
    "verdict",
    "reason",
    "tier",
    "regime",
    "leader",
    "session",
)
_SIGNAL: Final[dict[str, _Kind]] = {
    "key": np.object_,
    "setup_id": np.object_,
    "group_id": np.int64,
    "decided_ms": np.int64,
    "score": np.float64,
    "risk_reward": np.float64,
}
_OUTCOME: Final[dict[str, _Kind]] = {
    "entered_ms": np.int64,
    "ended_ms": np.int64,
    "targets_hit": np.int64,
    "filled_fraction": np.float64,
    "gross_r": np.float64,
    "fees_r": np.float64,
    "slippage_r": np.float64,
    "funding_r": np.float64,
    "net_r": np.float64,
    "mae_r": np.float64,
    "mfe_r": np.float64,
    "is_ambiguous": np.bool_,
}


def read_rows(connection: Connection, wanted: EvidenceFilter) -> EvidenceTable:
    """Return signals and outcomes as columns, oldest decision first."""
    with _uncollected():
        columns = _signals(connection, wanted)
        columns |= _groups(connection, wanted, columns.pop("group_id"))
    return EvidenceTable(**columns)


def read_factors(connection: Connection, wanted: EvidenceFilter) -> FactorColumns:
    """Return what each factor added to each score; NaN where it was not judged."""
    found = select(SIGNAL.c.factors).where(*signals_wanted(wanted)).order_by(*ORDER)
    with _uncollected():
        rows: list[dict[str, float]] = []
        for part in connection.execute(found).partitions(_PART):
            rows += json.loads("[" + ",".join([text for (text,) in part]) + "]")
        names = sorted(set().union(*map(frozenset, rows)))
        values = [[row.get(name, np.nan) for name in names] for row in rows]
        points = np.array(values, dtype=np.float64).reshape(len(rows), len(names))
    return FactorColumns(names=tuple(names), points=points)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python from looking for cycles among millions of new values: there are none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _signals(connection: Connection, wanted: EvidenceFilter) -> dict[str, Any]:
    """Return signals with their outcomes; one that nobody has followed is waiting."""
    is_theirs = and_(OUTCOME.c.key == SIGNAL.c.key, OUTCOME.c.kind == wanted.kind.value)
    found = (
        select(
            *(SIGNAL.c[name] for name in _SIGNAL),
            func.coalesce(OUTCOME.c.status, OutcomeStatus.WAITING.value),
            func.coalesce(OUTCOME.c.ending, ""),
            *(func.coalesce(_number(name), 0) for name in _OUTCOME),
        )
        .select_from(SIGNAL.outerjoin(OUTCOME, is_theirs))
        .where(*signals_wanted(wanted))
        .order_by(*ORDER)
    )
    books = {"status": NameBook(), "ending": NameBook()}
    kinds = {**_SIGNAL, **books, **_OUTCOME}
    columns: dict[str, Any] = dict(
        zip(kinds, _arrays(connection, found, tuple(kinds.values())), strict=True)
    )
    return columns | {name: book.column(columns[name]) for name, book in books.items()}


def _number(name: str) -> ColumnElement[Any]:
    column = OUTCOME.c[name]
    return cast(column, Integer) if isinstance(column.type, Boolean) else column


def _groups(
    connection: Connection, wanted: EvidenceFilter, group_ids: NDArray[np.int64]
) -> dict[str, Names]:
    columns = [SIGNAL_GROUP.c[name] for name in ("id", *_GROUP)]
    conditions = groups_wanted(wanted)
    if within := decided_within(wanted):
        conditions.append(SIGNAL_GROUP.c.id.in_(select(SIGNAL.c.group_id).where(*within)))
    found = select(*columns).where(*conditions).order_by(SIGNAL_GROUP.c.id)
    books = [NameBook() for _ in _GROUP]
    known, *codes = _arrays(connection, found, (np.int64, *books))
    places = np.searchsorted(known, group_ids)
    return {
        name: book.column(column[places])
        for name, book, column in zip(_GROUP, books, codes, strict=True)
    }


def _arrays(connection: Connection, found: Select[Any], kinds: Sequence[_Kind]) -> list[Array]:
    """Return the columns of an answer: numbers as such, names by their place in a book."""
    parts: list[list[Array]] = [[_column([], kind)] for kind in kinds]
    for rows in _rows(connection, found):
        for arrays, values, kind in zip(parts, zip(*rows, strict=True), kinds, strict=True):
            arrays.append(_column(values, kind))
    return [np.concatenate(arrays) for arrays in parts]


def _column(values: Sequence[Any], kind: _Kind) -> Array:
    if isinstance(kind, NameBook):
        return kind.codes(values)
    return np.fromiter(values, dtype=kind, count=len(values))


def _rows(connection: Connection, found: Select[Any]) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Yield parts of an answer as the driver gives them; SQLAlchemy's rows take twice as long."""
    cursor = connection.execute(found).cursor
    while rows := cursor.fetchmany(_PART):
        yield rows
