"""The audit as its readers use it: one record, those that match, all of them checked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from snipersight.domain.audit import AuditRecord
from snipersight.risk.audit.findings import Finding, FindingKind, OutsideHead, VerifyReport
from snipersight.risk.audit.query import EVERY_RECORD, AuditQuery
from snipersight.risk.audit.verify import ChainVerifier, StoredRecord
from snipersight.storage.audit_reading import (
    ChainEnds,
    account_names,
    chain_ends,
    chain_pages,
    checkpoints,
    damaged,
    select_records,
    strays,
)
from snipersight.storage.chain_base import with_archives
from snipersight.storage.database import Database
from snipersight.storage.signing import SignatureCheck

_BEFORE_ALL: Final = -(2**63)  # a number that was changed may lie before the first
Progress = Callable[[int, int], None]  # records read, records in all
Visit = Callable[[Sequence[StoredRecord]], None]


class AuditLog:
    """Reads the audit of a database; every method raises `StateUnavailable` if it cannot."""

    def __init__(self, database: Database) -> None:
        self._database: Final = database

    @property
    def place(self) -> str:
        """Return where the database is, for messages."""
        return self._database.place

    def accounts(self) -> tuple[str, ...]:
        """Return the names of all accounts, sorted."""
        return self._database.read(account_names)

    def strays(self) -> tuple[str, ...]:
        """Return the names under which there are records but no account."""
        return self._database.read(strays)

    def ends(self, account_id: str) -> ChainEnds:
        """Return where a chain begins and ends."""
        return self._database.read(lambda connection: chain_ends(connection, account_id))

    def records(
        self, account_id: str, query: AuditQuery = EVERY_RECORD, *, newest_first: bool = False
    ) -> Iterator[AuditRecord]:
        """Yield the records that match; only some hundred are in memory at a time."""
        edge: int | None = None
        while True:
            page = self._page(account_id, query, edge=edge, newest=newest_first)
            yield from (record for record in page if query.matches(record))
            if not page:
                return
            edge = page[-1].seq

    def record(self, account_id: str, seq: int) -> AuditRecord | None:
        """Return one record by its number."""
        page = self._page(account_id, EVERY_RECORD, edge=seq - 1, newest=False, limit=1)
        return page[0] if page and page[0].seq == seq else None

    def verify(
        self,
        account_id: str,
        *,
        trusted: Collection[str] = (),
        outside: Sequence[OutsideHead] = (),
        progress: Progress | None = None,
        visit: Visit | None = None,
        archives: Path | None = None,
    ) -> VerifyReport:
        """Check a whole chain on one consistent state of the database, and what was archived of it.

        Args:
            trusted: public keys whose signatures count, hex digits.
            outside: heads kept outside the database.
            progress: called now and then.
            visit: called with every page of records, before it is known whether they are sound.
            archives: the folder of what was pruned.
        """
        check = SignatureCheck(account_id=account_id, trusted=trusted)

        def work(connection: Connection) -> VerifyReport:
            ends = chain_ends(connection, account_id)
            verifier = ChainVerifier(
                account_id,
                base=ends.base,
                checkpoints=checkpoints(connection, account_id, from_seq=_BEFORE_ALL),
                check=check,
                outside=outside,
            )
            done, total = 0, ends.head.seq - ends.base.seq
            for page in chain_pages(connection, account_id, after_seq=_BEFORE_ALL):
                verifier.consume(page)
                done += len(page)
                if visit is not None:
                    visit(page)
                if progress is not None:
                    progress(done, total)
            return _with_damage(verifier.finish(ends.head), damaged(connection, account_id))

        return with_archives(self._database.read(work), archives=archives, check=check)

    def _page(
        self,
        account_id: str,
        query: AuditQuery,
        *,
        edge: int | None,
        newest: bool,
        limit: int | None = None,
    ) -> list[AuditRecord]:
        return self._database.read(
            lambda connection: select_records(
                connection, account_id, query, edge=edge, newest=newest, limit=limit
            )
        )


def _with_damage(report: VerifyReport, count: int) -> VerifyReport:
    if not count:
        return report
    finding = Finding(
        kind=FindingKind.DAMAGED,
        first_seq=0,
        last_seq=0,
        sentence=f"{count} records or checkpoints have no number where one belongs",
    )
    return replace(report, findings=(finding, *report.findings))
