"""The executor of an account in one world, with everything it works with, opened and closed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from snipersight.bootstrap.books import Books
from snipersight.bootstrap.executor_store import (
    GuardedStore,
    NoJournal,
    NothingFired,
    keep_lease,
    lease_taken,
    take_lease,
)
from snipersight.bootstrap.gate import LedgerGate
from snipersight.bootstrap.paper_origins import origin_text, paper_file
from snipersight.bootstrap.preview import PreviewStore
from snipersight.bootstrap.sources import SourceChoice
from snipersight.bootstrap.steady_clock import SteadyClock
from snipersight.bootstrap.worlds import World
from snipersight.bot.executor.actions import Timings
from snipersight.bot.executor.books import Look
from snipersight.bot.executor.client_ids import is_ours
from snipersight.bot.executor.desk import Desk, FallbackJournal
from snipersight.bot.executor.dry_run import DryRunVenue
from snipersight.bot.executor.safeguards import FiredSignals
from snipersight.bot.executor.submitting import Terms
from snipersight.bot.executor.touching import touched
from snipersight.bot.executor.trades import TradeExecutor
from snipersight.domain.execution import ManagementRules, Mode
from snipersight.domain.observations import Observations
from snipersight.domain.ports import CandleSource
from snipersight.domain.store import Clock, DecisionStore
from snipersight.domain.units import Currency, Symbol
from snipersight.domain.venue import Environment, Venue
from snipersight.market.paper.bars import Bar
from snipersight.market.paper.venue import PaperVenue
from snipersight.risk.registry import RiskPorts
from snipersight.storage.executor_lease import SqlExecutorLease, record_mode
from snipersight.storage.order_journal import OrderJournal
from snipersight.storage.recent_signals import SqlRecentSignals

Say = Callable[[str], object]
LEASE_WAIT_S: Final = 17.0  # a little more than the term of one that was killed
_ACTOR: Final = "executor"


@dataclass(kw_only=True)
class Execution:
    """An executor at work; `close` ends it, and positions keep their stops at the venue.

    Args:
        world: where its orders go.
        books: of the account; the caller closes them.
        venue: open.
        executor: looks after the account's trades there.
        desk: what it works with.
        lease: held; None in a dry run.
        keeper: keeps the lease.
    """

    world: World
    books: Books
    venue: Venue
    executor: TradeExecutor
    desk: Desk
    lease: SqlExecutorLease | None = None
    keeper: asyncio.Task[None] | None = None

    @property
    def paper(self) -> PaperVenue | None:
        """Return the venue if it is the simulated one, whose time has to be played."""
        return self.venue if isinstance(self.venue, PaperVenue) else None

    async def play(
        self, until_ms: int, *, on_bar: Callable[[int], Awaitable[object]] | None = None
    ) -> Look:
        """Let the simulated venue's time pass, looking after the trades after every bar.

        At a venue whose time passes by itself, look after them once.

        Args:
            until_ms: the moment to play to, milliseconds UTC.
            on_bar: awaited with each moment that was played to.

        Returns:
            The account as it is then.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: the store is away and was never read.
            VenueUnavailable: a live source cannot be reached; what was played stays so.
        """
        paper = self.paper
        if paper is None:
            return await self.executor.cycle()
        look, nameless = Look(), paper.nameless_fills
        async for moment_ms in paper.advance(until_ms):
            look = await self._cycle_after(paper.played)
            if paper.nameless_fills != nameless:
                # A stop that came with an entry was executed: the cycle alone knows our ids only.
                nameless = paper.nameless_fills
                await self.executor.reconcile()
                look = await self.executor.cycle()
            if on_bar is not None:
                await on_bar(moment_ms)
        return look

    async def _cycle_after(self, bars: Sequence[Bar]) -> Look:
        """Look after everything, and end what waits though a bar touched its first target.

        Where time passes by itself, the executor looks every few seconds and sees that price.
        """
        look = await self.executor.cycle()
        for bar in bars:
            since_us = bar.open_ms * 1000
            for trade in touched(look, bar.symbol, low=bar.low, high=bar.high, since_us=since_us):
                await self.executor.cancel_order(trade.trade_id)
        # A loss that was booked just now may have stopped the account: what waits is cancelled.
        return look if look.entries_allowed else await self.executor.cycle()

    async def close(self) -> None:
        """End what is under way, close the venue, and let another process take over."""
        try:
            await self.executor.close()
        finally:
            await self._leave()

    async def _leave(self) -> None:
        if self.keeper is not None:
            self.keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self.keeper
        await self.venue.close()
        if self.lease is not None:
            await asyncio.to_thread(self.lease.give_back)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What an execution is opened with.

    Args:
        world: where orders go.
        books: of the account, open.
        source: candles of the simulated venue and of a dry run; None where neither is meant.
        choice: which source that is.
        clock: the present, microseconds UTC.
        rules: how new trades are managed.
        observations: of the markets, for judging plans; None: nothing is judged.
        time_scale: seconds of the clock in a real one.
        confirmed: the account that a person named for live orders.
        lease_wait_s: how long to wait for another process that executes the account's trades.
        say: told what the user should know.
    """

    world: World
    books: Books
    clock: Clock
    source: CandleSource | None = None
    choice: SourceChoice | None = None
    rules: ManagementRules = field(default_factory=ManagementRules)
    observations: Observations | None = None
    time_scale: float = 1.0
    confirmed: str | None = None
    lease_wait_s: float = LEASE_WAIT_S
    say: Say = lambda _: None


async def open_execution(opening: Opening) -> Execution:
    """Return the executor of an account in a world; the caller closes it.

    Raises:
        ConfigInvalid: the venue has no such world, or a key is missing.
        LeaseLost: another process executes the account's trades.
        StateUnavailable: store, journal or paper file cannot be used.
        VenueUnavailable: the venue does not answer.
    """
    if opening.world.mode is Mode.DRY_RUN:
        return await _rehearsal(opening)
    account_id = opening.world.account.account_id
    lease = await take_lease(
        opening.books.store, account_id, wait_s=opening.lease_wait_s, say=opening.say
    )
    if lease is None:
        raise lease_taken(account_id)
    database, mode = opening.books.store.database, opening.world.mode
    try:
        await asyncio.to_thread(record_mode, database, account_id, owner=lease.owner, mode=mode)
        store = GuardedStore(opening.books.store.decisions, lease)
        return await _with_lease(opening, store, lease)
    except BaseException:
        await asyncio.to_thread(lease.give_back)
        raise


async def open_beside(opening: Opening) -> Execution:
    """Return an executor without the lease, for what may be done beside the one that holds it.

    Only a kill and a verdict may be written through it.

    Raises:
        ConfigInvalid: the venue has no such world, or a key is missing.
        StateUnavailable: store, journal or paper file cannot be used.
        VenueUnavailable: the venue does not answer.
    """
    venue = await open_world_venue(opening)
    return await _assembled(
        opening, venue, store=opening.books.store.decisions, journal=_journal(opening)
    )


async def open_world_venue(opening: Opening) -> Venue:
    """Return the venue of a world; the caller closes it.

    Raises:
        ConfigInvalid: the venue has no such world, or a key is missing.
        StateUnavailable: the paper file cannot be used.
        VenueUnavailable: a live source does not answer.
    """
    world, settings = opening.world, opening.books.settings
    if world.environment is Environment.SIMULATED:
        return await _paper_venue(opening)
    from snipersight.market.venues import Gateway, VenueConfig, open_venue

    address, keys = settings.gateway_address, world.keys
    gateway = None
    if address is not None and settings.exchange_gateway_ca is not None:
        host, port = address
        gateway = Gateway(host=host, port=port, ca_file=settings.exchange_gateway_ca)
    config = VenueConfig(
        venue=world.venue,
        environment=world.environment,
        api_key="" if keys is None else keys.key.get_secret_value(),
        api_secret="" if keys is None else keys.secret.get_secret_value(),
        gateway=gateway,
        account_name=world.account.account_id,
        time_scale=opening.time_scale if gateway is not None else 1.0,
    )
    return open_venue(config, clock_ms=lambda: opening.clock() // 1000, is_ours=is_ours)


async def _with_lease(opening: Opening, store: GuardedStore, lease: SqlExecutorLease) -> Execution:
    venue = await open_world_venue(opening)
    try:
        execution = await _assembled(opening, venue, store=store, journal=_journal(opening))
    except BaseException:
        await venue.close()
        raise
    execution.lease = lease
    execution.keeper = asyncio.create_task(keep_lease(lease), name="executor lease")
    return execution


async def _assembled(
    opening: Opening, venue: Venue, *, store: DecisionStore, journal: FallbackJournal
) -> Execution:
    world, settings = opening.world, opening.books.settings
    desk = Desk(
        account_id=world.account.account_id,
        venue=venue,
        store=store,
        journal=journal,
        clock=_clock_of(venue, opening.clock),
        policy=opening.books.ports.policy,
        instruments=await venue.instruments(),
        timings=_timings(settings.stop_deadline_us, scale=opening.time_scale),
        actor=_ACTOR,
    )
    signals = (
        NothingFired()
        if world.mode is Mode.DRY_RUN
        else SqlRecentSignals(opening.books.store.database)
    )
    terms = Terms(
        rules=opening.rules,
        fired=FiredSignals(signals=signals, account_id=world.account.account_id, by=_ACTOR),
        window_minutes=settings.double_fire_minutes,
        confirmed=opening.confirmed,
    )
    gate = await _gate(opening, store)
    executor = TradeExecutor(desk, gate=gate, terms=terms)
    return Execution(world=world, books=opening.books, venue=venue, executor=executor, desk=desk)


def _timings(stop_deadline_us: int, *, scale: float) -> Timings:
    """Return how long things may take; a sandbox whose time runs faster is no faster to reach."""
    usual = Timings(stop_deadline_us=stop_deadline_us)
    return replace(
        usual,
        stop_deadline_us=int(usual.stop_deadline_us * scale),
        retry_us=int(usual.retry_us * scale),
        cancel_retry_us=int(usual.cancel_retry_us * scale),
        lookup_retry_us=int(usual.lookup_retry_us * scale),
    )


async def _gate(opening: Opening, store: DecisionStore) -> LedgerGate | None:
    """Return the gate over the executor's own store, told of the markets; None to judge nothing."""
    if opening.observations is None:
        return None
    ports: RiskPorts = replace(opening.books.ports, store=store)
    gate = LedgerGate(ports, actor=_ACTOR)
    await asyncio.to_thread(gate.observe, opening.observations)
    return gate


async def _rehearsal(opening: Opening) -> Execution:
    source = _required(opening.source)
    seen = opening.observations
    venue = DryRunVenue(
        name=opening.world.venue,
        instruments=await source.instruments(),
        prices={} if seen is None else _prices(seen),
        clock=opening.clock,
        log=lambda line: opening.say(f"dry run: {line}"),
    )
    store = PreviewStore(opening.books.store.decisions)
    return await _assembled(opening, venue, store=store, journal=NoJournal())


def _prices(seen: Observations) -> Mapping[Symbol, Decimal]:
    return {
        symbol: facts.reference.price
        for symbol, facts in seen.markets.items()
        if facts.reference is not None
    }


async def _paper_venue(opening: Opening) -> PaperVenue:
    world, books = opening.world, opening.books
    account_id = world.account.account_id
    standing = books.store.decisions.view(account_id, lambda unit: unit.account.standing)
    return await PaperVenue.open(
        account_id=account_id,
        source=_required(opening.source),
        origin=origin_text(opening.choice or SourceChoice()),
        file=paper_file(books.settings, account_id, world.venue),
        balances={Currency(books.settings.account_currency): Decimal(standing.balance)},
        now_us=opening.clock(),
        # What plans, gate and outcomes count with: trades on paper cost what they were planned to.
        slippage_fraction=books.ports.policy.slippage_fraction,
    )


def _journal(opening: Opening) -> OrderJournal:
    from snipersight.storage.home import make_private_folder

    world = opening.world
    folder = make_private_folder(opening.books.settings.snipersight_home / "orders")
    name = f"{world.account.account_id}-{world.venue}-{world.environment}.journal"
    return OrderJournal(folder / name)


def _clock_of(venue: Venue, clock: Clock) -> Clock:
    """Return the time an executor lives by: the simulated venue's own, which has to be played."""
    if isinstance(venue, DryRunVenue):
        return clock
    if not isinstance(venue, PaperVenue):
        return SteadyClock(clock)
    paper = venue
    return lambda: paper.clock_us


def _required(source: CandleSource | None) -> CandleSource:
    if source is None:
        raise ValueError("a simulated venue without a source of candles")
    return source
