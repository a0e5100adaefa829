"""Tickers tell of the last day what the built-in market and the tape know of it."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.orders import ClientOrderId, OrderKind, OrderRequest, OrderStatus
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Price, Size, Symbol
from snipersight.sandbox import SyntheticMarket
from snipersight.sandbox.exchange import ExchangeSandbox
from snipersight.sandbox.exchange.clock import MovableClock
from snipersight.sandbox.exchange.day import DAY_MS, Day, Days
from snipersight.sandbox.exchange.prices import MINUTE_MS, Bar, BuiltInPrices, Tape
from tests.fakes.venue_clients import web_session

BTC = Symbol("BTC/USDT:USDT")
AT = datetime(2025, 7, 19, 0, 7, 30, tzinfo=UTC)
AT_MS = int(AT.timestamp()) * 1_000
TICKERS = {
    "binanceusdm": ("https://fapi.binance.com/fapi/v1/ticker/24hr", "quoteVolume"),
    "binance": ("https://api.binance.com/api/v3/ticker/24hr", "quoteVolume"),
    "bybit": ("https://api.bybit.com/v5/market/tickers?category=linear", "turnover24h"),
}
OF_DAY = {"binance": ("highPrice", "lowPrice"), "bybit": ("highPrice24h", "lowPrice24h")}


def a_server() -> ExchangeSandbox:
    return ExchangeSandbox(clock=lambda: AT_MS * 1_000, markets=SyntheticMarket(7))


async def tickers_of(server: ExchangeSandbox, venue: str) -> dict[Symbol, dict[str, Any]]:
    async with web_session(server) as session, session.get(TICKERS[venue][0]) as response:
        told = json.loads(await response.text())
    rows = told["result"]["list"] if venue == "bybit" else told
    named = {server.world(venue).symbol_of(row["symbol"]): row for row in rows}
    return {symbol: row for symbol, row in named.items() if symbol is not None}


@pytest.mark.parametrize("venue", TICKERS)
async def test_the_values_traded_are_those_that_a_scan_of_the_built_in_market_ranks_by(venue):
    async with a_server() as server:
        told = await tickers_of(server, venue)
        symbols = set(server.world(venue).instruments)
    expected = await SyntheticMarket(7).quote_volumes(symbols, at_ms=AT_MS)
    assert told.keys() == symbols
    for symbol, row in told.items():
        assert round(Decimal(row[TICKERS[venue][1]]), 2) == expected[symbol]


@pytest.mark.parametrize("venue", TICKERS)
async def test_the_day_spans_its_candles(venue):
    async with a_server() as server:
        told = await tickers_of(server, venue)
        symbol = next(iter(server.world(venue).instruments))
    step = Timeframe.parse("5m")
    day = await SyntheticMarket(7).candles(symbol, step, start_ms=AT_MS - DAY_MS, end_ms=AT_MS)
    high, low = (Decimal(told[symbol][name]) for name in OF_DAY.get(venue, OF_DAY["binance"]))
    assert float(high) >= day.high.max()
    assert float(low) <= day.low.min()
    assert high < low * 2


def a_bar(minute: int, price: str, *, volume: str = "2") -> Bar:
    value = Decimal(price)
    return Bar(
        open_ms=minute * MINUTE_MS,
        open=value,
        high=value + 1,
        low=value - 1,
        close=value,
        volume=Decimal(volume),
    )


def test_two_parts_of_a_day_are_one():
    first, second = [a_bar(0, "100"), a_bar(5, "103")], [a_bar(70, "90"), a_bar(75, "95")]
    whole, begun, rest = Day.of([*first, *second]), Day.of(first), Day.of(second)
    assert begun is not None
    assert whole is not None
    both = begun.then(rest)
    for name in ("open", "high", "low", "last", "volume", "value"):
        assert getattr(both, name) == getattr(whole, name)
    assert (whole.high, whole.low, whole.last) == (Decimal(104), Decimal(89), Decimal(95))
    assert whole.value == 2 * (100 + 103 + 90 + 95)
    assert (whole.hour_open, begun.then(None)) == (Decimal(90), begun)


def test_a_market_of_which_nothing_is_known_has_no_day():
    assert Day.of([]) is None
    assert Days(Tape(), None).day(BTC, at_ms=AT_MS) is None


def test_prints_older_than_a_day_are_forgotten():
    tape = Tape()
    for price, ago_ms in (("1", DAY_MS + MINUTE_MS), ("5", DAY_MS // 2), ("6", 0)):
        at_us = (AT_MS - ago_ms) * 1_000
        tape.add(BTC, Decimal(price), size=Decimal(3), at_us=at_us)
    day = Days(tape, None).day(BTC, at_ms=AT_MS)
    assert day is not None
    assert (day.open, day.last, day.volume, day.value) == tuple(map(Decimal, (5, 6, 6, 33)))


async def test_minutes_of_the_walk_make_the_candles_they_were_taken_from():
    source = BuiltInPrices(SyntheticMarket(7))
    begin_ms, end_ms = AT_MS // DAY_MS * DAY_MS, AT_MS // DAY_MS * DAY_MS + 60 * MINUTE_MS
    five = await source.bars(BTC, step_ms=5 * MINUTE_MS, start_ms=begin_ms, end_ms=end_ms)
    one = await source.bars(BTC, step_ms=MINUTE_MS, start_ms=begin_ms, end_ms=end_ms)
    assert [bar.open_ms for bar in one] == list(range(begin_ms, end_ms, MINUTE_MS))
    for number, bar in enumerate(five):
        part = one[number * 5 : number * 5 + 5]
        assert (part[0].open, part[-1].close) == (bar.open, bar.close)
        assert (max(each.high for each in part), min(each.low for each in part)) == (
            bar.high,
            bar.low,
        )
        assert sum(each.volume for each in part) == bar.volume


async def test_minutes_begin_and_end_where_they_are_asked_for():
    source, begin_ms = BuiltInPrices(SyntheticMarket(7)), AT_MS // DAY_MS * DAY_MS
    asked = {"start_ms": begin_ms + 90_000, "end_ms": begin_ms + 7 * MINUTE_MS + 1}
    minutes = await source.bars(BTC, step_ms=MINUTE_MS, **asked)
    assert [(bar.open_ms - begin_ms) // MINUTE_MS for bar in minutes] == [2, 3, 4, 5, 6]
    threes = await source.bars(BTC, step_ms=3 * MINUTE_MS, **asked)
    assert [(bar.open_ms - begin_ms) // MINUTE_MS for bar in threes] == [3]


async def test_time_that_is_moved_on_passes_every_turn_of_price():
    async with a_server() as server:
        world = server.world("binanceusdm")
        await world.freshen([BTC])
        source = BuiltInPrices(SyntheticMarket(7))
        hour = await source.bars(
            BTC, step_ms=5 * MINUTE_MS, start_ms=AT_MS, end_ms=AT_MS + 60 * MINUTE_MS
        )
        lowest = min(bar.low for bar in hour)
        assert lowest < world.tape.last[BTC]
        request = OrderRequest(
            client_id=ClientOrderId("resting"),
            symbol=BTC,
            direction=Direction.LONG,
            is_reducing=False,
            kind=OrderKind.LIMIT,
            size=Size(Decimal("0.01")),
            price=Price(lowest),
        )
        world.engine.submit("practice", request, at_us=world.clock())
        await server.move_to((AT_MS + 90 * MINUTE_MS) * 1_000)
        assert server.clock() == (AT_MS + 90 * MINUTE_MS) * 1_000
        order = world.engine.order("practice", client_id="resting")
        assert order is not None
        assert order.status is OrderStatus.FILLED
        assert order.updated_us < server.clock()


@pytest.mark.parametrize("later", [timedelta(0), timedelta(seconds=-1), timedelta(days=32)])
async def test_the_clock_moves_forward_only_and_not_for_ever(later):
    async with a_server() as server:
        with pytest.raises(ConfigInvalid):
            await server.move_to(AT_MS * 1_000 + later // timedelta(microseconds=1))
        assert server.clock() == AT_MS * 1_000


def test_a_clock_that_was_put_forward_runs_on():
    shown = [100]
    clock = MovableClock(lambda: shown[0])
    clock.reach(150)
    shown[0] = 120
    assert clock() == 170


def test_a_clock_that_has_passed_a_moment_meanwhile_stays_where_it_is():
    ticks = iter((100, 100, 130, 130))
    clock = MovableClock(lambda: next(ticks))
    clock.reach(120)
    assert clock() == 120  # moved on by 20 at 100
    clock.reach(110)
    assert clock() == 150
