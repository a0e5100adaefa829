"""The executor of a running bot: opened, brought to the present, kept at work, closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.accounts import load_accounts, variables
from snipersight.bootstrap.executing import Executed, execute_plan
from snipersight.bootstrap.execution import Execution, Opening, open_execution
from snipersight.bootstrap.narrating import Narrator
from snipersight.bootstrap.proven import Traded, permit_profile
from snipersight.bootstrap.running.companions import Companion, Companions
from snipersight.bootstrap.running.kill_watch import KillWatch
from snipersight.bootstrap.running.readiness import Readiness
from snipersight.bootstrap.running.seat import ExecutorSeat
from snipersight.bootstrap.running.supervising import pause
from snipersight.bootstrap.worlds import World, choose_world
from snipersight.domain.errors import LeaseLost, StateUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from snipersight.bootstrap.running.opening import OpenRun
    from snipersight.domain.observations import Observations
    from snipersight.domain.plan import TradePlan

EXECUTOR: Final = "executor"  # the part, as vitals know it
VENUE: Final = "venue"
_TOLD_S: Final = 1.0
_FREE_AGAIN_S: Final = 1.0


def world_of(run: OpenRun) -> World:
    """Return where the orders of a running bot go.

    Raises:
        ConfigInvalid: the account does not trade there, or not in that mode, or the profile has no
            shown edge and is not named as unproven.
        StateUnavailable: backtests cannot be read, or an unproven profile cannot be recorded.
    """
    surroundings = run.session.surroundings
    settings = surroundings.settings
    world = choose_world(
        settings,
        load_accounts(settings)[run.books.ports.account_id],
        run.session.source.venue,
        mode=run.asked.mode,
        held=variables(run.asked.env_file),
        confirmed=run.asked.confirmed,
    )
    permit_profile(
        run.session.request.profile,
        traded=Traded(venue=world.venue),
        mode=world.mode,
        unproven=run.asked.unproven,
        folder=surroundings.home.backtests,
        ports=run.books.ports,
    )
    return world


def opening_of(run: OpenRun, world: World) -> Opening:
    """Return what the executor of a running bot is opened with."""
    rules = run.session.request.profile.management.rules(
        run.session.surroundings.settings.stop_trigger
    )
    return Opening(
        world=world,
        books=run.books,
        clock=run.clock.us,
        source=run.session.source,
        choice=run.asked.source,
        rules=rules,
        time_scale=run.asked.time_scale,
        confirmed=run.asked.confirmed,
        lease_wait_s=0.0,
        say=run.say,
    )


async def rehearse(run: OpenRun, world: World, plan: TradePlan, seen: Observations) -> Executed:
    """Judge a plan at these markets and write its orders down; nothing is sent or kept.

    Raises:
        OrderRefused: the plan is for another venue or market.
        StateUnavailable: the store cannot be read.
    """
    execution = await open_execution(replace(opening_of(run, world), observations=seen))
    try:
        return await execute_plan(execution, plan)
    finally:
        await execution.close()


class ExecutorPart:
    """Looks after the account's trades as long as this process may.

    Args:
        run: open.
        world: where orders go.
        seat: of the executor while it is at work.
        stop: ends it.
        beat: called as it makes progress.
    """

    def __init__(
        self,
        run: OpenRun,
        world: World,
        seat: ExecutorSeat,
        *,
        stop: asyncio.Event,
        beat: Callable[[], object],
    ) -> None:
        self._run: Final = run
        self._world: Final = world
        self._seat: Final = seat
        self._stop: Final = stop
        self._beat: Final = beat
        self._was_asked = False
        self.readiness: Final = Readiness(say=run.say, trouble=self._tell_vitals)

    async def require_ready(self) -> None:
        """Make sure, before anything is scanned, that orders may be sent; say what is odd.

        While another process executes the account's trades, that one has made sure. Where trades
        are open they are looked after all the same, and only new ones are not entered.

        Raises:
            ConfigInvalid: something does not hold.
            LeaseLost: another process executes the account's trades.
            VenueUnavailable: the venue does not answer.
        """
        execution = await open_execution(opening_of(self._run, self._world))
        try:
            if await asyncio.to_thread(self._has_trades):
                await self.readiness.learn(execution)
            else:
                await self.readiness.require(execution)
            self._was_asked = True
        finally:
            await execution.close()

    def _has_trades(self) -> bool:
        ports = self._run.books.ports
        return bool(ports.store.view(ports.account_id, lambda unit: unit.book.live_trades()))

    def _tell_vitals(self, problem: str | None) -> None:
        if problem is None:
            self._run.vitals.well(VENUE)
        else:
            self._run.vitals.trouble(VENUE, problem)

    async def work(self) -> None:
        """Take over, and look after the trades until it is stopped or overtaken.

        At a venue that is not as it must be for new entries, too: those wait until it is.

        Raises:
            ConfigInvalid: the venue cannot be opened so.
            LeaseLost: another executor has taken over.
            SniperSightError: venue, store or journal cannot be used.
        """
        execution = await self._opened()
        if execution is None:
            return
        async with self._at_work(execution):
            if execution.paper is not None:
                await self._seat.until_lost(self._stop)  # its time is played before each scan
            else:
                await self._monitor(execution)

    async def _opened(self) -> Execution | None:
        """Return the executor once no other process executes; None if it was stopped before."""
        opening, is_said = opening_of(self._run, self._world), False
        while not self._stop.is_set():
            try:
                return await open_execution(opening)
            except LeaseLost as error:
                if not is_said:
                    self._run.say(f"{error.what}; this one takes over when that ends.")
                    is_said = True
            self._beat()
            await pause(_FREE_AGAIN_S, stop=self._stop)
        return None

    @asynccontextmanager
    async def _at_work(self, execution: Execution) -> AsyncIterator[None]:
        try:
            if not self._was_asked:  # another process executed as this one began
                self.readiness.doubt()  # asked beside: what is open must not wait for the answers
                self._was_asked = True
            narrator = Narrator(execution.desk, self._run.say)
            await narrator.begin()
            for sentence in (await execution.executor.start()).sentences:
                self._run.say(sentence)
            beside = Companions(self._run.vitals, say=self._run.say)
            for companion in self._companions(execution, narrator):
                beside.start(companion)
            try:
                await self._seat.take(execution)
                yield
            finally:
                await self._seat.leave()
                await beside.end()
                with suppress(StateUnavailable):  # the trades are in the books all the same
                    await narrator.tell()
        finally:
            await execution.close()

    def _companions(self, execution: Execution, narrator: Narrator) -> tuple[Companion, ...]:
        watch = KillWatch(execution, lock=self._seat.lock, say=self._run.say)

        async def learn() -> None:
            await self.readiness.learn_on(execution, stop=self._stop)

        return (
            Companion(
                name="teller of trades",
                what="trade is told of",
                work=lambda: self._tell_on(narrator),
            ),
            Companion(name="kill watch", what="kill is carried out at once", work=watch.watch),
            Companion(name="readiness", what="readiness of the venue is asked for", work=learn),
        )

    async def _monitor(self, execution: Execution) -> None:
        waker = asyncio.create_task(self._wake_on_stop(execution))
        try:
            await execution.executor.monitor_execution(until=lambda _look: self._seen_enough())
        finally:
            waker.cancel()
            await asyncio.gather(waker, return_exceptions=True)

    def _seen_enough(self) -> bool:
        self._beat()
        return self._stop.is_set()

    async def _wake_on_stop(self, execution: Execution) -> None:
        await self._stop.wait()
        execution.executor.ears.wake()

    async def _tell_on(self, narrator: Narrator) -> None:
        while True:
            await asyncio.sleep(_TOLD_S)
            with suppress(StateUnavailable):  # told when the store is back
                await narrator.tell()
