"""The audit table: records in their place, which are only ever added."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, insert

from snipersight.domain.audit import AuditRecord
from snipersight.storage.schema import AUDIT

_INSERT: Final = insert(AUDIT)


def insert_record(connection: Connection, record: AuditRecord) -> None:
    """Add a sealed record."""
    connection.execute(
        _INSERT,
        {
            "account_id": record.account_id,
            "seq": record.seq,
            "at_us": record.at_us,
            "kind": record.kind,
            "subject": record.subject,
            "actor": record.actor,
            "body": record.body,
            "prev_hash": record.prev_hash,
            "hash": record.hash,
        },
    )
