"""What a chain's records tell of the chain itself, whatever else stands in their bodies."""

import pytest

from snipersight.domain.audit import ChainHead
from snipersight.risk.audit.chain_events import ChainEvents, pruned_record
from snipersight.risk.audit.findings import PrunedRecord

BASE = ChainHead(account_id="main", seq=3, hash="ab" * 32)


def test_only_the_command_of_a_missing_head_is_one():
    events = ChainEvents(BASE)
    events.take(4, b"operator", b'{"command":"halt","reason":"head_missing"}')
    events.take(5, b"decision", b'{"command":"head_missing"}')
    events.take(6, b"operator", b'{"command":"head_missing"')
    assert events.notes() == ()
    events.take(7, b"operator", b'{"command":"head_missing"}')
    (note,) = events.notes()
    assert note.startswith("record 7 tells")


def test_of_many_missing_heads_the_first_thousand_are_told():
    events = ChainEvents(BASE)
    for seq in range(4, 1_010):
        events.take(seq, b"operator", b'{"command":"head_missing"}')
    assert len(events.notes()) == 1_000
    assert events.notes()[-1].startswith("record 1003 tells")


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"{}", b'{"base_seq":true,"base_hash":"ab"}', b"\xff"]
)
def test_a_body_that_names_no_beginning_tells_of_no_pruning(body):
    events = ChainEvents(BASE)
    events.take(4, b"pruned", body)
    assert (events.pruned, events.is_base_told) == ([], False)


def test_a_pruning_that_names_no_file_names_the_beginning_all_the_same():
    told = pruned_record(4, b'{"base_seq":3,"base_hash":"%s","archive":7}' % BASE.hash.encode())
    assert told is not None
    assert (told.names(BASE), told.archive) == (True, "")


def _body(seq: int, hash_: str = "cd" * 32, archive: str = "main-3.jsonl") -> bytes:
    return b'{"base_seq":%d,"base_hash":"%s","archive":"%s"}' % (
        seq,
        hash_.encode(),
        archive.encode(),
    )


def test_a_pruning_is_told_with_its_number_its_beginning_and_its_file():
    events = ChainEvents(BASE)
    events.take(4, b"pruned", _body(3, BASE.hash))
    assert events.pruned == [
        PrunedRecord(seq=4, base_seq=3, base_hash=BASE.hash, archive="main-3.jsonl")
    ]
    assert events.is_base_told


def test_of_many_prunings_the_first_thousand_are_kept_and_the_one_of_this_beginning():
    events = ChainEvents(BASE)
    for seq in range(4, 1_010):
        events.take(seq, b"pruned", _body(seq))
    assert not events.is_base_told
    events.take(1_010, b"pruned", _body(3, BASE.hash))
    events.take(1_011, b"pruned", _body(1_011))
    assert [told.seq for told in events.pruned] == [*range(4, 1_004), 1_010]
    assert events.is_base_told
