"""Canonical JSON and the hash over a record, against independent oracles."""

import hashlib
import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from snipersight.risk.audit.chain import NO_HASH, canonical, empty_head, fields_hash, framed, seal
from tests.builders.audit_chains import a_draft

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _TEXT
_KEYS = st.text(st.characters(max_codepoint=127), max_size=5)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(_VALUES)
def test_canonical_json_is_that_of_the_standard(value):
    assert canonical(value).encode() == rfc8785.dumps(value)
    assert json.loads(canonical(value)) == value


@pytest.mark.parametrize(
    "value",
    [0.5, {"a": [float("nan")]}, 2**53, -(2**53), {"ä": 1}, {1: 1}, ["\ud800"], {"a": b""}, {1}],
    ids=repr,
)
def test_what_has_more_than_one_spelling_is_refused(value):
    with pytest.raises(TypeError):
        canonical(value)


@given(st.lists(st.binary(max_size=6), max_size=4), st.lists(st.binary(max_size=6), max_size=4))
def test_different_fields_never_spell_the_same(one, other):
    assert (framed(tuple(one)) == framed(tuple(other))) is (one == other)


def test_the_hash_covers_every_field_with_its_length_in_bytes():
    record = seal(a_draft(1), empty_head("main"))
    parts = (NO_HASH, "main", "1", str(record.at_us), "operator", "s1", "cli", record.body)
    spelt = "".join(f"{len(part.encode())}:{part}" for part in parts)
    assert record.hash == hashlib.sha256(spelt.encode()).hexdigest()
    assert record.hash == fields_hash(tuple(part.encode() for part in parts))
