"""A source of candles that is asked only for what nobody else knows as freshly."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final, Protocol

from snipersight.domain.candles import Candles
from snipersight.domain.errors import NoData
from snipersight.domain.observations import ReferencePrice
from snipersight.domain.ports import CandleSource
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.engine.context import Ports, ScanContext
from snipersight.risk.exposure.correlation import Closes

PriceOf = Callable[[Symbol], Awaitable[ReferencePrice | None]]
"""Tells the price of a market where orders go; None: that has none of its own."""


class RunningScan(Protocol):
    """What a scan holds between its looks; nothing of it is older than the source would answer."""

    def held_bars(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles | None:
        """Return the bars of a stretch; None unless every one of them is held."""
        ...

    async def read_closes(
        self, symbol: Symbol, context: ScanContext, ports: Ports
    ) -> Closes | None:
        """Return what correlations look at; asked for where it is not held as of the moment."""
        ...


class KnownMarkets:
    """A `CandleSource` for the moment of an approval, when every request is waited for.

    Prices come from where the orders go, of now: newer than the close of any bar, and apart from
    the candles that plans are made of. Bars that the running scan has read are not read again.

    Args:
        inner: asked for everything else.
        volumes: what was traded in markets, as they were last judged by: it changes little within
            a bar, and to ask is dear, because the next question waits for seconds where a venue
            counts the weight of requests. None: unknown, to be asked.
        price_of: the price of a market where orders go; None: the source's own is asked.
        scan: that runs over the same source; None: there is none.
    """

    def __init__(
        self,
        inner: CandleSource,
        *,
        volumes: Mapping[Symbol, Decimal] | None,
        price_of: PriceOf,
        scan: RunningScan | None,
    ) -> None:
        self._inner: Final = inner
        self._volumes: Final = volumes
        self._price_of: Final = price_of
        self._scan: Final = scan
        self.now_ms: Final = inner.now_ms
        self.instruments: Final = inner.instruments
        self.quote_rate: Final = inner.quote_rate
        self.clock_skew_ms: Final = inner.clock_skew_ms
        self.close: Final = inner.close

    @property
    def venue(self) -> str:
        """Return the venue of the source."""
        return self._inner.venue

    async def candles(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles:
        """Return the bars of a stretch: those that the scan holds, if it holds all of them.

        Raises:
            NoData: there is none; no request was needed where none can have closed yet.
            DataInvalid, UnknownSymbol, VenueUnavailable: as the source says.
        """
        held = None
        if self._scan is not None:
            held = self._scan.held_bars(symbol, timeframe, start_ms=start_ms, end_ms=end_ms)
        if held is None:
            return await self._inner.candles(symbol, timeframe, start_ms=start_ms, end_ms=end_ms)
        if len(held) == 0:
            raise NoData("no bar has closed since", where=f"{symbol} {timeframe}")
        return held

    async def reference_price(self, symbol: Symbol, *, at_ms: int) -> ReferencePrice | None:
        """Return the price where orders go, else that of the source, known at a moment.

        Args:
            symbol: whose.
            at_ms: the present, milliseconds UTC.
        """
        price = await self._price_of(symbol)
        if price is None:
            return await self._inner.reference_price(symbol, at_ms=at_ms)
        # It was asked for at that moment, and its answer took time: newer is no fault of a clock.
        return replace(price, at_ms=min(price.at_ms, at_ms))

    async def quote_volumes(
        self, symbols: Collection[Symbol], *, at_ms: int
    ) -> Mapping[Symbol, Decimal]:
        """Return what is known of some; of the others nothing, and no plan of theirs is judged."""
        if self._volumes is None:
            return await self._inner.quote_volumes(symbols, at_ms=at_ms)
        return {symbol: self._volumes[symbol] for symbol in symbols if symbol in self._volumes}
