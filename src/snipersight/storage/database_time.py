"""The clock of the database that a connection leads to: one for all processes that share it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

_STATEMENTS: Final = {
    # Milliseconds are all it has; `unixepoch('subsec')` is younger than the SQLite of many systems.
    "sqlite": text(
        "SELECT CAST(strftime('%s', t) AS INTEGER) * 1000000"
        " + CAST(substr(strftime('%f', t), 4) AS INTEGER) * 1000"
        " FROM (SELECT strftime('%Y-%m-%d %H:%M:%f', 'now') AS t)"
    ),
    # Not now(): it stands still within a transaction, however long that waited for a lock.
    "postgresql": text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"),
}


def database_now_us(connection: Connection) -> int:
    """Return the database's time at this moment, microseconds UTC; steps of 1 ms on SQLite."""
    return int(connection.execute(_STATEMENTS[connection.dialect.name]).scalar_one())
