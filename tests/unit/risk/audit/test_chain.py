"""Canonical JSON and the hash over a record, against independent oracles."""

import hashlib
import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from snipersight.risk.audit.chain import (
    NO_HASH,
    Spelt,
    canonical,
    empty_head,
    fields_hash,
    framed,
    seal,
)
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


@given(st.dictionaries(_KEYS, _VALUES, max_size=4), st.data())
def test_what_was_spelt_before_takes_its_place_in_a_body(body, data):
    spelt = data.draw(st.sets(st.sampled_from(sorted(body)))) if body else set()
    mixed = {key: Spelt(canonical(body[key])) if key in spelt else body[key] for key in body}
    assert canonical(mixed) == canonical(body)


@pytest.mark.parametrize("beside", [0.5, 2**53, "\ud800", {"ä": 1}, b""], ids=repr)
def test_what_stands_beside_something_spelt_is_refused_all_the_same(beside):
    with pytest.raises(TypeError):
        canonical({"a": Spelt("1"), "b": beside})


@pytest.mark.parametrize("body", [{"ä": Spelt("1")}, {1: Spelt("1")}, {"a": Spelt('"\ud800"')}])
def test_a_key_or_a_text_that_json_does_not_know_is_refused_beside_something_spelt(body):
    with pytest.raises(TypeError):
        canonical(body)


def test_something_spelt_has_its_place_in_the_outermost_mapping_only():
    with pytest.raises(TypeError):
        canonical({"a": [Spelt("1")]})
