"""Checking and signing the audit on both kinds of database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from snipersight.domain.audit import AuditKind
from snipersight.domain.errors import StateUnavailable
from snipersight.risk.audit.findings import FindingKind, OutsideHead, VerifyReport
from snipersight.storage.head_file import HeadFile
from snipersight.storage.signing import load_signer
from tests.builders.audit_chains import ACCOUNT, AT_US, a_draft
from tests.builders.audit_desks import Desk


def _kinds(report: VerifyReport) -> set[FindingKind]:
    return {finding.kind for finding in report.findings}


def test_a_chain_that_was_signed_and_kept_outside_leaves_nothing_open(audit_desk: Desk):
    audit_desk.chain.grow(230)
    made = audit_desk.sign()
    report = audit_desk.verify()
    assert report
    assert (report.records, report.first_seq, report.last_seq) == (230, 1, 230)
    assert (report.checkpoints, report.signed_seq, report.outside_seq) == (3, 230, 230)
    assert report.not_excluded == ()
    assert made.seq == 230


def test_an_empty_chain_is_sound_and_signs_nothing(audit_desk: Desk):
    assert audit_desk.sign() is None
    report = audit_desk.verify()
    assert (bool(report), report.records, report.not_excluded) == (True, 0, ())


def test_signing_again_adds_only_what_is_new(audit_desk: Desk):
    audit_desk.chain.grow(5)
    first = audit_desk.sign()
    assert audit_desk.sign() == first
    audit_desk.chain.grow(1)
    assert audit_desk.sign(at_us=AT_US + 1).seq == 6
    assert audit_desk.verify().checkpoints == 2


def test_a_cut_tail_is_found_with_the_head_and_cannot_be_excluded_without(audit_desk: Desk):
    audit_desk.chain.grow(6)
    audit_desk.sign(every=2)
    fourth = audit_desk.log.record(ACCOUNT, 4)
    assert fourth is not None
    audit_desk.edit(
        "DELETE FROM audit WHERE seq > 4",
        "DELETE FROM audit_checkpoint WHERE seq > 4",
        f"UPDATE account SET head_seq = 4, head_hash = '{fourth.hash}'",
    )
    alone = audit_desk.verify(with_head=False)
    assert alone
    assert "cut off the end cannot be excluded" in alone.not_excluded[0]
    report = audit_desk.verify()
    (finding,) = report.findings
    assert (finding.kind, finding.first_seq, finding.last_seq) == (FindingKind.TRUNCATED, 5, 6)
    assert "the head file names record 6" in finding.sentence


def test_a_cut_tail_is_found_by_a_checkpoint_that_was_left(audit_desk: Desk):
    audit_desk.chain.grow(6)
    audit_desk.sign()
    fourth = audit_desk.log.record(ACCOUNT, 4)
    assert fourth is not None
    audit_desk.edit(
        "DELETE FROM audit WHERE seq > 4",
        f"UPDATE account SET head_seq = 4, head_hash = '{fourth.hash}'",
    )
    assert _kinds(audit_desk.verify(with_head=False)) == {FindingKind.TRUNCATED}


@pytest.mark.parametrize("first", [1, 3, 6])
def test_a_chain_written_anew_is_found_by_its_checkpoints(audit_desk: Desk, first: int):
    audit_desk.chain.grow(6)
    audit_desk.sign(every=2)
    audit_desk.rewrite(first)
    report = audit_desk.verify(with_head=False)
    assert _kinds(report) == {FindingKind.REWRITTEN}
    assert report.findings[0].first_seq <= first <= report.findings[0].last_seq


def test_a_chain_written_anew_and_signed_by_another_key_is_found(audit_desk: Desk, tmp_path: Path):
    audit_desk.chain.grow(3)
    audit_desk.sign()
    audit_desk.rewrite(1)
    audit_desk.edit("DELETE FROM audit_checkpoint")
    forger = load_signer(tmp_path / "forger.key")
    elsewhere = HeadFile(path=tmp_path / "forged.json", place="")
    audit_desk.sign(signer=forger, head_file=elsewhere)
    report = audit_desk.verify(with_head=False)
    assert _kinds(report) == {FindingKind.FOREIGN_KEY}
    assert forger.key_id in report.findings[0].sentence
    assert _kinds(audit_desk.verify()) == {FindingKind.FOREIGN_KEY, FindingKind.REWRITTEN}


def test_without_a_key_nothing_is_said_about_signatures_but_that(audit_desk: Desk):
    audit_desk.chain.grow(3)
    audit_desk.sign()
    report = audit_desk.log.verify(ACCOUNT)
    assert report
    assert "no key is known to check its signatures with (1 of them)" in report.not_excluded[1]


def test_a_tampered_chain_is_not_signed(audit_desk: Desk):
    audit_desk.chain.grow(3)
    audit_desk.sign()
    audit_desk.chain.grow(3)
    audit_desk.edit("UPDATE audit SET actor = 'nobody' WHERE seq = 5")
    with pytest.raises(StateUnavailable, match="record 5: what is stored"):
        audit_desk.sign()
    assert audit_desk.verify().checkpoints == 1


def test_a_checkpoint_that_is_not_ours_saves_no_record_from_being_checked(audit_desk: Desk):
    audit_desk.chain.grow(3)
    audit_desk.sign()
    audit_desk.chain.grow(3)
    audit_desk.edit(
        "UPDATE audit SET actor = 'nobody' WHERE seq = 5",
        "INSERT INTO audit_checkpoint SELECT a.account_id, a.seq, a.hash, 1, c.key_id, "
        "c.signature FROM audit a, audit_checkpoint c WHERE a.seq = 6",
    )
    with pytest.raises(StateUnavailable, match="record 5: what is stored"):
        audit_desk.sign()


def test_signing_what_is_signed_leaves_the_head_file_alone(audit_desk: Desk):
    audit_desk.chain.grow(2)
    audit_desk.sign()
    before = audit_desk.head.path.stat()
    audit_desk.sign(at_us=AT_US + 5)
    assert audit_desk.head.path.stat().st_ino == before.st_ino


def test_a_cut_chain_does_not_move_the_head_back(audit_desk: Desk):
    audit_desk.chain.grow(6)
    audit_desk.sign()
    second = audit_desk.log.record(ACCOUNT, 2)
    assert second is not None
    audit_desk.edit(
        "DELETE FROM audit WHERE seq > 2",
        "DELETE FROM audit_checkpoint",
        f"UPDATE account SET head_seq = 2, head_hash = '{second.hash}'",
    )
    with pytest.raises(StateUnavailable, match="cut off the end"):
        audit_desk.sign()
    kept = audit_desk.head.read(ACCOUNT)
    assert kept is not None
    assert kept.seq == 6


def _pruned(audit_desk: Desk, *, told: bool = True) -> None:
    """Archive the first three of six records."""
    third = audit_desk.log.record(ACCOUNT, 3)
    assert third is not None
    if told:
        body = {"base_seq": 3, "base_hash": third.hash}
        audit_desk.chain.append(a_draft(7, kind=AuditKind.PRUNED, **body))
    audit_desk.edit(
        "DELETE FROM audit WHERE seq <= 3",
        f"UPDATE account SET base_seq = 3, base_hash = '{third.hash}'",
    )


def test_a_pruned_chain_verifies_from_its_base(audit_desk: Desk):
    audit_desk.chain.grow(6)
    audit_desk.sign(every=3)
    _pruned(audit_desk)
    assert audit_desk.sign().seq == 7
    report = audit_desk.verify()
    assert report, report.findings
    assert (report.records, report.first_seq, report.last_seq) == (4, 4, 7)
    (sentence,) = report.not_excluded
    assert sentence.startswith("That records 1 to 3 were removed or changed, and not only archived")


@pytest.mark.parametrize("signed", [[2], [2, 4], []])
def test_a_beginning_removed_where_nothing_was_signed_is_not_signed(
    audit_desk: Desk, signed: list[int]
):
    for seq in range(1, 7):
        audit_desk.chain.grow(1)
        if seq in signed:
            audit_desk.sign()
    before = audit_desk.head.read(ACCOUNT)
    _pruned(audit_desk)
    with pytest.raises(StateUnavailable, match="no checkpoint signed with your key covers"):
        audit_desk.sign()
    assert audit_desk.head.read(ACCOUNT) == before


def test_the_head_outside_may_vouch_for_where_a_pruned_chain_begins(audit_desk: Desk):
    audit_desk.chain.grow(3)
    audit_desk.sign()
    audit_desk.chain.grow(3)
    _pruned(audit_desk)
    audit_desk.edit("DELETE FROM audit_checkpoint")
    assert audit_desk.sign().seq == 7


def test_a_new_key_goes_on_with_a_chain_that_was_pruned_under_the_old_one(
    audit_desk: Desk, tmp_path: Path
):
    audit_desk.chain.grow(6)
    audit_desk.sign(every=3)
    _pruned(audit_desk)
    audit_desk.sign()
    other = load_signer(tmp_path / "other.key")
    assert audit_desk.sign(signer=other).seq == 7
    audit_desk.chain.grow(1)
    assert audit_desk.sign(signer=other).seq == 8


def test_a_foreign_signature_where_ours_are_vouches_for_no_beginning(
    audit_desk: Desk, tmp_path: Path
):
    audit_desk.chain.grow(3)
    elsewhere = HeadFile(path=tmp_path / "forged.json", place="")
    audit_desk.sign(signer=load_signer(tmp_path / "forger.key"), head_file=elsewhere)
    audit_desk.chain.grow(3)
    audit_desk.sign()
    _pruned(audit_desk)
    with pytest.raises(StateUnavailable, match="no checkpoint signed with your key covers"):
        audit_desk.sign()


def test_a_record_of_a_pruning_that_did_not_happen_yet_is_not_signed(audit_desk: Desk):
    audit_desk.chain.grow(3)
    third = audit_desk.sign()
    body = {"base_seq": 3, "base_hash": third.hash.decode()}
    audit_desk.chain.append(a_draft(4, kind=AuditKind.PRUNED, **body))
    with pytest.raises(StateUnavailable, match="and the chain begins elsewhere"):
        audit_desk.sign()


def test_a_beginning_that_no_record_tells_of_is_not_signed_by_a_new_key(audit_desk: Desk):
    audit_desk.chain.grow(6)
    _pruned(audit_desk, told=False)
    with pytest.raises(StateUnavailable, match="no record tells that they were archived"):
        audit_desk.sign()


def test_a_beginning_of_an_empty_chain_that_was_changed_is_found(audit_desk: Desk):
    audit_desk.edit(f"UPDATE account SET base_hash = '{'a' * 64}', head_hash = '{'a' * 64}'")
    assert _kinds(audit_desk.verify()) == {FindingKind.BASE}


def test_a_beginning_that_no_record_accounts_for_is_found(audit_desk: Desk):
    audit_desk.chain.grow(6)
    _pruned(audit_desk, told=False)
    (finding,) = audit_desk.verify().findings
    assert (finding.kind, finding.first_seq, finding.last_seq) == (FindingKind.BASE, 1, 3)


def test_a_head_that_is_gone_leaves_a_record_and_a_warning_once(audit_desk: Desk):
    audit_desk.chain.grow(3)
    warnings: list[str] = []
    audit_desk.sign(warn=warnings.append)
    assert warnings == []
    audit_desk.chain.grow(2)
    audit_desk.head.path.unlink()
    assert audit_desk.sign(warn=warnings.append).seq == 6
    assert audit_desk.sign(warn=warnings.append).seq == 6
    (warning,) = warnings
    assert "was missing, and record 6 tells of it" in warning
    report = audit_desk.verify()
    assert report, report.findings
    assert (report.signed_seq, report.outside_seq, report.not_excluded) == (6, 6, ())
    (note,) = report.notes
    assert note.startswith("record 6 tells that the head kept outside the database was missing")
    audit_desk.chain.grow(1)
    assert audit_desk.sign().seq == 7
    assert audit_desk.verify().notes == (note,)


def test_a_cut_tail_whose_head_was_deleted_too_leaves_a_trace(audit_desk: Desk):
    audit_desk.chain.grow(6)
    audit_desk.sign(every=2)
    fourth = audit_desk.log.record(ACCOUNT, 4)
    assert fourth is not None
    audit_desk.edit(
        "DELETE FROM audit WHERE seq > 4",
        "DELETE FROM audit_checkpoint WHERE seq > 4",
        f"UPDATE account SET head_seq = 4, head_hash = '{fourth.hash}'",
    )
    audit_desk.head.path.unlink()
    audit_desk.sign()
    (note,) = audit_desk.verify().notes
    assert "records before 5 were cut off" in note


def test_a_chain_that_does_not_verify_gets_no_record_of_its_missing_head(audit_desk: Desk):
    audit_desk.chain.grow(3)
    audit_desk.sign()
    audit_desk.chain.grow(3)
    audit_desk.head.path.unlink()
    audit_desk.edit("UPDATE audit SET actor = 'nobody' WHERE seq = 5")
    with pytest.raises(StateUnavailable, match="record 5: what is stored"):
        audit_desk.sign()
    assert audit_desk.log.ends(ACCOUNT).head.seq == 6
    assert audit_desk.head.read(ACCOUNT) is None


def test_what_others_added_before_the_record_of_a_missing_head_is_signed_later(
    audit_desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    audit_desk.chain.grow(3)
    audit_desk.sign()
    audit_desk.chain.grow(1)
    audit_desk.head.path.unlink()
    write = audit_desk.chain.database.write

    def late(work: Any, **options: Any) -> Any:
        monkeypatch.undo()
        audit_desk.chain.grow(1)
        return write(work, **options)

    monkeypatch.setattr(audit_desk.chain.database, "write", late)
    assert audit_desk.sign().seq == 4
    report = audit_desk.verify()
    assert report, report.findings
    assert (report.signed_seq, report.last_seq) == (4, 6)
    assert audit_desk.sign().seq == 6


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
def test_a_change_is_found_on_either_database(audit_desk: Desk, statement: str, kind: FindingKind):
    audit_desk.chain.grow(4)
    assert audit_desk.verify()
    audit_desk.edit(statement)
    assert kind in _kinds(audit_desk.verify())


def test_a_given_head_is_held_against_the_chain(audit_desk: Desk):
    audit_desk.chain.grow(3)
    told = OutsideHead(seq=2, hash="ab" * 32, where="the chat")
    report = audit_desk.log.verify(ACCOUNT, outside=(told,))
    assert _kinds(report) == {FindingKind.REWRITTEN}
    assert "the one that the chat names" in report.findings[0].sentence
