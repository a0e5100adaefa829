"""A venue that only writes down what it is asked: for rehearsing the executor, nothing is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from snipersight.domain.errors import VenueUnavailable
from snipersight.domain.instrument import Instrument, MarketKind
from snipersight.domain.orders import (
    Balance,
    Fill,
    FundingPayment,
    OrderRequest,
    OrderStatus,
    Quote,
    VenueOrder,
    VenuePosition,
)
from snipersight.domain.store import Clock
from snipersight.domain.units import Price, Size, Symbol
from snipersight.domain.venue import (
    Answer,
    Environment,
    Finding,
    FindingLevel,
    Problem,
    ProblemClass,
    Reason,
    VenueCapabilities,
    VenueEvent,
)

_ZERO: Final = Decimal(0)
_GONE: Final = Problem(kind=ProblemClass.REFUSED, reason=Reason.NOT_FOUND, text="not open")


class DryRunVenue:
    """Implements `Venue`: takes every order, fills none, and tells `log` of each request.

    Args:
        name: of the venue that it stands for.
        instruments: its markets.
        prices: what each market trades at; a market without a price has no quote.
        clock: microseconds UTC.
        log: told of each request that changes something, in one line.
    """

    def __init__(
        self,
        *,
        name: str,
        instruments: Mapping[Symbol, Instrument],
        prices: Mapping[Symbol, Decimal],
        clock: Clock,
        log: Callable[[str], object],
    ) -> None:
        self._name: Final = name
        self._instruments: Final = dict(instruments)
        self._prices: Final = dict(prices)
        self._clock: Final = clock
        self._log: Final = log
        self._orders: Final[dict[str, VenueOrder]] = {}

    @property
    def name(self) -> str:
        """Return the name of the venue that it stands for."""
        return self._name

    @property
    def environment(self) -> Environment:
        """Return that nothing of it is real."""
        return Environment.SIMULATED

    def capabilities(self, symbol: Symbol) -> VenueCapabilities:
        """Return what such a market usually can."""
        instrument = self._instruments.get(symbol)
        is_spot = instrument is not None and instrument.kind is MarketKind.SPOT
        return VenueCapabilities(
            has_reduce_only=not is_spot, pairs_exits=is_spot, has_mark=not is_spot
        )

    async def now_us(self) -> int:
        """Return our own time."""
        return self._clock()

    async def instruments(self) -> Mapping[Symbol, Instrument]:
        """Return the markets it was given."""
        return dict(self._instruments)

    async def preflight(self, symbols: Collection[Symbol]) -> tuple[Finding, ...]:
        """Return that nothing was asked."""
        sentence = f"dry run: nothing is asked of {self._name} about {len(symbols)} markets"
        return (Finding(name="dry_run", level=FindingLevel.SKIPPED, sentence=sentence),)

    async def prepare(self, symbol: Symbol, *, leverage: Decimal) -> Answer:
        """Write down margin and leverage."""
        self._log(f"prepare {symbol}: isolated margin, leverage {leverage}")
        return Answer()

    async def submit(self, request: OrderRequest) -> Answer:
        """Write an order down, and take it."""
        self._log(f"submit {line_of(request)}")
        order = self._taken(request)
        return Answer(order=order)

    async def submit_pair(self, target: OrderRequest, stop: OrderRequest) -> Answer:
        """Write target and stop down, and take both."""
        self._log(f"submit pair {line_of(target)}; {line_of(stop)}")
        self._taken(stop)
        return Answer(order=self._taken(target))

    async def cancel(self, symbol: Symbol, client_id: str, *, is_conditional: bool) -> Answer:
        """Write a cancel down; only what is open can be cancelled."""
        self._log(f"cancel {client_id} in {symbol}")
        order = self._orders.get(client_id)
        if order is None or not order.status.is_open:
            return Answer(problem=_GONE)
        ended = replace(order, status=OrderStatus.CANCELLED, updated_us=self._clock())
        self._orders[client_id] = ended
        return Answer(order=ended)

    async def order(
        self, symbol: Symbol, client_id: str, *, is_conditional: bool
    ) -> VenueOrder | None:
        """Return an order that was written down."""
        return self._orders.get(client_id)

    async def open_orders(self, symbol: Symbol | None = None) -> tuple[VenueOrder, ...]:
        """Return what was taken and not cancelled."""
        return tuple(
            one
            for one in self._orders.values()
            if one.status.is_open and symbol in (None, one.symbol)
        )

    async def fills(self, symbol: Symbol, *, since_us: int) -> tuple[Fill, ...]:
        """Return nothing: no order is filled."""
        return ()

    async def funding(self, symbol: Symbol, *, since_us: int) -> tuple[FundingPayment, ...]:
        """Return nothing."""
        return ()

    async def positions(self) -> tuple[VenuePosition, ...]:
        """Return nothing."""
        return ()

    async def balances(self) -> tuple[Balance, ...]:
        """Return nothing."""
        return ()

    async def quote(self, symbol: Symbol) -> Quote:
        """Return the price it was given.

        Raises:
            VenueUnavailable: it was given none.
        """
        price = self._prices.get(symbol)
        if price is None:
            raise VenueUnavailable(f"no price of {symbol} is known", where=self._name)
        return Quote(symbol=symbol, last=Price(price), mark=Price(price), at_us=self._clock())

    async def quotes(self, symbols: Collection[Symbol]) -> Mapping[Symbol, Quote]:
        """Return the prices it was given."""
        return {one: await self.quote(one) for one in symbols if one in self._prices}

    async def events(self) -> AsyncIterator[VenueEvent]:
        """Tell nothing, for ever."""
        await asyncio.Event().wait()
        yield  # type: ignore[misc]  # never reached; it makes this a generator

    async def close(self) -> None:
        """Hold nothing open."""

    def _taken(self, request: OrderRequest) -> VenueOrder:
        order = VenueOrder(
            client_id=request.client_id,
            venue_id=f"dry-{len(self._orders) + 1}",
            symbol=request.symbol,
            side=request.side,
            kind=request.kind,
            is_reducing=request.is_reducing,
            size=request.size,
            filled_size=Size(_ZERO),
            status=OrderStatus.WORKING,
            price=request.price,
            trigger_price=request.trigger_price,
            updated_us=self._clock(),
        )
        self._orders[request.client_id] = order
        return order


def line_of(request: OrderRequest) -> str:
    """Return an order in one line, as a trader reads it."""
    at = "" if request.price is None else f" at {request.price:f}"
    trigger = (
        ""
        if request.trigger_price is None
        else f" once {request.trigger_source.value} is at {request.trigger_price:f}"
    )
    reducing = " (reduce only)" if request.is_reducing else ""
    return (
        f"{request.side.value} {request.size:f} {request.symbol} {request.kind.value}"
        f"{at}{trigger}{reducing} as {request.client_id}"
    )
