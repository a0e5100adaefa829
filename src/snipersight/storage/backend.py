"""What the two kinds of database do differently, as one protocol."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Literal, Protocol

from sqlalchemy import Connection, Engine

Dialect = Literal["sqlite", "postgresql"]


class Backend(Protocol):
    """One kind of database."""

    @property
    def dialect(self) -> Dialect:
        """Return which kind it is."""
        ...

    @property
    def place(self) -> str:
        """Return where it is, for messages; never a password."""
        ...

    @property
    def secret(self) -> str | None:
        """Return the password, to keep it out of messages."""
        ...

    def writing_engine(self, timeout_s: float) -> Engine:
        """Return an engine whose transactions take the right to write when they begin."""
        ...

    def reading_engine(self, timeout_s: float) -> Engine:
        """Return an engine whose transactions see one state, change nothing and block nobody."""
        ...

    def open_readers(self, engine: Engine) -> None:
        """Open every connection of an engine that reads, where none costs anybody else anything.

        Raises:
            sqlalchemy.exc.DBAPIError: the database cannot be read.
        """
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """Wait in line, with the other processes, for the turn to write."""
        ...

    def ensure_usable(self) -> None:
        """Refuse a database that is no longer the one that was opened.

        Raises:
            StateUnavailable: it is not.
        """
        ...

    def ensure_alive(self, connection: Connection) -> None:
        """Find out whether a connection that lay idle still works.

        Raises:
            sqlalchemy.exc.DBAPIError: it does not.
        """
        ...

    def protect(self) -> None:
        """Keep the files of a database that proved to be ours from everybody but their owner."""
        ...

    def close(self) -> None:
        """Give back what is neither an engine nor a connection."""
        ...
