"""The built-in market: seeded, offline, and the same at any date whatever was asked before.

`SyntheticMarket` is the default `CandleSource`. A bar is a pure function of seed, symbol and
time, from 2015 to the end of 2040, so every scan can be repeated anywhere, byte for byte.
The market makes prices for practice; what earns money on it proves nothing about a real one.
"""

from __future__ import annotations

import difflib
import math
import time
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final

import numpy as np

from snipersight.domain.candles import Candles, utc_text
from snipersight.domain.errors import NoData, UnknownSymbol
from snipersight.domain.instrument import Instrument
from snipersight.domain.observations import ReferencePrice
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Currency, Price, Symbol, exact
from snipersight.sandbox.market_bars import Bars, build_bars, coarsen, join, on_grid
from snipersight.sandbox.market_listing import MARKETS, VENUE, Listing, listings
from snipersight.sandbox.market_paths import CHUNK_BARS, PriceModel

FIRST_MS: Final = 1_420_070_400_000  # 2015-01-01
END_MS: Final = 2_240_611_200_000  # 2041-01-01
BASE: Final = Timeframe.parse("5m")
_CACHED_CHUNKS: Final = 192  # 16 days and 0.2 MB each
_RATE_DECIMALS: Final = 8


def _system_clock() -> int:
    return time.time_ns() // 1_000_000


class SyntheticMarket:
    """Correlated spot markets and perpetuals with trends, ranges, storms and stop-hunts.

    Args:
        seed: another seed is another market with the same listing.
        clock: returns the present in milliseconds UTC; the system's clock if None.
        markets: how many are listed; more of them leave the others as they are.

    Bars later than the clock exist and are served: the caller says which moment it looks from.
    """

    def __init__(
        self, seed: int = 7, *, clock: Callable[[], int] | None = None, markets: int = MARKETS
    ) -> None:
        self._seed = seed
        self._listed = listings(markets)
        self._clock = clock or _system_clock
        self._model = PriceModel(seed)
        self._chunk = lru_cache(maxsize=max(_CACHED_CHUNKS, 2 * markets))(self._build_chunk)

    @property
    def venue(self) -> str:
        """Return `sandbox`."""
        return VENUE

    async def now_ms(self) -> int:
        """Return the clock's time, or the end of the supported years if that is earlier."""
        return min(self._clock(), END_MS)

    async def instruments(self) -> Mapping[Symbol, Instrument]:
        """Return every market with all its rules."""
        return {symbol: listing.instrument for symbol, listing in self._listed.items()}

    async def candles(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles:
        """Return the bars that open at or after `start_ms` and are closed at `end_ms`.

        A period that begins before 2015 or ends after 2040 gives the part in between.

        Raises:
            UnknownSymbol: the symbol is not listed; similar ones are named.
            NoData: no such bar exists: outside the years, a period shorter than a bar, or a
                timeframe finer than five minutes.
        """
        listing = self._listing(symbol)
        if not BASE.divides(timeframe):
            raise NoData(
                f"no {timeframe} candles, the finest are {BASE}",
                where=f"{VENUE} {symbol}",
                next_step=f"ask for {BASE} or a longer timeframe",
            )
        first_ms = _ceil(max(start_ms, FIRST_MS), timeframe)
        stop_ms = timeframe.floor(min(end_ms, END_MS))
        if first_ms >= stop_ms:
            raise _empty(symbol, timeframe, start_ms=start_ms, end_ms=end_ms)
        bars = self._bars(symbol, first_ms // BASE.duration_ms, stop_ms // BASE.duration_ms)
        coarse = coarsen(bars, timeframe.duration_ms // BASE.duration_ms)
        return Candles(
            symbol=symbol,
            timeframe=timeframe,
            open_time=np.arange(first_ms, stop_ms, timeframe.duration_ms, dtype=np.int64),
            open=coarse.open,
            high=coarse.high,
            low=coarse.low,
            close=coarse.close,
            volume=on_grid(coarse.lots, listing.lot),
        )

    async def quote_volumes(
        self, symbols: Collection[Symbol], *, at_ms: int
    ) -> Mapping[Symbol, Decimal]:
        """Return Σ close × volume of the five-minute bars within the 24 hours before `at_ms`.

        A symbol that is not listed, or has no bar then, is missing from the answer.
        """
        known = self._listed
        volumes = {}
        for symbol in symbols:
            if symbol in known and (bars := self._day_before(symbol, at_ms)) is not None:
                value = bars.close * on_grid(bars.lots, known[symbol].lot)
                volumes[symbol] = exact(round(math.fsum(value.tolist()), 2))
        return volumes

    async def quote_rate(self, quote: Currency, account: Currency, *, at_ms: int) -> Decimal | None:
        """Return 1 for the same currency, or the last EUR/USDT close either way; else None."""
        if quote == account:
            return Decimal(1)
        if {quote, account} != {"EUR", "USDT"}:
            return None
        bars = self._day_before(Symbol("EUR/USDT"), at_ms)
        if bars is None:
            return None
        rate = exact(float(bars.close[-1]))
        return rate if quote == "EUR" else round(1 / rate, _RATE_DECIMALS)

    async def reference_price(self, symbol: Symbol, *, at_ms: int) -> ReferencePrice | None:
        """Return the close of the newest five-minute bar closed at `at_ms`; None outside the years.

        Raises:
            UnknownSymbol: the symbol is not listed; similar ones are named.
        """
        self._listing(symbol)
        bars = self._day_before(symbol, at_ms)
        if bars is None:
            return None
        return ReferencePrice(
            price=Price(exact(float(bars.close[-1]))),
            at_ms=BASE.floor(min(at_ms, END_MS)),
            step_ms=BASE.duration_ms,
            source=f"{VENUE} {BASE} close",
        )

    async def clock_skew_ms(self) -> int | None:
        """Return 0: the market lives by the clock it was given."""
        return 0

    async def close(self) -> None:
        """Forget what was built; the market stays usable."""
        self._chunk.cache_clear()
        self._model.forget()

    def _listing(self, symbol: Symbol) -> Listing:
        known = self._listed
        if symbol in known:
            return known[symbol]
        near = difflib.get_close_matches(symbol.upper(), known, n=3, cutoff=0.5)
        hint = f"did you mean {', '.join(near)}?" if near else f"{len(known)} markets are listed"
        raise UnknownSymbol(f"no market {symbol!r}", where=VENUE, next_step=hint)

    def _day_before(self, symbol: Symbol, at_ms: int) -> Bars | None:
        stop = min(at_ms, END_MS) // BASE.duration_ms
        first = -(-max(at_ms - DAY_MS, FIRST_MS) // BASE.duration_ms)
        return self._bars(symbol, first, stop) if first < stop else None

    def _bars(self, symbol: Symbol, first: int, stop: int) -> Bars:
        """Return base bars by number since 1970, `first` up to but without `stop`."""
        chunks = range(first // CHUNK_BARS, (stop - 1) // CHUNK_BARS + 1)
        whole = [
            self._chunk(symbol, chunk).slice(
                max(first - chunk * CHUNK_BARS, 0), min(stop - chunk * CHUNK_BARS, CHUNK_BARS)
            )
            for chunk in chunks
        ]
        return join(whole)

    def _build_chunk(self, symbol: Symbol, chunk: int) -> Bars:
        return build_bars(self._model, self._listed[symbol], seed=self._seed, chunk=chunk)


def _ceil(time_ms: int, timeframe: Timeframe) -> int:
    floor = timeframe.floor(time_ms)
    return floor if floor == time_ms else floor + timeframe.duration_ms


def _empty(symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int) -> NoData:
    return NoData(
        f"no {timeframe} bar opens and closes between {_when(start_ms)} and {_when(end_ms)}",
        where=f"{VENUE} {symbol}",
        next_step=f"the market runs from {utc_text(FIRST_MS)} to {utc_text(END_MS)}",
    )


def _when(time_ms: int) -> str:
    try:
        return utc_text(time_ms)
    except (ValueError, OverflowError, OSError):  # a time no calendar holds
        return f"{time_ms} ms"
