"""The executor of an account at one venue: puts plans on, looks after them, takes them off."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from snipersight.bot.executor.actions import Flatten
from snipersight.bot.executor.booking import Booker
from snipersight.bot.executor.books import Look, TradeBooks
from snipersight.bot.executor.comparisons import Comparisons
from snipersight.bot.executor.cycle import Cycle
from snipersight.bot.executor.decide import decide as default_decide
from snipersight.bot.executor.desk import Desk
from snipersight.bot.executor.evidence import CancelAsked
from snipersight.bot.executor.kill import KillWork, open_entries
from snipersight.bot.executor.listening import Ears
from snipersight.bot.executor.patience import PatientVenue
from snipersight.bot.executor.reconciler import Reconciler
from snipersight.bot.executor.reconciling.outcome import Reconciled
from snipersight.bot.executor.reconciling.vanished import VanishedPositions
from snipersight.bot.executor.sending import Courier
from snipersight.bot.executor.submitting import Submission, Submitter, Terms
from snipersight.bot.executor.tending import Decide, TradeKeeper
from snipersight.bot.executor.trade_file import Changes, TradeFile
from snipersight.bot.executor.venue_health import VenueHealth
from snipersight.domain.decision import Approved, Rejected, RiskDecision
from snipersight.domain.execution import KillSwitch, Leg, Mode, OrderIntent, Trade, TradeState
from snipersight.domain.ledger import Origin
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Symbol

_SECOND_US: Final = 1_000_000
_LEAST_REST: Final = 0.2  # of the pace, between a cycle's end and the next one
RECONCILE_EVERY: Final = 15  # cycles; once a minute at the usual pace

Until = Callable[[Look], bool]


class ReservingGate(Protocol):
    """The risk gate as whoever executes asks it: `RiskManager`, with its markets observed."""

    def validate_plan(self, plan: TradePlan, *, reserve: Origin | None = None) -> RiskDecision:
        """Return the verdict; an approval holds its budget in the ledger where asked to."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """An approved plan as it would be executed; nothing is sent or journaled.

    Args:
        approved: with the reservation that holds its budget.
        trade: what it becomes.
        intents: the orders it begins with.
    """

    approved: Approved
    trade: Trade
    intents: tuple[OrderIntent, ...]


def is_idle(look: Look) -> bool:
    """Return whether no trade needs looking after and no kill is under way."""
    return not look.files and (look.kill is None or look.kill.done_us is not None)


class TradeExecutor:
    """Executes plans for one account at one venue, and never leaves a position naked.

    Everything it goes by is in the store; killing it at any moment and starting another is safe,
    provided that only one runs for an account at a time (the lease that guards the store).

    Args:
        desk: account, venue, store, clock, limits.
        gate: approves and reserves; None: plans cannot be staged, everything else works.
        terms: how trades are managed and which safeguards hold.
        decide: the rule of what a trade needs next.
        reconcile_every: cycles between two comparisons with the venue's whole book; the same in
            time, at the usual pace.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        gate: ReservingGate | None = None,
        terms: Terms | None = None,
        decide: Decide = default_decide,
        reconcile_every: int = RECONCILE_EVERY,
    ) -> None:
        desk = replace(
            desk,
            venue=PatientVenue(
                desk.venue, request_us=desk.request_us, question_us=desk.question_us
            ),
        )
        self._desk: Final = desk
        self._gate: Final = gate
        self.ears: Final = Ears(desk.venue)
        self.health: Final = VenueHealth(desk.venue.name)
        self.books: Final = TradeBooks(desk)
        self._courier: Final = Courier(desk, self.books, self.health)
        self._booker: Final = Booker(desk, self.books)
        self._keeper: Final = TradeKeeper(
            desk, self.books, self._courier, self._booker, self.health, decide=decide
        )
        self._kill: Final = KillWork(desk, self.books, self._courier)
        self._submitter: Final = Submitter(
            desk, self.books, self._courier, self.health, terms=terms or Terms()
        )
        self._cycle: Final = Cycle(
            desk,
            self.books,
            self._keeper,
            self.ears,
            before=self._kill.work_on,
            finally_=self._after_trades,
        )
        self._vanished: Final = VanishedPositions(desk, self.books, self._courier)
        self._reconciler: Final = Reconciler(
            desk,
            self.books,
            self._courier,
            self._booker,
            self.health,
            tend=self._cycle.tend,
        )
        self._comparisons: Final = Comparisons(
            desk, self.books, self._reconciler, self._kill, self.ears, every=reconcile_every
        )

    async def start(self) -> Reconciled:
        """Take over from whoever ran before: the fallback journal, and what the venue shows.

        Raises:
            DataInvalid: the fallback journal cannot be read.
            LeaseLost: another executor has taken over.
            StateUnavailable: the store cannot be read.
        """
        await self.books.recover()
        await self.cycle()
        done = await self._comparisons.first(self.cycle)
        await self.cycle()
        return done

    def stage_order(self, plan: TradePlan, mode: Mode = Mode.DRY_RUN) -> Staged | Rejected:
        """Let the gate judge a plan and hold its budget, and lay out its orders; it may block.

        Returns:
            What `submit_order` would do, or the gate's refusal. Budget that is never submitted is
            released by the next reconciliation a minute later.

        Raises:
            OrderRefused: the plan is for another venue or market.
            RuntimeError: the executor was given no gate.
            StateUnavailable: the store cannot be read.
            UnknownSymbol: the venue does not list the market.
        """
        if self._gate is None:
            raise RuntimeError("an executor without a gate stages nothing")
        decision = self._gate.validate_plan(plan, reserve=Origin.EXECUTED)
        if not isinstance(decision, Approved):
            return decision
        entry_id = decision.reservation_id
        entry = self._desk.store.view(
            self._desk.account_id,
            lambda unit: None if entry_id is None else unit.entry(entry_id),
        )
        trade = self._submitter.staged(decision, entry, mode=mode)
        intents = self._submitter.entries_of(trade)
        return Staged(approved=decision, trade=trade, intents=intents)

    async def submit_order(self, approved: Approved, *, mode: Mode = Mode.DRY_RUN) -> Submission:
        """Send the entries of an approval that holds its budget, if every safeguard lets it.

        Args:
            approved: by the gate, with a live reservation.
            mode: dry-run unless told otherwise; it must fit the venue's environment.

        Returns:
            Truthy with the trade, or falsy with the safeguard that refused; what was refused has
            given its budget back.

        Raises:
            LeaseLost: another executor has taken over.
            OrderRefused: it is no approval, reserved nothing, or is for another venue.
            StateUnavailable: the store cannot be read or written; nothing was sent.
        """
        submission = await self._submitter.submit(approved, mode=mode)
        self.ears.mention(approved.plan.symbol)
        return submission

    async def cycle(self) -> Look:
        """Look after everything once, and return the account as it is then.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: the store is away and was never read.
        """
        return await self._cycle.run()

    async def monitor_execution(self, *, until: Until = is_idle) -> Look:
        """Look after every trade until there is nothing to look after, woken by the venue's stream.

        Args:
            until: asked after each round; the default ends once no trade is live.

        Returns:
            The account as it is at the end.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: the store is away and was never read.
        """
        sweeping = asyncio.create_task(self._sweep(until), name="cycles")
        beside = [
            asyncio.create_task(self.ears.listen(), name="venue stream"),
            asyncio.create_task(self._heed(until), name="stream news"),
            asyncio.create_task(self._comparisons.run(), name="comparisons"),
        ]
        try:
            await asyncio.wait([sweeping, *beside], return_when=asyncio.FIRST_COMPLETED)
            for task in beside:
                if task.done():
                    task.result()  # neither ends but by an error
            return await sweeping
        finally:
            await _ended([sweeping, *beside])

    async def _sweep(self, until: Until) -> Look:
        """Look after everything at the pace of polls, however long a cycle itself takes.

        Also while all rests at the venue and the stream is up: an event that was lost is found by
        this alone, and what it left without a stop has its deadline.
        """
        poll_s = self._desk.timings.poll_us / _SECOND_US
        while True:
            began_s = time.monotonic()
            if until(look := await self.cycle()):
                return look
            rest_s = poll_s - (time.monotonic() - began_s)
            await self.ears.everything(longest_s=max(rest_s, poll_s * _LEAST_REST))

    async def _heed(self, until: Until) -> None:
        """Look after the trades that the stream tells of, each as soon as it is told."""
        under_way: dict[Symbol, asyncio.Task[None]] = {}
        try:
            while True:
                # What is told of a market that is looked after already is taken up after that.
                for symbol in await self.ears.news(besides=under_way.keys()):
                    task = asyncio.create_task(self._heed_one(symbol, until))
                    task.add_done_callback(lambda _: self.ears.nudge())
                    under_way[symbol] = task
                for symbol in [one for one, task in under_way.items() if task.done()]:
                    under_way.pop(symbol).result()
        finally:
            await _ended(list(under_way.values()))

    async def _heed_one(self, symbol: Symbol, until: Until) -> None:
        await self._cycle.heed(symbol)
        if until(self.books.known):
            self.ears.wake()

    async def cancel_order(self, which: str) -> tuple[Trade, ...]:
        """Cancel the entries of a trade; what is filled of it stays protected and managed.

        Args:
            which: trade id, plan id, setup id, or symbol.

        Returns:
            The trades concerned; empty where none is live under that name.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: the store is away.
        """
        files = await self._named(which)
        for file in files:
            # Of every entry, also what the venue refused for now: it must not be sent again.
            entries = [one for one in file.intents if one.leg is Leg.ENTRY]
            asked = tuple(CancelAsked(client_id=one.client_id) for one in entries)
            await self._write(file, Changes(trade_id=file.trade.trade_id, at_us=0, facts=asked))
            await self._courier.settle([self._courier.cancel(one) for one in open_entries(file)])
        await self._cycle.tend([file.trade for file in files])
        return tuple(file.trade for file in files)

    async def flatten(
        self, which: str | None = None, *, reason: str = "closed by a person"
    ) -> tuple[Trade, ...]:
        """Close a trade at market, or all of them; latched, it goes on until nothing is held.

        A quarantined one of which the venue holds nothing any more is ended.

        Args:
            which: trade id, plan id, setup id, or symbol; None: every trade.
            reason: why, for the books.

        Returns:
            The trades concerned.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: neither the store nor the fallback journal can be written.
        """
        files = await self._named(which)
        for file in files:
            verdict = (Flatten(why=reason),)
            await self._write(
                file, Changes(trade_id=file.trade.trade_id, at_us=0, verdicts=verdict)
            )
        await self._cycle.tend([file.trade for file in files])
        for file in files:
            await self._vanished.end(file.trade.trade_id)
        return tuple(file.trade for file in files)

    async def kill(self, *, actor: str, reason: str = "", flatten: bool = False) -> KillSwitch:
        """Pull the kill switch: entries end now, for good, and if asked every position too.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: see `KillWork.pull`.
        """
        switch = await self._kill.pull(flatten=flatten, actor=actor, reason=reason)
        self.ears.wake()
        return switch

    async def carry_out_kill(self) -> KillSwitch | None:
        """Cancel at once what a pulled switch ends; nothing, and None, where none is pulled.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: the store is away and was never read.
        """
        switch = await self._kill.carry_out()
        self.ears.wake()
        return switch

    async def rearm(self, *, actor: str) -> bool:
        """Allow entries again; False if the kill switch was not pulled.

        Raises:
            StateUnavailable: the store cannot be written; the switch holds.
        """
        return await self._kill.rearm(actor=actor)

    async def reconcile(self) -> Reconciled:
        """Compare books and venue now, do what follows from it, and say what was done.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: the store cannot be read.
        """
        return await self._reconciler.reconcile()

    async def close(self) -> None:
        """Wait for the requests that are under way; positions keep their stops at the venue."""
        await self._cycle.end()
        await self._courier.close()

    async def _after_trades(self, look: Look) -> bool:
        return await self._comparisons.after_trades(look)

    async def _named(self, which: str | None) -> tuple[TradeFile, ...]:
        look = await self.books.look()
        return tuple(file for file in look.files if which is None or which in file.names)

    async def _write(self, file: TradeFile, changes: Changes) -> None:
        at_us = self._desk.clock()
        done = Changes(
            trade_id=changes.trade_id, at_us=at_us, facts=changes.facts, verdicts=changes.verdicts
        )
        if not done.is_empty and file.trade.state is not TradeState.DONE:
            await self.books.write(done)


async def _ended(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
