"""One database: transactions that write, one at a time; snapshots that read, at any time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from snipersight.domain.errors import OutcomeUnknown, StateUnavailable
from snipersight.storage.backend import Backend, Dialect
from snipersight.storage.database_errors import LOCKED, translate
from snipersight.storage.database_time import database_now_us
from snipersight.storage.database_url import SqliteAddress, parse_database_url
from snipersight.storage.writer import Job, Stage, WriterThread

if TYPE_CHECKING:
    from snipersight.storage.migrating import Schema

T = TypeVar("T")

TIMEOUT_S: Final = 10.0
_IDLE_S: Final = 1.0  # a connection that lay longer is asked whether it still lives


class Database:
    """An open database; one process may open it once and share it between its threads.

    Args:
        backend: the kind and place.
        timeout_s: how long a write may take until its caller gets an error.
        clock: what `now_us` tells instead of the database's own clock, microseconds UTC: the
            time of a sandbox. Leases go by the database's own.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        timeout_s: float = TIMEOUT_S,
        clock: Callable[[], int] | None = None,
    ) -> None:
        self._backend: Final = backend
        self._clock: Final = clock
        self._timeout_s: Final = timeout_s
        self._owner: Final = os.getpid()
        self._reader: Final = backend.reading_engine(timeout_s)
        self._writing: Final = _WritingConnection(backend, timeout_s)
        self._thread: Final = WriterThread("snipersight-writer", at_end=self._writing.close)
        self._is_closed = False

    @property
    def dialect(self) -> Dialect:
        """Return `sqlite` or `postgresql`."""
        return self._backend.dialect

    @property
    def place(self) -> str:
        """Return where it is, for messages; never a password."""
        return self._backend.place

    @property
    def timeout_s(self) -> float:
        """Return how long a write may take until its caller gets an error."""
        return self._timeout_s

    @property
    def commits(self) -> int:
        """Return how many transactions this object has committed."""
        return self._writing.commits

    def write(self, work: Callable[[Connection], T], *, timeout_s: float | None = None) -> T:
        """Run `work` in one transaction on the writer thread and return its result once durable.

        If `work` raises, everything is rolled back and its error is passed on. `work` must not
        call `write` again, and must not wait for anything but the database.

        Args:
            work: gets the connection; begins and ends no transaction itself.
            timeout_s: another limit than the database's, for a long task.

        Raises:
            OutcomeUnknown: the commit had begun and did not end in time, or was cut off.
            StateUnavailable: it cannot be written; nothing of `work` was kept, or will be.
        """
        self._ensure_ours()
        if self._thread.is_current():
            raise RuntimeError("a transaction cannot begin within another one")
        job = Job[T](lambda job: self._writing.perform(work, job))
        if not self._thread.submit(job.run):
            raise self._closed()
        limit_s = self._timeout_s if timeout_s is None else timeout_s
        try:
            if not job.wait(limit_s):
                self._give_up(job, limit_s)
        except BaseException:
            job.abandon()
            raise
        return job.outcome()

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one consistent state of the database and return its result.

        It sees what was committed when its first statement ran, keeps nobody from writing, and
        an attempt to change something fails.

        Raises:
            StateUnavailable: the database cannot be read, or `work` tried to write.
        """
        self._ensure_ours()
        if self._is_closed:
            raise self._closed()
        self._backend.ensure_usable()
        try:
            with self._reader.connect() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            raise self._translated(error) from error

    def open_readers(self) -> None:
        """Open every connection for reading that there may be, where it costs nobody else anything.

        For a process that runs for months: what it holds open does not grow with a busy moment.

        Raises:
            StateUnavailable: the database cannot be read.
        """
        try:
            self._backend.open_readers(self._reader)
        except SQLAlchemyError as error:
            raise self._translated(error) from error

    def now_us(self, connection: Connection) -> int:
        """Return the database's own clock, microseconds UTC: the same for all processes.

        Another one, if it was opened with one.
        """
        return database_now_us(connection) if self._clock is None else self._clock()

    def protect(self) -> None:
        """Keep the files of a database that proved to be ours from everybody but their owner."""
        self._backend.protect()

    def close(self) -> None:
        """End what is in line, close every connection; a second call does nothing."""
        if self._is_closed or os.getpid() != self._owner:
            return
        self._is_closed = True
        is_ended = self._thread.close(self._timeout_s)
        self._reader.dispose()
        if is_ended:  # a thread that hangs in the lock still needs it
            self._backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _give_up(self, job: Job[T], limit_s: float) -> None:
        """Tell the caller what became of a write that took too long; return if it ended well."""
        reached = job.abandon()
        if reached is Stage.DONE:
            return
        if reached is Stage.COMMITTING:
            if job.wait(limit_s):
                return
            raise OutcomeUnknown(
                f"the database has not confirmed within {2 * limit_s:g} s what it is storing: it "
                "is unknown whether it will",
                where=self.place,
                next_step="check the disk or the server, and look before you repeat it",
            )
        if reached is Stage.WAITING:
            what = f"the writer was busy for {limit_s:g} s; nothing was stored"
            raise StateUnavailable(what, where=self.place, next_step="try again")
        what = f"{LOCKED.what} ({limit_s:g} s); nothing was stored"
        raise StateUnavailable(what, where=self.place, next_step=LOCKED.next_step)

    def _ensure_ours(self) -> None:
        if os.getpid() != self._owner:
            raise RuntimeError("a database must be opened by the process that uses it")

    def _closed(self) -> StateUnavailable:
        return StateUnavailable("the database was closed", where=self.place)

    def _translated(self, error: SQLAlchemyError) -> StateUnavailable:
        return translate(error, place=self._backend.place, secret=self._backend.secret)


class _WritingConnection:
    """The connection of the writer thread, opened when it is needed and again when it broke."""

    def __init__(self, backend: Backend, timeout_s: float) -> None:
        self._backend: Final = backend
        self._engine: Final = backend.writing_engine(timeout_s)
        self._connection: Connection | None = None
        self._used_s = 0.0
        self.commits = 0

    def perform(self, work: Callable[[Connection], T], job: Job[T]) -> T:
        """Run one transaction; every error of the database comes out translated."""
        try:
            with self._backend.exclusive():
                job.check()
                return self._transaction(work, job)
        except SQLAlchemyError as error:
            committing = job.stage is Stage.COMMITTING
            raise translate(
                error,
                place=self._backend.place,
                secret=self._backend.secret,
                committing=committing,
            ) from error

    def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        self._engine.dispose()

    def _transaction(self, work: Callable[[Connection], T], job: Job[T]) -> T:
        connection = self._alive()
        try:
            transaction = connection.begin()
            try:
                job.check()
                result = work(connection)
                job.begin_commit()
                transaction.commit()
            except BaseException:
                transaction.rollback()
                raise
        except SQLAlchemyError:
            self._drop(connection)
            raise
        self.commits += 1
        self._used_s = time.monotonic()
        return result

    def _alive(self) -> Connection:
        connection = self._connection
        if connection is not None and time.monotonic() - self._used_s > _IDLE_S:
            try:
                self._backend.ensure_alive(connection)
            except DBAPIError:
                self._drop(connection)
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _drop(self, connection: Connection) -> None:
        """Forget the connection after an error of the database: the next job opens another."""
        self._connection = None
        connection.invalidate()
        connection.close()


def connect_database(
    url: str, *, timeout_s: float = TIMEOUT_S, clock: Callable[[], int] | None = None
) -> Database:
    """Return a database whatever the version of its tables, for `db upgrade` and `db check`.

    Args:
        url: where it is.
        timeout_s, clock: see `Database`.

    Raises:
        ConfigInvalid: the URL is unusable.
        StateUnavailable: the file's folder is missing, or the file cannot be opened.
    """
    address = parse_database_url(url)
    if isinstance(address, SqliteAddress):
        from snipersight.storage.sqlite import SqliteBackend

        return Database(SqliteBackend(address.path), timeout_s=timeout_s, clock=clock)
    from snipersight.storage.postgres import PostgresBackend

    return Database(PostgresBackend(address), timeout_s=timeout_s, clock=clock)


def open_database(
    url: str,
    *,
    schema: Schema | None = None,
    timeout_s: float = TIMEOUT_S,
    clock: Callable[[], int] | None = None,
) -> Database:
    """Open a database whose tables fit this version of SniperSight.

    A SQLite file is created and brought up to date by itself, also when several processes do so
    at once. On a server that several machines share, only `snipersight db upgrade` does it.

    Args:
        url: where it is.
        schema: which tables; None: those of decisions.
        timeout_s: how long a write may take until its caller gets an error.
        clock: see `Database`.

    Raises:
        ConfigInvalid: the URL is unusable.
        StateUnavailable: the database cannot be reached or written, is damaged, belongs to
            another program, was written by a newer version, or needs an upgrade.
    """
    from snipersight.storage.migrating import DECISIONS, ensure_current

    database = connect_database(url, timeout_s=timeout_s, clock=clock)
    try:
        ensure_current(database, DECISIONS if schema is None else schema)
        database.protect()
    except BaseException:
        database.close()
        raise
    return database
