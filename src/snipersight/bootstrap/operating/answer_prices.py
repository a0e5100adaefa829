"""Prices that a run's answers show: asked for when somebody looks, and not waited for long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.errors import LeaseLost, SniperSightError
from snipersight.domain.orders import Quote

if TYPE_CHECKING:
    from snipersight.bootstrap.operating.trading import Trading
    from snipersight.domain.instrument import Instrument
    from snipersight.domain.observations import ReferencePrice
    from snipersight.domain.ports import CandleSource
    from snipersight.domain.units import Symbol

T = TypeVar("T")
WITHIN_S: Final = 2.0  # a person waits; a trade without a price is told without it
_STAGE: Final = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What is known of markets at this moment.

    Args:
        venue: that they are of.
        quotes: newest prices, as far as they are known.
        instruments: markets, as far as they are known.
    """

    venue: str = ""
    quotes: Mapping[Symbol, Quote] = field(default_factory=dict)
    instruments: Mapping[Symbol, Instrument] = field(default_factory=dict)


PricesOf = Callable[["Collection[Symbol]"], Prices]


NOTHING_KNOWN: Final = Prices()


def no_prices(_symbols: Collection[Symbol]) -> Prices:
    """Return that nothing is known."""
    return NOTHING_KNOWN


class RunPrices:
    """Asks where orders go, and where that has no price of its own the source of candles.

    Args:
        source: of the run.
        trading: sends the account's orders.
        within_s: how long one answer waits for all of its prices.
    """

    def __init__(
        self, source: CandleSource, trading: Trading, *, within_s: float = WITHIN_S
    ) -> None:
        self._source: Final = source
        self._trading: Final = trading
        self._within_s: Final = within_s

    def from_threads(self, loop: asyncio.AbstractEventLoop) -> PricesOf:
        """Return the same for answers that are looked up in threads.

        Args:
            loop: that source and venue belong to; the calling thread is another.
        """
        return lambda symbols: asyncio.run_coroutine_threadsafe(self.of(symbols), loop).result()

    async def of(self, symbols: Collection[Symbol]) -> Prices:
        """Return what is known of markets; what nobody tells in time is left out, and logged."""
        venue, wanted = self._source.venue, sorted(set(symbols))
        if not wanted:
            return Prices(venue=venue)
        listed, found = await asyncio.gather(
            self._in_time("the markets", self._source.instruments()),
            asyncio.gather(
                *(self._in_time(f"the price of {symbol}", self._quote(symbol)) for symbol in wanted)
            ),
        )
        quotes = {quote.symbol: quote for quote in found if quote is not None}
        return Prices(venue=venue, quotes=quotes, instruments=listed or {})

    async def _quote(self, symbol: Symbol) -> Quote | None:
        at_ms = await self._source.now_ms()
        price = await self._traded(symbol)
        if price is None:
            price = await self._source.reference_price(symbol, at_ms=at_ms)
            if price is None:
                return None
            at_ms = price.at_ms
        return Quote(symbol=symbol, last=price.price, mark=price.price, at_us=at_ms * 1000)

    async def _traded(self, symbol: Symbol) -> ReferencePrice | None:
        try:
            return await self._trading.price(symbol)
        except LeaseLost:
            return None  # another process executes; candles are known here as well

    async def _in_time(self, what: str, asked: Awaitable[T]) -> T | None:
        try:
            async with asyncio.timeout(self._within_s):
                return await asked
        except TimeoutError:
            reason = f"no answer within {self._within_s:g} s"
        except SniperSightError as error:
            reason = str(error)
        log_structured(f"{what} cannot be told: {reason}", level="WARNING", stage=_STAGE)
        return None
