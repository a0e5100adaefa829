"""Signals kept a second time, thousands together as columns: they read ten times as fast.

A block stands for every signal that was decided in a stretch of time, with its modelled outcome.
Triggers remove it in the very transaction that adds, changes or removes one of them, whoever does
so; a block that is there says what the rows say. Where triggers are missing, no block counts. On
a PostgreSQL server nothing is packed: a block could be committed there after a change that it has
not seen (docs/adr/0015).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, delete, insert, select, text

from snipersight.domain.evidence import EvidenceFilter, Kind
from snipersight.storage.telemetry.block_bytes import block_bytes, is_intact, table_of_block
from snipersight.storage.telemetry.columns import read_rows
from snipersight.storage.telemetry.joining import joined, narrowed
from snipersight.storage.telemetry.selecting import decided_within
from snipersight.storage.telemetry.tables import SIGNAL, SIGNAL_BLOCK

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.domain.evidence_columns import EvidenceTable, Integers
    from snipersight.storage.database import Database

LEAST: Final = 1_000  # signals that are worth a block
MANY: Final = 4_096  # signals after which the next block begins
_AT_ONCE: Final = 32  # blocks that are made at once: a second or two
_WAIT_S: Final = 1.0  # for others that write; what is not packed now will be another time
_TRIGGERS: Final = 7
_COUNT_TRIGGERS: Final = text(
    "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'signal_block_%'"
)


class Stretch(NamedTuple):
    """A stretch of time, milliseconds UTC; its end is not part of it."""

    from_ms: int
    until_ms: int


_ALWAYS: Final = Stretch(-(2**63), 2**63 - 1)


def read_table(connection: Connection, wanted: EvidenceFilter) -> tuple[EvidenceTable, int]:
    """Return signals and outcomes as columns, oldest decision first.

    Returns:
        The table, and how many of its signals were read one by one although blocks could have
        had them.
    """
    if wanted.kind is not Kind.MODELLED or not _has_blocks(connection):
        return read_rows(connection, wanted), 0
    whole = _stretch_of(wanted)
    tables, loose = [], 0
    for stretch, block in _parts(whole, _blocks(connection, whole)):
        if block is None:
            tables.append(read_rows(connection, _within(wanted, stretch)))
            loose += len(tables[-1])
        else:
            tables.append(narrowed(table_of_block(block), wanted))
    return (joined(tables) if tables else read_rows(connection, wanted)), loose


def pack(database: Database, *, least: int = LEAST, many: int = MANY) -> int:
    """Make blocks of signals that none has, oldest first; return how many.

    Each is made in a transaction of its own, of what the rows say then: others that write wait
    some hundredths of a second.

    Args:
        database: with the tables of telemetry.
        least: signals that are worth a block.
        many: signals after which the next block begins; those of one millisecond stay together.

    Raises:
        StateUnavailable: the store cannot be used; the blocks made until then stay.
    """
    missing = database.read(lambda it: list(_missing(it, least, many)))[:_AT_ONCE]
    for stretch in missing:
        database.write(partial(_make, stretch=stretch), timeout_s=_WAIT_S)
    return len(missing)


def _missing(connection: Connection, least: int, many: int) -> Iterator[Stretch]:
    """Yield the stretches of time that a block could be made of and none is."""
    if not _has_blocks(connection):
        return
    for gap, block in _parts(_ALWAYS, _blocks(connection, _ALWAYS)):
        if block is None:
            yield from _cut(gap, _moments(connection, gap), least, many)


def _moments(connection: Connection, stretch: Stretch) -> Integers:
    """Return when each signal of a stretch was decided, in order."""
    within = decided_within(_within(EvidenceFilter(), stretch))
    found = select(SIGNAL.c.decided_ms).where(*within).order_by(SIGNAL.c.decided_ms)
    return np.fromiter(connection.scalars(found), dtype=np.int64)


def _cut(gap: Stretch, moments: Integers, least: int, many: int) -> Iterator[Stretch]:
    """Yield what a gap is cut into: about equally many signals each, too few left out."""
    from_ms, first = gap.from_ms, 0
    while len(moments) - first >= least:
        end = first + many if len(moments) - first >= many + least else len(moments)
        last_ms = int(moments[end - 1])
        yield Stretch(from_ms, last_ms + 1)
        from_ms, first = last_ms + 1, int(np.searchsorted(moments, last_ms, side="right"))


def _make(connection: Connection, *, stretch: Stretch) -> None:
    connection.execute(delete(SIGNAL_BLOCK).where(*_overlapping(stretch)))
    table = read_rows(connection, _within(EvidenceFilter(), stretch))
    if len(table):
        block = {**stretch._asdict(), "body": block_bytes(table)}
        connection.execute(insert(SIGNAL_BLOCK), block)


def _has_blocks(connection: Connection) -> bool:
    """Return whether every change of a signal removes its block here."""
    is_file = connection.dialect.name == "sqlite"
    return is_file and connection.execute(_COUNT_TRIGGERS).scalar_one() == _TRIGGERS


def _blocks(connection: Connection, stretch: Stretch) -> Iterator[tuple[Stretch, bytes]]:
    """Yield the blocks of a stretch in order, those at its ends whole."""
    found = select(SIGNAL_BLOCK).where(*_overlapping(stretch)).order_by(SIGNAL_BLOCK.c.from_ms)
    for from_ms, until_ms, body in connection.execute(found):
        if is_intact(body):
            yield Stretch(from_ms, until_ms), body


def _overlapping(stretch: Stretch) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    columns = SIGNAL_BLOCK.c
    return columns.from_ms < stretch.until_ms, columns.until_ms > stretch.from_ms


def _parts(
    whole: Stretch, blocks: Iterable[tuple[Stretch, bytes]]
) -> Iterator[tuple[Stretch, bytes | None]]:
    """Yield the blocks of a stretch and what is between them, in order."""
    at_ms = whole.from_ms
    for stretch, block in blocks:
        if at_ms < stretch.from_ms:
            yield Stretch(at_ms, stretch.from_ms), None
        yield stretch, block
        at_ms = stretch.until_ms
    if at_ms < whole.until_ms:
        yield Stretch(at_ms, whole.until_ms), None


def _stretch_of(wanted: EvidenceFilter) -> Stretch:
    since_ms, until_ms = wanted.since_ms, wanted.until_ms
    return Stretch(
        _ALWAYS.from_ms if since_ms is None else since_ms,
        _ALWAYS.until_ms if until_ms is None else until_ms,
    )


def _within(wanted: EvidenceFilter, stretch: Stretch) -> EvidenceFilter:
    """Return the filter for a stretch alone."""
    from_ms, until_ms = stretch
    return replace(
        wanted,
        since_ms=None if from_ms == _ALWAYS.from_ms else from_ms,
        until_ms=None if until_ms == _ALWAYS.until_ms else until_ms,
    )
