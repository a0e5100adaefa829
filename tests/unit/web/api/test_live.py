"""Everybody who listens hears of what they asked for, soon after it happened, once."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import asynccontextmanager

import pytest

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.dashboard.views import Changes, SignalFilter, SignalOrder, Topic
from snipersight.bootstrap.operations import halt_entries, resume_entries
from snipersight.bootstrap.telemetry import open_telemetry
from snipersight.domain.errors import StateUnavailable
from snipersight.web.api.live import Live
from snipersight.web.api.messages import Message
from snipersight.web.api.reads import Reads
from snipersight.web.feed import ChangeFeed
from tests.builders.evidence import a_scan, a_signal
from tests.fakes.dashboard_home import HOSTILE, dashboard_home, services_of
from tests.fakes.stream_client import StreamClient

PATIENCE_S = 10.0


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    with dashboard_home(tmp_path_factory.mktemp("live")) as settings:
        yield settings


@pytest.fixture
def reader(settings):
    with services_of(settings) as services:
        yield services.reader


class Listener:
    """Collects what a client hears."""

    def __init__(self, client) -> None:
        self._client = client
        self.heard: list[tuple[float, Message]] = []
        self._news = asyncio.Event()
        self.task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for message in self._client.messages():
            self.heard.append((time.perf_counter(), message))
            self._news.set()

    async def until(self, name: str) -> tuple[float, dict]:
        await self._until(lambda: name in self.names())
        at, message = next((at, one) for at, one in self.heard if one.name == name)
        return at, json.loads(message.data)

    async def until_count(self, name: str, count: int) -> None:
        await self._until(lambda: self.names().count(name) >= count)

    async def until_listed(self, number: int) -> None:
        await self._until(lambda: f"plan-{number}" in self.plans())

    async def _until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():
                self._news.clear()
                await self._news.wait()

    def plans(self) -> list[str]:
        return [one["plan_id"] for one in self.known().rows.get("plans", ())]

    def names(self) -> list[str]:
        return [message.name for _, message in self.heard]

    def known(self) -> StreamClient:
        """Return what a client knows that heard all of it."""
        client = StreamClient()
        for _, message in self.heard:
            client.hear(message.name, json.loads(message.data))
        return client


@asynccontextmanager
async def listening(live: Live, *topics: Topic):
    async with live.listening(frozenset(topics)) as client:
        listener = Listener(client)
        await listener.until("hello")
        try:
            yield listener
        finally:
            listener.task.cancel()


@asynccontextmanager
async def alive(reader):
    reads = Reads(threads=1)
    try:
        yield Live(reader, reads, ChangeFeed(reader))
    finally:
        reads.close()


def halt(settings):
    with open_books(settings, account_id="practice") as books:
        halt_entries(books.ports, reason=HOSTILE, actor="cli")


def resume(settings):
    with open_books(settings, account_id="practice") as books:
        halt_entries(books.ports, reason="once", actor="cli")
        resume_entries(books.ports, rearm=False, actor="cli")


def signal(settings, number, score):
    with open_telemetry(settings) as telemetry:
        scan = a_scan(number, context_id=f"scan-{number}")
        telemetry.evidence.record(scan, [a_signal(number, score=score)])


async def test_a_halt_is_heard_with_its_figures_and_a_signal_alone(reader, settings):
    async with (
        alive(reader) as live,
        listening(live, Topic.EXPOSURE, Topic.AUDIT) as risk,
        listening(live, Topic.PLANS) as plans,
    ):
        await asyncio.to_thread(halt, settings)
        await risk.until_count("exposure", 2)
        _, audit = await risk.until("audit")
        await asyncio.to_thread(signal, settings, 99, 99.0)
        await plans.until_count("plans", 2)
    exposure, signals = risk.known().rows["exposure"], plans.known().rows["plans"]
    assert {one["account"] for one in exposure} == {"main", "practice"}
    assert audit["rows"][-1]["sentence"].endswith(HOSTILE)
    assert "body" not in audit["rows"][-1]
    assert signals[0]["plan_id"] == "plan-99"
    told = json.loads(plans.heard[-1][1].data)
    assert ([one["place"] for one in told["changes"]], told["gone"]) == ([0], [])
    paused = [json.loads(one.data) for _, one in risk.heard if one.name == "exposure"][-1]
    assert (paused["changes"], paused["gone"]) == ([], [])  # its figures are what they were
    assert "plans" not in risk.names()
    assert "audit" not in plans.names()


async def test_whoever_comes_later_or_again_knows_what_the_first_one_knows(reader, settings):
    topics = (Topic.PLANS, Topic.EXPOSURE, Topic.ORDERS, Topic.POSITIONS)
    async with alive(reader) as live, listening(live, *topics) as first:
        for number, score in ((201, 98.0), (202, 55.0)):
            await asyncio.to_thread(signal, settings, number, score)
            await asyncio.to_thread(halt, settings)
        await first.until_listed(202)
        async with listening(live, *topics) as later:
            await asyncio.to_thread(signal, settings, 203, 99.5)
            await later.until_listed(203)
            await first.until_listed(203)
            assert later.known().agrees(first.known())
        async with listening(live, *topics) as again:
            await again.until_listed(203)
            assert again.known().agrees(first.known())
    assert not first.known().missed
    page = reader.signals(SignalFilter(order=SignalOrder.RANK, limit=100)).rows
    assert first.plans() == [one.plan_id for one in page]


async def test_nobody_is_told_of_a_topic_from_where_it_stood_when_the_last_one_left(
    reader, settings
):
    async with alive(reader) as live, listening(live, Topic.AUDIT):
        async with listening(live, Topic.PLANS):
            pass
        await asyncio.to_thread(signal, settings, 301, 97.0)
        await asyncio.sleep(0.3)  # a look that finds nobody who wants signals
        async with listening(live, Topic.PLANS) as later:
            await later.until("plans")
    assert "plan-301" in later.plans()


async def test_nothing_is_told_twice_or_while_nothing_happens(reader, settings):
    async with alive(reader) as live, listening(live, Topic.AUDIT) as listener:
        await asyncio.sleep(0.2)
        assert listener.names() == ["hello"]
        await asyncio.to_thread(resume, settings)
        await listener.until("audit")
        await asyncio.sleep(0.3)
    told = [json.loads(one.data) for _, one in listener.heard if one.name == "audit"]
    seqs = [row["seq"] for one in told for row in one["rows"]]
    assert seqs == sorted(set(seqs))


async def test_one_look_serves_all_and_ends_with_the_last_listener(reader):
    looks = 0
    look = reader.changes

    class Counting:
        def __getattr__(self, name):
            return getattr(reader, name)

        def changes(self):
            nonlocal looks
            looks += 1
            return look()

    async with alive(Counting()) as live:
        async with listening(live, Topic.AUDIT), listening(live, Topic.AUDIT):
            before = looks
            await asyncio.sleep(0.4)
            for_two = looks - before
        await asyncio.sleep(0.1)
        ended = looks
        await asyncio.sleep(0.2)
    assert 0 < for_two <= 20
    assert looks == ended


async def test_a_store_that_goes_away_is_told_once_and_its_return_too(reader):
    is_away = False

    class Failing:
        def __getattr__(self, name):
            return getattr(reader, name)

        def changes(self):
            if is_away:
                raise StateUnavailable("the store is away", where="here", next_step="wait")
            return reader.changes()

    async with alive(Failing()) as live, listening(live, Topic.AUDIT) as listener:
        is_away = True
        _, told = await listener.until("trouble")
        is_away = False
        await listener.until("recovered")
    assert (told["what"], told["next_step"]) == ("the store is away", "wait")
    assert listener.names().count("trouble") == 1


async def test_whoever_comes_while_the_store_is_away_is_told_and_begins_once_it_is_back(reader):
    is_away = True

    class Failing:
        def __getattr__(self, name):
            return getattr(reader, name)

        def changes(self) -> Changes:
            if is_away:
                raise StateUnavailable("the store is away", where="here", next_step="wait")
            changes: Changes = reader.changes()
            return changes

        def signals(self, wanted):
            self.changes()
            return reader.signals(wanted)

    async with alive(Failing()) as live, live.listening(frozenset({Topic.PLANS})) as client:
        listener = Listener(client)
        await listener.until("trouble")
        async with live.listening(frozenset({Topic.PLANS})) as other:
            later = Listener(other)
            await later.until("trouble")
            is_away = False
            await listener.until("plans")
            await later.until("plans")
            later.task.cancel()
        listener.task.cancel()
    assert listener.names()[0] == later.names()[0] == "trouble"
    assert listener.names().count("trouble") == later.names().count("trouble") == 1
    assert listener.known().agrees(later.known())


async def test_a_listener_that_does_not_keep_up_gets_the_whole_anew(reader, settings):
    topics = frozenset({Topic.PLANS, Topic.AUDIT})
    async with alive(reader) as live, live.listening(topics) as slow:
        async with listening(live, *topics) as quick:
            while slow.tell(Message("tick", "{}")):
                pass  # nobody takes them from its line
            await asyncio.to_thread(signal, settings, 401, 96.0)
            await quick.until_listed(401)
            known = quick.known()
        heard = [slow.line.get_nowait() for _ in range(slow.line.qsize())]
    assert [one.name for one in heard] == ["hello", "plans"]
    assert json.loads(heard[0].data)["missed"] is True
    client = StreamClient()
    for one in heard:
        client.hear(one.name, json.loads(one.data))
    assert client.agrees(known)
    assert client.revisions == known.revisions
