"""The executor of a run: a venue that is not ready gets no new entry, and open trades their care."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from snipersight.bootstrap.running.asked import RunAsked
from snipersight.bootstrap.running.executing import VENUE, ExecutorPart, world_of
from snipersight.bootstrap.running.kill_watch import KillWatch
from snipersight.bootstrap.running.opening import OpenRun, open_run
from snipersight.bootstrap.running.readiness import CODE, ReadyTrading
from snipersight.bootstrap.running.seat import ExecutorSeat
from snipersight.bootstrap.session import open_surroundings
from snipersight.bootstrap.sources import SourceChoice
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.execution import Mode
from snipersight.domain.observations import Observations
from snipersight.domain.venue import Finding, FindingLevel
from snipersight.market.paper.venue import PaperVenue
from snipersight.storage.executor_lease import is_executed
from tests.builders.execution_desk import a_paper_plan

AT_MS = 1_752_000_000_000
HEDGED = Finding(name="position mode", level=FindingLevel.FAILED, sentence="it is in hedge mode")
ANYTHING: Any = None


class Preflight:
    """What the simulated venue says of itself."""

    def __init__(self) -> None:
        self.findings: tuple[Finding, ...] = (HEDGED,)

    async def answer(self) -> tuple[Finding, ...]:
        return self.findings


@pytest.fixture
def preflight(monkeypatch) -> Preflight:
    asked = Preflight()
    monkeypatch.setattr(PaperVenue, "preflight", lambda _venue, _symbols: asked.answer())
    return asked


@asynccontextmanager
async def a_run(monkeypatch: Any, tmp_path: Any, said: list[str]) -> AsyncIterator[OpenRun]:
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RUN_LISTEN", "none")
    asked = RunAsked(source=SourceChoice(), mode=Mode.PAPER, at_ms=AT_MS)
    async with open_run(open_surroundings(None), asked, say=said.append) as run:
        yield run


async def until(seen: Any) -> None:
    async with asyncio.timeout(20):
        while not seen():  # noqa: ASYNC110  another task's doing, which tells nobody
            await asyncio.sleep(0.05)


def trouble_of_venue(run: OpenRun) -> str:
    return {one.name: one.trouble for one in run.vitals.health().parts}.get(VENUE, "")


async def test_whoever_takes_over_cares_for_trades_and_enters_nothing_before_the_venue_is_ready(
    monkeypatch, tmp_path, preflight
):
    said: list[str] = []
    async with a_run(monkeypatch, tmp_path, said) as run:
        seat, stop = ExecutorSeat(), asyncio.Event()
        part = ExecutorPart(run, world_of(run), seat, stop=stop, beat=lambda: None)
        trading = ReadyTrading(
            lambda: seat.execution,
            readiness=part.readiness,
            account_id=run.books.ports.account_id,
            mode=Mode.PAPER,
        )
        working = asyncio.create_task(part.work())
        await until(lambda: seat.execution is not None and any("hedge" in one for one in said))
        assert is_executed(run.books.store.database, run.books.ports.account_id)
        refused = await trading.execute(a_paper_plan(), ANYTHING)
        assert [one.code for one in refused.refused] == [CODE]
        assert "hedge mode" in trouble_of_venue(run)
        preflight.findings = ()
        await until(lambda: part.readiness.check is None)
        assert trouble_of_venue(run) == ""
        assert said[-1] == "The venue is ready again: new entries may be sent."
        stop.set()
        await asyncio.wait_for(working, 20)


async def test_a_run_without_trades_does_not_begin_at_a_venue_that_is_not_ready(
    monkeypatch, tmp_path, preflight
):
    async with a_run(monkeypatch, tmp_path, []) as run:
        part = ExecutorPart(
            run, world_of(run), ExecutorSeat(), stop=asyncio.Event(), beat=lambda: None
        )
        with pytest.raises(ConfigInvalid, match="hedge mode"):
            await part.require_ready()
        monkeypatch.setattr(part, "_has_trades", lambda: True)
        await part.require_ready()
        assert part.readiness.check is not None


async def test_an_entry_asked_for_while_the_venue_s_answers_are_awaited_waits_for_them(
    monkeypatch, tmp_path, preflight
):
    preflight.findings = ()
    answered = asyncio.Event()

    async def slow(_venue, _symbols):
        await answered.wait()
        return ()

    monkeypatch.setattr(PaperVenue, "preflight", slow)
    async with a_run(monkeypatch, tmp_path, []) as run:
        seat, stop = ExecutorSeat(), asyncio.Event()
        part = ExecutorPart(run, world_of(run), seat, stop=stop, beat=lambda: None)
        trading = ReadyTrading(
            lambda: seat.execution,
            readiness=part.readiness,
            account_id=run.books.ports.account_id,
            mode=Mode.PAPER,
        )
        working = asyncio.create_task(part.work())
        await until(lambda: seat.execution is not None)
        nothing_seen = Observations(venue="sandbox", as_of_ms=AT_MS)  # the gate refuses it
        asked = asyncio.create_task(trading.execute(a_paper_plan(), nothing_seen))
        await asyncio.sleep(0.3)
        answered.set()
        refused = await asked
        codes = [one.code for one in refused.refused]
        assert codes
        assert CODE not in codes
        stop.set()
        await asyncio.wait_for(working, 20)


async def test_a_fault_in_the_preflight_keeps_entries_back_and_open_trades_their_care(
    monkeypatch, tmp_path, preflight
):
    said: list[str] = []

    async def broken(_venue, _symbols):
        raise KeyError("dualSidePosition")

    monkeypatch.setattr(PaperVenue, "preflight", broken)
    async with a_run(monkeypatch, tmp_path, said) as run:
        seat, stop = ExecutorSeat(), asyncio.Event()
        part = ExecutorPart(run, world_of(run), seat, stop=stop, beat=lambda: None)
        working = asyncio.create_task(part.work())
        await until(lambda: seat.execution is not None)
        await asyncio.sleep(1)
        assert trouble_of_venue(run) != ""
        assert any("no new entry" in one for one in said), said
        stop.set()
        await asyncio.wait_for(working, 20)


async def test_a_fault_beside_the_executor_is_told_and_ends_no_care(
    monkeypatch, tmp_path, preflight
):
    said: list[str] = []

    looked: list[KillWatch] = []

    async def broken(_watch: KillWatch) -> None:
        raise ZeroDivisionError("a bug")

    async def well(watch: KillWatch) -> None:
        looked.append(watch)

    preflight.findings = ()
    monkeypatch.setattr(KillWatch, "look", broken)
    async with a_run(monkeypatch, tmp_path, said) as run:
        seat, stop = ExecutorSeat(), asyncio.Event()
        part = ExecutorPart(run, world_of(run), seat, stop=stop, beat=lambda: None)
        working = asyncio.create_task(part.work())
        await until(lambda: any("ZeroDivisionError" in one for one in said))
        assert seat.execution is not None
        assert not working.done()
        assert any("kill" in one.trouble for one in run.vitals.health().troubled)
        monkeypatch.setattr(KillWatch, "look", well)
        await until(lambda: looked)  # it is begun again
        stop.set()
        await asyncio.wait_for(working, 20)
    assert sum("ZeroDivisionError" in one for one in said) == 1
