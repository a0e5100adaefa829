"""Reading, checking and signing the audit on both kinds of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from snipersight.domain.audit import AuditKind, AuditRecord, ChainHead
from snipersight.domain.errors import StateUnavailable
from snipersight.risk.audit.chain import NO_HASH, empty_head, seal
from snipersight.risk.audit.findings import FindingKind, OutsideHead, VerifyReport
from snipersight.risk.audit.query import AuditQuery
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.audit_rows import insert_records
from snipersight.storage.checkpoints import checkpoint, outside_heads
from snipersight.storage.database import connect_database
from snipersight.storage.head_file import HeadFile
from snipersight.storage.migrating import migrate
from snipersight.storage.signing import Signer, load_signer
from tests.builders.audit_chains import ACCOUNT, AT_US, StoredChain, a_draft, sqlite_url


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


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """Return an empty chain on either database."""
    if request.param == "sqlite":
        url = sqlite_url(tmp_path / "audit.db")
    else:
        url = request.getfixturevalue("postgres_url")
        with connect_database(url) as database:
            migrate(database)
    chain = StoredChain(url)
    yield Desk(chain, tmp_path)
    chain.database.close()


def _kinds(report: VerifyReport) -> set[FindingKind]:
    return {finding.kind for finding in report.findings}


def test_a_chain_that_was_signed_and_kept_outside_leaves_nothing_open(desk: Desk):
    desk.chain.grow(230)
    made = desk.sign()
    report = desk.verify()
    assert report
    assert (report.records, report.first_seq, report.last_seq) == (230, 1, 230)
    assert (report.checkpoints, report.signed_seq, report.outside_seq) == (3, 230, 230)
    assert report.not_excluded == ()
    assert made.seq == 230


def test_an_empty_chain_is_sound_and_signs_nothing(desk: Desk):
    assert desk.sign() is None
    report = desk.verify()
    assert (bool(report), report.records, report.not_excluded) == (True, 0, ())


def test_signing_again_adds_only_what_is_new(desk: Desk):
    desk.chain.grow(5)
    first = desk.sign()
    assert desk.sign() == first
    desk.chain.grow(1)
    assert desk.sign(at_us=AT_US + 1).seq == 6
    assert desk.verify().checkpoints == 2


def test_a_cut_tail_is_found_with_the_head_and_cannot_be_excluded_without(desk: Desk):
    desk.chain.grow(6)
    desk.sign(every=2)
    fourth = desk.log.record(ACCOUNT, 4)
    assert fourth is not None
    desk.edit(
        "DELETE FROM audit WHERE seq > 4",
        "DELETE FROM audit_checkpoint WHERE seq > 4",
        f"UPDATE account SET head_seq = 4, head_hash = '{fourth.hash}'",
    )
    alone = desk.verify(with_head=False)
    assert alone
    assert "cut off the end cannot be excluded" in alone.not_excluded[0]
    report = desk.verify()
    (finding,) = report.findings
    assert (finding.kind, finding.first_seq, finding.last_seq) == (FindingKind.TRUNCATED, 5, 6)
    assert "the head file names record 6" in finding.sentence


def test_a_cut_tail_is_found_by_a_checkpoint_that_was_left(desk: Desk):
    desk.chain.grow(6)
    desk.sign()
    fourth = desk.log.record(ACCOUNT, 4)
    assert fourth is not None
    desk.edit(
        "DELETE FROM audit WHERE seq > 4",
        f"UPDATE account SET head_seq = 4, head_hash = '{fourth.hash}'",
    )
    assert _kinds(desk.verify(with_head=False)) == {FindingKind.TRUNCATED}


@pytest.mark.parametrize("first", [1, 3, 6])
def test_a_chain_written_anew_is_found_by_its_checkpoints(desk: Desk, first: int):
    desk.chain.grow(6)
    desk.sign(every=2)
    desk.rewrite(first)
    report = desk.verify(with_head=False)
    assert _kinds(report) == {FindingKind.REWRITTEN}
    assert report.findings[0].first_seq <= first <= report.findings[0].last_seq


def test_a_chain_written_anew_and_signed_by_another_key_is_found(desk: Desk, tmp_path: Path):
    desk.chain.grow(3)
    desk.sign()
    desk.rewrite(1)
    desk.edit("DELETE FROM audit_checkpoint")
    forger = load_signer(tmp_path / "forger.key")
    elsewhere = HeadFile(path=tmp_path / "forged.json", place="")
    desk.sign(signer=forger, head_file=elsewhere)
    report = desk.verify(with_head=False)
    assert _kinds(report) == {FindingKind.FOREIGN_KEY}
    assert forger.key_id in report.findings[0].sentence
    assert _kinds(desk.verify()) == {FindingKind.FOREIGN_KEY, FindingKind.REWRITTEN}


def test_without_a_key_nothing_is_said_about_signatures_but_that(desk: Desk):
    desk.chain.grow(3)
    desk.sign()
    report = desk.log.verify(ACCOUNT)
    assert report
    assert "no key is known to check its signatures with (1 of them)" in report.not_excluded[1]


def test_a_tampered_chain_is_not_signed(desk: Desk):
    desk.chain.grow(3)
    desk.sign()
    desk.chain.grow(3)
    desk.edit("UPDATE audit SET actor = 'nobody' WHERE seq = 5")
    with pytest.raises(StateUnavailable, match="record 5: what is stored"):
        desk.sign()
    assert desk.verify().checkpoints == 1


def test_a_checkpoint_that_is_not_ours_saves_no_record_from_being_checked(desk: Desk):
    desk.chain.grow(3)
    desk.sign()
    desk.chain.grow(3)
    desk.edit(
        "UPDATE audit SET actor = 'nobody' WHERE seq = 5",
        "INSERT INTO audit_checkpoint SELECT a.account_id, a.seq, a.hash, 1, c.key_id, "
        "c.signature FROM audit a, audit_checkpoint c WHERE a.seq = 6",
    )
    with pytest.raises(StateUnavailable, match="record 5: what is stored"):
        desk.sign()


def test_signing_what_is_signed_leaves_the_head_file_alone(desk: Desk):
    desk.chain.grow(2)
    desk.sign()
    before = desk.head.path.stat()
    desk.sign(at_us=AT_US + 5)
    assert desk.head.path.stat().st_ino == before.st_ino


def test_a_cut_chain_does_not_move_the_head_back(desk: Desk):
    desk.chain.grow(6)
    desk.sign()
    second = desk.log.record(ACCOUNT, 2)
    assert second is not None
    desk.edit(
        "DELETE FROM audit WHERE seq > 2",
        "DELETE FROM audit_checkpoint",
        f"UPDATE account SET head_seq = 2, head_hash = '{second.hash}'",
    )
    with pytest.raises(StateUnavailable, match="cut off the end"):
        desk.sign()
    kept = desk.head.read(ACCOUNT)
    assert kept is not None
    assert kept.seq == 6


def _pruned(desk: Desk, *, told: bool = True) -> None:
    """Archive the first three of six records."""
    third = desk.log.record(ACCOUNT, 3)
    assert third is not None
    if told:
        body = {"base_seq": 3, "base_hash": third.hash}
        desk.chain.append(a_draft(7, kind=AuditKind.PRUNED, **body))
    desk.edit(
        "DELETE FROM audit WHERE seq <= 3",
        f"UPDATE account SET base_seq = 3, base_hash = '{third.hash}'",
    )


def test_a_pruned_chain_verifies_from_its_base(desk: Desk):
    desk.chain.grow(6)
    desk.sign(every=3)
    _pruned(desk)
    assert desk.sign().seq == 7
    report = desk.verify()
    assert report, report.findings
    assert (report.records, report.first_seq, report.last_seq) == (4, 4, 7)
    (sentence,) = report.not_excluded
    assert sentence.startswith("That records 1 to 3 were removed or changed, and not only archived")


@pytest.mark.parametrize("signed", [[2], [2, 4], []])
def test_a_beginning_removed_where_nothing_was_signed_is_not_signed(desk: Desk, signed: list[int]):
    for seq in range(1, 7):
        desk.chain.grow(1)
        if seq in signed:
            desk.sign()
    before = desk.head.read(ACCOUNT)
    _pruned(desk)
    with pytest.raises(StateUnavailable, match="no checkpoint signed with your key covers"):
        desk.sign()
    assert desk.head.read(ACCOUNT) == before


def test_the_head_outside_may_vouch_for_where_a_pruned_chain_begins(desk: Desk):
    desk.chain.grow(3)
    desk.sign()
    desk.chain.grow(3)
    _pruned(desk)
    desk.edit("DELETE FROM audit_checkpoint")
    assert desk.sign().seq == 7


def test_a_new_key_goes_on_with_a_chain_that_was_pruned_under_the_old_one(
    desk: Desk, tmp_path: Path
):
    desk.chain.grow(6)
    desk.sign(every=3)
    _pruned(desk)
    desk.sign()
    other = load_signer(tmp_path / "other.key")
    assert desk.sign(signer=other).seq == 7
    desk.chain.grow(1)
    assert desk.sign(signer=other).seq == 8


def test_a_foreign_signature_where_ours_are_vouches_for_no_beginning(desk: Desk, tmp_path: Path):
    desk.chain.grow(3)
    elsewhere = HeadFile(path=tmp_path / "forged.json", place="")
    desk.sign(signer=load_signer(tmp_path / "forger.key"), head_file=elsewhere)
    desk.chain.grow(3)
    desk.sign()
    _pruned(desk)
    with pytest.raises(StateUnavailable, match="no checkpoint signed with your key covers"):
        desk.sign()


def test_a_record_of_a_pruning_that_did_not_happen_yet_is_not_signed(desk: Desk):
    desk.chain.grow(3)
    third = desk.sign()
    body = {"base_seq": 3, "base_hash": third.hash.decode()}
    desk.chain.append(a_draft(4, kind=AuditKind.PRUNED, **body))
    with pytest.raises(StateUnavailable, match="and the chain begins elsewhere"):
        desk.sign()


def test_a_beginning_that_no_record_tells_of_is_not_signed_by_a_new_key(desk: Desk):
    desk.chain.grow(6)
    _pruned(desk, told=False)
    with pytest.raises(StateUnavailable, match="no record tells that they were archived"):
        desk.sign()


def test_a_beginning_of_an_empty_chain_that_was_changed_is_found(desk: Desk):
    desk.edit(f"UPDATE account SET base_hash = '{'a' * 64}', head_hash = '{'a' * 64}'")
    assert _kinds(desk.verify()) == {FindingKind.BASE}


def test_a_beginning_that_no_record_accounts_for_is_found(desk: Desk):
    desk.chain.grow(6)
    _pruned(desk, told=False)
    (finding,) = desk.verify().findings
    assert (finding.kind, finding.first_seq, finding.last_seq) == (FindingKind.BASE, 1, 3)


def test_a_head_that_is_gone_leaves_a_record_and_a_warning_once(desk: Desk):
    desk.chain.grow(3)
    warnings: list[str] = []
    desk.sign(warn=warnings.append)
    assert warnings == []
    desk.chain.grow(2)
    desk.head.path.unlink()
    assert desk.sign(warn=warnings.append).seq == 6
    assert desk.sign(warn=warnings.append).seq == 6
    (warning,) = warnings
    assert "was missing, and record 6 tells of it" in warning
    report = desk.verify()
    assert report, report.findings
    assert (report.signed_seq, report.outside_seq, report.not_excluded) == (6, 6, ())
    (note,) = report.notes
    assert note.startswith("record 6 tells that the head kept outside the database was missing")
    desk.chain.grow(1)
    assert desk.sign().seq == 7
    assert desk.verify().notes == (note,)


def test_a_cut_tail_whose_head_was_deleted_too_leaves_a_trace(desk: Desk):
    desk.chain.grow(6)
    desk.sign(every=2)
    fourth = desk.log.record(ACCOUNT, 4)
    assert fourth is not None
    desk.edit(
        "DELETE FROM audit WHERE seq > 4",
        "DELETE FROM audit_checkpoint WHERE seq > 4",
        f"UPDATE account SET head_seq = 4, head_hash = '{fourth.hash}'",
    )
    desk.head.path.unlink()
    desk.sign()
    (note,) = desk.verify().notes
    assert "records before 5 were cut off" in note


def test_a_chain_that_does_not_verify_gets_no_record_of_its_missing_head(desk: Desk):
    desk.chain.grow(3)
    desk.sign()
    desk.chain.grow(3)
    desk.head.path.unlink()
    desk.edit("UPDATE audit SET actor = 'nobody' WHERE seq = 5")
    with pytest.raises(StateUnavailable, match="record 5: what is stored"):
        desk.sign()
    assert desk.log.ends(ACCOUNT).head.seq == 6
    assert desk.head.read(ACCOUNT) is None


def test_what_others_added_before_the_record_of_a_missing_head_is_signed_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    desk.chain.grow(3)
    desk.sign()
    desk.chain.grow(1)
    desk.head.path.unlink()
    write = desk.chain.database.write

    def late(work: Any, **options: Any) -> Any:
        monkeypatch.undo()
        desk.chain.grow(1)
        return write(work, **options)

    monkeypatch.setattr(desk.chain.database, "write", late)
    assert desk.sign().seq == 4
    report = desk.verify()
    assert report, report.findings
    assert (report.signed_seq, report.last_seq) == (4, 6)
    assert desk.sign().seq == 6


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE audit SET body = '{}' WHERE seq = 2", FindingKind.CHANGED),
        ("DELETE FROM audit WHERE seq = 2", FindingKind.MISSING),
        ("UPDATE audit SET at_us = at_us + 1 WHERE seq = 2", FindingKind.CHANGED),
        ("DELETE FROM audit WHERE seq = 4", FindingKind.TRUNCATED),
        ("UPDATE audit SET seq = 9 WHERE seq = 2", FindingKind.MOVED),
    ],
)
def test_a_change_is_found_on_either_database(desk: Desk, statement: str, kind: FindingKind):
    desk.chain.grow(4)
    assert desk.verify()
    desk.edit(statement)
    assert kind in _kinds(desk.verify())


def test_a_given_head_is_held_against_the_chain(desk: Desk):
    desk.chain.grow(3)
    told = OutsideHead(seq=2, hash="ab" * 32, where="the chat")
    report = desk.log.verify(ACCOUNT, outside=(told,))
    assert _kinds(report) == {FindingKind.REWRITTEN}
    assert "the one that the chat names" in report.findings[0].sentence


def test_pages_are_read_to_the_end(desk: Desk):
    desk.chain.grow(1203)
    seen: list[tuple[int, int]] = []
    report = desk.log.verify(ACCOUNT, progress=lambda done, total: seen.append((done, total)))
    assert (report.records, report.last_seq) == (1203, 1203)
    assert len(seen) > 2
    assert seen == sorted(seen)
    assert seen[-1] == (1203, 1203)
    assert [record.seq for record in desk.log.records(ACCOUNT)] == list(range(1, 1204))
    newest = desk.log.records(ACCOUNT, newest_first=True)
    assert [record.seq for record in newest] == list(range(1203, 0, -1))


def _plan_draft(number: int, symbol: str, verdict: str) -> Any:
    body = {"plan": {"symbol": symbol}, "verdict": verdict, "about": {"symbol": "ETH/USDT"}}
    return a_draft(number, kind=AuditKind.DECISION, **body)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (AuditQuery(kinds=("decision",)), [2, 3]),
        (AuditQuery(symbol="BTC/USDT"), [2, 3]),
        (AuditQuery(symbol="ETH/USDT"), []),
        (AuditQuery(verdict="rejected"), [3]),
        (AuditQuery(subject="s1"), [1]),
        (AuditQuery(since_us=AT_US + 2), [2, 3]),
        (AuditQuery(until_us=AT_US + 2), [1]),
        (AuditQuery(kinds=("decision", "operator"), verdict="approved"), [2]),
    ],
    ids=str,
)
def test_records_are_found_by_what_they_say(desk: Desk, query: AuditQuery, found: list[int]):
    desk.chain.append(
        a_draft(1), _plan_draft(2, "BTC/USDT", "approved"), _plan_draft(3, "BTC/USDT", "rejected")
    )
    assert [record.seq for record in desk.log.records(ACCOUNT, query)] == found


def test_one_record_is_found_by_its_number(desk: Desk):
    desk.chain.grow(2)
    record = desk.log.record(ACCOUNT, 2)
    assert record is not None
    assert record == seal(a_draft(2), ChainHead(account_id=ACCOUNT, seq=1, hash=record.prev_hash))
    assert desk.log.record(ACCOUNT, 3) is None


def test_an_unknown_account_is_told(desk: Desk):
    with pytest.raises(StateUnavailable, match="no account 'other'"):
        desk.log.verify("other")
    assert desk.log.accounts() == (ACCOUNT,)
    assert desk.log.strays() == ()
    assert desk.log.ends(ACCOUNT).base == empty_head(ACCOUNT)
