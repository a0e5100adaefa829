"""At an approval only what nobody knows as freshly is asked for, and nothing older is taken."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from snipersight.bootstrap.operating.known_markets import KnownMarkets
from snipersight.domain.candles import Candles
from snipersight.domain.errors import LeaseLost, NoData
from snipersight.domain.observations import ReferencePrice
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Price, Symbol
from snipersight.engine.live.windows import BarWindow

BTC, ETH = Symbol("BTC/USDT"), Symbol("ETH/USDT")
FIVE = Timeframe.parse("5m")
BAR_MS = FIVE.duration_ms


def bars(start: int, stop: int, price: float = 100.0) -> Candles:
    """Return flat bars of BTC, by their numbers."""
    times = np.arange(start, stop, dtype=np.int64) * BAR_MS
    columns = {name: np.full(len(times), price) for name in ("open", "high", "low", "close")}
    return Candles(
        symbol=BTC, timeframe=FIVE, open_time=times, **columns, volume=np.ones(len(times))
    )


class Venue:
    """A source of candles at 90 that writes down what it is asked."""

    venue = "sandbox"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return None  # what is handed on untouched

    async def candles(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles:
        self.asked.append(f"{symbol} {timeframe}")
        return bars(start_ms // BAR_MS, end_ms // BAR_MS, 90.0)

    async def reference_price(self, symbol: Symbol, *, at_ms: int) -> ReferencePrice:
        self.asked.append(f"price of {symbol}")
        return ReferencePrice(price=Price(Decimal(90)), at_ms=at_ms - 60_000, step_ms=60_000)

    async def quote_volumes(self, symbols: Any, *, at_ms: int) -> dict[Symbol, Decimal]:
        self.asked.append("volumes")
        return dict.fromkeys(symbols, Decimal(9))


class Scan:
    """A running scan that has read the bars 10 to 20 of BTC."""

    def __init__(self) -> None:
        self.window = BarWindow(bars(10, 20))

    def held_bars(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles | None:
        if (symbol, timeframe) != (BTC, FIVE):
            return None
        return self.window.whole(start_ms=start_ms, end_ms=end_ms)

    async def read_closes(self, *_: Any) -> None:
        return None


async def untraded(_symbol: Symbol) -> None:
    return None


def known(venue: Venue, **changes: Any) -> KnownMarkets:
    values = {"volumes": None, "price_of": untraded, "scan": Scan(), **changes}
    inner: Any = venue
    return KnownMarkets(inner, **values)


async def read(market: KnownMarkets, start: float, end: float, symbol: Symbol = BTC) -> Candles:
    return await market.candles(
        symbol, FIVE, start_ms=int(start * BAR_MS), end_ms=int(end * BAR_MS)
    )


async def test_bars_that_the_scan_has_read_are_not_asked_for():
    venue = Venue()
    found = await read(known(venue), 12, 20.9)
    assert (len(found), float(found.close[-1])) == (8, 100.0)
    assert venue.asked == []


@pytest.mark.parametrize(
    ("start", "end", "symbol"),
    [(12, 21, BTC), (9, 20, BTC), (12, 20, ETH)],
    ids=["one has closed since", "older than held", "another market"],
)
async def test_the_venue_is_asked_where_a_single_bar_is_not_held(start, end, symbol):
    venue = Venue()
    found = await read(known(venue), start, end, symbol)
    assert venue.asked == [f"{symbol} 5m"]
    assert (len(found), float(found.close[-1])) == (end - start, 90.0)


async def test_without_a_scan_every_bar_is_asked_for():
    venue = Venue()
    await read(known(venue, scan=None), 12, 20)
    assert venue.asked == ["BTC/USDT 5m"]


async def test_where_no_bar_can_have_closed_nothing_is_asked():
    venue = Venue()
    with pytest.raises(NoData):
        await read(known(venue), 20, 20.5)
    assert venue.asked == []


@pytest.mark.parametrize(("told_ms", "shown_ms"), [(777, 777), (778, 777), (5, 5)])
async def test_a_price_is_that_of_where_orders_go_and_no_younger_than_it_says(told_ms, shown_ms):
    told = ReferencePrice(price=Price(Decimal(101)), at_ms=told_ms, source="where orders go")

    async def price(_symbol: Symbol) -> ReferencePrice:
        return told

    venue = Venue()
    found = await known(venue, price_of=price).reference_price(BTC, at_ms=777)
    assert found == replace(told, at_ms=shown_ms)
    assert venue.asked == []


async def test_where_that_has_none_the_candles_own_price_is_asked_for():
    venue = Venue()
    found = await known(venue).reference_price(BTC, at_ms=600_000)
    assert found is not None
    assert (float(found.price), found.at_ms) == (90.0, 540_000)
    assert venue.asked == ["price of BTC/USDT"]


async def test_an_executor_that_was_overtaken_is_not_passed_over():
    async def lost(_symbol: Symbol) -> ReferencePrice:
        raise LeaseLost("another process executes")

    with pytest.raises(LeaseLost):
        await known(Venue(), price_of=lost).reference_price(BTC, at_ms=0)


async def test_what_was_traded_is_asked_only_where_nothing_is_known_of_it():
    venue = Venue()
    told = await known(venue, volumes={BTC: Decimal(5)}).quote_volumes([BTC, ETH], at_ms=0)
    assert told == {BTC: Decimal(5)}
    assert venue.asked == []
    assert await known(venue).quote_volumes([BTC], at_ms=0) == {BTC: Decimal(9)}
    assert venue.asked == ["volumes"]
