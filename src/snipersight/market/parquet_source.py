"""A directory of Parquet candle files as a source of candles, instruments and rates."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Final

from snipersight.domain.candles import Candles
from snipersight.domain.errors import ConfigInvalid, DataInvalid, NoData, UnknownSymbol
from snipersight.domain.instrument import Instrument, MarketKind
from snipersight.domain.observations import ReferencePrice
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Currency, Symbol, exact
from snipersight.market.candle_files import CandleFile, find_candle_files, venue_of_folder
from snipersight.market.currencies import did_you_mean, split_pair
from snipersight.market.instrument_rules import (
    RecentPrices,
    books_beside,
    instrument_of,
    symbol_by_pair,
    with_shipped,
)
from snipersight.market.raw_bars import RawBars
from snipersight.market.recorded_market import RecordedMarket
from snipersight.market.rule_books import BOOK_NAME, RuleBook
from snipersight.market.universe_history import Floats, Times, traded_in_day_before

_CHECKED_BARS: Final = 1000  # their prices are held against the stated tick
_NO_RATES: Final[Mapping[tuple[str, str], Decimal]] = MappingProxyType({})


class ParquetDirectory:
    """Recorded candles of one venue; implements the `CandleSource` port.

    Files are named `BTCUSDT-5m.parquet` and hold `timestamp` (milliseconds UTC, open time of
    the bar), `open`, `high`, `low`, `close`, `volume`. The folder's name says venue and market
    kind (`binance_spot_…`, `binance_usdm_…`, `bybit_linear_…`, `bitvavo_spot_eur_…`); for any
    other name, and to overrule it, an `instruments.toml` beside the files does.

    A file that cannot be used stops nobody else: its symbol is listed, and asking for its
    candles raises `DataInvalid` with file, row and value. Files that are no candles or name no
    known market stand in `ignored`, each with the reason.
    """

    def __init__(
        self,
        path: Path,
        *,
        instruments: Path | None = None,
        rates: Mapping[tuple[str, str], Decimal] = _NO_RATES,
        rules_at_ms: int | None = None,
        clock: Callable[[], int] | None = None,
    ) -> None:
        """Look at the directory; candles are read when they are asked for.

        Args:
            path: the directory.
            instruments: a TOML or exchangeInfo file that goes before those beside the candles.
            rates: what one unit of the first currency is worth in the second, used where the
                directory records no pair of the two.
            rules_at_ms: moment as of which ticks and lots are judged, so that a scan of the past
                learns nothing from later prices; by default the newest recorded close.
            clock: the present in milliseconds UTC; with it, a forming bar is left out and a bar
                of the future refused.

        Raises:
            ConfigInvalid: there is no such directory, its venue is not known, a rule book cannot
                be read or contradicts it, or two files are of the same market and timeframe.
            NoData: it holds no candle file whose market is known.
        """
        found = find_candle_files(path)
        books = books_beside(path, instruments)
        self._venue, self._kind = _venue_of(path, books, is_stated=instruments is not None)
        self._books = with_shipped(books, self._venue)
        self._rates = dict(rates)
        self._rules_at_ms = rules_at_ms
        self._clock_ms = clock() if clock else None
        named, unnamed = self._named(found.files)
        self._markets = self._group(named)
        self.ignored: tuple[tuple[str, str], ...] = (*found.ignored, *unnamed)
        if not self._markets:
            raise NoData(
                f"no candle file names a market ({unnamed[0][1]})",
                where=str(path),
                next_step=f"say in {BOOK_NAME} which market each file is of",
            )
        self._instruments: Mapping[Symbol, Instrument] | None = None

    @property
    def venue(self) -> str:
        """Return the venue the candles were recorded at."""
        return self._venue

    async def now_ms(self) -> int:
        """Return the newest recorded close (milliseconds UTC).

        Raises:
            NoData: no file holds a usable bar.
        """
        return await asyncio.to_thread(self._now_ms)

    async def instruments(self) -> Mapping[Symbol, Instrument]:
        """Return every recorded market, by symbol, also those whose files cannot be used."""
        if self._instruments is None:
            self._instruments = await asyncio.to_thread(self._judge_rules)
        return self._instruments

    async def rules_at(self, symbol: Symbol, at_ms: int) -> Instrument:
        """Return one market's rules as they are judged at a moment, milliseconds UTC.

        Raises:
            UnknownSymbol: the symbol is not recorded.
        """
        return await asyncio.to_thread(self._instrument, self._market(symbol), at_ms)

    async def candles(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles:
        """Return bars of one market; see `CandleSource.candles`.

        A file of the timeframe itself is preferred; otherwise the finest file is resampled.
        """
        market = self._market(symbol)
        return await asyncio.to_thread(market.candles, timeframe, start_ms=start_ms, end_ms=end_ms)

    async def quote_volumes(
        self, symbols: Collection[Symbol], *, at_ms: int
    ) -> Mapping[Symbol, Decimal]:
        """Return close × volume summed over the bars of the 24 hours before `at_ms`.

        The finest file is used. A symbol that is unknown, unreadable or without a bar in these
        hours is missing from the answer.
        """
        return await asyncio.to_thread(self._quote_volumes, tuple(symbols), at_ms)

    async def traded_before(
        self, symbols: Collection[Symbol], moments_ms: Times
    ) -> Mapping[Symbol, Floats]:
        """Return what `quote_volumes` says at each of many moments, each file read once.

        A symbol that is unknown or unreadable is missing from the answer.

        Args:
            symbols: of the markets.
            moments_ms: milliseconds UTC, ascending, at least one.
        """
        return await asyncio.to_thread(self._traded_before, tuple(symbols), moments_ms)

    async def quote_rate(self, quote: Currency, account: Currency, *, at_ms: int) -> Decimal | None:
        """Return how much of `account` one unit of `quote` is worth, or None if unknown.

        1 for the same currency; else the last close of a recorded spot pair of exactly these two
        currencies (either way round) that closed within the last two days; else the rate given
        to the constructor.
        """
        if quote == account:
            return Decimal(1)
        recorded = await asyncio.to_thread(self._recorded_rate, quote, account, at_ms)
        return recorded if recorded is not None else self._rates.get((quote, account))

    async def reference_price(self, symbol: Symbol, *, at_ms: int) -> ReferencePrice | None:
        """Return the newest recorded close known at `at_ms`, of any of the market's files.

        None where none is younger than two days.

        Raises:
            UnknownSymbol: the symbol is not recorded.
            DataInvalid: the newest bar breaks the contract of `Candles`.
        """
        return await asyncio.to_thread(self._market(symbol).last_price, at_ms)

    async def clock_skew_ms(self) -> int | None:
        """Return 0: a recording has no clock of its own."""
        return 0

    async def close(self) -> None:
        """Do nothing: no file stays open."""

    def _named(
        self, files: Sequence[CandleFile]
    ) -> tuple[list[tuple[Symbol, CandleFile]], list[tuple[str, str]]]:
        """Return files with their symbols, and those whose pair cannot be told, with the reason."""
        stated = symbol_by_pair(self._books)
        bases = {symbol.split("/")[0] for book in self._books for symbol in book.markets}
        named, unnamed = [], []
        for file in files:
            try:
                symbol = stated.get(file.pair) or self._symbol(file.pair, bases)
            except DataInvalid as error:
                unnamed.append((file.path.name, f"{error.what}; {error.next_step}"))
            else:
                named.append((symbol, file))
        return named, unnamed

    def _symbol(self, pair: str, bases: Collection[str]) -> Symbol:
        base, quote = split_pair(pair, bases=bases)
        is_spot = self._kind is MarketKind.SPOT
        return Symbol(f"{base}/{quote}" if is_spot else f"{base}/{quote}:{quote}")

    def _group(self, named: Sequence[tuple[Symbol, CandleFile]]) -> Mapping[Symbol, RecordedMarket]:
        grouped: dict[Symbol, dict[Timeframe, CandleFile]] = defaultdict(dict)
        for symbol, file in named:
            other = grouped[symbol].setdefault(file.timeframe, file)
            if other is not file:
                raise ConfigInvalid(
                    f"{other.path.name} and {file.path.name} are both {symbol} {file.timeframe}",
                    where=str(file.path.parent),
                    next_step="move one of them away",
                )
        return {
            symbol: RecordedMarket(symbol=symbol, files=own, clock_ms=self._clock_ms)
            for symbol, own in grouped.items()
        }

    def _market(self, symbol: Symbol) -> RecordedMarket:
        market = self._markets.get(symbol)
        if market is None:
            hint = did_you_mean(symbol, self._markets)
            raise UnknownSymbol(
                f"{symbol} is not among the {len(self._markets)} recorded markets",
                where=self._venue,
                next_step=hint or f"recorded are {', '.join(sorted(self._markets)[:5])}, …",
            )
        return market

    def _now_ms(self) -> int:
        closes = [market.last_close_ms() for market in self._markets.values()]
        newest = max((close for close in closes if close is not None), default=None)
        if newest is None:
            raise NoData(
                "none of the files holds a usable bar",
                where=self._venue,
                next_step="`snipersight data check` says what is wrong with each file",
            )
        return newest

    def _judge_rules(self) -> Mapping[Symbol, Instrument]:
        at_ms = self._now_ms() if self._rules_at_ms is None else self._rules_at_ms
        return MappingProxyType(
            {symbol: self._instrument(market, at_ms) for symbol, market in self._markets.items()}
        )

    def _instrument(self, market: RecordedMarket, at_ms: int) -> Instrument:
        try:
            bars = market.last_bars(at_ms, _CHECKED_BARS)
        except DataInvalid:
            bars = RawBars.empty()  # its candles raise with the reason; the market stays listed
        recent = RecentPrices.of(bars, until_ms=at_ms)
        return instrument_of(market.symbol, self._venue, self._books, at_ms=at_ms, recent=recent)

    def _quote_volumes(self, symbols: Sequence[Symbol], at_ms: int) -> Mapping[Symbol, Decimal]:
        volumes = {}
        for symbol in symbols:
            market = self._markets.get(symbol)
            if market is None:
                continue
            try:
                bars = market.candles(market.finest, start_ms=at_ms - DAY_MS, end_ms=at_ms)
            except DataInvalid:
                continue  # "missing from the answer" is what the port promises
            volumes[symbol] = exact(math.fsum(bars.close * bars.volume))
        return volumes

    def _traded_before(
        self, symbols: Sequence[Symbol], moments_ms: Times
    ) -> Mapping[Symbol, Floats]:
        volumes = {}
        start_ms, end_ms = int(moments_ms[0]) - DAY_MS, int(moments_ms[-1])
        for symbol in symbols:
            market = self._markets.get(symbol)
            if market is None:
                continue
            try:
                bars = market.candles(market.finest, start_ms=start_ms, end_ms=end_ms)
            except DataInvalid:
                continue
            volumes[symbol] = traded_in_day_before(bars, moments_ms)
        return volumes

    def _recorded_rate(self, quote: Currency, account: Currency, at_ms: int) -> Decimal | None:
        direct = self._last_close(Symbol(f"{quote}/{account}"), at_ms)
        if direct is not None:
            return direct
        inverse = self._last_close(Symbol(f"{account}/{quote}"), at_ms)
        return None if inverse is None else 1 / inverse

    def _last_close(self, symbol: Symbol, at_ms: int) -> Decimal | None:
        market = self._markets.get(symbol)
        if market is None:
            return None
        try:
            bars = market.candles(market.finest, start_ms=at_ms - 2 * DAY_MS, end_ms=at_ms)
        except NoData:
            return None
        return exact(float(bars.close[-1]))


def _venue_of(path: Path, books: Sequence[RuleBook], *, is_stated: bool) -> tuple[str, MarketKind]:
    """Return venue and kind; a TOML or stated book goes before the folder's name."""
    folder = venue_of_folder(path)
    stated = [(book.venue, book.kind) for book in books if book.is_written or is_stated]
    first = stated[0] if stated else folder
    if is_stated and folder and stated[0] != folder:
        raise ConfigInvalid(
            f"the rules are those of {stated[0][0]}, the folder's name says {folder[0]}",
            where=str(path),
            next_step="pass the rules of the venue the candles were recorded at",
        )
    if first is not None:
        return first
    if books:
        return books[0].venue, books[0].kind
    raise ConfigInvalid(
        "the venue of these candles is not known",
        where=str(path),
        next_step=f'write {BOOK_NAME} beside them: venue = "binance", kind = "spot" (or '
        '"perpetual"), and for each market [markets."BTC/USDT"] with tick = "0.01", '
        'lot = "0.00001", min_notional = "5"',
    )
