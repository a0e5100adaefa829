"""Looks a database over without changing it: tables, integrity, who may read it, what it holds."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy import func, inspect, select

from snipersight.domain.errors import StateUnavailable
from snipersight.storage.database import connect_database
from snipersight.storage.database_url import SqliteAddress, parse_database_url
from snipersight.storage.migrating import DECISIONS, Schema, SchemaState, schema_state
from snipersight.storage.queue_rows import QueueCounts, count_items
from snipersight.storage.schema import QUEUE
from snipersight.storage.shrinking import size_bytes
from snipersight.storage.sqlite import SIDE_FILES, side_file

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.storage.database import Database

T = TypeVar("T")
_OTHERS: Final = 0o077
_MOST_FAULTS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that is not as it should be.

    Args:
        what: one sentence.
        next_step: what to do about it; may be empty.
        is_fatal: the database cannot be used; otherwise it works all the same.
    """

    what: str
    next_step: str = ""
    is_fatal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseCheck:
    """What a database is like; what could not be found out is None or empty.

    Args:
        place: the file or the server, without a password.
        dialect: `sqlite` or `postgresql`.
        exists: whether there is one; a SQLite file is made by its first use.
        schema: version of its tables.
        size_bytes: what it takes on the disk.
        tables: rows by table.
        queue: where the items of all topics are, and the oldest that is not delivered.
        troubles: everything that is wrong, the worst first.
    """

    place: str
    dialect: str
    exists: bool = True
    schema: SchemaState | None = None
    size_bytes: int | None = None
    tables: tuple[tuple[str, int], ...] = ()
    queue: QueueCounts | None = None
    troubles: tuple[Trouble, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Return whether nothing found keeps it from being used."""
        return not any(trouble.is_fatal for trouble in self.troubles)


def check_database(url: str, schema: Schema = DECISIONS) -> DatabaseCheck:
    """Return what a database is like, and change nothing; a fault is part of the answer.

    Args:
        url: where it is.
        schema: which of its tables; those of decisions if not given.

    Raises:
        ConfigInvalid: the URL is unusable.
    """
    address = parse_database_url(url)
    dialect = "sqlite" if isinstance(address, SqliteAddress) else "postgresql"
    probe = _Probe()
    if isinstance(address, SqliteAddress):
        if not address.path.exists():
            return DatabaseCheck(place=address.place, dialect=dialect, exists=False)
        probe.troubles += _wide_files(address.path)
    database = probe.ask(lambda: connect_database(url))
    if database is None:
        return DatabaseCheck(place=address.place, dialect=dialect, troubles=tuple(probe.troubles))
    with database:
        return _looked_over(database, probe, schema)


class _Probe:
    """Asks one thing after another; an error is a trouble found, and the next thing is asked."""

    def __init__(self) -> None:
        self.troubles: list[Trouble] = []

    def ask(self, question: Callable[[], T]) -> T | None:
        try:
            return question()
        except StateUnavailable as error:
            trouble = Trouble(what=error.what, next_step=error.next_step, is_fatal=True)
            if trouble not in self.troubles:
                self.troubles.append(trouble)
            return None


def _looked_over(database: Database, probe: _Probe, schema: Schema) -> DatabaseCheck:
    state = probe.ask(lambda: schema_state(database, schema))
    probe.troubles += _schema_troubles(state, is_file=database.dialect == "sqlite")
    if database.dialect == "sqlite":  # a server looks after both by itself
        probe.troubles += probe.ask(lambda: database.read(_integrity)) or ()
        probe.troubles += probe.ask(lambda: database.read(_references)) or ()
    tables = probe.ask(lambda: database.read(lambda it: _counts(it, schema))) or ()
    if state is not None and state.is_current:
        probe.troubles += _missing_tables(tables, schema)
    size = probe.ask(lambda: size_bytes(database))
    has_queue = QUEUE.name in schema.tables.tables
    queue = probe.ask(lambda: database.read(_queue)) if has_queue else None
    return DatabaseCheck(
        place=database.place,
        dialect=database.dialect,
        schema=state,
        size_bytes=size,
        tables=tables,
        queue=queue,
        troubles=tuple(sorted(probe.troubles, key=lambda trouble: not trouble.is_fatal)),
    )


def _schema_troubles(state: SchemaState | None, *, is_file: bool) -> Iterator[Trouble]:
    if state is None or state.is_current:
        return
    if state.is_newer:
        yield Trouble(
            what=f"a newer SniperSight has written it: version {state.current}, this one knows "
            f"{state.head}",
            next_step="install the newer SniperSight again, or restore a backup from before it",
            is_fatal=True,
        )
        return
    found = f"its tables are of version {state.current}" if state.current else "it has no tables"
    yield Trouble(
        what=f"{found}, this SniperSight needs version {state.head}",
        next_step="run `snipersight db upgrade`" + (", or just use it" if is_file else ""),
        is_fatal=not is_file,
    )


def _integrity(connection: Connection) -> tuple[Trouble, ...]:
    rows = connection.exec_driver_sql(f"PRAGMA integrity_check({_MOST_FAULTS})").scalars()
    return tuple(
        Trouble(what=f"the file is damaged: {fault}", next_step="restore a backup", is_fatal=True)
        for fault in rows
        if fault != "ok"
    )


def _references(connection: Connection) -> tuple[Trouble, ...]:
    orphans: dict[tuple[str, str], int] = {}
    for table, _row, parent, _key in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        orphans[table, parent] = orphans.get((table, parent), 0) + 1
    return tuple(
        Trouble(
            what=f"{table} holds rows that belong to no row of {parent}: {count}",
            next_step="restore a backup",
            is_fatal=True,
        )
        for (table, parent), count in sorted(orphans.items())
    )


def _counts(connection: Connection, schema: Schema) -> tuple[tuple[str, int], ...]:
    held = set(inspect(connection).get_table_names())
    return tuple(
        (name, int(connection.execute(select(func.count()).select_from(table)).scalar_one()))
        for name, table in schema.tables.tables.items()
        if name in held
    )


def _missing_tables(tables: Sequence[tuple[str, int]], schema: Schema) -> Iterator[Trouble]:
    held = {name for name, _ in tables}
    for name in schema.tables.tables:
        if name not in held:
            yield Trouble(
                what=f"the table {name} is missing", next_step="restore a backup", is_fatal=True
            )


def _queue(connection: Connection) -> QueueCounts | None:
    is_there = inspect(connection).has_table(QUEUE.name)
    return count_items(connection) if is_there else None


def _wide_files(path: Path) -> Iterator[Trouble]:
    for file in (path, *(side_file(path, suffix) for suffix in SIDE_FILES)):
        try:
            found = file.stat()
        except OSError:
            continue  # what cannot be looked at cannot be opened either, and that is told
        if found.st_mode & _OTHERS:
            mode = f"{stat.S_IMODE(found.st_mode):04o}"
            yield Trouble(
                what=f"others than its owner can use {file.name} (mode {mode})",
                next_step=f"its next use by its owner ends that, or run chmod 600 {file}",
            )
