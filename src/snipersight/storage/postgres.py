"""A database that several machines share: PostgreSQL through psycopg 3."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool, QueuePool

from snipersight.storage.backend import Dialect
from snipersight.storage.database_url import PostgresAddress

_PING: Final = text("SELECT 1")


class PostgresBackend:
    """One database on a server.

    Args:
        address: where, and as whom.
    """

    dialect: Dialect = "postgresql"

    def __init__(self, address: PostgresAddress) -> None:
        self._address: Final = address
        self.place: Final = address.place
        self.secret: Final = address.password

    def writing_engine(self, timeout_s: float) -> Engine:
        """Return an engine that reads what is committed; whoever decides locks its row first."""
        return create_engine(
            self._url(),
            poolclass=NullPool,
            isolation_level="READ COMMITTED",
            connect_args=self._arguments(timeout_s),
            hide_parameters=True,
        )

    def reading_engine(self, timeout_s: float) -> Engine:
        """Return an engine whose transactions see the state of their first statement."""
        return create_engine(
            self._url(),
            poolclass=QueuePool,
            isolation_level="REPEATABLE READ",
            connect_args=self._arguments(timeout_s, "-c default_transaction_read_only=on"),
            hide_parameters=True,
            pool_pre_ping=True,
        )

    def open_readers(self, engine: Engine) -> None:
        """Do nothing: the server's connections are others' too."""

    def exclusive(self) -> AbstractContextManager[None]:
        """Not wait: the server keeps its own lines, one a row."""
        return nullcontext()

    def ensure_usable(self) -> None:
        """Do nothing: the server knows."""

    def ensure_alive(self, connection: Connection) -> None:
        """Ask the server for a sign of life."""
        connection.execute(_PING)
        connection.rollback()

    def protect(self) -> None:
        """Do nothing: the server keeps its own files."""

    def close(self) -> None:
        """Do nothing: there are only connections."""

    def _url(self) -> URL:
        address = self._address
        return URL.create(
            "postgresql+psycopg",
            username=address.user,
            password=address.password,
            host=address.host or None,
            port=address.port,
            database=address.database or None,
        )

    def _arguments(self, timeout_s: float, *more: str) -> dict[str, str | int]:
        """Return what the driver is told beside the URL: nothing may wait for ever."""
        wait_ms = int(timeout_s * 1000)
        given = dict(self._address.options)
        session = [
            given.pop("options", ""),
            f"-c lock_timeout={wait_ms}",
            # A process that was stopped in the middle must not hold the account's row for good.
            f"-c idle_in_transaction_session_timeout={6 * wait_ms}",
            *more,
        ]
        return {
            "connect_timeout": max(2, int(timeout_s)),
            "tcp_user_timeout": wait_ms,
            "application_name": "snipersight",
            **given,
            "options": " ".join(part for part in session if part),
        }
