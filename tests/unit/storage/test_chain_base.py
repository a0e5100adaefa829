"""Where a pruned chain begins is held against the file that its records went to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from snipersight.domain.audit import AuditKind, ChainHead
from snipersight.risk.audit.chain import NO_HASH
from snipersight.risk.audit.findings import Checkpoint, FindingKind, VerifyReport
from snipersight.storage.audit_archive import write_archive
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.audit_pruning import prune_audit
from snipersight.storage.audit_reading import chain_pages, newest_checkpoints
from snipersight.storage.checkpoints import checkpoint
from snipersight.storage.head_file import HeadFile
from snipersight.storage.signing import load_signer
from tests.builders.audit_chains import ACCOUNT, AT_US, StoredChain, a_draft, sqlite_url


class Desk:
    """A chain of eight records, signed at the third, fifth and last."""

    def __init__(self, folder: Path) -> None:
        self.archives = folder / "archive"
        self.chain = StoredChain(sqlite_url(folder / "audit.db"))
        self.database = self.chain.database
        self.signer = load_signer(folder / "audit.key")
        self.head = HeadFile(path=folder / "head.json", place="here")
        for count in (3, 2, 3):
            self.chain.grow(count)
            self.sign()

    def sign(self) -> None:
        checkpoint(
            self.database, ACCOUNT, signer=self.signer, head_file=self.head, at_us=AT_US + 99
        )

    def prune(self, seq: int) -> Path:
        """Prune up to a record that was signed, as SniperSight does, and sign that."""
        (pruned,) = prune_audit(
            self.database,
            before_us=AT_US + seq + 1,
            now_us=AT_US + 50 + seq,
            archives=self.archives,
            trusted=(self.signer.key_id,),
            actor="cli",
            dry_run=False,
        )
        assert pruned.archive is not None
        assert AuditLog(self.database).ends(ACCOUNT).base.seq == seq
        self.sign()
        return pruned.archive

    def forge(self, seq: int) -> None:
        """Remove the beginning of the chain by hand, and add a record as pruning does."""
        record = AuditLog(self.database).record(ACCOUNT, seq)
        assert record is not None
        body = {"base_seq": seq, "base_hash": record.hash, "archive": "audit-main-1-5.jsonl"}
        self.chain.append(a_draft(9, kind=AuditKind.PRUNED, **body))
        self.edit(
            f"DELETE FROM audit WHERE seq <= {seq}",
            f"UPDATE account SET base_seq = {seq}, base_hash = '{record.hash}'",
        )

    def edit(self, *statements: str) -> None:
        def run(connection: Any) -> None:
            for statement in statements:
                connection.execute(text(statement))

        self.database.write(run)

    def archive(self, base: int, end: int) -> Path:
        """Write an archive of some of the records that are still there."""

        def write(connection: Any) -> Path:
            every = [one for page in chain_pages(connection, ACCOUNT, after_seq=0) for one in page]
            signed = {one.seq: one for one in newest_checkpoints(connection, ACCOUNT)}
            before = every[base - 1][7].decode() if base else NO_HASH
            return write_archive(
                self.archives,
                every[base:end],
                account_id=ACCOUNT,
                base=ChainHead(account_id=ACCOUNT, seq=base, hash=before),
                end=_of(signed, end),
            )

        return self.database.read(write)

    def verify(self) -> VerifyReport:
        return AuditLog(self.database).verify(
            ACCOUNT, trusted=(self.signer.key_id,), archives=self.archives
        )


def _of(signed: dict[int, Checkpoint], seq: int) -> Checkpoint:
    return signed[seq]


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.database.close()


def _archive_open(report: VerifyReport) -> list[str]:
    return [one for one in report.not_excluded if "archived" in one]


def test_a_chain_that_was_never_pruned_says_nothing_of_archives(desk):
    report = desk.verify()
    assert report
    assert (report.notes, _archive_open(report)) == ((), [])


def test_an_archive_that_is_whole_and_fits_is_said_to(desk):
    desk.prune(5)
    report = desk.verify()
    assert report, report.findings
    (note,) = report.notes
    assert note == (
        "records 1 to 5 are archived in audit-main-1-5.jsonl: whole, and it ends where the chain "
        "goes on"
    )
    assert _archive_open(report) == []


def test_archives_are_followed_back_to_the_first_record(desk):
    first = desk.prune(3)
    desk.prune(8)
    report = desk.verify()
    assert report, report.findings
    assert [note.split(" are")[0] for note in report.notes] == ["records 4 to 8", "records 1 to 3"]
    first.unlink()
    report = desk.verify()
    assert report
    assert [note.split(" are")[0] for note in report.notes] == ["records 4 to 8"]
    assert "That records 1 to 3 were removed" in _archive_open(report)[0]


def test_history_removed_at_a_signed_record_cannot_be_excluded_without_its_archive(desk):
    desk.forge(5)
    desk.sign()
    report = desk.verify()
    assert report.notes == ()
    (sentence,) = _archive_open(report)
    assert sentence == (
        "That records 1 to 5 were removed or changed, and not only archived, cannot be excluded: "
        "by record 9 the file 'audit-main-1-5.jsonl' holds them up to 5, and it cannot be read in "
        f"{desk.archives}."
    )


def test_an_archive_of_another_end_contradicts_the_chain(desk):
    desk.archive(0, 3).rename(desk.archives / "audit-main-1-5.jsonl")
    desk.forge(5)
    desk.sign()
    (finding,) = desk.verify().findings
    assert (finding.kind, finding.first_seq, finding.last_seq) == (FindingKind.ARCHIVE, 1, 5)
    assert "record 9 names record 5" in finding.sentence


def test_an_archive_that_holds_more_contradicts_the_chain(desk):
    desk.archive(0, 8).rename(desk.archives / "audit-main-1-5.jsonl")
    desk.forge(5)
    desk.sign()
    (finding,) = desk.verify().findings
    assert (finding.kind, finding.first_seq, finding.last_seq) == (FindingKind.ARCHIVE, 1, 5)
    assert "ends with record 8, not with 5" in finding.sentence


def test_an_archive_that_leaves_out_the_beginning_contradicts_the_chain(desk):
    desk.archive(3, 5).rename(desk.archives / "audit-main-1-5.jsonl")
    desk.forge(5)
    desk.sign()
    (finding,) = desk.verify().findings
    assert (finding.kind, finding.first_seq, finding.last_seq) == (FindingKind.ARCHIVE, 1, 3)
    assert "nothing tells where those before are" in finding.sentence


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda held: held.replace("nr 2", "nr 9"), "does not verify: record 2"),
        (lambda held: held.replace('"account_id":"main"', '"account_id":"mine"'), "'mine'"),
        (lambda held: "no archive", "no archive of an audit"),
    ],
)
def test_a_changed_archive_is_a_finding(desk, change, told):
    path = desk.prune(5)
    path.write_text(change(path.read_text()))
    (finding,) = desk.verify().findings
    assert (finding.kind, told in finding.sentence) == (FindingKind.ARCHIVE, True), finding


def test_an_archive_that_cannot_be_read_excludes_nothing(desk):
    path = desk.prune(5)
    path.unlink()
    path.mkdir()
    report = desk.verify()
    assert report
    assert "cannot be read" in _archive_open(report)[0]


@pytest.mark.parametrize("name", ["../audit-main-1-5.jsonl", "", 7])
def test_a_name_that_leads_out_of_the_folder_is_not_followed(desk, name):
    path = desk.prune(5)
    path.rename(path.parent.parent / path.name)
    record = AuditLog(desk.database).record(ACCOUNT, 9)
    assert record is not None
    body = json.loads(record.body) | {"archive": name}
    desk.chain.append(a_draft(10, kind=AuditKind.PRUNED, **body))
    report = desk.verify()
    assert report
    assert len(_archive_open(report)) == 1
