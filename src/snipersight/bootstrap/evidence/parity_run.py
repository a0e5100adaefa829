"""The run itself over recorded candles, close after close, on an account of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from snipersight.bootstrap.account import simulated_account
from snipersight.bootstrap.account_names import MAIN
from snipersight.bootstrap.accounts import TradingAccount
from snipersight.bootstrap.books import Books, open_books
from snipersight.bootstrap.evidence.parity_source import ByNow
from snipersight.bootstrap.execution import Execution, Opening, open_execution
from snipersight.bootstrap.gate import LedgerGate
from snipersight.bootstrap.operating.trading import ExecutionTrading
from snipersight.bootstrap.operations import resume_entries
from snipersight.bootstrap.running.acting import Acting
from snipersight.bootstrap.settings import Settings
from snipersight.bootstrap.sources import SourceChoice
from snipersight.bootstrap.voiding import end_void
from snipersight.bootstrap.worlds import World
from snipersight.bot.telemetry.events import NullSink
from snipersight.domain.errors import OrderRefused
from snipersight.domain.execution import Mode
from snipersight.domain.plan import TradePlan
from snipersight.domain.ports import CandleSource, PlanSource
from snipersight.domain.profile import Profile
from snipersight.domain.standing import BreakerName
from snipersight.domain.units import Symbol
from snipersight.domain.venue import Environment
from snipersight.engine.live.scan import LiveRequest, LiveScan
from snipersight.engine.parity.facts import Chronicle
from snipersight.engine.parity.of_run import RunNotes
from snipersight.engine.parity.since import PlansSince
from snipersight.engine.recording import Period
from snipersight.engine.report import ScanRequest
from snipersight.planner.smc_source import SmcPlanSource

Progress = Callable[[str, int, int], object]
PlansOf = Callable[[Profile, int], PlanSource]
_TOLD_EVERY: Final = 24  # closes
_OPERATOR: Final = "operator"


def smc_plans(profile: Profile, since_ms: int) -> PlanSource:
    """Return SMC plans, with shadows since a moment, as a run has them."""
    return SmcPlanSource(profile, shadows_after_ms=since_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """What a run is to go through.

    Args:
        settings: limits and balance.
        profile: how to trade.
        source: candles; it may know more than the run.
        choice: which candles these are, for the paper account.
        period: closes later than the one and not later than the other.
        symbols: that it is asked to look at: a list, or `topN`.
        start_ms: up to which closes nothing counts, by symbol of every market that is scanned.
        rearm_ms: how long a breaker holds until a person lifts it; 0: for ever.
        plans: where plans come from.
    """

    settings: Settings
    profile: Profile
    source: CandleSource
    choice: SourceChoice
    period: Period
    symbols: str
    start_ms: Mapping[Symbol, int]
    rearm_ms: int
    plans: PlansOf = smc_plans


async def run_through(rehearsed: Rehearsed, folder: Path, *, progress: Progress) -> Chronicle:
    """Return what a run over recorded candles says and does.

    Args:
        rehearsed: what it goes through.
        folder: an empty one, for its store, its journal and its paper account.
        progress: told how far it has come.

    Raises:
        StateUnavailable: the folder cannot be used.
    """
    clock = _Clock(rehearsed.period.start_ms * 1000)
    settings = rehearsed.settings.model_copy(
        update={"snipersight_home": folder, "database_url": None}
    )
    source = ByNow(rehearsed.source, lambda: clock() // 1000)
    with open_books(
        settings, profile=rehearsed.profile, clock=clock, is_sandbox_time=True
    ) as books:
        execution = await open_execution(_opening(rehearsed, books, source, clock))
        try:
            await execution.executor.start()
            walk = _Walk(rehearsed, books, execution, source, clock)
            return await walk.through(progress)
        finally:
            await execution.close()


@dataclass(slots=True)
class _Clock:
    """The run's time, microseconds UTC."""

    now_us: int

    def __call__(self) -> int:
        return self.now_us


class _Walk:
    """Goes from close to close as a running bot does.

    Args:
        rehearsed: what it goes through.
        books: of the account, open.
        execution: at work.
        source: as the run sees it.
        clock: is put forward here.
    """

    def __init__(
        self,
        rehearsed: Rehearsed,
        books: Books,
        execution: Execution,
        source: ByNow,
        clock: _Clock,
    ) -> None:
        self._asked, self._books, self._execution = rehearsed, books, execution
        self._clock = clock
        self._notes = RunNotes()
        self._gate = LedgerGate(books.ports)
        self._live = _live_scan(rehearsed, execution, self._gate, source)
        self._acting = Acting(
            books,
            ExecutionTrading(lambda: execution, account_id=MAIN, mode=Mode.PAPER),
            tell=lambda _: None,
            refused=_never_for_elsewhere,
            leave=_never_leave,
        )

    async def through(self, progress: Progress) -> Chronicle:
        """Go to the end of the period, and return what was said and done."""
        period = self._asked.period
        step_ms = self._asked.profile.timeframe("trigger").duration_ms
        closes = range((period.start_ms // step_ms + 1) * step_ms, period.end_ms + 1, step_ms)
        for number, close_ms in enumerate(closes):
            if number % _TOLD_EVERY == 0:
                progress("running", number, len(closes))
            await self._at(close_ms)
        ports = self._books.ports
        records = [] if ports.reader is None else list(ports.reader.records(ports.account_id))
        return ports.store.view(
            ports.account_id,
            lambda unit: self._notes.ended(unit, records, at_ms=period.end_ms),
        )

    async def _at(self, close_ms: int) -> None:
        """Do what a run does at a close: bring the trades there, look, act."""
        self._clock.now_us = close_ms * 1000
        await self._execution.play(close_ms, on_bar=self._note)
        scanned = await self._live.look(close_ms)
        if self._lifts(close_ms):
            scanned = await self._live.look(close_ms)
        self._notes.scanned(scanned.report)
        seen = self._gate.observations
        if seen is not None:
            await self._acting.act([one.plan for one in scanned.report.plans], seen)
        await self._execution.play(close_ms, on_bar=self._note)

    def _lifts(self, close_ms: int) -> bool:
        """Lift, as a person would, what only a person lifts, once it has held long enough."""
        ports, rearm_ms = self._books.ports, self._asked.rearm_ms
        standing = ports.store.view(ports.account_id, lambda unit: unit.account.standing)
        tripped = (one for one in standing.tripped if one.name is BreakerName.DRAWDOWN)
        is_due = any(one.tripped_us + rearm_ms * 1000 <= close_ms * 1000 for one in tripped)
        if rearm_ms and is_due:
            resume_entries(ports, rearm=True, actor=_OPERATOR)
        return bool(rearm_ms) and is_due

    async def _note(self, moment_ms: int) -> None:
        ports = self._books.ports
        ports.store.view(ports.account_id, lambda unit: self._notes.looked(unit, moment_ms))


def _live_scan(
    rehearsed: Rehearsed, execution: Execution, gate: LedgerGate, source: ByNow
) -> LiveScan:
    return LiveScan(
        LiveRequest(
            scan=ScanRequest(profile=rehearsed.profile, symbols=rehearsed.symbols),
            since_ms=lambda _symbol: rehearsed.period.start_ms,
            plans_since=lambda profile, since_ms: PlansSince(
                rehearsed.plans(profile, since_ms), rehearsed.start_ms
            ),
        ),
        source=source,
        gate=gate,
        account=simulated_account(execution.books.settings),
        sink=NullSink(),
        ended=lambda ended: end_void(execution, ended),
    )


def _opening(rehearsed: Rehearsed, books: Books, source: ByNow, clock: _Clock) -> Opening:
    account = TradingAccount(account_id=MAIN)
    return Opening(
        world=World(
            account=account,
            venue=source.venue,
            environment=Environment.SIMULATED,
            mode=Mode.PAPER,
        ),
        books=books,
        clock=clock,
        source=source,
        choice=rehearsed.choice,
        rules=rehearsed.profile.management.rules(books.settings.stop_trigger),
    )


def _never_for_elsewhere(_plan: TradePlan, error: OrderRefused) -> None:
    raise error


async def _never_leave(plan: TradePlan, _is_news: bool) -> None:
    raise AssertionError(f"{plan.plan_id}: nobody else executes the trades of this account")
