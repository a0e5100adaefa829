"""A database in a file of one machine: SQLite with a write-ahead log."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, QueuePool

from snipersight.domain.errors import StateUnavailable
from snipersight.storage.backend import Dialect
from snipersight.storage.file_lock import FileLock

PRIVATE_FILE_MODE: Final = 0o600
SIDE_FILES: Final = ("-wal", "-shm", ".lock")

_READERS: Final = 8  # connections for reading, of each process; who reads beyond them waits
_CREATING: Final = threading.Lock()


class SqliteBackend:
    """One database file.

    Args:
        path: absolute; the file is created if it is missing, its folder is not.

    Raises:
        StateUnavailable: the folder is missing, or the file cannot be created or opened.
    """

    dialect: Dialect = "sqlite"
    secret: str | None = None

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        self.place: Final = str(path)
        try:
            self._identity = _existing_file(path)
            self._lock = FileLock(side_file(path, ".lock"))
        except OSError as error:
            raise _unusable(path, error) from error

    def writing_engine(self, timeout_s: float) -> Engine:
        """Return an engine that takes the write lock when a transaction begins.

        A transaction that took it with its first change could have read a state that another
        process has changed since.
        """
        engine = create_engine(
            self._url(),
            poolclass=NullPool,
            connect_args={"timeout": timeout_s, "check_same_thread": False},
            hide_parameters=True,
        )

        @event.listens_for(engine, "connect")
        def _configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
            raw = _raw(connection)
            self._ensure_log(raw)
            raw.execute("PRAGMA synchronous=FULL").close()
            raw.execute("PRAGMA foreign_keys=ON").close()

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        return engine

    def reading_engine(self, timeout_s: float) -> Engine:
        """Return an engine whose transactions see the state of their first statement."""
        engine = create_engine(
            self._url(),
            poolclass=QueuePool,
            # None is closed while others are open: SQLite would keep its file open all the same,
            # for the locks that the process holds on it. The one used last is warm.
            pool_size=_READERS,
            max_overflow=0,
            pool_use_lifo=True,
            connect_args={"timeout": timeout_s, "check_same_thread": False},
            hide_parameters=True,
        )

        @event.listens_for(engine, "connect")
        def _configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
            _raw(connection).execute("PRAGMA query_only=ON").close()

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN")

        return engine

    def open_readers(self, engine: Engine) -> None:
        """Open every connection of an engine that reads, and its file of the log."""
        with ExitStack() as stack:
            for _ in range(_READERS):
                connection = stack.enter_context(engine.connect())
                connection.exec_driver_sql("PRAGMA schema_version")

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Wait in line for the lock file."""
        with ExitStack() as stack:
            try:
                stack.enter_context(self._lock.held())
            except OSError as error:
                raise _unusable(self.path, error) from error
            self.ensure_usable()
            yield

    def ensure_usable(self) -> None:
        """Refuse to go on in a file that was removed or replaced: nobody would find what is written."""
        try:
            found = _identity(self.path.stat())
        except OSError:
            found = None
        if found != self._identity:
            raise StateUnavailable(
                "the database's file was removed or replaced while it was open",
                where=self.place,
                next_step="start again",
            )

    def ensure_alive(self, connection: Connection) -> None:
        """Do nothing: a file does not hang up."""

    def protect(self) -> None:
        """Make the file and those beside it readable and writable by their owner alone."""
        for file in (self.path, *(side_file(self.path, suffix) for suffix in SIDE_FILES)):
            _make_private(file)

    def close(self) -> None:
        """Close the lock file."""
        self._lock.close()

    def _ensure_log(self, raw: sqlite3.Connection) -> None:
        (mode,) = raw.execute("PRAGMA journal_mode=WAL").fetchone()
        if mode != "wal":
            raise StateUnavailable(
                f"the file system allows no write-ahead log (journal mode stays {mode})",
                where=self.place,
                next_step="put the database on a local disk",
            )

    def _url(self) -> URL:
        return URL.create("sqlite+pysqlite", database=self.place)


def side_file(path: Path, suffix: str) -> Path:
    """Return the path of a file that lies beside the database."""
    return path.with_name(path.name + suffix)


def _raw(connection: DBAPIConnection) -> sqlite3.Connection:
    assert isinstance(connection, sqlite3.Connection)  # noqa: S101  (what these engines connect)
    connection.isolation_level = None  # transactions begin where SQLAlchemy says, not by themselves
    return connection


def _existing_file(path: Path) -> tuple[int, int]:
    """Create the file if it is missing, and return which file it is.

    A file that exists must not be opened here: closing it would let go, for the whole process, the
    locks that SQLite holds on it.
    """
    with _CREATING:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE_MODE))
        except FileExistsError:
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)) from None
    return _identity(path.stat())


def _make_private(file: Path) -> None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return
    if found.st_uid == os.geteuid() and found.st_mode & 0o077:
        file.chmod(PRIVATE_FILE_MODE)


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _unusable(path: Path, error: OSError) -> StateUnavailable:
    reason = (error.strerror or type(error).__name__).lower()
    if not path.parent.is_dir():
        return StateUnavailable(
            "the folder of the database does not exist",
            where=str(path.parent),
            next_step="create it, or name another place with SNIPERSIGHT_HOME or DATABASE_URL",
        )
    return StateUnavailable(
        f"the database's file cannot be opened for writing: {reason}",
        where=str(path),
        next_step="give yourself the right to write the file and its folder",
    )
