"""Adds a record to a chain outside of a unit of work, on the account's locked row."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from snipersight.domain.audit import AuditDraft
from snipersight.risk.audit.chain import seal
from snipersight.storage.account_rows import StoredAccount
from snipersight.storage.audit_rows import insert_records


def appended(connection: Connection, account: StoredAccount, draft: AuditDraft) -> StoredAccount:
    """Store a record behind an account's newest and return the account as it then is.

    The account's row is still to be stored. The record is never older than the one before.
    """
    at_us = max(draft.at_us, account.row.last_us)
    record = seal(replace(draft, at_us=at_us), account.row.head)
    insert_records(connection, [record])
    head = replace(account.row.head, seq=record.seq, hash=record.hash)
    return replace(account, row=replace(account.row, head=head, last_us=at_us))
