"""Updates are read whatever is in them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.operator.updates import ButtonPress, Said, Unread, read_updates

NAMES = ("update_id", "message", "callback_query", "from", "chat", "id", "date", "text", "type")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=20,
)
ANN = {"id": 7, "is_bot": False, "first_name": "Ann", "last_name": "Lee"}
CHAT = {"id": 7, "type": "private"}


def a_message(**more: Any) -> dict[str, Any]:
    fields = {"message_id": 3, "date": 1_700_000_000, "from": ANN, "chat": CHAT, "text": "/status"}
    return {"update_id": 5, "message": {**fields, **more}}


def a_press(**more: Any) -> dict[str, Any]:
    message = {"message_id": 3, "date": 1_700_000_000, "chat": CHAT}
    fields = {"id": "42", "from": ANN, "message": message, "data": "a:b:c"}
    return {"update_id": 6, "callback_query": {**fields, **more}}


@given(JSON)
def test_nothing_stops_the_reading(result):
    assert all(one.update_id is not None for one in read_updates(result))


@given(st.dictionaries(st.sampled_from(NAMES), JSON), st.dictionaries(st.sampled_from(NAMES), JSON))
def test_an_update_is_confirmed_whatever_is_in_it(message, query):
    found = read_updates(
        [{"update_id": 1, "message": message}, {"update_id": 2, "callback_query": query}]
    )
    assert [one.update_id for one in found] == [1, 2]


def test_a_message_is_read():
    (said,) = read_updates([a_message()])
    assert isinstance(said, Said)
    assert (said.sender.user_id, said.sender.name) == ("7", "Ann Lee")
    assert (said.place.address, said.place.is_private) == ("7", True)
    assert (said.message_id, said.at_s, said.text, said.is_own) == (
        "3",
        1_700_000_000,
        "/status",
        True,
    )


@pytest.mark.parametrize(
    "more",
    [
        {"forward_origin": {"type": "hidden_user"}},
        {"sender_chat": CHAT},
        {"via_bot": {"id": 9}},
        {"from": {**ANN, "is_bot": True}},
    ],
)
def test_the_words_of_others_are_not_the_senders(more):
    (said,) = read_updates([a_message(**more)])
    assert isinstance(said, Said)
    assert not said.is_own


def test_a_press_is_read_even_where_its_message_is_gone():
    press, gone = read_updates([a_press(), {**a_press(message=None), "update_id": 7}])
    assert isinstance(press, ButtonPress)
    assert isinstance(gone, ButtonPress)
    assert (press.query_id, press.message_id, press.data) == ("42", "3", "a:b:c")
    assert (gone.place, gone.message_id) == (None, "")


def test_other_kinds_are_passed_over_and_confirmed():
    assert read_updates([{"update_id": 8, "poll": {}}]) == (Unread(update_id=8),)


def test_a_name_is_cut():
    (said,) = read_updates([a_message(**{"from": {**ANN, "first_name": "x" * 500}})])
    assert isinstance(said, Said)
    assert len(said.sender.name) == 64
