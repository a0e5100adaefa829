"""Candles by WebSocket from the sandbox exchange, through ccxt's own clients, over TLS."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from snipersight.bootstrap.sources import SourceChoice, StandIn, open_source
from snipersight.domain.candles import COLUMNS, Candles
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.market.ccxt_source import CcxtSource
from snipersight.market.streams import StreamedSource
from snipersight.sandbox import SyntheticMarket
from snipersight.sandbox.exchange import ExchangeSandbox, FaultKind, FaultPlan, scaled_clock
from tests.fakes.events import RecordingEvents
from tests.fakes.venue_clients import until

T0 = 1_752_883_200_000  # 2025-07-19 00:00 UTC
FIVE, QUARTER = Timeframe.parse("5m"), Timeframe.parse("15m")
TIMEFRAMES = (FIVE, QUARTER)
SPOT = (Symbol("BTC/USDT"), Symbol("ETH/USDT"))
PERPETUAL = (Symbol("BTC/USDT:USDT"), Symbol("ETH/USDT:USDT"))
VENUES = [("binance", SPOT), ("binanceusdm", PERPETUAL), ("bybit", PERPETUAL)]


class Bench:
    """A venue whose time runs fast, and a source that listens to it."""

    def __init__(self, venue: str, symbols: tuple[Symbol, ...], server: ExchangeSandbox) -> None:
        self.venue = venue
        self.symbols = symbols
        self.server = server
        self.events = RecordingEvents()
        assert server.ca_pem is not None
        self.stand_in = StandIn(host="127.0.0.1", port=server.port, ca_file=server.ca_pem)
        source = open_source(
            SourceChoice(exchange=venue),
            cache=None,
            clock=self.now_ms,
            as_of_ms=None,
            events=self.events,
            stand_in=self.stand_in,
            streams=True,
        )
        assert isinstance(source, StreamedSource)
        self.source = source

    def now_ms(self) -> int:
        return self.server.clock() // 1_000

    def requests(self) -> int:
        """Return how many times candles were asked for."""
        counts = self.server.report()["venues"][self.venue]["requests"]
        return sum(count for path, count in counts.items() if "kline" in path)

    async def begin(self) -> int:
        """Watch, read what came before, wait for the lines, and return the next close."""
        self.source.watch(self.symbols, TIMEFRAMES)
        for symbol in self.symbols:
            for each in TIMEFRAMES:
                start_ms = T0 - 40 * each.duration_ms
                await self.source.candles(symbol, each, start_ms=start_ms, end_ms=self.now_ms())
        await until(self.is_up, within_s=20)
        return FIVE.floor(self.now_ms()) + FIVE.duration_ms

    def is_up(self) -> bool:
        return all(self.source.is_streaming(s, each) for s in self.symbols for each in TIMEFRAMES)

    async def wait(self, close_ms: int, *, timeout_s: float = 10.0) -> set[Symbol]:
        return await self.source.wait_closed(self.symbols, FIVE, close_ms, timeout_s=timeout_s)

    async def read(self, source: StreamedSource | CcxtSource, close_ms: int) -> list[Candles]:
        """Return the two newest bars of everything that closes at a moment."""
        return [
            await source.candles(
                symbol, each, start_ms=close_ms - 2 * each.duration_ms, end_ms=close_ms
            )
            for symbol in self.symbols
            for each in TIMEFRAMES
            if each.is_open_time(close_ms)
        ]

    async def asked(self, close_ms: int) -> list[Candles]:
        """Return what a source that knows nothing of streams reads."""
        choice = SourceChoice(exchange=self.venue)
        source = open_source(
            choice,
            cache=None,
            clock=self.now_ms,
            as_of_ms=None,
            events=RecordingEvents(),
            stand_in=self.stand_in,
        )
        assert isinstance(source, CcxtSource)
        async with source:
            return await self.read(source, close_ms)


@asynccontextmanager
async def bench_of(
    venue: str, symbols: tuple[Symbol, ...], *, scale: float = 100.0, begin_s: int = 100
) -> AsyncIterator[Bench]:
    clock = scaled_clock(scale, start_us=(T0 + begin_s * 1_000) * 1_000)
    market = SyntheticMarket(7, clock=lambda: clock() // 1_000)
    async with ExchangeSandbox(clock=clock, markets=market) as server:
        bench = Bench(venue, symbols, server)
        try:
            yield bench
        finally:
            await bench.source.close()


def table(candles: list[Candles]) -> list[list[float]]:
    names = ("open_time", *COLUMNS)
    return [[getattr(each, name).tolist() for name in names] for each in candles]


@pytest.mark.parametrize(("venue", "symbols"), VENUES)
async def test_streamed_bars_equal_those_of_requests_and_need_none(
    venue: str, symbols: tuple[Symbol, ...]
):
    async with bench_of(venue, symbols) as bench:
        close_ms = await bench.begin()
        heard, before = [], 0
        for number in range(3):
            if number == 1:
                before = bench.requests()  # the first close may fall into the opening
            assert await bench.wait(close_ms) == set(symbols)
            heard.append((close_ms, await bench.read(bench.source, close_ms)))
            close_ms += FIVE.duration_ms
        assert bench.requests() - before <= 1  # one may be asked for on a machine that is busy
        assert any(
            len(candles) > len(symbols) for _, candles in heard
        )  # a quarter of an hour closed too
        for at_ms, candles in heard:
            assert table(candles) == table(await bench.asked(at_ms))
        assert bench.events.named("data_quality") == []


FAULTS = {
    "duplicates": {FaultKind.EVENT_DUPLICATE: 0.5},
    "reorder": {FaultKind.EVENT_REORDER: 0.4},
    "disconnect": {FaultKind.STREAM_DISCONNECT: 0.1},
    "silence": {FaultKind.STREAM_SILENCE: 0.3},
    "all": {
        FaultKind.EVENT_DUPLICATE: 0.1,
        FaultKind.EVENT_REORDER: 0.1,
        FaultKind.STREAM_DISCONNECT: 0.05,
        FaultKind.STREAM_SILENCE: 0.1,
    },
}


SPOILT = [("bybit", PERPETUAL, name) for name in FAULTS] + [("binanceusdm", PERPETUAL, "all")]


@pytest.mark.parametrize(("venue", "symbols", "name"), SPOILT)
async def test_no_bar_is_lost_or_wrong_whatever_befalls_the_stream(
    venue: str, symbols: tuple[Symbol, ...], name: str
):
    rates = FAULTS[name]
    async with bench_of(venue, symbols) as bench:
        close_ms = await bench.begin()
        bench.server.set_faults(
            FaultPlan(rates=rates, seed=3, silence_s=2.0, spoils_public_events=True)
        )
        first_ms = close_ms
        for _ in range(2):
            assert await bench.wait(close_ms) == set(symbols)
            heard = await bench.read(bench.source, close_ms)
            assert table(heard) == table(await bench.asked(close_ms))
            close_ms += FIVE.duration_ms
        span = await bench.source.candles(
            symbols[0], FIVE, start_ms=first_ms - FIVE.duration_ms, end_ms=close_ms
        )
        assert len(span) >= 2
        assert set(span.open_time[1:] - span.open_time[:-1]) == {FIVE.duration_ms}


async def test_a_line_that_was_cut_stands_again_and_its_hole_is_filled():
    async with bench_of("binance", SPOT) as bench:
        close_ms = await bench.begin()
        assert await bench.wait(close_ms) == set(SPOT)
        bench.server.world("binance").restart(down_s=4.0)  # more than a bar of its time
        await until(lambda: bench.events.named("stream_down") != [])
        assert not bench.is_up()
        await until(bench.is_up, within_s=20)
        assert len(bench.events.named("stream_up")) == 1
        late_ms = FIVE.floor(bench.now_ms())
        assert late_ms > close_ms
        assert await bench.wait(late_ms) == set(SPOT)
        for symbol in SPOT:
            candles = await bench.source.candles(symbol, FIVE, start_ms=T0, end_ms=late_ms)
            assert (candles.open_time - T0).tolist() == list(
                range(0, late_ms - T0, FIVE.duration_ms)
            )


async def test_the_close_is_known_long_before_a_second_has_passed_at_the_pace_of_the_wall():
    async with bench_of("binanceusdm", PERPETUAL, scale=1.0, begin_s=290) as bench:
        close_ms = await bench.begin()
        before = bench.requests()
        assert await bench.wait(close_ms, timeout_s=15) == set(PERPETUAL)
        # The sandbox prints prices a second apart, and tells a close with the next one.
        assert bench.now_ms() - close_ms < 1_500
        assert bench.requests() == before


async def test_symbols_are_heard_as_soon_as_they_are_watched_and_no_longer_when_they_are_not():
    async with bench_of("bybit", PERPETUAL) as bench:
        await bench.begin()
        bench.source.watch(PERPETUAL[:1], TIMEFRAMES)
        assert not bench.source.is_streaming(PERPETUAL[1], FIVE)
        assert bench.source.is_streaming(PERPETUAL[0], FIVE)
        bench.source.watch((*PERPETUAL, Symbol("SOL/USDT:USDT")), TIMEFRAMES)
        await until(lambda: bench.source.is_streaming(Symbol("SOL/USDT:USDT"), FIVE))
        close_ms = FIVE.floor(bench.now_ms()) + FIVE.duration_ms
        assert await bench.wait(close_ms) == set(PERPETUAL)


async def test_closing_the_source_leaves_nothing_behind():
    async with bench_of("bybit", PERPETUAL) as bench:
        await bench.begin()
        others = asyncio.all_tasks()
        await bench.source.close()
        await until(lambda: len(bench.server.world("bybit").lines) == 0)
        assert not [
            task
            for task in asyncio.all_tasks() & others
            if "snipersight.market" in repr(task.get_coro())
        ]
