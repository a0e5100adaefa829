"""Whoever follows the differences knows what a whole message would say, whatever changes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bootstrap.dashboard.views_system import Topic
from snipersight.web.api.differences import Difference, Placed, difference
from snipersight.web.api.live_values import News
from snipersight.web.api.telling import Told
from tests.fakes.stream_client import StreamClient, patched

ROWS = st.lists(st.integers(0, 12).map(str), max_size=12).map(tuple)


@given(before=ROWS, after=ROWS)
def test_a_list_and_a_difference_make_the_next_list(before, after):
    assert patched(before, difference(before, after)) == after


@given(rows=ROWS)
def test_what_did_not_change_is_not_sent(rows):
    kept = tuple(dict.fromkeys(rows))
    assert difference(kept, kept) == Difference((), ())


@given(
    rows=st.lists(st.integers(0, 99).map(str), unique=True, min_size=1, max_size=30).map(tuple),
    data=st.data(),
)
def test_one_row_that_comes_in_changes_or_goes_is_all_that_is_sent(rows, data):
    place = data.draw(st.integers(0, len(rows) - 1))
    changed = (*rows[:place], "new", *rows[place + 1 :])
    assert difference(rows, changed) == Difference((place,), (Placed(place, "new"),))
    shorter = (*rows[:place], *rows[place + 1 :])
    assert difference(rows, shorter) == Difference((place,), ())
    assert difference(shorter, rows) == Difference((), (Placed(place, rows[place]),))


@given(lists=st.lists(st.tuples(ROWS, st.booleans()), min_size=1, max_size=6))
def test_a_client_that_begins_anywhere_knows_what_stands(lists):
    news = [News(rows, more=more) for rows, more in lists]
    told = Told.first(Topic.PLANS, news[0])
    clients: list[StreamClient] = []
    for standing in news:
        late = StreamClient()
        found = told.then(standing)
        assert found is not None
        told, message = found
        for client in clients:
            client.hear(message.name, json.loads(message.data))
        late.hear("hello", {"topics": {"plans": told.revision}})
        assert told.whole is not None
        late.hear("plans", json.loads(told.whole.data))
        clients.append(late)
        for client in clients:
            assert client.rows["plans"] == [int(row) for row in standing.rows]
            assert not client.missed


@pytest.mark.parametrize("topic", sorted(Topic))
def test_every_topic_has_numbers_and_a_page(topic):
    told = Told.first(topic, News(("1",)))
    found = told.then(News(("2",)))
    assert found is not None
    after, message = found
    data = json.loads(message.data)
    assert (data["revision"], after.revision) == (told.revision + 1, told.revision + 1)
    assert data["read"].startswith("/api/v1/")


def test_what_grows_is_told_once_and_only_that_more_is_new_beyond_it():
    told = Told.first(Topic.EVENTS, News(("1", "2")))
    assert told.whole is None
    assert told.then(News()) is None
    found = told.then(News(("3",), more=True))
    assert found is not None
    data = json.loads(found[1].data)
    assert (data["rows"], data["more"]) == ([3], True)


def test_a_lost_difference_shows_in_the_next_number():
    told = Told.first(Topic.PLANS, News(("1",)))
    client = StreamClient()
    client.hear("hello", {"topics": {"plans": told.revision}})
    assert told.whole is not None
    client.hear("plans", json.loads(told.whole.data))
    lost = told.then(News(("1", "2")))
    assert lost is not None
    after = lost[0].then(News(("1", "2", "3")))
    assert after is not None
    client.hear("plans", json.loads(after[1].data))
    assert client.missed == {"plans"}
