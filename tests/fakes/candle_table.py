"""A candle source over arrays in memory, which can be cut, changed and made to fail."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from snipersight.analysis.resampling import resample
from snipersight.domain.candles import COLUMNS, Candles
from snipersight.domain.errors import NoData, SniperSightError, UnknownSymbol
from snipersight.domain.instrument import Instrument
from snipersight.domain.observations import ReferencePrice
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Currency, Price, Symbol, exact


@dataclass(frozen=True, slots=True, kw_only=True)
class CandleTable:
    """Implements `CandleSource` with whole histories of a few markets.

    Args:
        base: the finest candles of each market; coarser ones are resampled from them.
        listed: every market's rules.
        own: candles served as they are for one timeframe, instead of resampled ones.
        faults: raised instead of serving a market's candles.
        rates: what one unit of the first currency is worth in the second.
        now: the newest moment; the last close of all markets unless given.
        unpriced: markets without a reference price.
        unmeasured: markets whose traded value is not told.
        skew: how far the venue's clock is ahead.
    """

    base: Mapping[Symbol, Candles]
    listed: Mapping[Symbol, Instrument]
    own: Mapping[tuple[Symbol, Timeframe], Candles] = field(default_factory=dict)
    faults: Mapping[Symbol, SniperSightError] = field(default_factory=dict)
    rates: Mapping[tuple[str, str], Decimal | SniperSightError] = field(default_factory=dict)
    now: int | None = None
    unpriced: frozenset[Symbol] = frozenset()
    unmeasured: frozenset[Symbol] = frozenset()
    skew: int | SniperSightError | None = 0

    @property
    def venue(self) -> str:
        return "sandbox"

    async def now_ms(self) -> int:
        if self.now is not None:
            return self.now
        return max(int(candles.close_time[-1]) for candles in self.base.values())

    async def instruments(self) -> Mapping[Symbol, Instrument]:
        return self.listed

    async def candles(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles:
        if symbol in self.faults:
            raise self.faults[symbol]
        if symbol not in self.base:
            raise UnknownSymbol("not in the table", where=symbol)
        served = self.own.get((symbol, timeframe))
        if served is None:
            served = self.coarse(symbol, timeframe, start_ms=start_ms, end_ms=end_ms)
        found = served.between(start_ms, end_ms)
        if len(found) == 0:
            raise NoData("no bar in the period", where=f"{symbol} {timeframe}")
        return found

    def coarse(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int = 0, end_ms: int
    ) -> Candles:
        """Return a market's bars of a coarser timeframe, as they were known at `end_ms`.

        One fine bar more is looked at, as recorded markets do: it tells a bucket that lost its
        first bars from the start of the data, so that no bar depends on where reading begins.
        """
        known = self.base[symbol].known_at(end_ms)
        first = max(0, int(known.open_time.searchsorted(timeframe.floor(start_ms))) - 1)
        return resample(known.slice(first, len(known)), timeframe)

    async def quote_volumes(
        self, symbols: Collection[Symbol], *, at_ms: int
    ) -> Mapping[Symbol, Decimal]:
        days = {
            symbol: self.base[symbol].between(at_ms - DAY_MS, at_ms)
            for symbol in symbols
            if symbol in self.base and symbol not in {*self.faults, *self.unmeasured}
        }
        return {
            symbol: exact(float((day.close * day.volume).sum()))
            for symbol, day in days.items()
            if len(day)
        }

    async def quote_rate(self, quote: Currency, account: Currency, *, at_ms: int) -> Decimal | None:
        if quote == account:
            return Decimal(1)
        rate = self.rates.get((quote, account))
        if isinstance(rate, SniperSightError):
            raise rate
        return rate

    async def reference_price(self, symbol: Symbol, *, at_ms: int) -> ReferencePrice | None:
        if symbol in self.unpriced or symbol not in self.base:
            return None
        if symbol in self.faults:
            raise self.faults[symbol]
        known = self.base[symbol].known_at(at_ms)
        if len(known) == 0:
            return None
        return ReferencePrice(
            price=Price(exact(float(known.close[-1]))),
            at_ms=int(known.close_time[-1]),
            step_ms=known.timeframe.duration_ms,
        )

    async def clock_skew_ms(self) -> int | None:
        if isinstance(self.skew, SniperSightError):
            raise self.skew
        return self.skew

    async def close(self) -> None:
        return None

    def cut(self, until_ms: int) -> CandleTable:
        """Return the same markets as they were known at a moment, which becomes the newest."""
        base = {symbol: candles.known_at(until_ms) for symbol, candles in self.base.items()}
        return replace(self, base=base, now=until_ms)

    def since(self, start_ms: int) -> CandleTable:
        """Return the same markets without the bars that open before a moment."""
        base = {
            symbol: candles.slice(int(candles.open_time.searchsorted(start_ms)), len(candles))
            for symbol, candles in self.base.items()
        }
        return replace(self, base=base)

    def changed(
        self,
        bars: Callable[[Candles], Candles],
        rules: Callable[[Instrument], Instrument] = lambda instrument: instrument,
    ) -> CandleTable:
        """Return other markets: every history and every rule book put through a function."""
        return replace(
            self,
            base={symbol: bars(candles) for symbol, candles in self.base.items()},
            listed={symbol: rules(instrument) for symbol, instrument in self.listed.items()},
        )


def with_prices(candles: Candles, **columns: object) -> Candles:
    """Return the candles with some columns replaced."""
    values = {name: getattr(candles, name) for name in ("open_time", *COLUMNS)}
    return Candles(symbol=candles.symbol, timeframe=candles.timeframe, **(values | columns))
