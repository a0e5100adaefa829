"""The audit table: records in their place, which are only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, insert

from snipersight.domain.audit import AuditRecord
from snipersight.storage.ready_statements import ReadyStatement
from snipersight.storage.schema import AUDIT

_INSERT: Final = ReadyStatement(insert(AUDIT), names=AUDIT.columns.keys())


def insert_records(connection: Connection, records: Sequence[AuditRecord]) -> None:
    """Add sealed records in one statement."""
    if records:
        _INSERT.execute_all(connection, [record_row(record) for record in records])


def record_row(record: AuditRecord) -> dict[str, object]:
    """Return a record as values by column."""
    return {
        "account_id": record.account_id,
        "seq": record.seq,
        "at_us": record.at_us,
        "kind": record.kind,
        "subject": record.subject,
        "actor": record.actor,
        "body": record.body,
        "prev_hash": record.prev_hash,
        "hash": record.hash,
    }
