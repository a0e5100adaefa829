"""Old records of the audit: to a file first, then out of the table, in one step that is recorded.

Only what a signed checkpoint vouches for may go, and only after the file that holds it was read
back and verified: the chain in the table then begins behind a record that its signature names.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select, update

from snipersight.domain.audit import AuditDraft, AuditKind, ChainHead
from snipersight.domain.errors import StateUnavailable
from snipersight.risk.audit.findings import Checkpoint, Signed
from snipersight.risk.audit.verify import StoredRecord
from snipersight.storage.account_rows import find_account, update_account
from snipersight.storage.audit_archive import verify_archive, write_archive
from snipersight.storage.audit_reading import (
    account_names,
    chain_ends,
    chain_pages,
    newest_checkpoints,
)
from snipersight.storage.chain_appending import appended
from snipersight.storage.schema import ACCOUNT, AUDIT, CHECKPOINT
from snipersight.storage.signing import SignatureCheck

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.storage.database import Database

_TIMEOUT_S: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPruned:
    """What went of one account's audit, or would go.

    Args:
        account_id: whose.
        old_records: how many are older than the limit.
        records: how many of them went, or would go.
        archive: the file that holds them; None if none went.
        kept_because: why old records stay; empty if all of them went.
    """

    account_id: str
    old_records: int
    records: int = 0
    archive: Path | None = None
    kept_because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """A piece at the beginning of a chain: behind `base`, up to the record that `end` signs."""

    account_id: str
    base: ChainHead
    end: Checkpoint

    @property
    def records(self) -> int:
        return self.end.seq - self.base.seq


def prune_audit(
    database: Database,
    *,
    before_us: int,
    now_us: int,
    archives: Path,
    trusted: Collection[str],
    actor: str,
    dry_run: bool,
) -> tuple[AuditPruned, ...]:
    """Archive and remove the old records of every account, by name.

    Args:
        database: where.
        before_us: records from this moment on stay, microseconds UTC.
        now_us: time of the record that tells of it.
        archives: folder for the files.
        trusted: public keys whose checkpoints count, hex digits.
        actor: who is named in that record.
        dry_run: only count.

    Raises:
        StateUnavailable: the database or a file cannot be written, or another process prunes.
    """

    def one(account_id: str) -> AuditPruned:
        plan, cut = database.read(
            lambda connection: _plan(connection, account_id, before_us, trusted)
        )
        if cut is None or dry_run:
            return plan
        archive = _archive(database, cut, archives, trusted)
        problem = _problem(archive, cut, trusted)
        if problem:
            archive.unlink()
            return replace(plan, records=0, kept_because=problem)
        database.write(
            lambda connection: _forget(connection, cut, archive, now_us=now_us, actor=actor),
            timeout_s=_TIMEOUT_S,
        )
        return replace(plan, archive=archive)

    return tuple(one(account_id) for account_id in database.read(account_names))


def _plan(
    connection: Connection, account_id: str, before_us: int, trusted: Collection[str]
) -> tuple[AuditPruned, _Cut | None]:
    """Return how much may go, and up to which checkpoint; None for nothing."""
    base = chain_ends(connection, account_id).base
    last_old = _last_old(connection, account_id, before_us)
    plan = AuditPruned(account_id=account_id, old_records=max(0, last_old - base.seq))
    if not plan.old_records:
        return plan, None
    end = _usable_checkpoint(connection, base, last_old, trusted)
    if end is None:
        return replace(plan, kept_because=_no_checkpoint(trusted)), None
    cut = _Cut(account_id=account_id, base=base, end=end)
    held = f"record {end.seq} is the last old one with a signed checkpoint"
    reason = held if cut.records < plan.old_records else ""
    return replace(plan, records=cut.records, kept_because=reason), cut


def _last_old(connection: Connection, account_id: str, before_us: int) -> int:
    """Return the last record of those that are all old; 0 for none.

    A younger one ends them, whatever follows it: a chain is cut at one place only.
    """
    of_account = AUDIT.c.account_id == account_id
    first_young = connection.execute(
        select(AUDIT.c.seq)
        .where(of_account, AUDIT.c.at_us >= before_us)
        .order_by(AUDIT.c.seq)
        .limit(1)
    ).scalar_one_or_none()
    if first_young is not None:
        return int(first_young) - 1
    last = connection.execute(select(func.max(AUDIT.c.seq)).where(of_account)).scalar_one()
    return int(last or 0)


def _usable_checkpoint(
    connection: Connection, base: ChainHead, last_old: int, trusted: Collection[str]
) -> Checkpoint | None:
    if not trusted:
        return None
    check = SignatureCheck(account_id=base.account_id, trusted=trusted)
    for checkpoint in newest_checkpoints(connection, base.account_id):
        if checkpoint.seq <= base.seq:
            return None
        if checkpoint.seq <= last_old and check(checkpoint) is Signed.VALID:
            return checkpoint
    return None


def _no_checkpoint(trusted: Collection[str]) -> str:
    if not trusted:
        return "no key is known to check the audit's signed checkpoints with"
    return "no old record has a checkpoint signed with a trusted key"


def _archive(database: Database, cut: _Cut, archives: Path, trusted: Collection[str]) -> Path:
    return database.read(
        lambda connection: write_archive(
            archives,
            _records(connection, cut),
            account_id=cut.account_id,
            base=cut.base,
            end=cut.end,
        )
    )


def _records(connection: Connection, cut: _Cut) -> Iterator[StoredRecord]:
    for page in chain_pages(connection, cut.account_id, after_seq=cut.base.seq):
        for record in page:
            if record[0] > cut.end.seq:
                return
            yield record


def _problem(archive: Path, cut: _Cut, trusted: Collection[str]) -> str:
    """Return why an archive is not as good as the records in the table; empty if it is."""
    check = SignatureCheck(account_id=cut.account_id, trusted=trusted)
    report = verify_archive(archive, check=check)
    if not report:
        return f"the audit does not verify: {report.findings[0].sentence}"
    if (report.records, report.signed_seq) != (cut.records, cut.end.seq):
        return f"the archive holds {report.records} records signed up to {report.signed_seq}"
    return ""


def _forget(connection: Connection, cut: _Cut, archive: Path, *, now_us: int, actor: str) -> None:
    account = find_account(connection, cut.account_id, lock=True)
    if account is None or chain_ends(connection, cut.account_id).base != cut.base:
        raise StateUnavailable(
            "another process has pruned the audit meanwhile; nothing more was removed",
            where=cut.account_id,
            next_step=f"{archive} is a second copy",
        )
    policy = _policy_to_keep(connection, cut)
    _delete(connection, cut)
    records = [_pruned(cut, archive, actor)] + ([policy] if policy is not None else [])
    for draft in records:
        account = appended(connection, account, replace(draft, at_us=now_us))
    update_account(connection, account)
    connection.execute(
        update(ACCOUNT)
        .where(ACCOUNT.c.account_id == cut.account_id)
        .values(base_seq=cut.end.seq, base_hash=cut.end.hash.decode())
    )


def _delete(connection: Connection, cut: _Cut) -> None:
    removed = connection.execute(
        delete(AUDIT).where(AUDIT.c.account_id == cut.account_id, AUDIT.c.seq <= cut.end.seq)
    ).rowcount
    if removed != cut.records:
        raise StateUnavailable(
            f"{removed} records would have been removed, {cut.records} are archived; nothing was",
            where=cut.account_id,
            next_step="run `snipersight audit verify`",
        )
    # The one at the cut stays: it signs where the rest begins.
    connection.execute(
        delete(CHECKPOINT).where(
            CHECKPOINT.c.account_id == cut.account_id, CHECKPOINT.c.seq < cut.end.seq
        )
    )


def _pruned(cut: _Cut, archive: Path, actor: str) -> AuditDraft:
    return AuditDraft(
        kind=AuditKind.PRUNED,
        subject=archive.name[:128],
        actor=actor,
        at_us=0,
        body={
            "archive": archive.name,
            "base_hash": cut.end.hash.decode(),
            "base_seq": cut.end.seq,
            "first_seq": cut.base.seq + 1,
            "records": cut.records,
        },
    )


def _policy_to_keep(connection: Connection, cut: _Cut) -> AuditDraft | None:
    """Return the policy that the first decisions behind the cut were judged by, to be told again.

    Its record goes into the archive, and replay needs it; None if it stands behind the cut, too.
    """
    policies = select(AUDIT).where(
        AUDIT.c.account_id == cut.account_id, AUDIT.c.kind == AuditKind.POLICY.value
    )
    row = connection.execute(
        policies.where(AUDIT.c.seq <= cut.end.seq).order_by(AUDIT.c.seq.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return None
    again = policies.where(AUDIT.c.seq > cut.end.seq, AUDIT.c.subject == row.subject).limit(1)
    if connection.execute(again).first() is not None:
        return None
    return AuditDraft(
        kind=AuditKind.POLICY,
        subject=row.subject,
        actor=row.actor,
        at_us=0,
        body=json.loads(row.body),
    )
