from collections.abc import Iterable

import pytest
from sqlalchemy import update

from snipersight.storage.database import Database
from snipersight.storage.queue import DurableQueue
from snipersight.storage.queue_rows import QueueCounts, QueueItem
from snipersight.storage.schema import QUEUE

MINUTE_US = 60_000_000


@pytest.fixture
def queue(database):
    return DurableQueue(database, "message")


def claim(queue: DurableQueue, *, owner: str = "a", limit: int = 10) -> tuple[QueueItem, ...]:
    return queue.claim(owner, limit=limit, for_us=MINUTE_US)


def keys(items: Iterable[QueueItem]) -> list[str]:
    return [item.key for item in items]


def run_out(database: Database) -> None:
    """Let the time of every claim be over."""
    database.write(lambda connection: connection.execute(update(QUEUE).values(claimed_until_us=1)))


def test_what_was_stored_is_claimed_with_all_that_was_said(queue, database):
    before_us = database.read(database.now_us)
    assert queue.put(
        "signal:1", {"text": "Bär 🐻", "parts": [1, None, True]}, lane="chat:7", priority=3
    )
    (item,) = claim(queue)
    assert (item.topic, item.key, item.lane, item.priority) == ("message", "signal:1", "chat:7", 3)
    assert item.payload == {"text": "Bär 🐻", "parts": [1, None, True]}
    assert (item.owner, item.attempt, item.last_error) == ("a", 1, None)
    assert before_us <= item.claimed_us <= database.read(database.now_us)
    assert item.claimed_until_us == item.claimed_us + MINUTE_US


def test_a_key_is_stored_once_also_after_it_was_delivered(queue, database):
    assert queue.put("signal:1", {"n": 1})
    assert not queue.put("signal:1", {"n": 2})
    (item,) = claim(queue)
    assert item.payload == {"n": 1}
    queue.acknowledge(item)
    assert not queue.put("signal:1", {"n": 3})
    assert DurableQueue(database, "event").put("signal:1", {"n": 4})
    assert claim(queue) == ()


def test_topics_do_not_see_each_other(queue, database):
    queue.put("1", {}, lane="x")
    events = DurableQueue(database, "event")
    assert claim(events) == ()
    events.put("1", {}, lane="x")  # of the same lane: lanes belong to their topic
    assert len(claim(events)) == 1
    assert len(claim(queue)) == 1


def test_higher_priority_goes_first_then_the_older_one(queue):
    for key, priority in (("1", 0), ("2", 10), ("3", -1), ("4", 10)):
        queue.put(key, {}, priority=priority)
    assert keys(claim(queue, limit=3)) == ["2", "4", "1"]
    assert keys(claim(queue)) == ["3"]


def test_an_item_is_not_had_before_its_time(queue, database):
    now_us = database.read(database.now_us)
    queue.put("later", {}, available_us=now_us + MINUTE_US)
    queue.put("before", {}, available_us=now_us - 1)
    assert keys(claim(queue)) == ["before"]


def test_an_item_waits_for_every_earlier_one_of_its_lane(queue):
    queue.put("1", {}, lane="chat")
    queue.put("2", {}, lane="chat", priority=10)
    queue.put("other", {}, lane="else")
    first, other = claim(queue)
    assert (first.key, other.key) == ("1", "other")
    assert claim(queue, owner="b") == ()  # 1 is being delivered
    queue.retry(first, at_us=first.claimed_us + MINUTE_US, error="busy")
    assert claim(queue) == ()  # 1 is to be delivered later


@pytest.mark.parametrize(
    "ends", [DurableQueue.acknowledge, lambda q, i: q.bury(i, error="no chat")]
)
def test_a_lane_goes_on_when_an_item_is_delivered_or_given_up(queue, ends):
    queue.put("1", {}, lane="chat")
    queue.put("2", {}, lane="chat")
    (first,) = claim(queue)
    assert ends(queue, first)
    assert keys(claim(queue)) == ["2"]


def test_whoever_dies_loses_its_claim(queue, database):
    queue.put("1", {}, lane="chat")
    queue.put("2", {}, lane="chat")
    (dead,) = claim(queue, owner="dead")
    assert claim(queue, owner="b") == ()
    run_out(database)
    (item,) = claim(queue, owner="b")
    assert (item.key, item.attempt, item.owner) == ("1", 2, "b")
    for late in (
        queue.acknowledge(dead),
        queue.bury(dead, error="x"),
        queue.retry(dead, at_us=0, error="x"),
        queue.extend(dead, for_us=MINUTE_US),
    ):
        assert not late
    assert queue.counts().claimed == 1
    assert queue.acknowledge(item)
    assert not queue.acknowledge(item)


def test_a_claim_taken_again_by_the_same_owner_is_another_claim(queue, database):
    queue.put("1", {})
    (first,) = claim(queue)
    run_out(database)
    (second,) = claim(queue)
    assert not queue.acknowledge(first)
    assert queue.acknowledge(second)


def test_what_was_delivered_late_but_taken_by_nobody_counts(queue, database):
    queue.put("1", {})
    (item,) = claim(queue)
    run_out(database)
    assert queue.acknowledge(item)
    assert claim(queue) == ()


def test_a_claim_that_is_extended_outlives_its_first_time(queue, database):
    queue.put("1", {})
    (item,) = claim(queue)
    run_out(database)
    assert queue.extend(item, for_us=MINUTE_US)
    assert claim(queue, owner="b") == ()


def test_a_retry_comes_at_its_time_and_remembers_why(queue, database):
    queue.put("1", {})
    (item,) = claim(queue)
    at_us = item.claimed_us + MINUTE_US
    assert queue.retry(item, at_us=at_us, error="429\0" + "x" * 2000)
    assert claim(queue) == ()
    passed = update(QUEUE).values(available_us=QUEUE.c.available_us - MINUTE_US)
    database.write(lambda connection: connection.execute(passed))
    (again,) = claim(queue)
    assert again.attempt == 2
    assert again.last_error == "429\N{REPLACEMENT CHARACTER}" + "x" * 996


def test_counts_say_how_many_are_where_and_since_when(queue, database):
    assert queue.counts() == QueueCounts()
    before_us = database.read(database.now_us)
    for number in range(5):
        queue.put(str(number), {}, priority=-number)
    done, dead, _claimed = claim(queue, limit=3)
    queue.acknowledge(done)
    queue.bury(dead, error="x")
    DurableQueue(database, "event").put("1", {})
    counts = queue.counts()
    assert (counts.pending, counts.claimed, counts.done, counts.dead) == (2, 1, 1, 1)
    assert before_us <= counts.oldest_us <= database.read(database.now_us)


def test_bad_names_and_numbers_are_refused(queue, database):
    for refused in (
        lambda: queue.put("", {}),
        lambda: queue.put("x" * 129, {}),
        lambda: queue.put("x", {}, lane="x" * 65),
        lambda: DurableQueue(database, "x" * 33).put("x", {}),
        lambda: queue.claim("", limit=1, for_us=1),
        lambda: queue.claim("a", limit=0, for_us=1),
        lambda: queue.claim("a", limit=1, for_us=0),
    ):
        with pytest.raises(ValueError, match=r"characters|cannot claim"):
            refused()
    queue.put("x", {})
    with pytest.raises(ValueError, match="0 µs"):
        queue.extend(claim(queue)[0], for_us=0)
    with pytest.raises(TypeError):
        queue.put("y", {"price": 1.5})
