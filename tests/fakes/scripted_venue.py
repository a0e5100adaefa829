"""A venue in memory: the matching engine behind the port, whose requests go as the test says."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from decimal import Decimal
from enum import Enum

from snipersight.domain.errors import VenueStopped, VenueUnavailable
from snipersight.domain.instrument import Instrument, MarketKind
from snipersight.domain.orders import (
    Balance,
    Fill,
    FundingPayment,
    OrderRequest,
    Quote,
    VenueOrder,
    VenuePosition,
)
from snipersight.domain.units import Currency, Symbol
from snipersight.domain.venue import (
    Answer,
    Environment,
    Finding,
    Problem,
    ProblemClass,
    Reason,
    VenueCapabilities,
    VenueEvent,
)
from snipersight.matching import DuplicateIds, MatchingEngine, MatchingRules

ACCOUNT = "main"
CHANGES = ("submit", "submit_pair", "cancel", "prepare")


class Fate(Enum):
    """How one request goes."""

    WELL = "well"
    DROPPED = "dropped"  # never arrives, nobody answers
    ANSWER_LOST = "answer_lost"  # arrives, nobody answers
    LATE = "late"  # nobody answers, and it arrives when the test says so
    BUSY = "busy"  # definitely not done, may be asked again
    REFUSED = "refused"
    NO_KEYS = "no_keys"
    UNMAPPED = "unmapped"  # arrives, and the answer is one that nobody knows
    HANGS = "hangs"
    SILENT_WELL = "silent_well"  # done, and acknowledged without the order


_LOST = (Fate.DROPPED, Fate.ANSWER_LOST, Fate.LATE)


class Clock:
    """A clock to set, microseconds."""

    def __init__(self, now_us: int) -> None:
        self.now_us = now_us

    def __call__(self) -> int:
        return self.now_us

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now_us += int(seconds * 1_000_000)


class ScriptedVenue:
    """Implements `Venue` on a matching engine.

    Attributes:
        engine: the venue's truth; the test moves prices and trades by hand in it.
        log: every request, `submit ss-…`.
        pick: chooses the fate of a request that nothing was scripted for.
        hidden: fill ids that the venue does not list yet.
    """

    def __init__(
        self,
        instruments: Collection[Instrument],
        clock: Clock,
        *,
        name: str = "sandbox",
        environment: Environment = Environment.SIMULATED,
        balance: str = "10000",
        rules: MatchingRules | None = None,
        abilities: Mapping[str, object] | None = None,
    ) -> None:
        self.clock = clock
        self.engine = MatchingEngine(
            instruments,
            rules=rules
            or MatchingRules(
                slippage_fraction=Decimal(0), rejects_duplicate_ids=DuplicateIds.OPEN_ONLY
            ),
        )
        self.engine.open_account(ACCOUNT, {Currency("USDT"): Decimal(balance)})
        self.log: list[str] = []
        self.pick: Callable[[str], Fate] = lambda _kind: Fate.WELL
        self.hidden: set[str] = set()
        self.hides_fills = False
        self._scripted: defaultdict[str, deque[Fate]] = defaultdict(deque)
        self._late: list[Callable[[], object]] = []
        self._events: asyncio.Queue[VenueEvent] = asyncio.Queue()
        self._name, self._environment = name, environment
        self._abilities = dict(abilities or {})

    # What the test does

    def script(self, kind: str, *fates: Fate) -> None:
        """Let the next requests of a kind go so."""
        self._scripted[kind] += fates

    def price(self, symbol: str, price: str, *, size: str | None = None) -> None:
        """Print a trade."""
        self.engine.trade(
            Symbol(symbol),
            price=Decimal(price),
            size=None if size is None else Decimal(size),
            at_us=self.clock(),
        )

    def by_hand(self, request: OrderRequest) -> None:
        """Let somebody else place an order."""
        assert self.engine.submit(ACCOUNT, request, at_us=self.clock())

    def arrive(self) -> None:
        """Let every late request arrive."""
        late, self._late = self._late, []
        for request in late:
            request()

    def tell(self) -> None:
        """Put everything that happened on the stream."""
        for event in self.engine.drain():
            for told in events_of(event):
                self._events.put_nowait(told)

    def requests(self, kind: str) -> list[str]:
        """Return what was asked of a kind, oldest first."""
        return [one.split(" ", 1)[1] for one in self.log if one.startswith(f"{kind} ")]

    # The port

    @property
    def name(self) -> str:
        return self._name

    @property
    def environment(self) -> Environment:
        return self._environment

    def capabilities(self, symbol: Symbol) -> VenueCapabilities:
        is_spot = self.engine.instruments()[symbol].kind is MarketKind.SPOT
        values = {"has_reduce_only": not is_spot, "pairs_exits": is_spot} | self._abilities
        return VenueCapabilities(**values)  # type: ignore[arg-type]

    async def now_us(self) -> int:
        return self.clock()

    async def instruments(self) -> Mapping[Symbol, Instrument]:
        return self.engine.instruments()

    async def preflight(self, symbols: Collection[Symbol]) -> tuple[Finding, ...]:
        return ()

    async def prepare(self, symbol: Symbol, *, leverage: Decimal) -> Answer:
        if self.engine.instruments()[symbol].kind is MarketKind.SPOT:
            return Answer()

        def work() -> Answer:
            self.engine.set_isolated(ACCOUNT, symbol, True)
            return self.engine.set_leverage(ACCOUNT, symbol, leverage)

        answer = await self._change("prepare", str(symbol), work)
        is_harmless = answer.problem and answer.problem.kind is ProblemClass.HARMLESS
        return Answer() if is_harmless else answer

    async def submit(self, request: OrderRequest) -> Answer:
        return await self._change(
            "submit",
            request.client_id,
            lambda: self.engine.submit(ACCOUNT, request, at_us=self.clock()),
        )

    async def submit_pair(self, target: OrderRequest, stop: OrderRequest) -> Answer:
        return await self._change(
            "submit_pair",
            f"{target.client_id}+{stop.client_id}",
            lambda: self.engine.submit_pair(ACCOUNT, target, stop, at_us=self.clock()),
        )

    async def cancel(self, symbol: Symbol, client_id: str, *, is_conditional: bool) -> Answer:
        return await self._change(
            "cancel",
            client_id,
            lambda: self.engine.cancel(ACCOUNT, symbol, client_id=client_id, at_us=self.clock()),
        )

    async def order(
        self, symbol: Symbol, client_id: str, *, is_conditional: bool
    ) -> VenueOrder | None:
        await self._question("order", client_id)
        return self.engine.order(ACCOUNT, client_id=client_id)

    async def open_orders(self, symbol: Symbol | None = None) -> tuple[VenueOrder, ...]:
        await self._question("open_orders", str(symbol))
        return self.engine.orders(ACCOUNT, symbol=symbol)

    async def fills(self, symbol: Symbol, *, since_us: int) -> tuple[Fill, ...]:
        await self._question("fills", str(symbol))
        if self.hides_fills:
            return ()
        found = self.engine.fills(ACCOUNT, symbol, since_us=since_us)
        return tuple(one for one in found if one.fill_id not in self.hidden)

    async def funding(self, symbol: Symbol, *, since_us: int) -> tuple[FundingPayment, ...]:
        await self._question("funding", str(symbol))
        return self.engine.funding(ACCOUNT, symbol, since_us=since_us)

    async def positions(self) -> tuple[VenuePosition, ...]:
        await self._question("positions", "")
        return self.engine.positions(ACCOUNT)

    async def balances(self) -> tuple[Balance, ...]:
        await self._question("balances", "")
        return self.engine.balances(ACCOUNT)

    async def quote(self, symbol: Symbol) -> Quote:
        await self._question("quote", str(symbol))
        return self.engine.quote(symbol)

    async def quotes(self, symbols: Collection[Symbol]) -> Mapping[Symbol, Quote]:
        await self._question("quotes", str(len(symbols)))
        return {symbol: self.engine.quote(symbol) for symbol in symbols}

    async def events(self) -> AsyncIterator[VenueEvent]:
        while True:
            yield await self._events.get()

    async def close(self) -> None:
        """Hold nothing open."""

    def _fate(self, kind: str) -> Fate:
        scripted = self._scripted[kind]
        return scripted.popleft() if scripted else self.pick(kind)

    async def _question(self, kind: str, what: str) -> None:
        self.log.append(f"{kind} {what}")
        await asyncio.sleep(0)
        fate = self._fate(kind)
        if fate is Fate.HANGS:
            await asyncio.Event().wait()
        if fate is Fate.NO_KEYS:
            raise VenueStopped("the key is not known", where=self._name)
        if fate is not Fate.WELL:
            raise VenueUnavailable("nobody answers", where=self._name)

    async def _change(self, kind: str, what: str, work: Callable[[], Answer]) -> Answer:
        self.log.append(f"{kind} {what}")
        await asyncio.sleep(0)
        fate = self._fate(kind)
        if fate is Fate.HANGS:
            await asyncio.Event().wait()
        if fate is Fate.LATE:
            self._late.append(work)
        if fate in (Fate.ANSWER_LOST, Fate.UNMAPPED, Fate.WELL, Fate.SILENT_WELL):
            answer = work()
            if fate is Fate.WELL:
                return answer
            if fate is Fate.SILENT_WELL:
                return Answer(problem=answer.problem)
        return Answer(problem=_PROBLEMS[fate])


_UNKNOWN = Problem(kind=ProblemClass.UNKNOWN, text="nobody answered")
_PROBLEMS = {
    **dict.fromkeys(_LOST, _UNKNOWN),
    Fate.UNMAPPED: Problem(
        kind=ProblemClass.UNKNOWN, code="-9999", text="something new", is_mapped=False
    ),
    Fate.BUSY: Problem(kind=ProblemClass.RETRY_LATER, code="-1008", text="busy"),
    Fate.REFUSED: Problem(kind=ProblemClass.REFUSED, reason=Reason.OTHER, text="no"),
    Fate.NO_KEYS: Problem(kind=ProblemClass.STOP, code="-2015", text="invalid key"),
}


def events_of(event: object) -> list[VenueEvent]:
    """Return what a stream tells of something that happened in the engine."""
    from snipersight.domain.venue import EventKind

    what = getattr(event, "order", None)
    fill = getattr(event, "fill", None)
    told = []
    if what is not None:
        told.append(VenueEvent(kind=EventKind.ORDER, order=what))
    if fill is not None:
        told.append(VenueEvent(kind=EventKind.FILL, fill=fill))
    change = getattr(event, "position", None) or getattr(event, "funding", None)
    return told or [VenueEvent(kind=EventKind.POSITION, symbol=getattr(change, "symbol", None))]
