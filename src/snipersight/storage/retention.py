"""Retention: what is too old goes, so that the database stays bounded; the audit goes to a file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, Table, delete, func, select

from snipersight.storage.audit_pruning import AuditPruned, prune_audit
from snipersight.storage.queue_rows import FINISHED
from snipersight.storage.schema import (
    FILL,
    FUNDING,
    INTENT,
    KEY_VALUE,
    LEDGER,
    QUEUE,
    SEND_ATTEMPT,
    SENT_MESSAGE,
    TRADE,
)
from snipersight.storage.shrinking import shrink, size_bytes

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.storage.database import Database

_DAY_US: Final = 86_400_000_000
# A deleted key remembers its version for so long: whoever read it before has compared by then.
_KEY_GRACE_US: Final = _DAY_US
_TIMEOUT_S: Final = 300.0
_AT_ONCE: Final = 500  # parameters of one statement


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionLimits:
    """How long things are kept.

    Args:
        audit_days: records of the audit; entries of the ledger, and trades with all that belongs
            to them, since they ended.
        queue_days: items of the queue since they were delivered or given up; attempts to deliver,
            and the first messages of threads, since they were made.
    """

    audit_days: int
    queue_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneReport:
    """What went, or would go.

    Args:
        is_dry_run: nothing was changed.
        queue_items: delivered or given up; their keys are forgotten with them.
        expired_keys: of the key-value store.
        ledger_entries: ended; the audit still tells of them.
        audits: of each account.
        bytes_before, bytes_after: what the database takes on the disk, its log included.
        not_shrunk: why the file kept its size; empty if it did not.
        send_attempts: to deliver something.
        sent_messages: first ones of threads; an update of such a thread is told without a reply.
        trades: ended; their orders, fills and funding payments go with them.
    """

    is_dry_run: bool
    queue_items: int
    expired_keys: int
    ledger_entries: int
    audits: tuple[AuditPruned, ...]
    bytes_before: int
    bytes_after: int
    not_shrunk: str = ""
    send_attempts: int = 0
    sent_messages: int = 0
    trades: int = 0


def prune(
    database: Database,
    limits: RetentionLimits,
    *,
    archives: Path,
    trusted: Collection[str],
    actor: str = "cli",
    dry_run: bool = False,
) -> PruneReport:
    """Remove what is older than its limit, by the database's clock, and shrink the file.

    Args:
        database: where.
        limits: how long things are kept.
        archives: folder that gets the removed records of the audit.
        trusted: public keys whose checkpoints count, hex digits; without any, no audit is pruned.
        actor: who is named in the audit.
        dry_run: only count.

    Raises:
        StateUnavailable: the database or the archive cannot be written; what was reported as
            archived by then is safe in its file.
    """
    now_us = database.read(database.now_us)
    audit_us = now_us - limits.audit_days * _DAY_US
    bytes_before = size_bytes(database)
    rows = _rows(now_us, audit_us=audit_us, queue_us=now_us - limits.queue_days * _DAY_US)
    counts = [_remove(database, *each, dry_run=dry_run) for each in rows]
    trades = _remove_trades(database, audit_us, dry_run=dry_run)
    audits = prune_audit(
        database,
        before_us=audit_us,
        now_us=now_us,
        archives=archives,
        trusted=trusted,
        actor=actor,
        dry_run=dry_run,
    )
    not_shrunk = "" if dry_run else shrink(database)
    queue_items, send_attempts, sent_messages, expired_keys, ledger_entries = counts
    return PruneReport(
        is_dry_run=dry_run,
        queue_items=queue_items,
        send_attempts=send_attempts,
        sent_messages=sent_messages,
        expired_keys=expired_keys,
        ledger_entries=ledger_entries,
        trades=trades,
        audits=audits,
        bytes_before=bytes_before,
        bytes_after=size_bytes(database),
        not_shrunk=not_shrunk,
    )


def _rows(
    now_us: int, *, audit_us: int, queue_us: int
) -> tuple[tuple[Table, ColumnElement[bool]], ...]:
    return (
        # For a finished item `available_us` is when it was finished.
        (QUEUE, QUEUE.c.state.in_(FINISHED) & (QUEUE.c.available_us < queue_us)),
        (SEND_ATTEMPT, SEND_ATTEMPT.c.at_us < queue_us),
        (SENT_MESSAGE, SENT_MESSAGE.c.at_us < queue_us),
        (KEY_VALUE, KEY_VALUE.c.expires_us < now_us - _KEY_GRACE_US),
        (LEDGER, LEDGER.c.is_live.is_(False) & (LEDGER.c.ended_us < audit_us)),
    )


def _remove(database: Database, table: Table, which: ColumnElement[bool], *, dry_run: bool) -> int:
    if dry_run:
        counted = select(func.count()).select_from(table).where(which)
        return database.read(lambda connection: int(connection.execute(counted).scalar_one()))

    def work(connection: Connection) -> int:
        return connection.execute(delete(table).where(which)).rowcount

    return database.write(work, timeout_s=_TIMEOUT_S)


def _remove_trades(database: Database, before_us: int, *, dry_run: bool) -> int:
    """Remove trades that ended before a moment, each whole; one with an open order stays."""
    goes = (
        TRADE.c.is_live.is_(False)
        & (TRADE.c.ended_us < before_us)
        & ~select(INTENT.c.client_id)
        .where(INTENT.c.account_id == TRADE.c.account_id, INTENT.c.trade_id == TRADE.c.trade_id)
        .where(INTENT.c.is_open)
        .exists()
    )
    if dry_run:
        return _remove(database, TRADE, goes, dry_run=True)

    def work(connection: Connection) -> int:
        found = select(TRADE.c.account_id, TRADE.c.trade_id).where(goes)
        gone = [(row.account_id, row.trade_id) for row in connection.execute(found)]
        for account_id in {one for one, _ in gone}:
            ids = [trade_id for one, trade_id in gone if one == account_id]
            for start in range(0, len(ids), _AT_ONCE):
                _remove_whole(connection, account_id, ids[start : start + _AT_ONCE])
        return len(gone)

    return database.write(work, timeout_s=_TIMEOUT_S)


def _remove_whole(connection: Connection, account_id: str, trade_ids: Sequence[str]) -> None:
    for table in (INTENT, FILL, FUNDING, TRADE):
        is_theirs = (table.c.account_id == account_id) & table.c.trade_id.in_(trade_ids)
        connection.execute(delete(table).where(is_theirs))
