"""Walks a venue's history page by page, whatever the venue makes of the request.

Some venues answer "since this time, at most n bars" with the first n bars that exist, some with
the bars inside n intervals, some return fewer than asked, some only what is recent. What a page
proves is therefore read from the page itself: the stretch from the request to the page's last bar
is complete, if a second request confirms that a hole at its beginning is really empty.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from snipersight.domain.candles import Candles
from snipersight.domain.timeframe import Timeframe
from snipersight.market.candle_cache_bars import HeldBars
from snipersight.market.candle_cache_intervals import Interval

AskPage = Callable[[int, int], Awaitable[Candles]]
"""Fetches closed bars: `since_ms`, number of bars → bars, oldest first."""

AskNextTrade = Callable[[int], Awaitable[int | None]]
"""Finds the next time with a bar: `from_ms` → a time at or shortly before it, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What one page added.

    Args:
        bars: its candles and the stretch they are complete for.
        gap: a stretch before the first bar for which the venue has none, or None.
        unserved: a stretch the venue has bars for, perhaps, but does not hand out, or None.
    """

    bars: HeldBars
    gap: Interval | None = None
    unserved: Interval | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Fetches stretches of one symbol's history.

    Args:
        ask: fetches one page.
        ask_next_trade: finds where to go on after an empty page.
        timeframe: length of the bars.
        page_bars: most bars a page holds.
    """

    ask: AskPage
    ask_next_trade: AskNextTrade
    timeframe: Timeframe
    page_bars: int

    async def fetch(self, start_ms: int, end_ms: int) -> AsyncIterator[Piece]:
        """Yield the bars that open in the stretch, oldest first, piece by piece.

        Bars after its end come too where the venue sends them. A stretch at the end without a
        bar is covered by no piece: a late bar may still appear there.

        Args:
            start_ms: on the timeframe's grid.
            end_ms: on the grid; the stretch excludes it.
        """
        since, known_empty_from = start_ms, start_ms
        while since < end_ms:
            page = await self._page(since, end_ms)
            if len(page) == 0:
                resume = await self._resume_after_empty(since, end_ms)
                if resume is None:
                    return
                since = resume
                continue
            piece = await self._piece(page, since, known_empty_from)
            yield piece
            since = known_empty_from = piece.bars.intervals[-1][1]

    async def _page(self, since: int, end_ms: int) -> Candles:
        wanted = (end_ms - since) // self.timeframe.duration_ms
        return _from(await self.ask(since, min(self.page_bars, wanted)), since)

    async def _resume_after_empty(self, since: int, end_ms: int) -> int | None:
        """Return where to ask next after an empty page, or None if nothing more is to come."""
        window_end = since + self.page_bars * self.timeframe.duration_ms
        if window_end >= end_ms:
            return None
        trade = await self.ask_next_trade(window_end)
        return None if trade is None else max(window_end, self.timeframe.floor(trade))

    async def _piece(self, page: Candles, since: int, empty_from: int) -> Piece:
        """Return what a page proves, after asking again about a hole at its beginning."""
        page = await self._with_older_end(page, since)
        if _first(page) > since and await self._counts_from_newest(page, since):
            unserved = (empty_from, _first(page))
            return Piece(bars=self._held(page, _first(page)), unserved=unserved)
        gap = (empty_from, _first(page)) if _first(page) > empty_from else None
        return Piece(bars=self._held(page, empty_from), gap=gap)

    async def _with_older_end(self, page: Candles, since: int) -> Candles:
        """Return the page that begins nearest to `since`: a venue may cut an answer's older end."""
        while _first(page) > since:
            hole = (_first(page) - since) // self.timeframe.duration_ms
            older = _from(await self.ask(since, min(self.page_bars, hole)), since)
            if len(older) == 0 or _first(older) >= _first(page):
                return page
            page = older
        return page

    async def _counts_from_newest(self, page: Candles, since: int) -> bool:
        """Return whether fewer bars mean later ones: such a venue serves its newest bars only."""
        if len(page) < 2:
            return False
        fewer = _from(await self.ask(since, len(page) // 2), since)
        return len(fewer) > 0 and _first(fewer) > _first(page)

    def _held(self, candles: Candles, start: int) -> HeldBars:
        return HeldBars(candles=candles, intervals=((start, int(candles.close_time[-1])),))


def _from(candles: Candles, since: int) -> Candles:
    # A page may hold bars older than asked for; they prove nothing about what lies between.
    return candles.slice(int(candles.open_time.searchsorted(since)), len(candles))


def _first(candles: Candles) -> int:
    return int(candles.open_time[0])
