"""The process of `snipersight run`: everything put together, kept at work, and ended in order."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.running import words
from snipersight.bootstrap.running.acting import Acting, Trades
from snipersight.bootstrap.running.closes import PUBLISHED_MS, Closes
from snipersight.bootstrap.running.executing import EXECUTOR, ExecutorPart, Rehearsing, world_of
from snipersight.bootstrap.running.keeping import RunEvidence
from snipersight.bootstrap.running.loop import ScanLoop
from snipersight.bootstrap.running.scanning import SCANS, CloseWork
from snipersight.bootstrap.running.sending import SENDER, sending_of
from snipersight.bootstrap.running.supervising import Part, Supervisor
from snipersight.bootstrap.running.trading import Trading
from snipersight.bootstrap.running.vitals import Vitals, beat_of_loop
from snipersight.domain.errors import LeaseLost, OrderRefused, SniperSightError
from snipersight.domain.execution import Mode

if TYPE_CHECKING:
    from snipersight.bootstrap.executing import Executed
    from snipersight.bootstrap.running.opening import OpenRun
    from snipersight.bootstrap.worlds import World
    from snipersight.domain.observations import Observations
    from snipersight.domain.plan import SetupId, TradePlan
    from snipersight.engine.report import ScanReport

OUTCOMES: Final = "outcomes"
_END_S: Final = 7.0  # of the ten that a graceful stop may take


@dataclass(kw_only=True)
class RunSummary:
    """What a run did.

    Args:
        closes: scanned.
        plans: approved, each counted once.
        executed: of them.
        refused: that were to be executed and were not.
        late: parts that had to be cut short at the end.
    """

    closes: int = 0
    plans: int = 0
    executed: int = 0
    refused: int = 0
    late: tuple[str, ...] = ()


class RunProcess:
    """Runs until it is stopped.

    Args:
        run: open.
        vitals: told how everything is.
        stop: set by whoever has seen enough.
    """

    def __init__(self, run: OpenRun, vitals: Vitals, *, stop: asyncio.Event) -> None:
        self._run: Final = run
        self._vitals: Final = vitals
        self._stop: Final = stop
        self._world: Final[World] = world_of(run)
        self._trading: Final = Trading(run.books.ports.account_id)
        self._evidence: Final = RunEvidence(run, stop=stop)
        self._supervisor: Final = Supervisor(vitals, tell=self._tell_of_part, stop=stop)
        self._acting: Final = Acting(
            run.books,
            self._trades(),
            tell=self._executed,
            refused=self._order_refused,
            leave=self._leave,
        )
        self._work: Final = CloseWork(
            run, self._evidence, vitals=vitals, before=self._before, act=self._act
        )
        self._summary: Final = RunSummary()
        self._shown: dict[SetupId, None] = {}

    async def through(self) -> RunSummary:
        """Run; return what was done.

        Raises:
            BaseException: a fault of the program ended it.
            ConfigInvalid: orders must not be sent so.
        """
        executor = await self._executor()
        self._run.say(words.begin_text(self._run, self._world))
        if self._run.asked.is_sandbox_time:
            self._run.say(words.scaled_text(self._run.clock.scale, self._run.clock.ms()))
        beating = asyncio.create_task(beat_of_loop(self._vitals))
        self._start_parts(executor)
        try:
            self._vitals.ready()
            await self._loop().run(until_ms=self._run.asked.until_ms)
        finally:
            self._vitals.stopping()
            self._stop.set()
            self._summary.late = await self._supervisor.end(within_s=_END_S)
            beating.cancel()
        if self._supervisor.fault is not None:
            raise self._supervisor.fault
        return self._summary

    def _trades(self) -> Trades:
        if self._world.mode is Mode.DRY_RUN:
            return Rehearsing(self._run, self._world)
        return self._trading

    async def _executor(self) -> ExecutorPart | None:
        if self._world.mode is Mode.DRY_RUN:
            return None
        part = ExecutorPart(
            self._run,
            self._world,
            self._trading,
            stop=self._stop,
            beat=lambda: self._vitals.beat(EXECUTOR),
        )
        with suppress(LeaseLost):  # the process that executes has made sure of it
            await part.require_ready()
        return part

    def _start_parts(self, executor: ExecutorPart | None) -> None:
        run, start = self._run, self._supervisor.start
        if executor is not None:
            start(Part(name=EXECUTOR, work=executor.work))
        if run.notifying is not None:
            start(Part(name=SENDER, work=sending_of(run, run.notifying, self._stop)))
        start(Part(name=OUTCOMES, work=self._follow_outcomes))

    async def _follow_outcomes(self) -> None:
        await self._evidence.follow_on(lambda: self._vitals.beat(OUTCOMES))

    def _loop(self) -> ScanLoop:
        trigger = self._run.session.request.profile.timeframe("trigger")
        is_published_at_once = self._run.asked.source.is_built_in
        return ScanLoop(
            self._run.clock,
            Closes(trigger),
            self._work.at,
            supervisor=self._supervisor,
            stop=self._stop,
            after=self._scanned,
            alarm=self._alarm,
            delay_ms=0 if is_published_at_once else PUBLISHED_MS,
        )

    async def _before(self, close_ms: int) -> None:
        await self._trading.play(close_ms)

    async def _act(self, report: ScanReport, seen: Observations | None) -> None:
        await self._trading.observe(seen)
        if not self._run.asked.approves:
            await self._acting.act([one.plan for one in report.plans])

    def _scanned(self, report: ScanReport) -> None:
        new = [one for one in report.plans if one.plan.setup_id not in self._shown]
        self._shown = dict.fromkeys(one.plan.setup_id for one in report.plans)
        self._summary.closes += 1
        self._summary.plans += len(new)
        line = words.close_text(report.as_of_ms, new, waiting=len(report.plans))
        if line:
            self._run.say(line)
        self._vitals.beat(SCANS)

    def _executed(self, executed: Executed) -> None:
        if executed.trade is None:
            self._summary.refused += 1
        else:
            self._summary.executed += 1
        self._run.say(words.executed_text(executed, self._world))

    def _order_refused(self, plan: TradePlan, error: OrderRefused) -> None:
        self._summary.refused += 1
        self._run.say(f"Not executed: {plan.direction} {plan.symbol}: {error}")

    async def _leave(self, plan: TradePlan) -> None:
        self._run.say(
            f"{plan.direction} {plan.symbol} (plan {plan.plan_id}) is left to the process that "
            "executes the account's trades."
        )

    def _tell_of_part(self, _name: str, sentence: str) -> None:
        self._run.say(f"warning: {sentence}")

    async def _alarm(self, error: SniperSightError) -> None:
        telling = self._work.telling
        if telling is not None:
            venue = self._run.session.source.venue
            await telling.alert("venue_down", str(error), subject=venue)
