"""Candles of one venue from the local copy, completed by what is missing there."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

from snipersight.domain.candles import Candles, utc_text
from snipersight.domain.ports import EventSink
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Symbol
from snipersight.market.candle_cache import CandleCache
from snipersight.market.candle_cache_bars import HeldBars, united_bars
from snipersight.market.candle_cache_file import CacheKey
from snipersight.market.candle_cache_intervals import Interval, missing
from snipersight.market.ccxt_pages import Pager, Piece
from snipersight.market.ccxt_rows import Row, page_of

FetchRows = Callable[[Symbol, Timeframe, int, int], Awaitable[Sequence[Row]]]
"""Fetches one page: symbol, timeframe, since_ms, number of bars → rows."""

REVISED_BARS: Final = 3  # newest held bars that every update fetches again and compares
_DAY: Final = Timeframe.parse("1d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A stretch of one symbol's bars.

    Args:
        symbol, timeframe: what; the venue serves the timeframe itself.
        start_ms, end_ms: bars that open at or after the start and are closed at the end.
        closed_ms: no bar that closes later may be used or kept.
        page_bars: most bars the venue sends at once.
    """

    symbol: Symbol
    timeframe: Timeframe
    start_ms: int
    end_ms: int
    closed_ms: int
    page_bars: int

    @property
    def wanted(self) -> Interval:
        """Return the open times asked for, on the grid."""
        start = self.timeframe.floor(self.start_ms + self.timeframe.duration_ms - 1)
        return start, self.timeframe.floor(min(self.end_ms, self.closed_ms))


class CandleKeeper:
    """Serves closed bars, asking the venue only for those not held.

    Args:
        venue: short name.
        cache: the local copy.
        events: is told of gaps, of history the venue does not serve, and of rows without a price.
        fetch_rows: fetches one page from the venue.
        has_days: whether the venue serves daily bars, which tell where a listing began.
    """

    def __init__(
        self,
        venue: str,
        *,
        cache: CandleCache,
        events: EventSink,
        fetch_rows: FetchRows,
        has_days: bool,
    ) -> None:
        self._venue = venue
        self._cache = cache
        self._events = events
        self._fetch_rows = fetch_rows
        self._has_days = has_days
        self._updating: defaultdict[CacheKey, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._compared_to: Final[dict[CacheKey, int]] = {}  # close of the newest bar fetched here

    async def candles(self, request: Request) -> Candles:
        """Return the bars of the stretch; none where the venue has none.

        What was fetched before a failure is kept, so that the next attempt goes on from there.

        Raises:
            VenueUnavailable: bars are missing and the venue cannot be reached.
            DataInvalid: the venue's bars break the contract of `Candles`.
        """
        key = CacheKey(self._venue, request.symbol, request.timeframe)
        async with self._updating[key]:
            held = await asyncio.to_thread(self._cache.load, key)
            gaps = missing(request.wanted, held.intervals)
            if gaps:
                held = await self._update(key, request, held, gaps)
        return held.candles.between(request.start_ms, min(request.end_ms, request.closed_ms))

    async def keep(self, told: Candles) -> bool:
        """Add bars that were told by a stream to the local copy; return whether they are held now.

        Only a few, and only onto bars that this process had from the venue: the next update
        fetches them again, and compares. What several processes in a row were told would reach
        back farther than it looks.

        Args:
            told: of one symbol and a timeframe that the venue serves; closed, without a hole.
        """
        if not 1 <= len(told) <= REVISED_BARS:
            return False
        key = CacheKey(self._venue, told.symbol, told.timeframe)
        start_ms, end_ms = int(told.open_time[0]), int(told.close_time[-1])
        async with self._updating[key]:
            if self._compared_to.get(key) != start_ms:
                return False
            held = await asyncio.to_thread(self._cache.load, key)
            if all(end != start_ms for _, end in held.intervals):
                return False
            fresh = HeldBars(candles=told, intervals=((start_ms, end_ms),))
            await asyncio.to_thread(self._cache.add, key, fresh)
        return True

    async def _update(
        self, key: CacheKey, request: Request, held: HeldBars, gaps: Sequence[Interval]
    ) -> HeldBars:
        pieces: list[HeldBars] = []
        try:
            for start, end in gaps:
                async for piece in self._pager(request).fetch(_overlapping(held, start), end):
                    pieces.append(piece.bars)
                    self._report(key, piece)
        finally:
            if pieces:
                fresh = reduce(united_bars, pieces)
                held = await asyncio.to_thread(self._cache.add, key, fresh)
                ends = (end for _, end in fresh.intervals)
                self._compared_to[key] = max(self._compared_to.get(key, 0), *ends, 0)
        return held

    def _pager(self, request: Request) -> Pager:
        async def ask(since_ms: int, bars: int) -> Candles:
            rows = await self._fetch_rows(request.symbol, request.timeframe, since_ms, bars)
            page = page_of(
                rows,
                symbol=request.symbol,
                timeframe=request.timeframe,
                closed_ms=request.closed_ms,
            )
            self._report_priceless(request, page.priceless)
            return page.candles

        async def ask_next_trade(from_ms: int) -> int | None:
            return await self._next_trade(request, from_ms)

        return Pager(
            ask=ask,
            ask_next_trade=ask_next_trade,
            timeframe=request.timeframe,
            page_bars=request.page_bars,
        )

    async def _next_trade(self, request: Request, from_ms: int) -> int | None:
        """Return a time at or before the next bar, found on daily bars to save requests.

        Without daily bars, or for bars as long as a day, the walk just goes on page by page.
        """
        if not self._has_days or request.timeframe >= _DAY:
            return from_ms
        since = _DAY.floor(from_ms)
        while since < request.closed_ms:
            days = min(request.page_bars, (request.closed_ms - since) // DAY_MS + 1)
            rows = await self._fetch_rows(request.symbol, _DAY, since, days)
            opens = (int(row[0]) for row in rows if row[0] is not None and row[1] is not None)
            later = [time_ms for time_ms in opens if time_ms + DAY_MS > from_ms]
            if later:
                return max(from_ms, min(later))
            since += days * DAY_MS
        return None

    def _report(self, key: CacheKey, piece: Piece) -> None:
        for name, stretch in (("candle_gap", piece.gap), ("history_not_served", piece.unserved)):
            if stretch is None:
                continue
            fields = {
                "venue": key.venue,
                "symbol": key.symbol,
                "timeframe": key.timeframe.name,
                "start": utc_text(stretch[0]),
                "end": utc_text(stretch[1]),
            }
            self._events.emit(name, fields)

    def _report_priceless(self, request: Request, times: Sequence[int]) -> None:
        if times:
            fields = {
                "venue": self._venue,
                "symbol": request.symbol,
                "timeframe": request.timeframe.name,
                "rows": len(times),
                "first": utc_text(times[0]),
            }
            self._events.emit("candle_without_price", fields)


def _overlapping(held: HeldBars, start_ms: int) -> int:
    """Return where to begin so that the newest held bars before `start_ms` are fetched again."""
    for interval_start, interval_end in held.intervals:
        if interval_end == start_ms:
            opens = held.candles.open_time
            before = opens[(opens >= interval_start) & (opens < start_ms)][-REVISED_BARS:]
            return int(before[0]) if len(before) else start_ms
    return start_ms
