"""Closed candles, instruments and rates of a live venue: public data through ccxt, no key."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from snipersight.analysis.resampling import resample
from snipersight.domain.candles import Candles, utc_text
from snipersight.domain.errors import ConfigInvalid, NoData
from snipersight.domain.instrument import Instrument
from snipersight.domain.observations import ReferencePrice
from snipersight.domain.ports import EventSink
from snipersight.domain.timeframe import ALL_TIMEFRAMES, HOUR_MS, MINUTE_MS, Timeframe
from snipersight.domain.units import Currency, Symbol, exact
from snipersight.market.candle_cache import CandleCache
from snipersight.market.ccxt_client import CcxtClient, SessionFactory
from snipersight.market.ccxt_clock import VenueClock
from snipersight.market.ccxt_errors import unknown_symbol
from snipersight.market.ccxt_gate import RequestGate
from snipersight.market.ccxt_history import CandleKeeper, Request
from snipersight.market.ccxt_instruments import Listing, listing_of
from snipersight.market.ccxt_past import funding_between, traded_before
from snipersight.market.ccxt_reference import reference_of, reference_span
from snipersight.market.ccxt_rows import Row
from snipersight.market.ccxt_volumes import TICKER_TYPES, kinds_of, traded_values

_LISTING_AGE_MS: Final = HOUR_MS
_TICKER_AGE_MS: Final = 5 * MINUTE_MS
_RATE_TIMEFRAME: Final = Timeframe.parse("1h")
_PAGE_BARS: Final = 500  # where ccxt does not know the venue's limit
_MOST_PAGE_BARS: Final = 1000


class CcxtSource:
    """A `CandleSource` for one of ccxt's exchanges, with a local copy of its bars.

    `binance` serves spot, `binanceusdm` USDT- and USDC-margined perpetuals, `bybit` both kinds;
    others what ccxt lists. Use it as an asynchronous context manager, or call `close()`.

    Args:
        exchange_id: ccxt's name of the exchange; the venue's short name from then on.
        cache_dir: where fetched bars are kept; None keeps none.
        clock: our time, milliseconds UTC.
        events: is told what was noticed (revised bars, gaps, cache trouble, clock skew …).
        session_factory: makes the HTTP session, closed by `close()`; None leaves that to ccxt.
        sleep: waits for seconds between repeated requests.
        chance: a random number from 0 to 1, spreads repeated requests.
        timeout_ms: longest wait for one answer.
        pace: how much faster than ours the venue's time runs, and its limits with it; 1 is real.

    Raises:
        ConfigInvalid: ccxt knows no such exchange, or it serves no candles.
    """

    def __init__(
        self,
        exchange_id: str,
        *,
        cache_dir: Path | None,
        clock: Callable[[], int],
        events: EventSink | None = None,
        session_factory: SessionFactory | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
        timeout_ms: int = 10_000,
        pace: float = 1.0,
    ) -> None:
        self._venue = exchange_id
        self._events = events or _Silence()
        self._gate = RequestGate(exchange_id, clock=clock, sleep=sleep, chance=chance)
        self._client = CcxtClient(
            exchange_id,
            gate=self._gate,
            session_factory=session_factory,
            timeout_ms=timeout_ms,
            pace=pace,
        )
        self._clock = self._venue_clock(clock)
        self._keeper = self._candle_keeper(cache_dir, clock)
        self._local_ms = clock
        self._listing: Listing | None = None
        self._listed_at_ms = 0
        self._listing_lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Return the source; nothing is contacted yet."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections, also after an error."""
        await self.close()

    @property
    def client(self) -> CcxtClient:
        """Return the client that its requests go through, for streams of the same venue."""
        return self._client

    @property
    def venue(self) -> str:
        """Return the exchange's short name."""
        return self._venue

    async def now_ms(self) -> int:
        """Return the earlier of the venue's time and ours, milliseconds UTC.

        Raises:
            VenueUnavailable: the venue does not tell its time.
        """
        return await self._clock.closed_ms()

    async def instruments(self) -> Mapping[Symbol, Instrument]:
        """Return the active spot markets and linear perpetuals; fetched anew after an hour.

        Margin tiers need a key at most venues and stay empty. Symbols whose name or rules cannot
        be read are left out and told as `instruments_skipped`.

        Raises:
            VenueUnavailable: the venue cannot be reached or limits our rate.
        """
        async with self._listing_lock:
            age = self._local_ms() - self._listed_at_ms
            if self._listing is None or not 0 <= age <= _LISTING_AGE_MS:
                self._listing = await self._fetch_listing()
                self._listed_at_ms = self._local_ms()
            return self._listing.instruments

    async def candles(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles:
        """Return the bars that open at or after `start_ms` and are closed at `end_ms`.

        Only closed bars, by the venue's clock and by ours. Only what the local copy lacks is
        fetched, together with its three newest bars, which are compared: a bar the venue has
        revised is replaced and told as `candle_revised`. A timeframe the venue does not serve is
        resampled from the coarsest finer one it does. Gaps at the venue stay gaps.

        Raises:
            UnknownSymbol: the venue lists no such active market; near names are given.
            NoData: it has no bar in the period.
            DataInvalid: its bars break the contract of `Candles`.
            VenueUnavailable: it cannot be reached or limits our rate, after several attempts.
            ConfigInvalid: neither the timeframe nor a finer one that divides it is served.
        """
        await self._require(symbol)
        native = self._native(timeframe)
        request = Request(
            symbol=symbol,
            timeframe=native,
            # One bar more to resample: a bucket whose first fine bar the venue lacks is whole
            # only where the bars before it are seen too.
            start_ms=start_ms if native == timeframe else start_ms - timeframe.duration_ms,
            end_ms=end_ms,
            closed_ms=await self._clock.closed_ms(),
            page_bars=self._page_bars(symbol),
        )
        candles = resample(await self._keeper.candles(request), timeframe)
        candles = candles.between(start_ms, min(end_ms, request.closed_ms))
        if len(candles) == 0:
            raise NoData(
                f"{self._venue} has no closed bar from {utc_text(start_ms)} to {utc_text(end_ms)}",
                where=f"{symbol} {timeframe}",
                next_step="choose a later time, or another symbol",
            )
        return candles

    async def keep(self, told: Candles) -> bool:
        """Add a few closed bars that a stream told to the local copy, so that a restart has them.

        Args:
            told: closed bars without a hole.

        Returns:
            Whether they are held now: at most three, that join what is held, of a timeframe that
            the venue serves. The next update fetches and compares them.
        """
        if self._native(told.timeframe) != told.timeframe:
            return False
        return await self._keeper.keep(told)

    async def quote_volumes(
        self, symbols: Collection[Symbol], *, at_ms: int
    ) -> Mapping[Symbol, Decimal]:
        """Return the value traded in 24 hours, in quote currency, from the tickers.

        The venue's window ends now and includes the forming minute. More than five minutes from
        now, and where the venue has no tickers, it is worked out from the candles of that day:
        one request a symbol. A symbol without a figure is missing from the answer.

        Raises:
            VenueUnavailable: the venue cannot be reached or limits our rate.
        """
        listed = await self.instruments()
        wanted = [symbol for symbol in symbols if symbol in listed]
        age_ms = abs(await self._clock.closed_ms() - at_ms)
        if age_ms > _TICKER_AGE_MS or not self._client.has("fetchTickers"):
            return await traded_before(wanted, at_ms, self._read)
        venue_kinds = kinds_of(listed.values())
        result: dict[Symbol, Decimal] = {}
        for kind in kinds_of([listed[symbol] for symbol in wanted]):
            params = {"type": TICKER_TYPES[kind]} if len(venue_kinds) > 1 else {}
            tickers = await self._tickers(params)
            of_kind = [symbol for symbol in wanted if listed[symbol].kind is kind]
            result.update(traded_values(tickers, of_kind))
        return result

    async def funding_payments(
        self, symbol: Symbol, *, start_ms: int, end_ms: int
    ) -> list[tuple[int, float]] | None:
        """Return time and rate of each funding payment later than one moment up to another.

        None where the venue does not tell them; positive rates are paid by longs.

        Raises:
            VenueUnavailable: the venue cannot be reached or limits our rate.
        """
        if not self._client.has("fetchFundingRateHistory"):
            return None
        exchange = self._client.open()
        return await funding_between(
            start_ms,
            end_ms,
            lambda since_ms, count: self._gate.run(
                lambda: exchange.fetch_funding_rate_history(symbol, since_ms, count),
                where=f"{self._venue} {symbol} funding",
            ),
        )

    async def quote_rate(self, quote: Currency, account: Currency, *, at_ms: int) -> Decimal | None:
        """Return how much of `account` one unit of `quote` is worth, or None if unknown.

        The close of the newest hourly bar that is at most a day old, of the direct pair or else
        of the inverse one, spot before perpetual. No path over a third currency is tried.

        Raises:
            VenueUnavailable: the venue cannot be reached or limits our rate.
        """
        if quote == account:
            return Decimal(1)
        if (direct := await self._last_close(quote, account, at_ms)) is not None:
            return direct
        inverse = await self._last_close(account, quote, at_ms)
        return None if inverse is None else 1 / inverse

    async def reference_price(self, symbol: Symbol, *, at_ms: int) -> ReferencePrice | None:
        """Return the close of the newest short bar known at `at_ms`, asked for anew.

        It passes by the local copy that plans are read from. None where nothing was traded for
        half an hour.

        Raises:
            UnknownSymbol: the venue lists no such active market.
            DataInvalid: its rows contradict themselves.
            VenueUnavailable: it cannot be reached or limits our rate.
        """
        await self._require(symbol)
        known_ms = min(at_ms, await self._clock.closed_ms())
        finest = self._served()[0]
        since_ms, bars = reference_span(finest, known_ms)
        rows = await self._rows(symbol, finest, since_ms, bars)
        return reference_of(
            rows, symbol=symbol, timeframe=finest, at_ms=known_ms, venue=self._venue
        )

    async def clock_skew_ms(self) -> int | None:
        """Return how far the venue is ahead of us at least; None if it tells no time.

        Raises:
            VenueUnavailable: it cannot be reached.
        """
        return await self._clock.skew_ms()

    def doubt_clock(self) -> None:
        """Have the venue's time compared anew: ours was put forward."""
        self._clock.doubt()

    async def close(self) -> None:
        """Release the connections."""
        await self._client.close()

    def _venue_clock(self, clock: Callable[[], int]) -> VenueClock:
        return VenueClock(
            self._venue,
            clock=clock,
            ask_venue=self._venue_time_ms if self._client.has("fetchTime") else None,
            events=self._events,
        )

    def _candle_keeper(self, cache_dir: Path | None, clock: Callable[[], int]) -> CandleKeeper:
        return CandleKeeper(
            self._venue,
            cache=CandleCache(cache_dir, events=self._events, clock=clock),
            events=self._events,
            fetch_rows=self._rows,
            has_days="1d" in self._client.timeframes,
        )

    async def _require(self, symbol: Symbol) -> None:
        listed = await self.instruments()
        if symbol not in listed:
            raise unknown_symbol(symbol, venue=self._venue, known=listed)

    async def _fetch_listing(self) -> Listing:
        exchange = self._client.open()
        markets = await self._gate.run(
            lambda: exchange.load_markets(True), where=f"{self._venue} market list"
        )
        listing = listing_of(
            markets.values(), venue=self._venue, precision_mode=exchange.precisionMode
        )
        if listing.unreadable:
            fields = {
                "venue": self._venue,
                "count": len(listing.unreadable),
                "examples": listing.unreadable[:5],
            }
            self._events.emit("instruments_skipped", fields)
        return listing

    def _served(self) -> list[Timeframe]:
        """Return the timeframes the venue serves, shortest first."""
        return [tf for tf in ALL_TIMEFRAMES if tf.name in self._client.timeframes]

    def _native(self, timeframe: Timeframe) -> Timeframe:
        served = self._served()
        if timeframe in served:
            return timeframe
        finer = [tf for tf in served if tf.divides(timeframe) and tf < timeframe]
        if not finer:
            names = ", ".join(tf.name for tf in served)
            raise ConfigInvalid(
                f"{self._venue} serves no candles that make {timeframe} bars",
                where="timeframe",
                next_step=f"use a profile or exchange with one of {names}",
            )
        return finer[-1]

    def _page_bars(self, symbol: Symbol) -> int:
        known = self._client.open().feature_value(symbol, "fetchOHLCV", "limit")
        return min(int(known or _PAGE_BARS), _MOST_PAGE_BARS)

    async def _rows(
        self, symbol: Symbol, timeframe: Timeframe, since_ms: int, bars: int
    ) -> Sequence[Row]:
        exchange, asked_ms = self._client.open(), self._local_ms()
        rows = await self._gate.run(
            lambda: exchange.fetch_ohlcv(symbol, timeframe.name, since_ms, bars),
            where=f"{self._venue} {symbol} {timeframe}",
        )
        self._clock.heard(self._gate.answered_ms, asked_ms=asked_ms)
        return rows

    async def _venue_time_ms(self) -> int:
        exchange = self._client.open()
        return await self._gate.run(exchange.fetch_time, where=f"{self._venue} clock")

    async def _tickers(self, params: Mapping[str, str]) -> Mapping[str, Mapping[str, Any]]:
        exchange = self._client.open()
        return await self._gate.run(
            lambda: exchange.fetch_tickers(None, dict(params)), where=f"{self._venue} tickers"
        )

    async def _read(
        self, symbol: Symbol, timeframe: Timeframe, start_ms: int, end_ms: int
    ) -> Candles:
        return await self.candles(symbol, timeframe, start_ms=start_ms, end_ms=end_ms)

    async def _last_close(self, base: Currency, quote: Currency, at_ms: int) -> Decimal | None:
        listed = await self.instruments()
        for symbol in (Symbol(f"{base}/{quote}"), Symbol(f"{base}/{quote}:{quote}")):
            if symbol not in listed:
                continue
            try:
                candles = await self.candles(
                    symbol, _RATE_TIMEFRAME, start_ms=at_ms - 24 * HOUR_MS, end_ms=at_ms
                )
            except NoData:
                continue
            return exact(float(candles.close[-1]))
        return None


class _Silence:
    """An event sink for callers that want none."""

    def emit(self, name: str, fields: Mapping[str, object]) -> None:
        """Drop the event."""
