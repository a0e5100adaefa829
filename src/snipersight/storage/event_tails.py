"""What the store says happened, in pages behind a place: what events are derived from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, func, or_, select

from snipersight.domain.audit import AuditKind
from snipersight.domain.outbox import DELIVERIES, NOTICES
from snipersight.risk.audit.query import AuditQuery
from snipersight.storage.audit_reading import chain_ends, select_records
from snipersight.storage.queue_rows import QueueState
from snipersight.storage.schema import AUDIT, QUEUE

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from snipersight.domain.audit import AuditRecord
    from snipersight.storage.database import Database

_PAGE: Final = 500
_REACH: Final = 20_000  # records looked through for a page: a tenth of a second
_BEGINNINGS: Final = (AuditKind.RESERVED.value, AuditKind.FILLED.value)
_ENDED: Final = (QueueState.DONE.value, QueueState.DEAD.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPage:
    """Records of a chain.

    Args:
        records: of the wanted kinds, in order.
        cursor: up to where the chain was read, records of other kinds included.
        is_last: that was its end.
    """

    records: tuple[AuditRecord, ...]
    cursor: int
    is_last: bool


def records_after(
    database: Database, account_id: str, seq: int, *, kinds: tuple[str, ...], limit: int = _PAGE
) -> RecordPage:
    """Return the next records of an account's chain that are of these kinds.

    A chain that ends before `seq` was brought back from a backup: it is read from its beginning.

    Raises:
        StateUnavailable: the chain cannot be read, or a record is damaged.
    """

    def read(connection: Connection) -> RecordPage:
        # First: what is appended meanwhile is told by the next page.
        ends = chain_ends(connection, account_id)
        head = ends.head.seq
        start = max(seq if seq <= head else 0, ends.base.seq)  # what is older was archived
        last = min(head, start + _REACH)
        query = AuditQuery(kinds=kinds)
        found = select_records(
            connection, account_id, query, edge=start, newest=False, limit=limit, last=last
        )
        if len(found) == limit:
            return RecordPage(records=tuple(found), cursor=found[-1].seq, is_last=False)
        return RecordPage(records=tuple(found), cursor=max(start, last), is_last=last == head)

    return database.read(read)


def first_of_entry(database: Database, account_id: str, entry_id: str) -> AuditRecord | None:
    """Return the record that an entry of the ledger begins with; None if it was archived.

    Raises:
        StateUnavailable: the chain cannot be read, or the record is damaged.
    """
    # Joined to nothing, so that the index of subjects is used: the account's own leads through all
    # of its chain.
    is_of_account = AUDIT.c.account_id.concat("") == account_id
    first = select(func.min(AUDIT.c.seq)).where(
        AUDIT.c.subject == entry_id, is_of_account, AUDIT.c.kind.in_(_BEGINNINGS)
    )

    def read(connection: Connection) -> AuditRecord | None:
        seq = connection.execute(first).scalar_one()
        if seq is None:
            return None
        beginning = AuditQuery(kinds=_BEGINNINGS)
        found = select_records(
            connection, account_id, beginning, edge=seq - 1, newest=False, limit=1, last=seq
        )
        return next(iter(found), None)

    return database.read(read)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedItem:
    """A message that was delivered, or given up.

    Args:
        item_id, attempts, channel, is_ambiguous: as stored; no channel for a notice.
        is_sent: it was delivered.
        created_us, ended_us: microseconds UTC of the database.
        error: why it was given up; empty if it was not.
    """

    item_id: int
    attempts: int
    channel: str
    is_sent: bool
    is_ambiguous: bool
    created_us: int
    ended_us: int
    error: str


def ended_after(
    database: Database, ended_us: int, *, behind: int = 0, limit: int = _PAGE
) -> tuple[EndedItem, ...]:
    """Return messages that ended at or after a moment, in that order.

    Args:
        database: where they are.
        ended_us: microseconds UTC of the database.
        behind: of those that ended at this very moment, only later items.
        limit: at most so many.

    Raises:
        StateUnavailable: they cannot be read.
    """
    # A notice that was worded is no message yet; its deliveries are.
    is_told = or_(
        and_(QUEUE.c.topic == DELIVERIES, QUEUE.c.state.in_(_ENDED)),
        and_(QUEUE.c.topic == NOTICES, QUEUE.c.state == QueueState.DEAD.value),
    )
    is_next = or_(
        QUEUE.c.available_us > ended_us,
        and_(QUEUE.c.available_us == ended_us, QUEUE.c.item_id > behind),
    )
    wanted = (
        select(QUEUE)
        .where(is_told, is_next)
        .order_by(QUEUE.c.available_us, QUEUE.c.item_id)
        .limit(limit)
    )
    return database.read(lambda it: tuple(_ended(row) for row in it.execute(wanted)))


def _ended(row: Row[Any]) -> EndedItem:
    held = json.loads(row.payload) if row.topic == DELIVERIES else {}
    return EndedItem(
        item_id=row.item_id,
        attempts=row.attempts,
        channel=str(held.get("channel", "")),
        is_sent=row.state == QueueState.DONE.value,
        is_ambiguous=row.is_ambiguous,
        created_us=row.created_us,
        ended_us=row.available_us,
        error=row.last_error or "",
    )
