"""An account with a chain of old and young records, to sign and prune."""

from collections.abc import Callable
from decimal import Decimal
from operator import methodcaller
from pathlib import Path
from typing import Any

from sqlalchemy import select

from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.units import Currency
from snipersight.risk.audit.findings import OutsideHead, VerifyReport
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.checkpoints import checkpoint
from snipersight.storage.database import Database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.head_file import HeadFile
from snipersight.storage.retention import PruneReport, RetentionLimits, prune
from snipersight.storage.schema import AUDIT
from snipersight.storage.signing import load_signer

DAY_US = 86_400_000_000
LIMITS = RetentionLimits(audit_days=100, queue_days=10)


class Desk:
    """An account with a chain whose records are as old as a test says."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.now_us = database.read(database.now_us)
        self.store = SqlDecisionStore(database, clock=lambda: self.now_us)
        self.store.create_account("main", Currency("USDT"), Decimal(10_000), at_us=1)
        self.signer = load_signer(folder / "keys" / "audit.key")
        self.head = HeadFile(path=folder / "keys" / "head.json", place=database.place)

    def append(self, count: int, *, days_old: int, kind: AuditKind = AuditKind.DECISION) -> None:
        """Add records of one age."""
        at_us = self.now_us - days_old * DAY_US
        for _ in range(count):
            body = {"symbol": "BTC/USDT", "of": days_old, "note": "é"}
            subject = f"{kind.value}-{days_old}"
            draft = AuditDraft(kind=kind, subject=subject, actor="scan", at_us=at_us, body=body)
            self.store.transact("main", methodcaller("append", draft))

    def sign(self) -> None:
        """Sign the chain as it is."""
        checkpoint(
            self.database, "main", signer=self.signer, head_file=self.head, at_us=self.now_us
        )

    def prune(self, **changes: Any) -> PruneReport:
        """Prune with the key that signs."""
        values: dict[str, Any] = {
            "archives": self.folder / "archive",
            "trusted": (self.signer.key_id,),
        } | changes
        return prune(self.database, LIMITS, **values)

    def seqs(self) -> list[int]:
        """Return the numbers of the records in the table."""
        found = select(AUDIT.c.seq).order_by(AUDIT.c.seq)
        return self.database.read(lambda it: list(it.scalars(found)))

    def verify(self) -> VerifyReport:
        """Check the chain in the table against key and head file."""
        kept = self.head.read("main")
        assert kept is not None
        outside = (OutsideHead(seq=kept.seq, hash=kept.hash.decode(), where="head"),)
        return AuditLog(self.database).verify(
            "main",
            trusted=(self.signer.key_id,),
            outside=outside,
            archives=self.folder / "archive",
        )


class RacingDatabase:
    """A database in which another process prunes just before ours does."""

    def __init__(self, database: Database, other: Callable[[], object]) -> None:
        self._database = database
        self._others = [other]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def write(self, work: Callable[..., Any], *, timeout_s: float) -> Any:
        """Let the other one be first, once."""
        if self._others:
            self._others.pop()()
        return self._database.write(work, timeout_s=timeout_s)
