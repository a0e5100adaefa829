"""What a run says of the time it begins at, and what it has opened by then."""

import asyncio
import sys
import time

import psutil
import pytest

from snipersight.bootstrap.running.asked import RunAsked
from snipersight.bootstrap.running.opening import open_run
from snipersight.bootstrap.session import open_surroundings
from snipersight.bootstrap.sources import SourceChoice
from snipersight.bootstrap.told_time import tell_end

EARLY_MS, LATE_MS = 1_752_000_000_000, 1_752_800_000_000


async def said_at(at_ms: int) -> tuple[str, int]:
    """Return what a run says that is asked to begin then, and the time that it shows."""
    said: list[str] = []
    asked = RunAsked(source=SourceChoice(), at_ms=at_ms)
    async with open_run(open_surroundings(None), asked, say=said.append) as run:
        await run.shares.join()
        # As its process does: by that the account has lived.
        await tell_end(run.books.store.database, run.books.ports.account_id, run.clock)
        return "\n".join(said), run.clock.ms()


async def test_a_time_that_the_account_has_passed_is_not_begun_at_in_silence(monkeypatch, tmp_path):
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RUN_LISTEN", "none")
    assert "--at" not in (await said_at(LATE_MS))[0]
    text, shown_ms = await said_at(EARLY_MS)
    assert "later than --at" in text
    assert shown_ms >= LATE_MS


@pytest.fixture
def _turns():
    before_s = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before_s)


@pytest.mark.usefixtures("_turns")
async def test_reading_at_the_same_moment_hours_later_opens_nothing_more(monkeypatch, tmp_path):
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RUN_LISTEN", "none")
    this = psutil.Process()
    said, asked = list[str](), RunAsked(source=SourceChoice())
    async with open_run(open_surroundings(None), asked, say=said.append) as run:
        assert sys.getswitchinterval() == pytest.approx(0.001)
        telemetry = run.session.events.telemetry
        assert telemetry is not None
        await asyncio.to_thread(time.sleep, 0)  # whatever threads open for themselves
        before = this.num_fds()
        for database in (run.books.store.database, telemetry.database):
            reads = [asyncio.to_thread(database.read, lambda _: time.sleep(0.05)) for _ in range(6)]
            await asyncio.gather(*reads)
        assert this.num_fds() == before
