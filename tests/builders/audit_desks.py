"""A stored chain with its key and its head file, to sign, change and check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import text

from snipersight.domain.audit import AuditRecord, ChainHead
from snipersight.risk.audit.chain import NO_HASH, seal
from snipersight.risk.audit.findings import VerifyReport
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.audit_rows import insert_records
from snipersight.storage.checkpoints import checkpoint, outside_heads
from snipersight.storage.head_file import HeadFile
from snipersight.storage.signing import Signer, load_signer
from tests.builders.audit_chains import ACCOUNT, AT_US, StoredChain, a_draft


class Desk:
    """A chain with its key and its head file."""

    def __init__(self, chain: StoredChain, folder: Path) -> None:
        self.chain = chain
        self.log = AuditLog(chain.database)
        self.signer: Signer = load_signer(folder / "audit.key")
        self.head = HeadFile(path=folder / "head.json", place=chain.database.place)

    def sign(self, **options: Any) -> Any:
        """Sign what is there."""
        values: dict[str, Any] = {
            "signer": self.signer,
            "head_file": self.head,
            "at_us": AT_US,
        } | options
        return checkpoint(self.chain.database, ACCOUNT, **values)

    def verify(self, *, with_head: bool = True) -> VerifyReport:
        """Check everything."""
        kept = outside_heads(self.head.read(ACCOUNT), ACCOUNT, where="the head file")
        outside = kept if with_head else ()
        return self.log.verify(ACCOUNT, trusted=(self.signer.key_id,), outside=outside)

    def edit(self, *statements: str) -> None:
        """Change the tables without going through the store."""

        def run(connection: Any) -> None:
            for statement in statements:
                connection.execute(text(statement))

        self.chain.database.write(run)

    def rewrite(self, first: int, *, last: int | None = None) -> None:
        """Write the chain anew from a record on, perfectly sealed."""
        records = list(self.log.records(ACCOUNT))[:last]
        kept = records[: first - 1]
        head = ChainHead(account_id=ACCOUNT, seq=first - 1, hash=kept[-1].hash if kept else NO_HASH)
        self.edit(f"DELETE FROM audit WHERE seq >= {first}")
        forged: list[AuditRecord] = []
        for record in records[first - 1 :]:
            forged.append(seal(a_draft(record.seq, forged=True), head))
            head = ChainHead(account_id=ACCOUNT, seq=forged[-1].seq, hash=forged[-1].hash)

        def insert(connection: Any) -> None:
            for one in forged:
                insert_records(connection, [one])

        self.chain.database.write(insert)
        self.edit(f"UPDATE account SET head_seq = {head.seq}, head_hash = '{head.hash}'")
