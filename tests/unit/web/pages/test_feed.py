import asyncio

from snipersight.bootstrap.dashboard.views import Changes, Topic
from snipersight.domain.errors import StateUnavailable
from snipersight.web.pages.feed import EVERYTHING, ChangeFeed


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


Heard = list[frozenset[Topic]]


async def heard(seen: Heard, count: int) -> None:
    for _ in range(400):
        if len(seen) >= count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(seen)


async def test_only_what_changed_is_told():
    marks, seen = Marks(), Heard()
    feed = ChangeFeed(marks)
    feed.add(seen.append)
    await heard(seen, 1)
    marks.marks[Topic.ORDERS] = "1"
    await heard(seen, 2)
    assert seen == [EVERYTHING, frozenset({Topic.ORDERS})]
    feed.drop(seen.append)


async def test_many_listeners_ask_the_store_once():
    marks, one, other = Marks(), Heard(), Heard()
    feed = ChangeFeed(marks)
    feed.add(one.append)
    feed.add(other.append)
    await heard(other, 1)
    assert one == other
    assert marks.asked == 1
    feed.drop(one.append)
    feed.drop(other.append)


async def test_nobody_listening_nothing_is_asked():
    marks, seen = Marks(), Heard()
    feed = ChangeFeed(marks)
    listener = seen.append
    feed.add(listener)
    await heard(seen, 1)
    feed.drop(listener)
    await asyncio.sleep(0.15)
    before = marks.asked
    await asyncio.sleep(0.25)
    assert marks.asked == before


async def test_a_store_that_is_away_is_told_and_asked_again(monkeypatch):
    monkeypatch.setattr("snipersight.web.pages.feed.RETRY_S", 0.01)
    marks, seen = Marks(), Heard()
    marks.is_away = True
    feed = ChangeFeed(marks)
    listener = seen.append
    feed.add(listener)
    await heard(seen, 2)
    marks.is_away = False
    asked = marks.asked
    await heard(seen, len(seen) + 1)
    assert marks.asked > asked
    assert set(seen) == {EVERYTHING}
    feed.drop(listener)


async def test_how_processes_are_is_asked_again_though_nothing_changes(monkeypatch):
    monkeypatch.setattr("snipersight.web.pages.feed.SILENT_S", 0.2)
    seen = Heard()
    feed = ChangeFeed(Marks())
    feed.add(seen.append)
    await heard(seen, 3)
    assert seen[1:3] == [frozenset({Topic.SYSTEM})] * 2
    feed.drop(seen.append)
