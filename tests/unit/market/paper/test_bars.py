"""The bars that a simulated venue's time is played on."""

from contextlib import aclosing
from dataclasses import replace

import pytest

from snipersight.domain.errors import UnknownSymbol
from snipersight.domain.timeframe import HOUR_MS
from snipersight.domain.units import Symbol
from snipersight.market.paper.bars import BarFeed
from tests.fakes.candle_table import CandleTable
from tests.fakes.live_scanning import BTC, ETH, markets
from tests.fakes.scanning import NOON_MS


@pytest.fixture
def table() -> CandleTable:
    return markets(BTC, ETH)


async def played(feed: BarFeed, *, from_ms: int) -> set[Symbol]:
    async with aclosing(
        feed.between([BTC, ETH], start_ms=from_ms, end_ms=from_ms + HOUR_MS)
    ) as groups:
        return {bar.symbol async for group in groups for bar in group}


async def test_a_market_that_is_not_listed_any_more_keeps_no_other_from_being_played(table):
    gone = replace(table, faults={ETH: UnknownSymbol("not listed any more")})
    assert await played(BarFeed(gone), from_ms=NOON_MS - 2 * HOUR_MS) == {BTC}


async def test_one_that_is_delisted_between_two_bars_is_passed_over_from_then_on(table):
    class Table(CandleTable):
        is_gone = False

        async def candles(self, symbol, timeframe, *, start_ms, end_ms):
            if symbol == ETH and Table.is_gone:
                raise UnknownSymbol("not listed any more")
            return await super().candles(symbol, timeframe, start_ms=start_ms, end_ms=end_ms)

    feed = BarFeed(Table(base=table.base, listed=table.listed))
    assert await played(feed, from_ms=NOON_MS - 3 * HOUR_MS) == {BTC, ETH}
    Table.is_gone = True
    assert await played(feed, from_ms=NOON_MS - 2 * HOUR_MS) == {BTC}
