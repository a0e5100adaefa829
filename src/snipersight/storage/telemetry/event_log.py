"""Events on disk, in one order for all processes, and how far each exporter has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import case, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from snipersight.domain.event_log import StoredEvent
from snipersight.storage.ready_statements import ReadyStatement
from snipersight.storage.telemetry.tables import EVENT, EXPORTER

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row, Update

    from snipersight.storage.database import Database

LONGEST_CLAIM_US: Final = 600_000_000
_NOBODY: Final = ""
_ORDER: Final = 0x4556_454E  # any number, the same in all processes
_EVENTS_PER_S: Final = 2_000  # what the slowest disk stores within a second

_INSERT: Final = ReadyStatement(
    {
        "sqlite": sqlite.insert(EVENT).on_conflict_do_nothing(),
        "postgresql": postgresql.insert(EVENT).on_conflict_do_nothing(),
    },
    names=("event_type", "at_us", "key", "body"),
)
_NEWEST: Final = ReadyStatement(select(func.max(EVENT.c.seq)))
_EVENT: Final = select(
    EVENT.c.seq, EVENT.c.event_type, EVENT.c.at_us, EVENT.c.body, EVENT.c.key
).order_by(EVENT.c.seq)


class SqlEventLog:
    """Implements `EventLog` in a database; threads and processes may share it.

    An exporter whose name has a colon in it is a place in something else than this log, such as
    the audit: it holds back no event from pruning.

    Args:
        database: where, with the tables of telemetry.
    """

    def __init__(self, database: Database) -> None:
        self._database: Final = database

    def append(self, events: Sequence[StoredEvent]) -> int:
        """Store events in one commit and return the seq of the newest; their own are ignored.

        An event whose key is stored already is passed over. Durable when it returns.

        Raises:
            StateUnavailable: the store cannot be written; none of them is kept.
            OutcomeUnknown: the disk broke off within the commit; those with a key may be
                appended again.
        """
        rows = [_row(event) for event in events]
        if not rows:
            return self.newest()
        limit_s = self._database.timeout_s + len(rows) / _EVENTS_PER_S
        return self._database.write(lambda it: _append(it, rows), timeout_s=limit_s)

    def after(self, seq: int, *, limit: int) -> Sequence[StoredEvent]:
        """Return events behind a place, oldest first, at most `limit`.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        found = _EVENT.where(EVENT.c.seq > seq).limit(limit)
        return [_event(row) for row in self._database.read(lambda it: it.execute(found).all())]

    def newest(self) -> int:
        """Return the seq of the newest event; 0 without any.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        return self._database.read(_newest)

    def cursor(self, exporter: str) -> int:
        """Return up to where an exporter has confirmed; 0 for a new one.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        found = select(EXPORTER.c.cursor).where(EXPORTER.c.name == exporter)
        return self._database.read(lambda it: it.execute(found).scalar_one_or_none()) or 0

    def claim(self, exporter: str, owner: str, *, for_us: int) -> bool:
        """Return whether `owner` may export now: nobody else holds an unexpired claim.

        Whoever holds the claim already gets it for longer. Time is the database's.

        Args:
            exporter: which.
            owner: unique to a process.
            for_us: for how long, microseconds, at most ten minutes.

        Raises:
            StateUnavailable: the store cannot be written.
            ValueError: a name is empty, or the time is out of bounds.
        """
        if not exporter or not owner:
            raise ValueError("a claim needs the names of an exporter and an owner")
        if not 0 < for_us <= LONGEST_CLAIM_US:
            raise ValueError(f"a claim cannot be held for {for_us} µs")
        return self._database.write(
            lambda it: _claim(self._database, it, exporter, owner, for_us=for_us)
        )

    def confirm(self, exporter: str, owner: str, seq: int) -> bool:
        """Move a cursor on, never back; False if the claim is not this owner's any more.

        One that has run out and that nobody took still counts.

        Raises:
            StateUnavailable: the store cannot be written; the cursor stays.
        """
        further = case((EXPORTER.c.cursor < seq, seq), else_=EXPORTER.c.cursor)
        moved = _of(exporter, owner).values(cursor=further)
        return self._database.write(lambda it: it.execute(moved).rowcount) == 1

    def set_back(self, exporter: str, owner: str, seq: int) -> bool:
        """Move a cursor to an earlier place; False if it is not later, or the claim is another's.

        Raises:
            StateUnavailable: the store cannot be written; the cursor stays.
        """
        moved = _of(exporter, owner).where(EXPORTER.c.cursor > seq).values(cursor=seq)
        return self._database.write(lambda it: it.execute(moved).rowcount) == 1

    def is_claimed(self, exporter: str) -> bool:
        """Return whether anybody holds an unexpired claim; nothing is written.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        found = select(EXPORTER).where(EXPORTER.c.name == exporter)

        def read(connection: Connection) -> bool:
            row = connection.execute(found).one_or_none()
            now_us = self._database.now_us(connection)
            return row is not None and row.owner != _NOBODY and _is_held(row.until_us, now_us)

        return self._database.read(read)

    def release(self, exporter: str, owner: str) -> None:
        """Give a claim back; nothing happens if it is not this owner's.

        Raises:
            StateUnavailable: the store cannot be written; the claim ends with its time.
        """
        freed = _of(exporter, owner).values(owner=_NOBODY, until_us=0)
        self._database.write(lambda it: it.execute(freed))


def _row(event: StoredEvent) -> dict[str, object]:
    return {
        "event_type": str(event.event_type),
        "at_us": event.at_us,
        "key": event.key or None,
        "body": event.body,
    }


def _event(row: Row[*tuple[Any, ...]]) -> StoredEvent:
    seq, event_type, at_us, body, key = row
    return StoredEvent(seq=seq, event_type=event_type, at_us=at_us, body=body, key=key or "")


def _append(connection: Connection, rows: Sequence[dict[str, object]]) -> int:
    if connection.dialect.name == "postgresql":
        # A server hands out numbers before it commits: without a line to stand in, a reader could
        # pass over an event that is committed after one of a higher number.
        connection.execute(text("SELECT pg_advisory_xact_lock(:order)"), {"order": _ORDER})
    _INSERT.execute_all(connection, rows)
    return _newest(connection)


def _newest(connection: Connection) -> int:
    return int(_NEWEST.execute(connection, {}).scalar_one() or 0)


def _claim(
    database: Database, connection: Connection, exporter: str, owner: str, *, for_us: int
) -> bool:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(EXPORTER).on_conflict_do_nothing(), {"name": exporter})
    mine = EXPORTER.c.name == exporter
    # The lock first, the clock second: waiting for the lock may take longer than a claim.
    row = connection.execute(select(EXPORTER).where(mine).with_for_update()).one()
    now_us = database.now_us(connection)
    if row.owner not in (_NOBODY, owner) and _is_held(row.until_us, now_us):
        return False
    connection.execute(update(EXPORTER).where(mine).values(owner=owner, until_us=now_us + for_us))
    return True


def _is_held(until_us: int, now_us: int) -> bool:
    # A claim that would last longer than any is of before the clock was set back.
    return now_us < until_us <= now_us + LONGEST_CLAIM_US


def _of(exporter: str, owner: str) -> Update:
    return update(EXPORTER).where(EXPORTER.c.name == exporter, EXPORTER.c.owner == owner)
