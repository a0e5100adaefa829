"""Long audit chains in a database file, written past the store: a million records in seconds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

from benchmarks.risk_desk import a_desk
from snipersight.domain.units import Currency
from snipersight.risk.audit.chain import NO_HASH, canonical, record_hash
from snipersight.risk.audit.codec import decision_draft, encode_entry
from snipersight.risk.exposure.book import ExposureBook
from snipersight.risk.gate import judge
from snipersight.storage.database import open_database
from snipersight.storage.decision_store import SqlDecisionStore
from tests.builders.ledger import DECIDED_AT_US, an_entry

ACCOUNT: Final = "main"
_ID: Final = "entry-0000000000"
_INSERT: Final = (
    "INSERT INTO audit (account_id, seq, at_us, kind, subject, actor, body, prev_hash, hash) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
Row = tuple[str, int, int, str, str, str, str, str, str]


def write_chain(path: Path, *, kind: str, body: Callable[[int], str], records: int) -> str:
    """Create a database with one account and a sound chain; return its URL.

    Args:
        path: of the file, absolute.
        kind: of every record.
        body: canonical JSON of record number 1, 2, 3 …
        records: length of the chain.
    """
    url = f"sqlite:///{path}"
    with open_database(url) as database:
        store = SqlDecisionStore(database, clock=lambda: DECIDED_AT_US)
        store.create_account(ACCOUNT, Currency("USDT"), Decimal(10_000), at_us=DECIDED_AT_US)
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA synchronous=OFF")
        raw.executemany(_INSERT, _rows(kind, body, records))
        head = raw.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        raw.execute("UPDATE account SET head_seq = ?, head_hash = ?", head)
    raw.close()
    return url


def _rows(kind: str, body: Callable[[int], str], records: int) -> Iterator[Row]:
    before = NO_HASH
    for seq in range(1, records + 1):
        text, at_us, subject = body(seq), DECIDED_AT_US + seq, f"entry-{seq:010}"
        digest = record_hash(
            account_id=ACCOUNT,
            seq=seq,
            at_us=at_us,
            kind=kind,
            subject=subject,
            actor="executor",
            body=text,
            prev_hash=before,
        )
        yield ACCOUNT, seq, at_us, kind, subject, "executor", text, before, digest
        before = digest


def entry_body() -> Callable[[int], str]:
    """Return the body of a change of the ledger: the whole entry, another one each time."""
    text = canonical({"format": 1, "entry": encode_entry(an_entry(entry_id=_ID))})
    return lambda seq: text.replace(_ID, f"entry-{seq:010}")


def decision_body() -> Callable[[int], str]:
    """Return the body of a verdict beside a full ledger, with every check."""
    desk = a_desk()
    plan = desk.plans[0]
    inputs = desk.inputs(plan, ExposureBook.of(desk.entries))
    decision = judge(plan, inputs, desk.policy)
    draft = decision_draft(
        plan, inputs, desk.policy, decision, at_us=DECIDED_AT_US, actor="scan", reserved=False
    )
    text = canonical(dict(draft.body))
    return lambda seq: text.replace(plan.plan_id, f"{plan.plan_id[:-10]}{seq:010}")
