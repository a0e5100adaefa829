"""What PostgreSQL takes in one statement and SQLite in two: on a server each is a round trip.

Both kinds of database store the same rows, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import BindParameter, Table, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql

from snipersight.storage import account_rows, audit_rows, ledger_rows, queue_rows
from snipersight.storage.ready_statements import ReadyStatement
from snipersight.storage.schema import AUDIT, LEDGER, QUEUE

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.domain.audit import AuditRecord
    from snipersight.domain.ledger import LedgerEntry
    from snipersight.domain.store import QueueDraft
    from snipersight.storage.account_rows import StoredAccount

_JOINT: Final = range(1, 5)  # as many records as one statement takes; each is a text of its own


def save_and_enqueue(
    connection: Connection, entry: LedgerEntry, draft: QueueDraft, *, now_us: int
) -> bool:
    """Insert or replace an entry, and store an item; False if the item was stored before.

    Raises:
        ValueError: another account has an entry of this id, or a name of the item is not allowed.
        TypeError: the item's payload holds what canonical JSON does not.
    """
    item = queue_rows.item_row(draft, now_us=now_us)
    if connection.dialect.name != "postgresql":
        ledger_rows.save_entry(connection, entry)
        return queue_rows.insert_row(connection, item)
    values = {**ledger_rows.entry_row(entry), **_prefixed("item", item)}
    rows = _SAVE_AND_ENQUEUE.execute(connection, values).one()
    ledger_rows.require_saved(entry, rows.saved)
    is_new: bool = rows.stored == 1
    return is_new


def append_and_update(
    connection: Connection,
    records: Sequence[AuditRecord],
    account: StoredAccount,
    *,
    found: StoredAccount,
) -> None:
    """Add sealed records and store what changed of the locked account.

    Args:
        connection: in a transaction.
        records: those that lead from the chain's head as found to the one of `account`.
        account, found: as it shall be, and as this transaction found it.
    """
    if connection.dialect.name != "postgresql" or len(records) not in _JOINT:
        audit_rows.insert_records(connection, records)
        account_rows.update_account(connection, account, found=found)
        return
    values = account_rows.changed_values(account, found=found)
    for number, record in enumerate(records):
        values |= _prefixed(f"record{number}", audit_rows.record_row(record))
    statement = _append_and_update(len(records), has_standing="new_standing" in values)
    statement.execute(connection, values)


def _prefixed(prefix: str, row: Mapping[str, object]) -> dict[str, object]:
    return {f"{prefix}_{name}": value for name, value in row.items()}


def _parameters(
    table: Table, names: Sequence[str], prefix: str = ""
) -> dict[str, BindParameter[object]]:
    return {name: bindparam(f"{prefix}{name}", type_=table.c[name].type) for name in names}


def _saving_and_enqueueing() -> ReadyStatement:
    entry = postgresql.insert(LEDGER).values(_parameters(LEDGER, LEDGER.columns.keys()))
    item = queue_rows.new_item(
        postgresql.insert(QUEUE).values(_parameters(QUEUE, queue_rows.NEW, "item_"))
    )
    parts = {
        "saved": ledger_rows.upsert(entry).returning(LEDGER.c.entry_id).cte("entry"),
        "stored": item.returning(QUEUE.c.item_id).cte("item"),
    }
    counts = [
        select(func.count()).select_from(part).scalar_subquery().label(name)
        for name, part in parts.items()
    ]
    return ReadyStatement(select(*counts))


_SAVE_AND_ENQUEUE: Final = _saving_and_enqueueing()


@cache
def _append_and_update(records: int, *, has_standing: bool) -> ReadyStatement:
    names = AUDIT.columns.keys()
    rows = [_parameters(AUDIT, names, f"record{number}_") for number in range(records)]
    added = insert(AUDIT).values(rows).cte("added")
    return ReadyStatement(account_rows.updating(has_standing=has_standing).add_cte(added))
