"""What a chain's records tell of the chain itself, whatever else stands in their bodies."""

import pytest

from snipersight.domain.audit import ChainHead
from snipersight.risk.audit.chain_events import ChainEvents, pruned_record

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
