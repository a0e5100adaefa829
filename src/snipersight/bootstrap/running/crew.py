"""The parts of a running bot that go on beside its scans."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.gate import within_limit
from snipersight.bootstrap.operating.markets import SourceMarket
from snipersight.bootstrap.operating.opening import open_desk
from snipersight.bootstrap.operating.trading import Rehearsal, Trading
from snipersight.bootstrap.profiles import load_profile
from snipersight.bootstrap.running.alarms import Alarms
from snipersight.bootstrap.running.changes import Changes, files_of
from snipersight.bootstrap.running.executing import EXECUTOR, ExecutorPart, rehearse
from snipersight.bootstrap.running.exporting import EXPORTERS, exporting_of
from snipersight.bootstrap.running.held_markets import MARKETS, HeldMarkets
from snipersight.bootstrap.running.keeping import RunEvidence
from snipersight.bootstrap.running.operator import OPERATOR, operator_of
from snipersight.bootstrap.running.readiness import ReadyTrading
from snipersight.bootstrap.running.seat import ExecutorSeat
from snipersight.bootstrap.running.sending import SENDER, sending_of
from snipersight.bootstrap.running.sharing import SHARES
from snipersight.bootstrap.running.state import RunState
from snipersight.bootstrap.running.supervising import Part
from snipersight.bootstrap.running.telling import RunAlerts
from snipersight.domain.execution import Mode

if TYPE_CHECKING:
    from snipersight.bootstrap.executing import Executed
    from snipersight.bootstrap.running.opening import OpenRun
    from snipersight.bootstrap.worlds import World
    from snipersight.domain.observations import Observations
    from snipersight.domain.plan import TradePlan
    from snipersight.domain.profile import Profile
    from snipersight.engine.live.scan import LiveScan

OUTCOMES: Final = "outcomes"
DESK: Final = "desk"
ALARMS: Final = "alarms"
SETTINGS: Final = "settings"


class Crew:
    """Everything that goes on beside the scans, put together.

    Args:
        run: open.
        world: where orders go.
        scan: of the run; an approval asks for nothing that it holds.
        stop: ends it.
        told: told of each plan that was executed, by itself or by a person.
    """

    def __init__(
        self,
        run: OpenRun,
        world: World,
        *,
        scan: LiveScan,
        stop: asyncio.Event,
        told: Callable[[Executed], object],
    ) -> None:
        self._run: Final = run
        self._told: Final = told
        self._stop: Final = stop
        self._is_rehearsed: Final = world.mode is Mode.DRY_RUN
        self.seat: Final = ExecutorSeat()
        self.evidence: Final = RunEvidence(run, stop=stop)
        self.executor: Final = ExecutorPart(
            run, world, self.seat, stop=stop, beat=lambda: run.vitals.beat(EXECUTOR)
        )
        self.trading: Final = self._trading(world)
        market = SourceMarket(run.session.source, run.books, profile_of=self._profile, scan=scan)
        self.desk: Final = open_desk(
            run.books, trading=self.trading, market=market, asks=run.asked.approves
        )
        self.state: Final = RunState(run)
        surroundings = run.session.surroundings
        files = files_of(
            surroundings.settings,
            surroundings.home,
            env_file=run.asked.env_file,
            profile=run.asked.profile,
        )
        self._changes: Final = Changes(files, tell=lambda text: run.say(f"warning: {text}"))

    def parts(self) -> Iterator[Part]:
        """Yield what is to be kept at work."""
        run, stop = self._run, self._stop
        yield Part(name=SHARES, work=run.shares.keep)
        yield Part(name=SETTINGS, work=lambda: self._changes.watch(stop))
        if not self._is_rehearsed:
            yield Part(name=EXECUTOR, work=self.executor.work)
            yield Part(name=MARKETS, work=lambda: HeldMarkets(run).watch(stop))
        yield Part(name=DESK, work=lambda: self.desk.run(stop))
        if run.notifying is not None:
            yield Part(name=SENDER, work=sending_of(run.notifying, stop, say=run.say))
            alarms = Alarms(run.vitals, raise_alarm=RunAlerts(run, run.notifying).raise_alarm)
            yield Part(name=ALARMS, work=lambda: alarms.watch(stop))
        operator = operator_of(run, self.desk, self.trading, facts=self.state.facts)
        if operator is not None:
            yield Part(name=OPERATOR, work=lambda: operator.run(stop))
        if run.session.events.telemetry is not None:
            yield Part(name=OUTCOMES, work=self._follow_outcomes)
            yield Part(name=EXPORTERS, work=exporting_of(run, stop))

    def _trading(self, world: World) -> Trading:
        if self._is_rehearsed:
            return Rehearsal(lambda plan, seen: self._rehearsed(world, plan, seen))
        return ReadyTrading(
            lambda: self.seat.execution,
            readiness=self.executor.readiness,
            account_id=self._run.books.ports.account_id,
            mode=world.mode,
            lock=self.seat.lock,
            told=self._told,
        )

    async def _rehearsed(self, world: World, plan: TradePlan, seen: Observations) -> Executed:
        executed = await rehearse(self._run, world, plan, seen)
        if executed.trade is not None:
            self._told(executed)
        return executed

    def _profile(self, name: str) -> Profile:
        request = self._run.session.request
        if name == request.profile.name:
            return request.profile
        surroundings = self._run.session.surroundings
        loaded = load_profile(name, own_folder=surroundings.home.profiles)
        return within_limit(loaded, self._run.books.settings)[0]

    async def _follow_outcomes(self) -> None:
        await self.evidence.follow_on(lambda: self._run.vitals.beat(OUTCOMES))
