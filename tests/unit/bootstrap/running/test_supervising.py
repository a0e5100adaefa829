"""Parts of a running bot: started again after expected failures, ended by a fault of the program."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from snipersight.bootstrap.running import supervising
from snipersight.bootstrap.running.supervising import (
    Part,
    Pauses,
    Supervisor,
    both,
    ended,
    first_of,
)
from snipersight.bootstrap.running.vitals import Vitals
from snipersight.domain.errors import VenueUnavailable

AWAY = VenueUnavailable("it is away")


class Desk:
    """A supervisor, and what it told."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.vitals = Vitals()
        self.told: list[str] = []
        self.supervisor = Supervisor(
            self.vitals, tell=lambda _name, text: self.told.append(text), stop=self.stop
        )

    def start(self, work: Callable[[], Awaitable[object]]) -> None:
        self.supervisor.start(Part(name="sender", work=work))

    @property
    def restarts(self) -> int:
        return sum(part.restarts for part in self.vitals.health().parts)


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervising, "_FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(supervising, "_WELL_S", 0.05)


async def until(seen: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not seen():  # noqa: ASYNC110  the supervisor tells nobody
            await asyncio.sleep(0.005)


@pytest.mark.usefixtures("_quick")
async def test_a_part_that_fails_is_started_again_and_said_to_be_in_trouble_once():
    desk, tries = Desk(), 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        if tries < 4:
            raise AWAY
        await desk.stop.wait()

    desk.start(work)
    await until(lambda: tries == 4)
    assert desk.told == ["sender: it is away"]
    assert desk.restarts == 3
    await until(lambda: desk.told[-1] == "sender is well again")
    assert not desk.vitals.health().troubled
    desk.stop.set()
    assert await desk.supervisor.end(within_s=1.0) == ()


@pytest.mark.usefixtures("_quick")
async def test_a_fault_of_the_program_stops_everything_and_is_kept():
    desk = Desk()

    async def work() -> None:
        raise ZeroDivisionError("a fault")

    desk.start(work)
    async with asyncio.timeout(5):
        await desk.stop.wait()
    assert isinstance(desk.supervisor.fault, ZeroDivisionError)
    assert desk.told == []


async def test_a_part_that_does_not_heed_the_stop_is_cut_short_and_named():
    desk = Desk()
    desk.start(lambda: asyncio.sleep(60))
    await asyncio.sleep(0)
    desk.stop.set()
    assert await desk.supervisor.end(within_s=0.05) == ("sender",)


async def test_trouble_that_somebody_else_tells_of_is_not_said_to_be_over_here():
    desk = Desk()
    desk.vitals.trouble("operator", "nobody answers")
    desk.supervisor.well("operator")
    assert desk.told == []
    assert [part.name for part in desk.vitals.health().troubled] == ["operator"]


def test_pauses_grow_to_a_minute_and_begin_anew():
    pauses = Pauses()
    assert [pauses.next_s() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    pauses.begin_anew()
    assert pauses.next_s() == 1


async def test_whoever_waits_for_the_first_of_two_goes_on_only_for_the_news():
    news, stop = asyncio.Event(), asyncio.Event()
    assert not await first_of(news, stop=stop, within_s=0.01)
    news.set()
    assert await first_of(news, stop=stop)
    stop.set()
    assert not await first_of(news, stop=stop)


async def test_a_task_that_was_cancelled_did_not_come_to_its_own_end():
    task = asyncio.create_task(asyncio.sleep(60))
    await asyncio.sleep(0)
    task.cancel()
    assert not await ended(task)
    assert await ended(asyncio.create_task(asyncio.sleep(0)))


async def test_of_two_things_each_comes_to_its_end_and_the_first_trouble_is_raised() -> None:
    began, done = asyncio.Event(), list[str]()

    async def fails() -> None:
        await began.wait()
        raise AWAY

    async def goes_on() -> None:
        began.set()
        for _ in range(5):
            await asyncio.sleep(0)
        done.append("other")

    with pytest.raises(VenueUnavailable):
        await both(fails(), goes_on())
    assert done == ["other"]
    await both(goes_on(), goes_on())
    assert done == ["other"] * 3
