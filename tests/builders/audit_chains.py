"""Chains of audit records in a real database, and edits that no program of ours would make."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.units import Currency
from snipersight.storage.database import Database, open_database
from snipersight.storage.decision_store import SqlDecisionStore

ACCOUNT = "main"
AT_US = 1_700_000_000_000_000


def a_draft(number: int = 1, *, kind: AuditKind = AuditKind.OPERATOR, **body: Any) -> AuditDraft:
    """Return the draft of a small record."""
    return AuditDraft(
        kind=kind,
        subject=f"s{number}",
        actor="cli",
        at_us=AT_US + number,
        body={"note": f"nr {number} ü", **body},
    )


class StoredChain:
    """A database with one account and its chain."""

    def __init__(self, url: str, *, account_id: str = ACCOUNT) -> None:
        self.database: Database = open_database(url)
        self.account_id = account_id
        self.store = SqlDecisionStore(self.database, clock=lambda: AT_US)
        self.store.create_account(account_id, Currency("USDT"), Decimal(10_000), at_us=AT_US)

    def append(self, *drafts: AuditDraft) -> StoredChain:
        """Add records, all in one transaction."""
        self.store.transact(self.account_id, lambda unit: [unit.append(draft) for draft in drafts])
        return self

    def grow(self, count: int) -> StoredChain:
        """Add small records."""
        seq = self.store.view(self.account_id, lambda unit: unit.account.head.seq)
        return self.append(*(a_draft(number) for number in range(seq + 1, seq + count + 1)))


def sqlite_url(path: Path) -> str:
    """Return the URL of a file."""
    return f"sqlite:///{path}"


def edit(path: Path, *statements: str | tuple[str, tuple[Any, ...]]) -> None:
    """Change a SQLite file behind everybody's back, without any of its promises."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        for statement in statements:
            sql, values = (statement, ()) if isinstance(statement, str) else statement
            connection.execute(sql, values)
