"""Gives the space of removed rows back to the disk."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.storage.file_lock import FileLock
from snipersight.storage.sqlite import side_file

if TYPE_CHECKING:
    from snipersight.storage.database import Database

_TIMEOUT_S: Final = 10.0
_PATIENCE_MS: Final = 500


def shrink(database: Database) -> str:
    """Make the file as small as its contents allow; return why it could not, or nothing.

    A PostgreSQL server does it by itself. Other processes wait meanwhile; one that reads keeps the
    space until it is done.
    """
    if database.dialect != "sqlite":
        return ""
    path = Path(database.place)
    try:
        return _shrink(path)
    except (OSError, sqlite3.Error) as error:
        return str(error)


def size_bytes(database: Database) -> int:
    """Return how much disk the database takes, its log included; bytes."""
    if database.dialect != "sqlite":
        return database.read(
            lambda connection: int(
                connection.exec_driver_sql(
                    "SELECT pg_database_size(current_database())"
                ).scalar_one()
            )
        )
    path = Path(database.place)
    files = (path, side_file(path, "-wal"))
    return sum(_size_bytes(file) for file in files)


def _size_bytes(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:  # whoever closes the database last removes its log
        return 0


def _shrink(path: Path) -> str:
    lock = FileLock(side_file(path, ".lock"))
    try:
        with (
            lock.held(),
            closing(sqlite3.connect(path, isolation_level=None, timeout=_TIMEOUT_S)) as connection,
        ):
            if connection.execute("PRAGMA freelist_count").fetchone()[0]:
                connection.execute("VACUUM")
            # Until the log is written back, the file keeps its old length. A reader is not worth
            # a long wait: everybody who writes stands in line behind this.
            connection.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
            is_busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        lock.close()
    return "another process is reading; the next prune shrinks the file" if is_busy else ""
