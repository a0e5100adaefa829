"""The work of one close: what comes after its scan cannot have it done again."""

import asyncio

from benchmarks.run_day import BEGINS_MS
from benchmarks.run_presses import keen_profile
from snipersight.bootstrap.drawing import DrawingProcess
from snipersight.bootstrap.running import scanning
from snipersight.bootstrap.running.asked import RunAsked
from snipersight.bootstrap.running.keeping import RunEvidence
from snipersight.bootstrap.running.opening import OpenRun, open_run
from snipersight.bootstrap.running.scanning import Act, Before, CloseWork, live_scan
from snipersight.bootstrap.running.supervising import Supervisor
from snipersight.bootstrap.session import open_surroundings
from snipersight.bootstrap.sources import SourceChoice
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.notices import SIGNAL_PRIORITY
from snipersight.engine.report import ScanReport

AT_MS = 1_752_000_000_000
# A keen profile finds plans standing in these markets then.
WITH_SIGNALS_MS = BEGINS_MS + 655 * 60_000
SYMBOLS = "ADA/USDT:USDT,BTC/USDT:USDT"
TELLING = {"RUN_LISTEN": "none", "TELEGRAM_BOT_TOKEN": "1:abc", "TELEGRAM_CHAT_ID": "1"}


def nothing_said(_sentence):
    """Hear nothing."""


async def nothing(*_what):
    return None


async def looked(
    run: OpenRun,
    *,
    before: Before = nothing,
    act: Act = nothing,
    evidence: RunEvidence | None = None,
) -> ScanReport | None:
    """Do the work of the newest close."""
    stop = asyncio.Event()
    work = CloseWork(
        run,
        evidence or RunEvidence(run, stop=stop),
        live=live_scan(run, ended=nothing),
        before=before,
        act=act,
        supervisor=Supervisor(run.vitals, tell=lambda *_: None, stop=stop),
        stop=stop,
    )
    await run.shares.join()
    trigger = run.session.request.profile.timeframe("trigger")
    report = await work.at(trigger.floor(run.clock.ms()))
    await run.shares.leave()
    return report


async def test_a_store_that_goes_away_after_a_scan_loses_nothing_of_its_report(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RUN_LISTEN", "none")
    said: list[str] = []
    asked = RunAsked(source=SourceChoice(), symbols="BTC/USDT", at_ms=AT_MS)

    def away(_books):
        raise StateUnavailable("the store is away")

    monkeypatch.setattr(scanning, "time_problem", away)
    async with open_run(open_surroundings(None), asked, say=said.append) as run:
        report = await looked(run)
    assert report is not None
    assert report.universe == ("BTC/USDT",)


async def test_what_was_recorded_is_followed_when_the_close_is_over(monkeypatch, tmp_path):
    """Followed at once, it would take the processor from the first message and the entries."""
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RUN_LISTEN", "none")
    done: list[str] = []

    class Noting(RunEvidence):
        async def record(self, report):
            done.append("recorded")

        def go_on(self):
            done.append("followed")

    async def act(_report, _seen):
        await asyncio.sleep(0)
        done.append("acted")

    asked = RunAsked(source=SourceChoice(), symbols="BTC/USDT", at_ms=AT_MS)
    async with open_run(open_surroundings(None), asked, say=nothing_said) as run:
        await looked(run, act=act, evidence=Noting(run, stop=asyncio.Event()))
    assert done == ["recorded", "acted", "followed"]


async def test_while_a_close_is_looked_at_what_became_of_earlier_signals_waits(
    monkeypatch, tmp_path
):
    for name, value in TELLING.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    asked = RunAsked(source=SourceChoice(), symbols="BTC/USDT", at_ms=AT_MS, tells=True)
    least: list[int] = []
    async with open_run(open_surroundings(None), asked, say=nothing_said) as run:
        assert run.notifying is not None
        precedence = run.notifying.precedence

        async def note(*_what):
            least.append(precedence.least)

        await looked(run, before=note)
        assert precedence.least == 0
    assert least == [SIGNAL_PRIORITY]


async def test_an_entry_waits_for_no_picture(monkeypatch, tmp_path):
    """A chart here is drawn only once the plan has been acted on: the other way round none ever is."""
    for name, value in {**TELLING, "SNIPERSIGHT_HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/desk.toml").write_text(keen_profile(), encoding="utf-8")
    acted, drawn = asyncio.Event(), list[str]()

    async def act(report, _seen):
        assert report.plans
        acted.set()

    async def draw_late(_drawing, _picture, path):
        async with asyncio.timeout(30):
            await acted.wait()
        drawn.append(path.name)

    monkeypatch.setattr(DrawingProcess, "save", draw_late)
    monkeypatch.setattr(DrawingProcess, "warm_up", lambda _drawing: None)
    asked = RunAsked(
        source=SourceChoice(), profile="desk", symbols=SYMBOLS, at_ms=WITH_SIGNALS_MS, tells=True
    )
    async with open_run(open_surroundings(None), asked, say=nothing_said) as run:
        await looked(run, act=act)
    assert drawn
