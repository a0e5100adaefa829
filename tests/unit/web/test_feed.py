"""All who listen are told what changed by one look at the store, and nothing is missed before."""

import asyncio

from snipersight.bootstrap.dashboard.views import Changes, Topic
from snipersight.domain.errors import StateUnavailable
from snipersight.web.feed import EVERYTHING, ChangeFeed, Look


class Marks:
    """A store whose marks a test turns on, or that is away."""

    def __init__(self) -> None:
        self.marks = dict.fromkeys(Topic, "0")
        self.asked = 0
        self.is_away = False

    def changes(self) -> Changes:
        self.asked += 1
        if self.is_away:
            raise StateUnavailable("away")
        return Changes(marks=dict(self.marks), read_ms=self.asked)


Heard = list[Look]


def changes_of(seen: Heard) -> list[frozenset[Topic]]:
    return [look.outdated for look in seen]


async def heard(seen: Heard, count: int) -> None:
    for _ in range(400):
        if len(seen) >= count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(seen)


async def test_only_what_changed_is_told():
    marks, seen = Marks(), Heard()
    feed = ChangeFeed(marks)
    await feed.add(seen.append)
    marks.marks[Topic.ORDERS] = "1"
    await heard(seen, 1)
    assert seen == [Look(frozenset({Topic.ORDERS}))]
    feed.drop(seen.append)


async def test_what_changes_after_a_listener_was_added_is_told_to_it_too():
    marks, one, other = Marks(), Heard(), Heard()
    feed = ChangeFeed(marks)
    await feed.add(one.append)
    assert marks.asked == 1  # whoever reads from here on reads what the next look compares with
    marks.marks[Topic.PLANS] = "1"
    await feed.add(other.append)
    await heard(other, 1)
    assert changes_of(one) == changes_of(other) == [frozenset({Topic.PLANS})]
    feed.drop(one.append)
    feed.drop(other.append)


async def test_many_listeners_ask_the_store_once():
    marks, one, other = Marks(), Heard(), Heard()
    feed = ChangeFeed(marks)
    await asyncio.gather(feed.add(one.append), feed.add(other.append))
    assert marks.asked == 1
    feed.drop(one.append)
    feed.drop(other.append)


async def test_nobody_listening_nothing_is_asked():
    marks, seen = Marks(), Heard()
    feed = ChangeFeed(marks)
    listener = seen.append
    await feed.add(listener)
    feed.drop(listener)
    await asyncio.sleep(0.15)
    before = marks.asked
    await asyncio.sleep(0.25)
    assert marks.asked == before
    await feed.add(listener)
    assert marks.asked == before + 1
    feed.drop(listener)


async def test_a_store_that_is_away_is_told_and_asked_again(monkeypatch):
    monkeypatch.setattr("snipersight.web.feed.RETRY_S", 0.01)
    marks, seen = Marks(), Heard()
    marks.is_away = True
    feed = ChangeFeed(marks)
    listener = seen.append
    await feed.add(listener)
    await heard(seen, 2)
    assert all(look.trouble is not None for look in seen)
    marks.is_away = False
    asked = marks.asked
    await heard(seen, len(seen) + 1)
    assert marks.asked > asked
    assert set(changes_of(seen)) == {EVERYTHING}
    assert seen[-1].trouble is None
    feed.drop(listener)


async def test_how_processes_are_is_asked_again_though_nothing_changes(monkeypatch):
    monkeypatch.setattr("snipersight.web.feed.SILENT_S", 0.2)
    seen = Heard()
    feed = ChangeFeed(Marks())
    await feed.add(seen.append)
    await heard(seen, 2)
    assert changes_of(seen[:2]) == [frozenset({Topic.SYSTEM})] * 2
    assert not any(look.changed for look in seen)
    feed.drop(seen.append)
