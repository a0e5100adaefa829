"""Recorded candles as a run meets them: nothing that closed after its own time is there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal

from snipersight.domain.candles import Candles
from snipersight.domain.instrument import Instrument
from snipersight.domain.observations import ReferencePrice
from snipersight.domain.ports import CandleSource
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Currency, Symbol


class ByNow:
    """A `CandleSource` that shows of another one what is known by now.

    Args:
        source: knows what comes later; the caller closes it.
        now_ms: the time of whoever asks, milliseconds UTC.
    """

    def __init__(self, source: CandleSource, now_ms: Callable[[], int]) -> None:
        self._source = source
        self._now_ms = now_ms

    @property
    def venue(self) -> str:
        """Return the venue of the candles."""
        return self._source.venue

    async def now_ms(self) -> int:
        """Return the time of whoever asks."""
        return self._now_ms()

    async def instruments(self) -> Mapping[Symbol, Instrument]:
        """Return the rules of every market; they are the same for the whole period."""
        return await self._source.instruments()

    async def candles(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles:
        """Return bars that have closed by now."""
        end_ms = min(end_ms, self._now_ms())
        return await self._source.candles(symbol, timeframe, start_ms=start_ms, end_ms=end_ms)

    async def quote_volumes(
        self, symbols: Collection[Symbol], *, at_ms: int
    ) -> Mapping[Symbol, Decimal]:
        """Return what was traded in the day before a moment."""
        return await self._source.quote_volumes(symbols, at_ms=min(at_ms, self._now_ms()))

    async def quote_rate(self, quote: Currency, account: Currency, *, at_ms: int) -> Decimal | None:
        """Return a rate as of a moment."""
        return await self._source.quote_rate(quote, account, at_ms=min(at_ms, self._now_ms()))

    async def reference_price(self, symbol: Symbol, *, at_ms: int) -> ReferencePrice | None:
        """Return the newest price known at a moment."""
        return await self._source.reference_price(symbol, at_ms=min(at_ms, self._now_ms()))

    async def clock_skew_ms(self) -> int | None:
        """Return how far the source's clock is ahead."""
        return await self._source.clock_skew_ms()

    async def close(self) -> None:
        """Do nothing: whoever opened the source closes it."""
