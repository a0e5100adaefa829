"""The process of `snipersight run`: everything put together, kept at work, and ended in order."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from snipersight.bootstrap.operating.decided import UNASKED, decision_key
from snipersight.bootstrap.running import words
from snipersight.bootstrap.running.acting import Acting
from snipersight.bootstrap.running.closes import PUBLISHED_MS, Closes
from snipersight.bootstrap.running.crew import Crew
from snipersight.bootstrap.running.executing import world_of
from snipersight.bootstrap.running.leaving import Leaving
from snipersight.bootstrap.running.loop import WITHIN_S, ScanLoop
from snipersight.bootstrap.running.naming import unknown_markets
from snipersight.bootstrap.running.resting import Resting
from snipersight.bootstrap.running.scanning import SCANS, CloseWork, live_scan
from snipersight.bootstrap.running.supervising import Supervisor, ended
from snipersight.bootstrap.running.vitals import beat_of_loop
from snipersight.bootstrap.running.warming import warm_up
from snipersight.bootstrap.told_time import tell_end, tell_present, tell_time
from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.commands import Command, CommandKind
from snipersight.domain.errors import LeaseLost, OrderRefused, StateUnavailable
from snipersight.domain.execution import Mode
from snipersight.market.streams import StreamedSource
from snipersight.market.universe import is_ranked

if TYPE_CHECKING:
    from snipersight.bootstrap.executing import Executed
    from snipersight.bootstrap.running.opening import OpenRun
    from snipersight.bootstrap.worlds import World
    from snipersight.domain.decision import Candidate
    from snipersight.domain.observations import Observations
    from snipersight.domain.plan import SetupId, TradePlan
    from snipersight.engine.report import ScanReport

# Of the ten seconds that a graceful stop may take.
_SCAN_ENDS_S: Final = 3.0
_PARTS_END_S: Final = 3.0


@dataclass(kw_only=True)
class RunSummary:
    """What a run did.

    Args:
        closes: scanned.
        plans: approved, each counted once.
        executed: of them.
        late: parts that had to be cut short at the end.
    """

    closes: int = 0
    plans: int = 0
    executed: int = 0
    late: tuple[str, ...] = ()


class RunProcess:
    """Runs until it is stopped.

    Args:
        run: open.
        stop: set by whoever has seen enough.
    """

    def __init__(self, run: OpenRun, *, stop: asyncio.Event) -> None:
        self._run: Final = run
        self._stop: Final = stop
        self._world: Final[World] = world_of(run)
        live = live_scan(run, ended=self._end_void)
        self._crew: Final = Crew(run, self._world, scan=live, stop=stop, told=self._executed)
        self._supervisor: Final = Supervisor(run.vitals, tell=self._tell_of_part, stop=stop)
        self._acting: Final = Acting(
            run.books,
            self._crew.trading,
            tell=self._refused,
            refused=self._order_refused,
            leave=Leaving(run.books, self._leave),
        )
        self._work: Final = CloseWork(
            run,
            self._crew.evidence,
            live=live,
            before=self._crew.seat.play,
            act=self._act,
            supervisor=self._supervisor,
            stop=stop,
        )
        self._summary: Final = RunSummary()
        self._shown: dict[SetupId, None] = {}
        self._dropped: Final[set[str]] = set()

    async def through(self) -> RunSummary:
        """Run; return what was done.

        Raises:
            BaseException: a fault of the program ended it.
            ConfigInvalid: orders must not be sent so, or none of the named symbols is known.
            StateUnavailable: the store cannot be used.
            VenueUnavailable: the venue of the orders does not answer.
        """
        await self._meet_venue()
        self._say_left_out(await unknown_markets(self._run.session))
        if self._world.mode is not Mode.DRY_RUN:
            with suppress(LeaseLost):  # the process that executes has made sure of it
                await self._crew.executor.require_ready()
        await self._run.shares.join()
        self._say_what_is_run()
        await self._tell_present()
        beside = [asyncio.create_task(one) for one in self._beside()]
        for part in self._crew.parts():
            self._supervisor.start(part)
        try:
            self._run.vitals.expect(SCANS, within_s=WITHIN_S)
            self._run.vitals.ready()
            await self._scan_on()
        finally:
            await self._end()
            await self._leave_beside(beside)
        if self._supervisor.fault is not None:
            raise self._supervisor.fault
        return self._summary

    async def _tell_present(self) -> None:
        """Tell that the account lives by our clock, where it does; another time is told on and on."""
        run = self._run
        if not run.asked.is_sandbox_time:
            database, account_id = run.books.store.database, run.books.ports.account_id
            await asyncio.to_thread(tell_present, database, account_id)

    def _beside(self) -> Iterator[Coroutine[Any, Any, None]]:
        """Yield what goes on beside the parts, and can neither fail nor be missed for a moment."""
        run = self._run
        yield beat_of_loop(run.vitals)
        if run.asked.is_sandbox_time:
            yield tell_time(run.books.store.database, run.books.ports.account_id, run.clock)

    async def _leave_beside(self, beside: list[asyncio.Task[None]]) -> None:
        run = self._run
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        if run.asked.is_sandbox_time:
            await tell_end(run.books.store.database, run.books.ports.account_id, run.clock)

    async def _meet_venue(self) -> None:
        """Put a sandbox's time forward to what its exchange shows, should that be later.

        Raises:
            VenueUnavailable: the exchange does not tell its time.
        """
        run = self._run
        if run.asked.is_sandbox_time and not run.asked.source.is_built_in:
            ahead_ms = await run.session.source.clock_skew_ms()
            run.clock.reach(run.clock.us() + (ahead_ms or 0) * 1000)
            if isinstance(run.session.source, StreamedSource):
                run.session.source.doubt_clock()  # or the difference would be held for minutes

    async def _scan_on(self) -> None:
        """Scan until it is stopped; a scan that is under way then is cut short after a moment."""
        scanning = asyncio.create_task(self._scans())
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait([scanning, stopping], return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait([scanning], timeout=_SCAN_ENDS_S)
        finally:
            stopping.cancel()
            scanning.cancel()
        if not await ended(scanning):
            self._summary.late = (SCANS,)

    async def _scans(self) -> None:
        await self._warm_up()
        await self._loop().run(until_ms=self._run.asked.until_ms)

    async def _warm_up(self) -> None:
        cache = self._run.session.compile_cache
        if cache.is_cold:
            self._run.say("Compiling the detectors for the first time, about 20 s …")
            if await warm_up(self._run.session.request.profile, stop=self._stop):
                cache.remember_warm()
            else:
                self._run.say("Ended before the detectors were compiled; the next start does it.")

    async def _end(self) -> None:
        """Let everything under way come to its end, and others take over at once."""
        self._run.vitals.stopping()
        self._stop.set()
        with suppress(StateUnavailable):  # it ends with its time
            await self._run.shares.leave()
        self._summary.late += await self._supervisor.end(within_s=_PARTS_END_S)

    def _say_what_is_run(self) -> None:
        run = self._run
        run.say(words.begin_text(run, self._world))
        if run.asked.is_sandbox_time:
            run.say(words.scaled_text(run.clock.scale, run.clock.ms()))
        # By it the log's times, which are the system's, can be told in the bot's own.
        log_structured("the time", stage="run", shown_us=run.clock.us(), scale=run.clock.scale)
        if run.address is not None:
            run.say(f"Health and metrics: {run.address}")
        if run.notifying is not None:
            for problem in run.notifying.problems:
                run.say(f"warning: {problem}")

    def _loop(self) -> ScanLoop:
        run = self._run
        return ScanLoop(
            run.clock,
            Closes(run.session.request.profile.timeframe("trigger")),
            self._work.at,
            supervisor=self._supervisor,
            stop=self._stop,
            after=self._scanned,
            beat=lambda: run.vitals.beat(SCANS),
            gained=run.shares.gained,
            delay_ms=PUBLISHED_MS if _is_asked_for(run) else 0,
            rest=Resting(),
        )

    async def _act(self, report: ScanReport, seen: Observations | None) -> None:
        if seen is not None and not self._run.asked.approves:
            await self._acting.act([one.plan for one in report.plans], seen)
        # What was sent is protected, and what a breaker ends is cancelled, before the next bar.
        await self._crew.seat.play(report.as_of_ms)

    async def _end_void(self, ended: Sequence[Candidate]) -> None:
        await self._crew.seat.end_void(ended)

    def _scanned(self, report: ScanReport) -> None:
        new = [one for one in report.plans if one.plan.setup_id not in self._shown]
        self._shown = dict.fromkeys(one.plan.setup_id for one in report.plans)
        self._crew.state.scanned(report)
        self._say_dropped(report)
        self._summary.closes += 1
        self._summary.plans += len(new)
        line = words.close_text(report.as_of_ms, new, waiting=len(report.plans))
        if line:
            self._run.say(line)

    def _say_dropped(self, report: ScanReport) -> None:
        """Say which symbols that were named are left out, each once."""
        if not is_ranked(self._run.session.request.symbols):
            self._say_left_out(report.dropped)

    def _say_left_out(self, dropped: Iterable[tuple[str, str]]) -> None:
        for symbol, reason in dropped:
            if symbol not in self._dropped:
                self._dropped.add(symbol)
                self._run.say(f"warning: {symbol} is left out: {reason}")

    def _executed(self, executed: Executed) -> None:
        self._summary.executed += 1
        self._run.say(words.executed_text(executed, self._world))

    def _refused(self, executed: Executed) -> None:
        self._run.say(words.executed_text(executed, self._world))

    def _order_refused(self, plan: TradePlan, error: OrderRefused) -> None:
        self._run.say(f"Not executed: {plan.direction} {plan.symbol}: {error}")

    async def _leave(self, plan: TradePlan, is_news: bool) -> None:
        """Leave a plan to whoever executes the account's trades, also if that is us in a moment.

        Raises:
            StateUnavailable: it could not be stored.
        """
        run, account_id = self._run, self._run.books.ports.account_id
        at_us = run.clock.us()
        command = Command(
            # Of this attempt: under the key of an earlier one that was refused it would be that one.
            key=f"{decision_key(account_id, plan.plan_id)}:{at_us}",
            kind=CommandKind.APPROVE,
            account_id=account_id,
            subject=plan.plan_id,
            actor=UNASKED,
            name="SniperSight",
            at_us=at_us,
            arguments={"mode": run.asked.mode.value},
        )
        await self._crew.desk.leave(command)
        name = f"{plan.direction} {plan.symbol} (plan {plan.plan_id})"
        if is_news:
            run.say(f"Left to the process that executes: {name}")

    def _tell_of_part(self, _name: str, sentence: str) -> None:
        self._run.say(f"warning: {sentence}")


def _is_asked_for(run: OpenRun) -> bool:
    """Return whether bars come by request alone, some moments after their close."""
    return not run.asked.source.is_built_in and not isinstance(run.session.source, StreamedSource)
