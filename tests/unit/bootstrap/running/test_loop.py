"""The loop of a running bot: each close is done until it is done, and trouble outside ends nothing."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from snipersight.bootstrap.run_clock import RunClock
from snipersight.bootstrap.running import supervising
from snipersight.bootstrap.running.closes import Closes
from snipersight.bootstrap.running.loop import ScanLoop
from snipersight.bootstrap.running.supervising import Supervisor
from snipersight.bootstrap.running.vitals import Vitals
from snipersight.domain.errors import ConfigInvalid, VenueUnavailable
from snipersight.domain.timeframe import Timeframe
from snipersight.engine.report import ScanReport
from tests.unit.cli.report_builders import a_report

M5 = Timeframe.parse("5m")
BAR_MS = M5.duration_ms
NOON_MS = 1_780_315_200_000


@dataclass
class Desk:
    """A loop on a clock that runs a bar in a tenth of a second."""

    errors: list[Exception] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    gained: asyncio.Event = field(default_factory=asyncio.Event)
    tried: list[int] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    rested: list[int] = field(default_factory=list)
    reports: list[ScanReport] = field(default_factory=list)

    def loop(self) -> ScanLoop:
        clock = RunClock(scale=3000.0, start_us=NOON_MS * 1000)
        supervisor = Supervisor(
            Vitals(), tell=lambda _name, text: self.told.append(text), stop=self.stop
        )
        return ScanLoop(
            clock,
            Closes(M5),
            self._work,
            supervisor=supervisor,
            stop=self.stop,
            after=self.reports.append,
            beat=lambda: None,
            gained=self.gained,
            rest=lambda: self.rested.append(len(self.tried)),
        )

    async def _work(self, close_ms: int) -> ScanReport:
        self.tried.append(close_ms)
        if self.errors:
            raise self.errors.pop(0)
        return a_report()


async def until(seen: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not seen():  # noqa: ASYNC110  the loop tells nobody
            await asyncio.sleep(0.001)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervising, "_FIRST_PAUSE_S", 0.01)


async def test_every_close_is_done_once_until_the_one_that_was_asked_for():
    desk = Desk()
    async with asyncio.timeout(10):
        await desk.loop().run(until_ms=NOON_MS + 3 * BAR_MS)
    assert desk.tried == sorted(set(desk.tried))
    assert desk.tried[0] == NOON_MS
    assert desk.tried[-1] >= NOON_MS + 3 * BAR_MS
    assert len(desk.reports) == len(desk.tried)
    assert desk.told == []


async def test_what_fails_is_tried_again_and_said_once():
    away = VenueUnavailable("binance does not answer")
    desk = Desk(errors=[away, away, away])
    async with asyncio.timeout(10):
        await desk.loop().run(until_ms=NOON_MS)
    assert desk.told == ["scans: binance does not answer", "scans is well again"]
    assert len(desk.reports) == 1
    assert desk.rested == [4]  # after the attempt that succeeded


async def test_a_first_look_that_cannot_be_meant_ends_it():
    with pytest.raises(ConfigInvalid):
        await Desk(errors=[ConfigInvalid("no such list")]).loop().run()


async def test_a_later_look_that_is_refused_is_tried_again():
    desk = Desk()
    refused: list[Exception] = [ConfigInvalid("the venue shows an earlier time")]

    async def run() -> None:
        await desk.loop().run(until_ms=NOON_MS + 2 * BAR_MS)

    task = asyncio.create_task(run())
    await until(lambda: desk.reports)
    desk.errors = refused
    async with asyncio.timeout(10):
        await task
    assert len(desk.told) == 2


async def test_a_fault_of_the_program_is_not_taken_for_trouble_outside():
    with pytest.raises(ZeroDivisionError):
        await Desk(errors=[ZeroDivisionError()]).loop().run()


async def test_what_is_gained_is_scanned_at_once():
    desk = Desk()
    loop = asyncio.create_task(desk.loop().run())
    await until(lambda: desk.reports)
    desk.gained.set()
    await until(lambda: len(desk.tried) > len(set(desk.tried)))
    desk.stop.set()
    await loop
