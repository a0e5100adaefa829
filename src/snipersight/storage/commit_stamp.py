"""Whether a database was changed since somebody looked, told without reading any of it."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

if TYPE_CHECKING:
    from pathlib import Path

    from snipersight.storage.database import Database

_SNAPSHOT: Final = text("SELECT CAST(pg_current_snapshot() AS text)")


class CommitStamp:
    """Tells a number that changes with every commit to a SQLite file, whoever makes it.

    Args:
        path: of the database.
    """

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        self._lock: Final = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def value(self) -> int | None:
        """Return the number; None where it cannot be told, and then anything may have changed."""
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = sqlite3.connect(
                        f"{self._path.as_uri()}?mode=ro", uri=True, check_same_thread=False
                    )
                (number,) = self._connection.execute("PRAGMA data_version").fetchone()
            except sqlite3.Error:
                self._drop()
                return None
            return int(number)

    def close(self) -> None:
        """Close its connection; a later look opens it again."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def server_stamp(database: Database) -> str:
    """Return a text that changes with every commit on a database's server, whoever makes it.

    It names the transactions whose changes are seen; while it stays the same, so does everything.

    Args:
        database: on a PostgreSQL server.

    Raises:
        StateUnavailable: the server cannot be reached.
    """
    return database.read(lambda connection: str(connection.execute(_SNAPSHOT).scalar_one()))
