"""Paper trading inside this program: a venue whose prices are a source's closed candles."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping
from contextlib import aclosing
from dataclasses import replace
from decimal import Decimal
from typing import Final

from snipersight.domain.candles import utc_text
from snipersight.domain.instrument import Instrument
from snipersight.domain.orders import (
    Balance,
    Fill,
    FundingPayment,
    OrderRequest,
    Quote,
    VenueOrder,
    VenuePosition,
)
from snipersight.domain.ports import CandleSource
from snipersight.domain.units import Currency, Symbol
from snipersight.domain.venue import (
    Answer,
    Environment,
    EventKind,
    Finding,
    FindingLevel,
    Problem,
    ProblemClass,
    Reason,
    VenueCapabilities,
    VenueEvent,
)
from snipersight.market.paper.abilities import abilities_of
from snipersight.market.paper.bars import Bar, BarFeed
from snipersight.market.paper.state_file import PaperFile
from snipersight.market.paper.world import RULES, PaperWorld, begin_world, is_spot
from snipersight.matching import MatchEvent


class PaperVenue:
    """One paper account; a `Venue` whose time stands still until `advance` lets bars happen.

    Orders rest on the simulated venue and are filled by bars that opened after they were sent,
    never by what was known then. Everything survives the process.

    Args:
        world: the account.
        source: candles; the caller closes it.
    """

    def __init__(self, world: PaperWorld, source: CandleSource) -> None:
        self._world: Final = world
        self._source: Final = source
        self._feed: Final = BarFeed(source)
        self._readers: Final[list[asyncio.Queue[VenueEvent | None]]] = []
        self._nameless = 0
        self.played: tuple[Bar, ...] = ()
        """The bars that closed together at the newest moment that was yielded."""
        world.listen(self._tell)

    @classmethod
    async def open(
        cls,
        *,
        account_id: str,
        source: CandleSource,
        origin: str,
        file: PaperFile,
        balances: Mapping[Currency, Decimal],
        now_us: int,
        slippage_fraction: Decimal = RULES.slippage_fraction,
    ) -> PaperVenue:
        """Return the venue as it was left, or a new one.

        Args:
            account_id: whose.
            source: candles and rules.
            origin: names that source for good; another one is refused.
            file: where it is kept.
            balances: what a new account begins with.
            now_us: when a new account begins, microseconds UTC.
            slippage_fraction: how much worse than the price a market order is filled from now on.

        Raises:
            DataInvalid: the file is another account's, or lives by another source.
            StateUnavailable: the file cannot be used.
            VenueUnavailable: a live source cannot be reached.
        """
        world = begin_world(
            account_id=account_id,
            origin=origin,
            instruments=await source.instruments(),
            file=file,
            balances=balances,
            now_us=now_us,
            rules=replace(RULES, slippage_fraction=slippage_fraction),
        )
        return cls(world, source)

    @property
    def name(self) -> str:
        """Return the venue whose prices it lives by."""
        return self._source.venue

    @property
    def environment(self) -> Environment:
        """Return that it is simulated."""
        return Environment.SIMULATED

    @property
    def clock_us(self) -> int:
        """Return the time that was played to, microseconds UTC."""
        return self._world.clock_us

    @property
    def nameless_fills(self) -> int:
        """Return how many fills of orders without an id of ours there were since it was opened.

        They are those of stops that came with an entry, and of liquidations: whoever keeps books
        has to compare them with the venue's after one.
        """
        return self._nameless

    async def advance(self, until_ms: int) -> AsyncGenerator[int, None]:
        """Let time pass, yielding after each bar that closed, and once more at the end.

        What is ordered in between counts from the next bar on. A moment that has passed already
        yields once and changes nothing.

        Args:
            until_ms: the moment to advance to, milliseconds UTC.

        Yields:
            The time that was played to, milliseconds UTC.

        Raises:
            NoData: the source holds nothing of a market in which something is open.
            VenueUnavailable: a live source cannot be reached; what was played stays so.
        """
        world = self._world
        while symbols := world.active():
            is_through = True
            start_ms = world.clock_us // 1000
            feed = self._feed.between(symbols, start_ms=start_ms, end_ms=until_ms)
            async with aclosing(feed) as groups:
                async for bars in groups:
                    world.play(bars)
                    self.played = bars
                    yield world.clock_us // 1000
                    if world.active() != symbols:
                        is_through = False
                        break
            if is_through:
                break
        if until_ms * 1000 > world.clock_us:
            world.clock_us = until_ms * 1000
            world.keep()
        self.played = ()
        yield world.clock_us // 1000

    def capabilities(self, symbol: Symbol) -> VenueCapabilities:
        """Return what it can do for a market."""
        return abilities_of(self._world.instruments.get(symbol))

    async def now_us(self) -> int:
        """Return the time that was played to."""
        return self._world.clock_us

    async def instruments(self) -> Mapping[Symbol, Instrument]:
        """Return the markets whose rules are known."""
        return self._world.instruments

    async def preflight(self, symbols: Collection[Symbol]) -> tuple[Finding, ...]:
        """Return what there is to say: nothing of it can be wrong at a venue of our own."""
        played = utc_text(self._world.clock_us // 1000)
        unknown = sorted(set(symbols) - set(self._world.instruments))
        filters = f"not traded here: {', '.join(unknown)}; leave them out" if unknown else "known"
        return (
            Finding(
                name="host",
                level=FindingLevel.OK,
                sentence=f"the simulated venue, on prices of {self.name}",
            ),
            Finding(name="clock", level=FindingLevel.OK, sentence=f"played to {played}"),
            Finding(
                name="filters",
                level=FindingLevel.FAILED if unknown else FindingLevel.OK,
                sentence=filters,
            ),
        )

    async def prepare(self, symbol: Symbol, *, leverage: Decimal) -> Answer:
        """Set isolated margin and leverage, which may be so already; nothing on spot."""
        instrument = self._world.instruments.get(symbol)
        if instrument is None:
            return _unlisted(symbol)
        if is_spot(instrument):
            return Answer()
        engine, account_id = self._world.engine, self._world.account_id
        answer = _as_wanted(engine.set_isolated(account_id, symbol, is_isolated=True))
        if answer:
            answer = _as_wanted(engine.set_leverage(account_id, symbol, leverage))
        self._world.keep()
        return answer

    async def submit(self, request: OrderRequest) -> Answer:
        """Take one order."""
        return await self._submit(request)

    async def submit_pair(self, target: OrderRequest, stop: OrderRequest) -> Answer:
        """Take target and stop of the same units as one list."""
        return await self._submit(target, stop)

    async def cancel(self, symbol: Symbol, client_id: str, *, is_conditional: bool) -> Answer:
        """Cancel one order; of a list, both."""
        return self._world.cancel(symbol, client_id)

    async def order(
        self, symbol: Symbol, client_id: str, *, is_conditional: bool
    ) -> VenueOrder | None:
        """Return an order by our id, open or ended."""
        return self._world.order(client_id)

    async def open_orders(self, symbol: Symbol | None = None) -> tuple[VenueOrder, ...]:
        """Return every open order."""
        held = self._world.engine.orders(self._world.account_id, open_only=True)
        both = (*held, *self._world.waiting.open_orders())
        return tuple(one for one in both if symbol in (None, one.symbol))

    async def fills(self, symbol: Symbol, *, since_us: int) -> tuple[Fill, ...]:
        """Return the executions of a market since a moment."""
        return self._world.engine.fills(self._world.account_id, symbol, since_us=since_us)

    async def funding(self, symbol: Symbol, *, since_us: int) -> tuple[FundingPayment, ...]:
        """Return funding paid since a moment."""
        return self._world.engine.funding(self._world.account_id, symbol, since_us=since_us)

    async def positions(self) -> tuple[VenuePosition, ...]:
        """Return every open position of a perpetual."""
        return self._world.engine.positions(self._world.account_id)

    async def balances(self) -> tuple[Balance, ...]:
        """Return what the account holds."""
        return self._world.engine.balances(self._world.account_id)

    async def quote(self, symbol: Symbol) -> Quote:
        """Return the prices at the newest close."""
        await self._price(symbol)
        return self._world.engine.quote(symbol)

    async def quotes(self, symbols: Collection[Symbol]) -> Mapping[Symbol, Quote]:
        """Return the prices at the newest closes."""
        return {one: await self.quote(one) for one in symbols if one in self._world.instruments}

    async def events(self) -> AsyncIterator[VenueEvent]:
        """Yield what happens while time passes, until closed."""
        told: asyncio.Queue[VenueEvent | None] = asyncio.Queue()
        self._readers.append(told)
        yield VenueEvent(kind=EventKind.CONNECTED)
        while (event := await told.get()) is not None:
            yield event

    async def close(self) -> None:
        """End what reads events; everything is saved already."""
        for reader in self._readers:
            reader.put_nowait(None)

    def _tell(self, event: MatchEvent) -> None:
        told = _event_of(event)
        if told.fill is not None and not told.fill.client_id:
            self._nameless += 1
        for reader in self._readers:
            reader.put_nowait(told)

    async def _submit(self, *requests: OrderRequest) -> Answer:
        symbol = requests[0].symbol
        if symbol not in self._world.instruments:
            return _unlisted(symbol)
        await self._price(symbol)
        step = await self._feed.step(symbol, at_ms=self._world.clock_us // 1000)
        return self._world.submit(*requests, bar_ms=step.duration_ms)

    async def _price(self, symbol: Symbol) -> None:
        """Give a market the newest close that is known, unless it lives by its bars already."""
        if symbol in self._world.active():
            return
        bar = await self._feed.last(symbol, at_ms=self._world.clock_us // 1000)
        self._world.print_price(symbol, bar.close)


def _event_of(event: MatchEvent) -> VenueEvent:
    if event.order is not None:
        return VenueEvent(kind=EventKind.ORDER, order=event.order)
    if event.fill is not None:
        return VenueEvent(kind=EventKind.FILL, fill=event.fill)
    change = event.position or event.funding
    symbol = None if change is None else change.symbol
    return VenueEvent(kind=EventKind.POSITION, symbol=symbol)


def _as_wanted(answer: Answer) -> Answer:
    is_so = answer.problem is not None and answer.problem.kind is ProblemClass.HARMLESS
    return Answer() if is_so else answer


def _unlisted(symbol: Symbol) -> Answer:
    problem = Problem(
        kind=ProblemClass.REFUSED,
        reason=Reason.OTHER,
        text=f"{symbol} is not traded on the simulated venue",
    )
    return Answer(problem=problem)
