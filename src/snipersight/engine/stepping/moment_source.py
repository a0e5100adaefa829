"""A source that shows its markets only up to a moment, which moves on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from snipersight.domain.candles import Candles
from snipersight.domain.instrument import Instrument
from snipersight.domain.observations import ReferencePrice
from snipersight.domain.ports import CandleSource
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Currency, Symbol

RulesAt = Callable[[Symbol, int], Awaitable[Instrument]]
"""Returns a market's rules as they were judged at a moment, milliseconds UTC."""


@dataclass(slots=True, kw_only=True)
class MomentSource:
    """A `CandleSource` of one moment after the other; whatever is asked, nothing later is told.

    Args:
        inner: where everything comes from.
        symbol: the market that is stepped through.
        moment_ms: the moment, milliseconds UTC; whoever steps sets it.
        rules_at: rules of that market, where they depend on the moment.
    """

    inner: CandleSource
    symbol: Symbol
    moment_ms: int = 0
    rules_at: RulesAt | None = None

    @property
    def venue(self) -> str:
        """Return the source's venue."""
        return self.inner.venue

    async def now_ms(self) -> int:
        """Return the moment."""
        return self.moment_ms

    async def instruments(self) -> Mapping[Symbol, Instrument]:
        """Return the source's markets, with the rules that the moment knows."""
        listed = await self.inner.instruments()
        if self.rules_at is None or self.symbol not in listed:
            return listed
        return {**listed, self.symbol: await self.rules_at(self.symbol, self.moment_ms)}

    async def candles(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles:
        """Return bars that are closed at the moment; see `CandleSource.candles`."""
        until_ms = min(end_ms, self.moment_ms)
        return await self.inner.candles(symbol, timeframe, start_ms=start_ms, end_ms=until_ms)

    async def quote_volumes(
        self, symbols: Collection[Symbol], *, at_ms: int
    ) -> Mapping[Symbol, Decimal]:
        """Return what was traded in the day before the moment."""
        return await self.inner.quote_volumes(symbols, at_ms=min(at_ms, self.moment_ms))

    async def quote_rate(self, quote: Currency, account: Currency, *, at_ms: int) -> Decimal | None:
        """Return a rate of the moment."""
        return await self.inner.quote_rate(quote, account, at_ms=min(at_ms, self.moment_ms))

    async def reference_price(self, symbol: Symbol, *, at_ms: int) -> ReferencePrice | None:
        """Return the newest price known at the moment."""
        return await self.inner.reference_price(symbol, at_ms=min(at_ms, self.moment_ms))

    async def clock_skew_ms(self) -> int | None:
        """Return the source's."""
        return await self.inner.clock_skew_ms()

    async def close(self) -> None:
        """Release the source."""
        await self.inner.close()
