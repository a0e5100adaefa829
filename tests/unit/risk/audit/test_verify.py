"""A chain in memory, tampered with in every way: what is told, of which records, in which words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.audit import AuditRecord
from snipersight.risk.audit.findings import FindingKind
from snipersight.risk.audit.verify import ChainVerifier
from tests.builders.sealed_chains import (
    ACCOUNT,
    CHAIN,
    HEAD,
    LENGTH,
    OTHER_HASH,
    START,
    a_chain,
    head_of,
    renumbered,
    resealed,
    signature_of,
    stored,
    told,
    verified,
)

NO_HEAD_OUTSIDE = (
    "That records were cut off the end cannot be excluded: no head is known that is kept outside "
    "the database."
)
NOT_SIGNED = "That records 1 to 10 were written anew cannot be excluded: they are not signed yet."
NOT_HASHED = "what is stored is not what was hashed when it was written"
Chain = list[AuditRecord]


def _with(seq: int, **changes: Any) -> Chain:
    """Return the chain with one record changed and not hashed anew."""
    return [*CHAIN[: seq - 1], replace(CHAIN[seq - 1], **changes), *CHAIN[seq:]]


def _without(*seqs: int) -> Chain:
    return [record for record in CHAIN if record.seq not in seqs]


def _swapped(one: int, other: int) -> Chain:
    places = list(CHAIN)
    places[one - 1], places[other - 1] = CHAIN[other - 1], CHAIN[one - 1]
    return renumbered(places)


def _inserted(seq: int, *others: AuditRecord) -> Chain:
    """Return the chain with records put before `seq`, everything behind renumbered."""
    return renumbered([*CHAIN[: seq - 1], *others, *CHAIN[seq - 1 :]])


def _well_sealed(seq: int) -> AuditRecord:
    return resealed(CHAIN[0], seq=seq, body="{}", prev_hash=CHAIN[seq - 2].hash)


def _everywhere(change: Callable[[AuditRecord], AuditRecord], seqs: Iterable[int]) -> Chain:
    return [change(record) if record.seq in seqs else record for record in CHAIN]


def _torn(seq: int) -> str:
    return (
        f"record {seq} does not continue record {seq - 1}: {seq - 1} was replaced, or something "
        "between them was inserted or removed"
    )


def test_an_untouched_chain_tells_what_it_cannot_exclude():
    report = verified(CHAIN, head=HEAD)
    assert report
    assert (report.account_id, report.records) == (ACCOUNT, LENGTH)
    assert (report.first_seq, report.last_seq) == (1, LENGTH)
    assert (report.checkpoints, report.signed_seq, report.outside_seq) == (0, 0, 0)
    assert (report.findings, report.further) == ((), 0)
    assert report.not_excluded == (NO_HEAD_OUTSIDE, NOT_SIGNED)


def test_of_an_empty_chain_nothing_is_told():
    report = verified([], head=START)
    assert report
    assert (report.records, report.first_seq, report.last_seq) == (0, 0, 0)
    assert report.not_excluded == ()


TAMPERED: dict[str, tuple[Chain, list[tuple[str, int, int, str]]]] = {
    "a changed record": (
        _with(4, body="{}"),
        [("changed", 4, 4, f"record 4: {NOT_HASHED}")],
    ),
    "the first one changed": (
        _with(1, body="{}"),
        [("changed", 1, 1, f"record 1: {NOT_HASHED}")],
    ),
    "several in a row, told as one": (
        _everywhere(lambda record: replace(record, actor="x"), range(4, 8)),
        [("changed", 4, 7, f"records 4 to 7: {NOT_HASHED}")],
    ),
    "two that are no neighbours": (
        _everywhere(lambda record: replace(record, actor="x"), (4, 6)),
        [
            ("changed", 4, 4, f"record 4: {NOT_HASHED}"),
            ("changed", 6, 6, f"record 6: {NOT_HASHED}"),
        ],
    ),
    "one written anew, which the next does not continue": (
        [*CHAIN[:3], resealed(CHAIN[3], body="{}"), *CHAIN[4:]],
        [("unlinked", 4, 5, _torn(5))],
    ),
    "one removed": (_without(4), [("missing", 4, 4, "record 4: missing")]),
    "two removed": (_without(4, 5), [("missing", 4, 5, "records 4 to 5: missing")]),
    "the first one removed": (_without(1), [("missing", 1, 1, "record 1: missing")]),
    "one removed and the next changed": (
        [*CHAIN[:3], replace(CHAIN[4], body="{}"), *CHAIN[5:]],
        [
            ("missing", 4, 4, "record 4: missing"),
            ("changed", 5, 5, f"record 5: {NOT_HASHED}"),
        ],
    ),
    "two removed apart from each other": (
        _without(3, 7),
        [("missing", 3, 3, "record 3: missing"), ("missing", 7, 7, "record 7: missing")],
    ),
    "two neighbours that changed places": (
        _swapped(4, 5),
        [
            ("moved", 4, 4, "record 5 was moved: it stands at 4"),
            ("moved", 5, 5, "record 4 was moved: it stands at 5"),
        ],
    ),
    "two far ones that changed places": (
        _swapped(2, 9),
        [
            ("moved", 2, 2, "record 9 was moved: it stands at 2"),
            ("unlinked", 2, 3, _torn(3)),
            ("moved", 9, 9, "record 2 was moved: it stands at 9"),
            ("unlinked", 9, 10, _torn(10)),
        ],
    ),
    "one removed, the gap closed": (
        renumbered(_without(4)),
        [
            (
                "moved",
                4,
                9,
                (
                    "records 4 to 9 stand 1 place ahead of where they were written: something was "
                    "removed before 4"
                ),
            ),
            ("truncated", 10, 10, "record 10: cut off the end; the account's row names record 10"),
        ],
    ),
    "two removed, the gap closed": (
        renumbered(_without(4, 5)),
        [
            (
                "moved",
                4,
                8,
                (
                    "records 4 to 8 stand 2 places ahead of where they were written: something was "
                    "removed before 4"
                ),
            ),
            (
                "truncated",
                9,
                10,
                "records 9 to 10: cut off the end; the account's row names record 10",
            ),
        ],
    ),
    "one inserted that continues the one before it": (
        _inserted(4, _well_sealed(4)),
        [
            (
                "moved",
                5,
                11,
                (
                    "records 5 to 11 stand 1 place behind where they were written: something was "
                    "inserted before 5"
                ),
            ),
            ("inserted", 11, 11, "record 11: behind the head that the account's row names"),
        ],
    ),
    "one inserted without a fitting hash": (
        _inserted(4, replace(CHAIN[0], hash=OTHER_HASH)),
        [
            ("changed", 4, 4, f"record 4: {NOT_HASHED}"),
            (
                "moved",
                5,
                11,
                (
                    "records 5 to 11 stand 1 place behind where they were written: something was "
                    "inserted before 5"
                ),
            ),
            ("inserted", 11, 11, "record 11: behind the head that the account's row names"),
        ],
    ),
    "two added at the end": (
        [*CHAIN, *a_chain(2, base=HEAD)],
        [("inserted", 11, 12, "records 11 to 12: behind the head that the account's row names")],
    ),
    "one from before the beginning": (
        [resealed(CHAIN[0], seq=0), *CHAIN],
        [("inserted", 0, 0, "record 0 stands before the chain's beginning, 1")],
    ),
    "the end cut off": (
        CHAIN[:8],
        [
            (
                "truncated",
                9,
                10,
                "records 9 to 10: cut off the end; the account's row names record 10",
            )
        ],
    ),
    "everything cut off": (
        [],
        [
            (
                "truncated",
                1,
                10,
                "records 1 to 10: cut off the end; the account's row names record 10",
            )
        ],
    ),
    "the last one written anew": (
        [*CHAIN[:9], resealed(CHAIN[9], body="{}")],
        [("head", 10, 10, "the account's row names another record 10 than there is")],
    ),
    "everything from one record on written anew": (
        [*CHAIN[:6], *a_chain(4, base=replace(head_of(CHAIN[:6]), hash=OTHER_HASH))],
        [
            ("unlinked", 6, 7, _torn(7)),
            ("head", 10, 10, "the account's row names another record 10 than there is"),
        ],
    ),
}


@pytest.mark.parametrize(("chain", "findings"), TAMPERED.values(), ids=TAMPERED)
def test_what_was_done_to_a_chain_is_told_where_it_was_done(chain, findings):
    report = verified(chain, head=HEAD)
    assert told(report) == findings
    assert not report
    assert report.records == len(chain)


@pytest.mark.parametrize(
    "field", ["at_us", "kind", "subject", "actor", "body", "prev_hash", "hash"]
)
@pytest.mark.parametrize("seq", [1, 5, LENGTH])
def test_every_field_of_a_record_is_part_of_its_hash(field, seq):
    value = 99 if field == "at_us" else OTHER_HASH
    findings = told(verified(_with(seq, **{field: value}), head=HEAD))
    assert findings[0][:3] == ("changed", seq, seq)
    # Neither the record before nor the one behind is accused; a changed hash is not the head's.
    assert len(findings) == 1


def test_a_chain_of_another_account_is_not_this_ones():
    verifier = ChainVerifier("other", base=START, check=signature_of)
    verifier.consume([stored(record) for record in CHAIN])
    report = verifier.finish(HEAD)
    assert report.account_id == "other"
    assert told(report) == [("changed", 1, 10, f"records 1 to 10: {NOT_HASHED}")]


def test_records_come_in_pages_of_any_length():
    chain, verifier = [stored(record) for record in CHAIN], None
    verifier = ChainVerifier(ACCOUNT, base=START, check=signature_of)
    for page in ([], chain[:3], [], chain[3:4], chain[4:]):
        verifier.consume(page)
    report = verifier.finish(HEAD)
    assert report
    assert (report.records, report.first_seq, report.last_seq) == (LENGTH, 1, LENGTH)


@pytest.mark.parametrize(("far", "kind"), [(16, "moved"), (17, "changed")])
@pytest.mark.parametrize("side", [1, -1])
def test_a_record_out_of_place_is_looked_for_in_its_neighbourhood(far, kind, side):
    chain = a_chain(40)
    stranger = replace(chain[19], seq=20 + side * far)
    place = stranger.seq - 1
    report = verified([*chain[:place], stranger, *chain[place + 1 :]], head=head_of(chain))
    assert told(report)[0][:3] == (kind, stranger.seq, stranger.seq)
    # Nothing behind it is accused: the next record continues what stood there.
    wanted = "unlinked" if far == 1 else kind
    assert {finding[0] for finding in told(report)} <= {wanted, "unlinked"}


def test_a_record_that_stood_before_the_first_one_was_never_written():
    # Nothing is looked for at numbers below 1.
    chain = [resealed(CHAIN[0], seq=0, body="{}"), *CHAIN[1:]]
    report = verified(renumbered(chain), head=HEAD)
    assert told(report)[0][:3] == ("changed", 1, 1)


@pytest.mark.parametrize(("before", "kind"), [(0, "changed"), (1, "moved")])
def test_in_a_chain_that_is_broken_throughout_the_search_ends(before, kind):
    # A thousand records are looked for; the record at 1,001 was written at 1,004.
    chain = a_chain(1_004)
    broken = [replace(record, actor="x") for record in chain[before:1_000]]
    moved = replace(chain[1_003], seq=1_001)
    report = verified([*chain[:before], *broken, moved, *chain[1_001:]], head=head_of(chain))
    (told_kind,) = {finding.kind for finding in report.findings if finding.last_seq == 1_001}
    assert told_kind == kind


def test_many_changed_records_in_a_row_are_one_finding():
    chain = a_chain(200)
    broken = [replace(record, actor="x") for record in chain[20:180]]
    report = verified([*chain[:20], *broken, *chain[180:]], head=head_of(chain))
    assert told(report) == [("changed", 21, 180, f"records 21 to 180: {NOT_HASHED}")]


@given(
    seq=st.integers(1, LENGTH),
    field=st.sampled_from(["kind", "subject", "actor", "body", "prev_hash", "hash"]),
    value=st.text(max_size=70),
)
def test_no_changed_text_goes_unseen(seq, field, value):
    chain = _with(seq, **{field: value})
    findings = verified(chain, head=HEAD).findings
    assert bool(findings) is (chain != CHAIN)
    assert all(found.first_seq <= seq <= found.last_seq for found in findings)


@given(st.permutations(range(LENGTH)))
def test_no_other_order_goes_unseen(order):
    chain = renumbered([CHAIN[place] for place in order])
    findings = verified(chain, head=HEAD).findings
    misplaced = {seq for seq, place in enumerate(order, 1) if place != seq - 1}
    accused = {
        seq
        for found in findings
        if found.kind is FindingKind.MOVED
        for seq in range(found.first_seq, found.last_seq + 1)
    }
    assert accused == misplaced
    assert bool(findings) is bool(misplaced)


@given(st.sets(st.integers(1, LENGTH), min_size=1))
def test_every_removed_record_is_missing_or_cut_off(removed):
    findings = verified(_without(*removed), head=HEAD).findings
    lost = {seq for found in findings for seq in range(found.first_seq, found.last_seq + 1)}
    assert lost == removed
    assert {found.kind for found in findings} <= {FindingKind.MISSING, FindingKind.TRUNCATED}
