"""A chain held against signed checkpoints and heads kept elsewhere: what they prove and disprove."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from snipersight.risk.audit.findings import Checkpoint, Signed
from tests.builders.sealed_chains import (
    OTHER_HASH,
    a_chain,
    head_of,
    kept,
    signature_of,
    signed,
    told,
    verified,
)

LENGTH = 10
CHAIN = a_chain(LENGTH)
HEAD = head_of(CHAIN)
NO_HEAD_OUTSIDE = (
    "That records were cut off the end cannot be excluded: no head is known that is kept outside "
    "the database."
)
OLDER_HEAD = (
    "That records behind 10 were cut off cannot be excluded: the head kept outside the database "
    "is older."
)


def _signed(seq: int, state: Signed = Signed.VALID, **given: bytes) -> Checkpoint:
    return signed(seq, CHAIN[seq - 1].hash, state, **given)


def _not_signed(first: int) -> str:
    if first == LENGTH:
        return "That record 10 was written anew cannot be excluded: it is not signed yet."
    return (
        f"That records {first} to 10 were written anew cannot be excluded: they are not signed yet."
    )


@pytest.mark.parametrize(
    ("checkpoints", "signed_seq", "sentences"),
    [
        ([], 0, (NO_HEAD_OUTSIDE, _not_signed(1))),
        ([1], 1, (NO_HEAD_OUTSIDE, _not_signed(2))),
        ([3, 6], 6, (NO_HEAD_OUTSIDE, _not_signed(7))),
        ([9], 9, (NO_HEAD_OUTSIDE, _not_signed(10))),
        ([4, 10], 10, (NO_HEAD_OUTSIDE,)),
    ],
)
def test_what_was_signed_was_not_written_anew(checkpoints, signed_seq, sentences):
    report = verified(CHAIN, head=HEAD, checkpoints=[_signed(seq) for seq in checkpoints])
    assert report
    assert (report.checkpoints, report.signed_seq) == (len(checkpoints), signed_seq)
    assert report.not_excluded == sentences


@pytest.mark.parametrize(
    ("outside", "outside_seq", "sentences"),
    [
        ([6], 6, (OLDER_HEAD, _not_signed(7))),
        ([6, 9], 9, (OLDER_HEAD, _not_signed(10))),
        ([10], 10, ()),
        ([10, 2], 10, ()),
    ],
)
def test_what_a_head_outside_names_was_neither_cut_off_nor_written_anew(
    outside, outside_seq, sentences
):
    heads = [kept(seq, CHAIN[seq - 1].hash) for seq in outside]
    report = verified(CHAIN, head=HEAD, outside=heads)
    assert report
    assert report.outside_seq == outside_seq
    assert (report.checkpoints, report.signed_seq) == (0, 0)
    assert report.not_excluded == sentences


def test_the_newer_of_signature_and_head_tells_how_much_is_sure():
    report = verified(CHAIN, head=HEAD, checkpoints=[_signed(8)], outside=[kept(5, CHAIN[4].hash)])
    assert report.not_excluded == (OLDER_HEAD, _not_signed(9))
    assert (report.signed_seq, report.outside_seq) == (8, 5)


@pytest.mark.parametrize(
    ("sure", "wrong", "first", "where"),
    [
        ([], 6, 1, "one of records 1 to 6"),
        ([4], 6, 5, "one of records 5 to 6"),
        ([5], 6, 6, "record 6"),
        ([2, 4], 10, 5, "one of records 5 to 10"),
        ([], 1, 1, "record 1"),
    ],
)
def test_a_record_that_was_signed_as_another_one_was_written_anew(sure, wrong, first, where):
    checkpoints = [*(_signed(seq) for seq in sure), signed(wrong, OTHER_HASH)]
    report = verified(CHAIN, head=HEAD, checkpoints=checkpoints)
    sentence = f"record {wrong} is not the one that its checkpoint names: {where} was written anew"
    assert told(report) == [("rewritten", first, wrong, sentence)]
    assert report.signed_seq == max(sure, default=0)
    assert report.checkpoints == len(sure) + 1


def test_a_record_that_a_head_outside_names_otherwise_was_written_anew():
    heads = [kept(3, CHAIN[2].hash), kept(6, OTHER_HASH, "the file head.json")]
    report = verified(CHAIN, head=HEAD, outside=heads)
    assert told(report) == [
        (
            "rewritten",
            4,
            6,
            (
                "record 6 is not the one that the file head.json names: one of records 4 to 6 was "
                "written anew"
            ),
        )
    ]
    assert report.outside_seq == 3


@pytest.mark.parametrize("state", [Signed.VALID, Signed.UNCHECKED, Signed.FOREIGN])
def test_whoever_signed_another_record_it_is_told(state):
    report = verified(CHAIN, head=HEAD, checkpoints=[signed(6, OTHER_HASH, state)])
    assert "rewritten" in [kind for kind, *_ in told(report)]
    assert report.signed_seq == 0


def test_a_signature_that_does_not_fit_proves_nothing():
    report = verified(CHAIN, head=HEAD, checkpoints=[_signed(4), _signed(6, Signed.INVALID)])
    text = "the checkpoint of record 6 is not what was signed"
    assert told(report) == [("signature", 6, 6, text)]
    assert (report.checkpoints, report.signed_seq) == (1, 4)
    # Nor does it disprove a record.
    report = verified(CHAIN, head=HEAD, checkpoints=[signed(6, OTHER_HASH, Signed.INVALID)])
    assert told(report) == [("signature", 6, 6, text)]


def test_without_a_key_signatures_are_counted_and_prove_nothing():
    checkpoints = [_signed(seq, Signed.UNCHECKED) for seq in (3, 10)]
    report = verified(CHAIN, head=HEAD, checkpoints=checkpoints)
    assert report
    assert (report.checkpoints, report.signed_seq) == (0, 0)
    assert report.not_excluded == (
        NO_HEAD_OUTSIDE,
        (
            "That the chain was written anew cannot be excluded: no key is known to check its "
            "signatures with (2 of them)."
        ),
    )


def test_keys_that_are_not_trusted_are_told_once_each():
    one, other = b"aa11", b"bb22"
    checkpoints = [
        _signed(2, Signed.FOREIGN, key=one),
        _signed(5, Signed.FOREIGN, key=other),
        _signed(7, Signed.FOREIGN, key=one),
    ]
    report = verified(CHAIN, head=HEAD, checkpoints=checkpoints)
    assert told(report) == [
        (
            "foreign_key",
            2,
            7,
            "checkpoints from record 2 to 7 were signed with a key that is not yours: aa11",
        ),
        (
            "foreign_key",
            5,
            5,
            "the checkpoint of record 5 was signed with a key that is not yours: bb22",
        ),
    ]
    assert (report.checkpoints, report.signed_seq) == (0, 0)


def test_a_key_that_is_no_text_is_told_all_the_same():
    checkpoint = _signed(2, Signed.FOREIGN, key=b"a\xff")
    ((*_, sentence),) = told(verified(CHAIN, head=HEAD, checkpoints=[checkpoint]))
    assert sentence.endswith("not yours: a\N{REPLACEMENT CHARACTER}")


def test_of_many_keys_twenty_are_told():
    chain = a_chain(30)
    checkpoints = [
        signed(seq, chain[seq - 1].hash, Signed.FOREIGN, key=b"%d" % (seq % 25))
        for seq in range(1, 31)
    ]
    findings = verified(chain, head=head_of(chain), checkpoints=checkpoints).findings
    assert [found.first_seq for found in findings] == list(range(1, 21))
    # The first five keys come again, also after the twentieth was met.
    assert [found.last_seq for found in findings[:6]] == [26, 27, 28, 29, 30, 6]


# ------------------------------------------------- beyond the end, before the beginning


@pytest.mark.parametrize(
    ("state", "findings"),
    [
        (Signed.VALID, ["truncated"]),
        (Signed.UNCHECKED, ["truncated"]),
        (Signed.INVALID, ["signature"]),
        (Signed.FOREIGN, ["foreign_key"]),
    ],
)
def test_only_a_signature_that_may_be_ours_tells_of_records_beyond_the_end(state, findings):
    report = verified(CHAIN, head=HEAD, checkpoints=[signed(12, OTHER_HASH, state)])
    assert [kind for kind, *_ in told(report)] == findings


def test_records_that_a_checkpoint_names_were_cut_off():
    checkpoints = [_signed(4), signed(11, OTHER_HASH), signed(12, OTHER_HASH)]
    report = verified(CHAIN, head=HEAD, checkpoints=checkpoints)
    text = "records 11 to 12: cut off the end; a checkpoint names record 12"
    assert told(report) == [("truncated", 11, 12, text)]
    assert (report.checkpoints, report.signed_seq) == (3, 4)


def test_an_invalid_checkpoint_behind_a_valid_one_hides_nothing():
    checkpoints = [signed(12, OTHER_HASH), signed(14, OTHER_HASH, Signed.INVALID)]
    assert told(verified(CHAIN, head=HEAD, checkpoints=checkpoints)) == [
        ("truncated", 11, 12, "records 11 to 12: cut off the end; a checkpoint names record 12"),
        ("signature", 14, 14, "the checkpoint of record 14 is not what was signed"),
    ]


def test_everybody_who_names_a_record_beyond_the_end_is_told():
    heads = [kept(13, OTHER_HASH, "here"), kept(11, OTHER_HASH, "there"), kept(3, CHAIN[2].hash)]
    head = replace(HEAD, seq=12)
    report = verified(CHAIN, head=head, checkpoints=[signed(11, OTHER_HASH)], outside=heads)
    assert told(report) == [
        (
            "truncated",
            11,
            13,
            (
                "records 11 to 13: cut off the end; the account's row names record 12, there names "
                "record 11, here names record 13, a checkpoint names record 11"
            ),
        )
    ]
    assert report.outside_seq == 3


def test_what_is_known_of_a_missing_record_accuses_no_other():
    chain = [record for record in CHAIN if record.seq != 5]
    report = verified(
        chain, head=HEAD, checkpoints=[_signed(5), _signed(8)], outside=[kept(5, OTHER_HASH)]
    )
    assert told(report) == [("missing", 5, 5, "record 5: missing")]
    assert (report.checkpoints, report.signed_seq, report.outside_seq) == (2, 8, 0)


def test_what_is_known_of_archived_records_accuses_nobody():
    base = head_of(CHAIN[:4])
    report = verified(
        CHAIN[4:],
        head=HEAD,
        base=base,
        is_base_known=True,
        checkpoints=[_signed(2), _signed(4), _signed(9)],
        outside=[kept(2, OTHER_HASH), kept(4, base.hash), kept(7, CHAIN[6].hash)],
    )
    assert report
    assert (report.checkpoints, report.signed_seq, report.outside_seq) == (3, 9, 7)


def test_the_last_archived_record_is_held_against_what_was_signed():
    base = head_of(CHAIN[:4])
    given: dict[str, Any] = {"head": HEAD, "base": base, "is_base_known": True}
    report = verified(CHAIN[4:], checkpoints=[signed(4, OTHER_HASH)], **given)
    text = "record 4 is not the one that its checkpoint names: record 4 was written anew"
    assert told(report) == [("rewritten", 4, 4, text)]
    # Behind a beginning that is answered for, only what follows can have been written anew.
    report = verified(CHAIN[4:], checkpoints=[signed(7, OTHER_HASH)], **given)
    assert told(report)[0][:3] == ("rewritten", 5, 7)


def test_a_chain_of_which_nothing_is_left_can_still_be_missed():
    base = head_of(CHAIN[:4])
    report = verified([], head=base, base=base, is_base_known=True)
    assert report.not_excluded == (
        NO_HEAD_OUTSIDE,
        "That records 1 to 4 were written anew cannot be excluded: they are not signed yet.",
    )


def test_what_is_signed_names_the_chain_and_every_field():
    checkpoint = _signed(3)
    statements = {
        checkpoint.statement("main"),
        checkpoint.statement("other"),
        replace(checkpoint, seq=4).statement("main"),
        replace(checkpoint, hash=b"b").statement("main"),
        replace(checkpoint, at_us=b"2").statement("main"),
        replace(checkpoint, key_id=b"c").statement("main"),
    }
    assert len(statements) == 6
    assert replace(checkpoint, signature=b"d").statement("main") in statements
    # The lengths stand before the fields, or two chains could spell the same.
    short = replace(checkpoint, hash=b"e", at_us=b"12", key_id=b"f")
    assert short.statement("main") == b"snipersight audit 1:4:main1:31:e2:121:f"


def test_the_builders_signatures_are_what_they_say():
    assert [signature_of(_signed(1, state)) for state in Signed] == list(Signed)
