"""Signs the chain: a checkpoint every hundred records and at its end, the last one outside too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from snipersight.domain.audit import AuditDraft, AuditKind, ChainHead
from snipersight.domain.errors import StateUnavailable
from snipersight.risk.audit.chain_events import HEAD_MISSING
from snipersight.risk.audit.findings import Checkpoint, OutsideHead, Signed, VerifyReport
from snipersight.risk.audit.verify import ChainVerifier, StoredRecord
from snipersight.storage.account_rows import StoredAccount, find_account, update_account
from snipersight.storage.audit_reading import chain_ends, chain_pages, newest_checkpoints
from snipersight.storage.chain_appending import appended
from snipersight.storage.chain_base import moved_base_problem
from snipersight.storage.database import Database
from snipersight.storage.head_file import HeadFile
from snipersight.storage.row_codecs import Unreadable
from snipersight.storage.schema import CHECKPOINT
from snipersight.storage.signing import SignatureCheck, Signer

EVERY: Final = 100  # records between two checkpoints


def checkpoint(
    database: Database,
    account_id: str,
    *,
    signer: Signer,
    head_file: HeadFile,
    at_us: int,
    every: int = EVERY,
    warn: Callable[[str], object] | None = None,
) -> Checkpoint | None:
    """Sign what was added to a chain since its newest checkpoint, and keep its head outside.

    What is signed is checked first, from the newest checkpoint of this key on, and against the
    head kept before: a chain that was tampered with is not vouched for, nor one whose beginning
    went without ever having been signed.

    Args:
        database: where the chain is.
        signer: the key.
        head_file: where the head is kept.
        at_us: now, microseconds UTC.
        every: records between two checkpoints.
        warn: told that the head kept outside is gone although this key has signed the chain
            before; a record of the chain tells of it, too.

    Returns:
        The checkpoint of the newest record; None for an empty chain.

    Raises:
        StateUnavailable: the chain does not verify, or something cannot be read or written.
    """
    with head_file.locked():
        kept = head_file.read(account_id)
        outside = outside_heads(kept, account_id, where=str(head_file.path))
        signing = _Signing(account_id, signer, at_us, every, kept)
        report = database.read(lambda connection: signing.read(connection, outside))
        if not report:
            raise _unsound(report, str(head_file.path))
        if signing.problem:
            raise _unaccounted(account_id, signing.problem)
        if kept is None and signing.newest is not None:
            warning = database.write(signing.insert_headless)
            if warn is not None:
                warn(f"{warning}; a new one is kept in {head_file.path}")
        elif signing.made:
            database.write(signing.insert)
        newest = signing.made[-1] if signing.made else signing.newest
        if newest is not None and (kept is None or kept.seq < newest.seq):
            head_file.write(account_id, newest)
        return newest


def outside_heads(
    kept: Checkpoint | None, account_id: str, *, where: str
) -> tuple[OutsideHead, ...]:
    """Return what a head file knows of a chain.

    Args:
        kept: its entry; None if it has none.
        where: the file.

    Raises:
        StateUnavailable: the entry is not what was signed.
    """
    if kept is None:
        return ()
    if SignatureCheck(account_id=account_id)(kept) is Signed.INVALID:
        raise StateUnavailable(
            f"the audit head of account {account_id!r} is not what was signed: the file was changed",
            where=where,
            next_step="restore the file from a copy; `snipersight audit verify` tells what the "
            "chain itself says",
        )
    return (OutsideHead(seq=kept.seq, hash=kept.hash.decode("ascii", "replace"), where=where),)


class _Signing:
    """Goes through the unsigned records once.

    Attributes:
        newest: the newest checkpoint of this key so far; None if there is none.
        made: those to be stored.
        problem: why the chain's beginning cannot be vouched for; empty if it can.
    """

    def __init__(
        self, account_id: str, signer: Signer, at_us: int, every: int, kept: Checkpoint | None
    ) -> None:
        self._account_id: Final = account_id
        self._signer: Final = signer
        self._at_us: Final = at_us
        self._every: Final = every
        self._kept: Final = kept
        self._check: Final = SignatureCheck(account_id=account_id, trusted=(signer.key_id,))
        self.problem = ""
        self.newest: Checkpoint | None = None
        self.made: Final[list[Checkpoint]] = []

    def read(self, connection: Connection, outside: Sequence[OutsideHead]) -> VerifyReport:
        """Check the records behind the newest checkpoint and sign every hundredth and the last."""
        ends = chain_ends(connection, self._account_id)
        start = self._start(connection, ends.base)
        verifier = ChainVerifier(
            self._account_id,
            base=start,
            is_base_known=self.newest is not None,
            check=SignatureCheck(account_id=self._account_id),
            outside=[head for head in outside if head.seq >= start.seq],
        )
        for page in chain_pages(connection, self._account_id, after_seq=start.seq):
            verifier.consume(page)
            self._sign(page)
        self._sign_head(ends.head)
        report = verifier.finish(ends.head)
        self.problem = moved_base_problem(
            connection,
            ends.base,
            report.pruned,
            outside=self._kept,
            check=self._check,
            is_first=self._is_first(connection),
        )
        return report

    def insert(self, connection: Connection) -> None:
        """Store what was made; another process may have signed the same record meanwhile."""
        make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        rows = [
            {
                "account_id": self._account_id,
                "seq": one.seq,
                "hash": one.hash.decode(),
                "at_us": int(one.at_us),
                "key_id": one.key_id.decode(),
                "signature": one.signature.decode(),
            }
            for one in self.made
        ]
        connection.execute(make(CHECKPOINT).on_conflict_do_nothing(), rows)

    def insert_headless(self, connection: Connection) -> str:
        """Store what was made, and a record of the head that is gone; return a warning.

        Raises:
            StateUnavailable: the account's row makes no sense.
        """
        account = _locked(connection, self._account_id)
        checked, found = self.made[-1] if self.made else self.newest, account.row.head
        account = appended(connection, account, _head_missing(self._at_us))
        update_account(connection, account)
        head = account.row.head
        # What another process added meanwhile was not checked, and so is not signed here.
        if checked is not None and checked.hash.decode() == found.hash:
            self._add(head.seq, head.hash)
        if self.made:
            self.insert(connection)
        return (
            f"the audit head of account {self._account_id} that is kept outside the database was "
            f"missing, and record {head.seq} tells of it: if you did not move file or database "
            "yourself, records may have been cut off the end"
        )

    def _start(self, connection: Connection, base: ChainHead) -> ChainHead:
        for held in newest_checkpoints(connection, self._account_id):
            if self._check(held) is Signed.VALID and held.seq >= base.seq:
                self.newest = held
                return ChainHead(account_id=self._account_id, seq=held.seq, hash=held.hash.decode())
        return base

    def _is_first(self, connection: Connection) -> bool:
        """Return whether this key has signed nothing of the chain yet."""
        if self._kept is not None and self._check(self._kept) is Signed.VALID:
            return False
        held = newest_checkpoints(connection, self._account_id)
        return self.newest is None and not any(self._check(one) is Signed.VALID for one in held)

    def _sign(self, page: Sequence[StoredRecord]) -> None:
        for record in page:
            if record[0] % self._every == 0:
                self._add(record[0], record[7].decode("ascii", "replace"))

    def _sign_head(self, head: ChainHead) -> None:
        signed = self.made[-1] if self.made else self.newest
        if head.seq and (signed is None or signed.seq < head.seq):
            self._add(head.seq, head.hash)

    def _add(self, seq: int, hash_: str) -> None:
        self.made.append(
            self._signer.checkpoint(self._account_id, seq=seq, hash_=hash_, at_us=self._at_us)
        )


def _locked(connection: Connection, account_id: str) -> StoredAccount:
    try:
        account = find_account(connection, account_id, lock=True)
    except Unreadable as error:
        raise StateUnavailable(
            f"the row of account {account_id!r} makes no sense: {error}",
            next_step="run `snipersight db check` and restore a backup",
        ) from error
    if account is None:
        raise StateUnavailable(f"there is no account {account_id!r}")
    return account


def _head_missing(at_us: int) -> AuditDraft:
    return AuditDraft(
        kind=AuditKind.OPERATOR,
        subject="",
        actor="store",
        at_us=at_us,
        body={"command": HEAD_MISSING, "reason": "no head was kept outside the database"},
    )


def _unsound(report: VerifyReport, where: str) -> StateUnavailable:
    return StateUnavailable(
        f"the audit of account {report.account_id!r} does not verify and was not signed: "
        f"{report.findings[0].sentence}",
        next_step="run `snipersight audit verify`; if you restored a backup yourself, move the "
        f"file {where} away",
    )


def _unaccounted(account_id: str, problem: str) -> StateUnavailable:
    return StateUnavailable(
        f"the audit of account {account_id!r} was not signed: {problem}",
        next_step="run `snipersight audit verify`; if nobody pruned the audit, restore a backup",
    )
