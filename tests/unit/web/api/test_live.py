"""Everybody who listens hears of what they asked for, soon after it happened, once."""

import asyncio
import json
import time
from contextlib import asynccontextmanager

import pytest

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.dashboard.views import Topic
from snipersight.bootstrap.operations import halt_entries, resume_entries
from snipersight.bootstrap.telemetry import open_telemetry
from snipersight.domain.errors import StateUnavailable
from snipersight.web.api.live import Live
from snipersight.web.api.messages import Message
from snipersight.web.api.reads import Reads
from tests.builders.evidence import a_scan, a_signal
from tests.fakes.dashboard_home import HOSTILE, dashboard_home, services_of

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
        self.task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for message in self._client.messages():
            self.heard.append((time.perf_counter(), message))

    async def until(self, name: str) -> tuple[float, dict]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for at, message in self.heard:
                    if message.name == name:
                        return at, json.loads(message.data)
                await asyncio.sleep(0.005)

    def names(self) -> list[str]:
        return [message.name for _, message in self.heard]


@asynccontextmanager
async def listening(live: Live, *topics: Topic):
    async with live.listening(frozenset(topics)) as client:
        listener = Listener(client)
        await listener.until("hello")
        await asyncio.sleep(0.3)  # the first look only remembers how far things have come
        try:
            yield listener
        finally:
            listener.task.cancel()


@asynccontextmanager
async def alive(reader):
    reads = Reads(threads=1)
    try:
        yield Live(reader, reads, every_s=0.02)
    finally:
        reads.close()


async def test_a_halt_is_heard_with_its_figures_and_a_signal_with_its_list(reader, settings):
    def halt():
        with open_books(settings, account_id="practice") as books:
            halt_entries(books.ports, reason=HOSTILE, actor="cli")

    def signal():
        with open_telemetry(settings) as telemetry:
            telemetry.evidence.record(a_scan(9, context_id="scan-9"), [a_signal(99, score=99.0)])

    async with (
        alive(reader) as live,
        listening(live, Topic.EXPOSURE, Topic.AUDIT) as risk,
        listening(live, Topic.PLANS) as plans,
    ):
        await asyncio.to_thread(halt)
        _, exposure = await risk.until("exposure")
        _, audit = await risk.until("audit")
        await asyncio.to_thread(signal)
        _, listed = await plans.until("plans")
    assert {one["account"] for one in exposure["rows"]} == {"main", "practice"}
    assert audit["rows"][-1]["sentence"].endswith(HOSTILE)
    assert "body" not in audit["rows"][-1]
    assert listed["rows"][0]["signals"][0]["plan_id"] == "plan-99"
    assert "plans" not in risk.names()
    assert "audit" not in plans.names()


async def test_nothing_is_told_twice_or_while_nothing_happens(reader, settings):
    def resume():
        with open_books(settings, account_id="practice") as books:
            halt_entries(books.ports, reason="once", actor="cli")
            resume_entries(books.ports, rearm=False, actor="cli")

    async with alive(reader) as live, listening(live, Topic.AUDIT) as listener:
        await asyncio.sleep(0.2)
        assert listener.names() == ["hello"]
        await asyncio.to_thread(resume)
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
    assert 0 < for_two <= 25
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


async def test_a_listener_that_does_not_keep_up_is_told_to_read_anew(reader):
    async with alive(reader) as live, live.listening(frozenset({Topic.AUDIT})) as client:
        for number in range(450):
            client.tell(Message("audit", str(number)))
        heard = [client.line.get_nowait() for _ in range(client.line.qsize())]
    assert json.loads(heard[0].data)["missed"] is True
    assert heard[-1].data == "449"
    assert len(heard) <= 200
