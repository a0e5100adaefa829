import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.cli.toml_text import toml_text

keys = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]).filter(lambda c: c != "\x7f"))
values = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | texts | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
documents = st.recursive(
    st.dictionaries(keys, values, max_size=4),
    lambda inner: st.dictionaries(keys, values | inner, max_size=4),
    max_leaves=6,
)


def without_empty(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document without empty tables, which leave no trace in the text."""
    cleaned = {
        key: without_empty(value) if isinstance(value, dict) else value
        for key, value in document.items()
    }
    return {key: value for key, value in cleaned.items() if value != {}}


@given(documents)
def test_what_is_written_is_read_back(document):
    assert tomllib.loads(toml_text(document)) == without_empty(document)


def test_what_toml_cannot_hold_is_refused():
    with pytest.raises(TypeError):
        toml_text({"a": None})
