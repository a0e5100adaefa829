"""The executor of a run: nothing is executed before the venue said that all is as it must be."""

import asyncio
from typing import Any

import pytest

from snipersight.bootstrap.running.asked import RunAsked
from snipersight.bootstrap.running.executing import ExecutorPart, world_of
from snipersight.bootstrap.running.opening import open_run
from snipersight.bootstrap.running.seat import ExecutorSeat
from snipersight.bootstrap.session import open_surroundings
from snipersight.bootstrap.sources import SourceChoice
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.execution import Mode
from snipersight.domain.venue import Finding, FindingLevel
from snipersight.market.paper.venue import PaperVenue
from snipersight.storage.executor_lease import is_executed

AT_MS = 1_752_000_000_000
HEDGED = Finding(name="position mode", level=FindingLevel.FAILED, sentence="it is in hedge mode")


async def test_whoever_takes_over_makes_sure_of_the_venue_first(monkeypatch, tmp_path):
    async def preflight(self: PaperVenue, symbols: Any) -> tuple[Finding, ...]:
        return (HEDGED,)

    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RUN_LISTEN", "none")
    monkeypatch.setattr(PaperVenue, "preflight", preflight)
    asked = RunAsked(source=SourceChoice(), mode=Mode.PAPER, at_ms=AT_MS)
    async with open_run(open_surroundings(None), asked, say=lambda _: None) as run:
        seat, stop = ExecutorSeat(), asyncio.Event()
        part = ExecutorPart(run, world_of(run), seat, stop=stop, beat=lambda: None)
        with pytest.raises(ConfigInvalid, match="hedge mode"):
            await asyncio.wait_for(part.work(), 20)
        assert seat.execution is None
        assert not is_executed(run.books.store.database, run.books.ports.account_id)
