"""A ccxt.pro exchange that listens: frames taken beside ccxt, or news asked for again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from snipersight.domain.errors import DataInvalid, VenueUnavailable
from snipersight.market.ccxt_client import CcxtClient
from snipersight.market.ccxt_gate import RequestGate
from snipersight.market.streams import lines_of
from snipersight.market.streams.bars import Bar, StreamKey
from snipersight.market.streams.ccxt_frames import binance_bars
from snipersight.market.streams.ccxt_listening import (
    Rows,
    StreamClient,
    connected,
    conversations,
    first_failure,
    read_frames,
    stopped,
    subscriptions,
)
from tests.unit.market.streams.scripted import BTC, BTC5, ETH, FIVE, a_bar

ETH5 = StreamKey(ETH, FIVE)
Told = list[tuple[StreamKey, Bar, bool | None]]


class Client:
    """A connection of a scripted exchange."""

    def __init__(self) -> None:
        self.connected: asyncio.Future[Any] = asyncio.get_running_loop().create_future()


class Exchange:
    """What a ccxt.pro exchange looks like to us."""

    def __init__(self, *, has_many: bool = True) -> None:
        self.has: Mapping[str, object] = {"watchOHLCVForSymbols": has_many}
        self.markets: Mapping[str, Mapping[str, Any]] = {
            BTC: {"id": "BTCUSDT"},
            ETH: {"id": "ETHUSDT"},
        }
        self.timeframes: Mapping[str, str] = {"5m": "5m"}
        self.connections: dict[str, StreamClient] = {}
        self.clients: Mapping[str, StreamClient] = self.connections
        self.handled: list[object] = []
        self.handle_message: Callable[[StreamClient, object], object] = self._handle
        self.asked: list[list[list[str]]] = []
        self.news: asyncio.Queue[Any] = asyncio.Queue()

    def _handle(self, client: StreamClient, message: object) -> None:
        self.handled.append(message)

    async def watch_ohlcv_for_symbols(
        self, symbols_and_timeframes: Sequence[Sequence[str]]
    ) -> Mapping[str, Mapping[str, Rows]]:
        self.asked.append([list(each) for each in symbols_and_timeframes])
        news: Mapping[str, Mapping[str, Rows]] = await self._next()
        return news

    async def watch_ohlcv(self, symbol: str, timeframe: str) -> Rows:
        self.asked.append([[symbol, timeframe]])
        rows: Rows = await self._next()
        return rows

    async def _next(self) -> Any:
        found = await self.news.get()
        if isinstance(found, Exception):
            raise found
        return found


def kline(market: str, *, is_closed: object = True) -> dict[str, object]:
    bar = a_bar(1)
    values = dict(zip("tohlcv", (str(value) for value in bar), strict=True))
    return {"e": "kline", "k": {**values, "t": bar.open_ms, "s": market, "i": "5m", "x": is_closed}}


async def test_frames_about_watched_candles_are_told_and_the_others_left_to_ccxt():
    exchange, told = Exchange(), Told()
    read_frames(exchange, [BTC5], binance_bars, tell=lambda *each: told.append(each))
    client = Client()
    for message in (kline("BTCUSDT"), kline("ETHUSDT"), {"result": None, "id": 1}, "pong"):
        exchange.handle_message(client, message)
    assert told == [(BTC5, a_bar(1), True)]
    assert exchange.handled == [{"result": None, "id": 1}, "pong"]


async def test_a_frame_that_cannot_be_read_ends_the_line():
    exchange = Exchange()
    broken = read_frames(exchange, [BTC5], binance_bars, tell=lambda *each: None)
    exchange.handle_message(Client(), kline("BTCUSDT", is_closed="yes"))
    exchange.handle_message(Client(), kline("BTCUSDT", is_closed="no"))
    with pytest.raises(DataInvalid, match="cannot be read"):
        await first_failure([broken])


async def test_a_message_subscribes_as_many_as_the_venue_takes():
    exchange = Exchange()
    keys = [BTC5, ETH5, BTC5]
    tasks = [asyncio.ensure_future(each) for each in subscriptions(exchange, keys, most=2)]
    await asyncio.sleep(0)
    await stopped(tasks)
    assert [len(some) for some in exchange.asked] == [2, 1]


@pytest.mark.parametrize("has_many", [True, False])
async def test_other_venues_are_asked_for_news_until_the_line_ends(has_many: bool):
    exchange, told = Exchange(has_many=has_many), Told()
    rows = [list(a_bar(2)), list(a_bar(1))]
    exchange.news.put_nowait({BTC: {"5m": rows}, "XRP/USDT": {"5m": rows}} if has_many else rows)
    exchange.news.put_nowait(ConnectionError("gone"))
    (talk,) = conversations(exchange, [BTC5], tell=lambda *each: told.append(each), most=5)
    with pytest.raises(ConnectionError):
        await talk
    assert told == [(BTC5, a_bar(1), None), (BTC5, a_bar(2), None)]


async def test_a_line_stands_once_all_its_connections_do():
    exchange = Exchange()
    end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    waiting = asyncio.ensure_future(connected(exchange, [end]))
    exchange.connections["a"] = client = Client()
    await asyncio.sleep(0.05)
    assert not waiting.done()
    client.connected.set_result(None)
    assert await waiting is True
    end.cancel()


async def test_a_line_that_ends_before_it_stands_never_stood():
    exchange = Exchange()
    end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    end.set_result(None)
    assert await connected(exchange, [end]) is False
    with pytest.raises(VenueUnavailable, match="was closed"):
        await first_failure([end])


@pytest.mark.parametrize(("exchange", "streams"), [("binance", True), ("btcturk", False)])
def test_a_venue_without_streams_of_candles_has_no_lines(exchange: str, streams: bool):
    async def load() -> None:
        raise AssertionError("nothing is asked for here")

    gate = RequestGate(exchange, clock=lambda: 0)
    lines = lines_of(CcxtClient(exchange, gate=gate), load_markets=load)
    assert (lines is not None) is streams


def test_the_limits_of_the_venues_are_kept():
    async def load() -> None:
        raise AssertionError("nothing is asked for here")

    for exchange, most in (("binance", 1024), ("binanceusdm", 1024), ("bybit", 10)):
        gate = RequestGate(exchange, clock=lambda: 0)
        lines = lines_of(CcxtClient(exchange, gate=gate), load_markets=load)
        assert lines is not None
        assert lines.limits.keys_per_message <= most
        assert lines.limits.keys <= 1024
        assert lines.serves(FIVE)
