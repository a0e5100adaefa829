"""What the venues have in common: time, markets, requests, closing."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import aclosing
from decimal import Decimal
from typing import Any, ClassVar, Final

from snipersight.domain.errors import SniperSightError, VenueStopped, VenueUnavailable
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
from snipersight.domain.timeframe import HOUR_MS
from snipersight.domain.units import Symbol
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
from snipersight.market.venues.calls import VenueCalls
from snipersight.market.venues.client import VenueClient
from snipersight.market.venues.clock import VenueTime
from snipersight.market.venues.config import VenueConfig
from snipersight.market.venues.markets import Markets, OrderIds
from snipersight.market.venues.pace import Limits, Pace
from snipersight.market.venues.preflight import run_preflight
from snipersight.market.venues.prepared import PreparedMarkets
from snipersight.market.venues.questions import UNREADABLE
from snipersight.market.venues.stream import StreamLink, UserStream

_LISTING_AGE_MS: Final = HOUR_MS


class CcxtVenue(ABC):
    """A `Venue` over ccxt; what differs between venues is left to its subclasses.

    Args:
        config: which account.
        clock_ms: our time, milliseconds UTC.
        is_ours: whether an order carries one of our ids.
    """

    limits: ClassVar[Limits]

    def __init__(
        self,
        config: VenueConfig,
        *,
        clock_ms: Callable[[], int],
        is_ours: Callable[[str], bool],
    ) -> None:
        self.config = config
        self.is_ours = is_ours
        self.time = VenueTime(clock_ms)
        self.client = VenueClient(config, clock_ms=self.time.now_ms)
        self.calls = VenueCalls(
            config.venue,
            client=self.client,
            pace=_pace(self.limits, config.time_scale, clock_ms=self.time.now_ms),
            time=self.time,
            ask_time=self._ask_time_ms,
            secrets=(config.api_key.strip(), config.api_secret.strip()),
        )
        self.ids = OrderIds()
        self.prepared = PreparedMarkets(self.time.now_ms)
        self._markets: Markets | None = None
        self._listed_at_ms = 0
        self._listing_lock = asyncio.Lock()

    @property
    def name(self) -> str:
        """Return the venue's short name."""
        return self.config.venue

    @property
    def environment(self) -> Environment:
        """Return which world it is."""
        return self.config.environment

    async def now_us(self) -> int:
        """Return the venue's time, microseconds UTC; asked anew every ten minutes."""
        await self.time.compare(self._ask_time_ms)
        return self.time.now_ms() * 1000

    async def instruments(self) -> Mapping[Symbol, Instrument]:
        """Return the markets that can be traded, with their rules; fetched anew every hour."""
        return (await self.markets()).instruments

    async def markets(self) -> Markets:
        """Return the markets with the venue's names for them; fetched anew every hour.

        Raises:
            VenueUnavailable: there is none yet and the venue does not answer.
            VenueStopped: keys, permissions, ban, wrong host.
        """
        async with self._listing_lock:
            age_ms = self.time.now_ms() - self._listed_at_ms
            if self._markets is None or not 0 <= age_ms <= _LISTING_AGE_MS:
                found = await self.calls.markets()
                mode = self.client.open().precisionMode
                self._markets = Markets.of(
                    found, venue=self.name, precision_mode=mode, former=self._markets
                )
                self._listed_at_ms = self.time.now_ms()
                await self.learn_modes()
            return self._markets

    async def known(self) -> Markets:
        """Return the markets, however old: no order waits for a list that is being fetched."""
        return self._markets or await self.markets()

    @property
    def known_markets(self) -> Markets | None:
        """Return the markets as last fetched; None before."""
        return self._markets

    async def preflight(self, symbols: Collection[Symbol]) -> tuple[Finding, ...]:
        """Ask everything that must hold before the first order; nothing is raised."""
        return await run_preflight(self, symbols)

    async def submit_pair(self, target: OrderRequest, stop: OrderRequest) -> Answer:
        """Refuse: where an exit reduces a position, its orders stand alone."""
        return refused(f"{self.name} pairs no exits")

    async def events(self) -> AsyncGenerator[VenueEvent]:
        """Yield what the account's stream tells, connecting again by itself, until closed."""
        stream = UserStream(
            self.stream_link(),
            silent_after_s=self.config.silent_after_s,
            masked=self.calls.masked,
        )
        try:
            async with aclosing(stream.events()) as events:
                async for event in events:
                    self.prepared.hear(event.kind)
                    yield event
        finally:
            self.prepared.unwatched()

    async def close(self) -> None:
        """Release connections."""
        await self.client.close()

    def keep_ids(self, order: VenueOrder) -> VenueOrder:
        """Remember that an ordinary order is ours, if it is, and return it.

        Another's id is not kept: what a triggered order placed may carry one that the venue made.
        """
        if self.is_ours(order.client_id):
            self.ids.learn(order.symbol, order.venue_id, order.client_id)
        return order

    async def change(
        self,
        method: str,
        params: Mapping[str, object],
        read: Callable[[Any], VenueOrder | None] = lambda payload: None,
    ) -> Answer:
        """Send a request that changes something, once; what is so already counts as taken.

        Args:
            method: ccxt's name of the venue's own call.
            params: of it.
            read: makes an order of the answer, None where it tells nothing.
        """
        problem, payload = await self.calls.change(method, params)
        if problem is not None:
            is_so = problem.kind is ProblemClass.HARMLESS
            return Answer() if is_so else Answer(problem=problem)
        try:
            order = read(payload)
        except (SniperSightError, *UNREADABLE) as error:
            text = f"the answer was taken and cannot be read: {type(error).__name__}"
            return Answer(problem=Problem(kind=ProblemClass.UNKNOWN, text=text, is_mapped=False))
        return Answer(order=order)

    @abstractmethod
    async def _ask_time_ms(self) -> int:
        """Ask the venue's time, milliseconds UTC."""

    @abstractmethod
    def capabilities(self, symbol: Symbol) -> VenueCapabilities:
        """Return what it can do for a market."""

    @abstractmethod
    async def learn_modes(self) -> None:
        """Ask now what the first order would have to wait for."""

    @abstractmethod
    async def key_findings(self) -> tuple[Finding, ...]:
        """Ask what the key may do; asked of a live venue alone."""

    @abstractmethod
    async def mode_findings(self) -> tuple[Finding, ...]:
        """Ask how the account is set: position mode, margin mode."""

    @abstractmethod
    def stream_link(self) -> StreamLink:
        """Return how the account's stream is opened and read."""

    @abstractmethod
    async def prepare(self, symbol: Symbol, *, leverage: Decimal) -> Answer:
        """Set isolated margin and leverage of a market without a position."""

    @abstractmethod
    async def submit(self, request: OrderRequest) -> Answer:
        """Send one order, once."""

    @abstractmethod
    async def cancel(self, symbol: Symbol, client_id: str, *, is_conditional: bool) -> Answer:
        """Cancel one order."""

    @abstractmethod
    async def order(
        self, symbol: Symbol, client_id: str, *, is_conditional: bool
    ) -> VenueOrder | None:
        """Return an order by our id."""

    @abstractmethod
    async def open_orders(self, symbol: Symbol | None = None) -> tuple[VenueOrder, ...]:
        """Return every open order of the account."""

    @abstractmethod
    async def fills(self, symbol: Symbol, *, since_us: int) -> tuple[Fill, ...]:
        """Return every execution of a market since a moment, oldest first."""

    @abstractmethod
    async def funding(self, symbol: Symbol, *, since_us: int) -> tuple[FundingPayment, ...]:
        """Return funding paid and received since a moment, oldest first."""

    @abstractmethod
    async def positions(self) -> tuple[VenuePosition, ...]:
        """Return every open position."""

    @abstractmethod
    async def balances(self) -> tuple[Balance, ...]:
        """Return what the account holds."""

    @abstractmethod
    async def quote(self, symbol: Symbol) -> Quote:
        """Return the prices of a market now."""

    @abstractmethod
    async def quotes(self, symbols: Collection[Symbol]) -> Mapping[Symbol, Quote]:
        """Return the prices of several markets now, in as few questions as the venue allows."""


def _pace(limits: Limits, time_scale: float, *, clock_ms: Callable[[], int]) -> Pace:
    """Return a pace in the venue's seconds, which may be shorter than ours."""

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / time_scale)

    return Pace(
        limits, clock_ms=clock_ms, monotonic=lambda: time.monotonic() * time_scale, sleep=sleep
    )


def refused(text: str, reason: Reason = Reason.OTHER) -> Answer:
    """Return the answer to a request that never left."""
    return Answer(problem=Problem(kind=ProblemClass.REFUSED, reason=reason, text=text))


def not_sent(error: Exception) -> Answer:
    """Return the answer to a request that never left, because something before it failed.

    Raises:
        Exception: the error, where it is not one of ours.
    """
    if not isinstance(error, SniperSightError):
        raise error
    kind = ProblemClass.REFUSED
    if isinstance(error, VenueUnavailable):
        kind = ProblemClass.RETRY_LATER
    elif isinstance(error, VenueStopped):
        kind = ProblemClass.STOP
    return Answer(problem=Problem(kind=kind, text=str(error)))
