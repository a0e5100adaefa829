"""A cursor leads back to its row, and whatever else is handed in is refused in words."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bootstrap.dashboard.cursors import cursor_of, place_of
from snipersight.domain.errors import ConfigInvalid

_KEYS = st.text(st.characters(categories=("L", "N", "P", "S")), max_size=60)
_VALUES = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)


@given(order=st.sampled_from(["rank", "newest"]), value=_VALUES, key=_KEYS)
def test_a_cursor_leads_back_to_its_row_and_only_in_its_own_order(order, value, key):
    cursor = cursor_of(order, value, key)
    assert place_of(cursor, order=order) == (value, key)
    with pytest.raises(ConfigInvalid, match="cursor"):
        place_of(cursor, order="other")


@given(cursor=st.text(max_size=600) | st.binary(max_size=300).map(lambda raw: raw.hex()))
def test_any_text_is_refused_in_words(cursor):
    with pytest.raises(ConfigInvalid, match="cursor"):
        place_of(cursor, order="rank")


@pytest.mark.parametrize(
    "held",
    [
        [],
        ["rank"],
        ["rank", 1, 2],
        ["rank", "1", "key"],
        ["rank", True, 1],
        ["rank", 1e300, "key"],
        ["rank", float("nan"), "key"],
        ["rank", 1, "\ud800"],
        ["rank", 1, "a\x00b"],
        {"rank": 1},
        None,
    ],
)
def test_what_is_no_place_is_refused(held):
    text = base64.urlsafe_b64encode(json.dumps(held).encode()).decode().rstrip("=")
    with pytest.raises(ConfigInvalid, match="cursor"):
        place_of(text, order="rank")
