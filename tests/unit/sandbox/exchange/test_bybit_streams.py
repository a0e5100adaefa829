"""Bybit's lines: greetings, subscriptions, and an account's events in order."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from snipersight.sandbox.exchange import ExchangeSandbox, FaultKind, FaultPlan, SandboxAccount
from snipersight.sandbox.exchange.signing import signature_of
from tests.fakes.venue_clients import ccxt_client, until, web_session

BTC = "BTC/USDT:USDT"
PRIVATE = "wss://stream-testnet.bybit.com/v5/private"
PUBLIC = "wss://stream.bybit.com/v5/public/linear"
TOPICS = ["order", "execution", "position", "wallet"]


@pytest.fixture
async def server():
    async with ExchangeSandbox() as running:
        running.world("bybit").print(BTC, "60000")
        yield running


class Line:
    """A line and what was heard on it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def ask(self, **said: object) -> Any:
        await self.socket.send_str(json.dumps(said))
        return await self.heard()

    async def heard(self) -> Any:
        return await self.socket.receive_json(timeout=5)

    async def log_in(self, server: ExchangeSandbox, **changes: str) -> Any:
        account = SandboxAccount()
        expires = changes.get("expires", str(server.world("bybit").clock() // 1_000 + 10_000))
        sign = changes.get("sign", signature_of(account.secret, f"GET/realtime{expires}"))
        return await self.ask(op="auth", args=[changes.get("key", account.api_key), expires, sign])


@asynccontextmanager
async def connected(server: ExchangeSandbox, url: str) -> AsyncIterator[Line]:
    async with web_session(server) as session, session.ws_connect(url) as socket:
        yield Line(socket)


async def bought(server: ExchangeSandbox, **more: object) -> None:
    async with ccxt_client(server, "bybit", options={"fetchMarkets": {"types": ["linear"]}}) as on:
        fields = {"clientOrderId": "ss-E", "stopLoss": {"triggerPrice": 59_000}, **more}
        await on.create_order(BTC, "limit", "buy", 0.01, 59_900, fields)
    server.world("bybit").print(BTC, "59890")


async def test_a_fill_is_told_as_execution_order_stop_position_and_wallet(server: ExchangeSandbox):
    async with connected(server, PRIVATE) as line:
        assert (await line.log_in(server))["success"] is True
        answer = await line.ask(op="subscribe", req_id="7", args=TOPICS)
        assert (answer["success"], answer["req_id"]) == (True, "7")
        await bought(server)
        told = [await line.heard() for _ in range(6)]
    assert [event["topic"] for event in told] == [
        "order", "execution", "order", "order", "position", "wallet",
    ]  # fmt: skip
    states = [
        (row["orderLinkId"], row["orderStatus"], row["stopOrderType"])
        for event in told
        if event["topic"] == "order"
        for row in event["data"]
    ]
    assert states == [
        ("ss-E", "New", ""),
        ("ss-E", "Filled", ""),
        ("", "Untriggered", "StopLoss"),
    ]
    (execution,), (position,) = told[1]["data"], told[4]["data"]
    assert (execution["execQty"], execution["category"]) == ("0.01", "linear")
    assert (position["size"], position["side"], position["stopLoss"]) == ("0.01", "Buy", "59000")
    assert "avgPrice" not in position
    assert position["entryPrice"] == "59900"


async def test_only_what_was_subscribed_is_told(server: ExchangeSandbox):
    async with connected(server, PRIVATE) as line:
        await line.log_in(server)
        await line.ask(op="subscribe", args=["order.linear", "execution"])
        await line.ask(op="unsubscribe", args=["order.linear"])
        await bought(server)
        assert (await line.heard())["topic"] == "execution"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"key": "nobody-has-this-key"}, 10003),
        ({"sign": "00"}, 10004),
        ({"expires": "1000"}, 10002),
        ({"expires": "soon"}, 10002),
    ],
)
async def test_a_wrong_login_is_refused_and_tells_nothing(
    server: ExchangeSandbox, changes: dict[str, str], code: int
):
    async with connected(server, PRIVATE) as line:
        refused = await line.log_in(server, **changes)
        assert (refused["success"], refused["retCode"]) == (False, code)
        assert (await line.ask(op="subscribe", args=["order"]))["success"] is False


async def test_pings_are_answered_on_both_kinds_of_line(server: ExchangeSandbox):
    async with connected(server, PRIVATE) as line:
        pong = await line.ask(op="ping", req_id="3")
        assert (pong["op"], pong["req_id"]) == ("pong", "3")
    async with connected(server, PUBLIC) as line:
        pong = await line.ask(op="ping")
        assert (pong["ret_msg"], pong["success"]) == ("pong", True)


async def test_what_makes_no_sense_is_refused(server: ExchangeSandbox):
    async with connected(server, PUBLIC) as line:
        for said in ({"op": "dance"}, {"op": "auth", "args": []}, {}):
            assert (await line.ask(**said))["ret_msg"] == "error:invalid op"
        await line.socket.send_str("no json")
        assert (await line.heard())["success"] is False
        for topic in (
            "kline.7.BTCUSDT",
            "kline.1.NOSUCH",
            "tickers",
            "order",
            "orderbook.x.BTCUSDT",
        ):
            assert (await line.ask(op="subscribe", args=[topic]))["success"] is False
    async with web_session(server) as session:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="404"):
            await session.ws_connect("wss://stream.bybit.com/v5/public/option")


async def test_prices_are_told_to_those_who_asked(server: ExchangeSandbox):
    topics = ["kline.1.BTCUSDT", "publicTrade.BTCUSDT", "tickers.BTCUSDT", "orderbook.1.BTCUSDT"]
    async with connected(server, PUBLIC) as line:
        await line.ask(op="subscribe", args=topics)
        greeted = {(await line.heard())["topic"] for _ in range(2)}
        assert greeted == {"tickers.BTCUSDT", "orderbook.1.BTCUSDT"}
        server.world("bybit").print("ETH/USDT:USDT", "3000")
        server.world("bybit").print(BTC, "60100")
        told = {event["topic"]: event for event in [await line.heard() for _ in topics]}
    assert set(told) == set(topics)
    assert told["tickers.BTCUSDT"]["data"]["lastPrice"] == "60100"
    assert told["publicTrade.BTCUSDT"]["data"][0]["p"] == "60100"
    assert told["orderbook.1.BTCUSDT"]["data"]["a"] == [["60100.1", "1"]]
    assert told["kline.1.BTCUSDT"]["data"][-1]["close"] == "60100"


async def test_a_candle_is_confirmed_once_when_the_next_begins():
    now_us = 1_735_689_600_000_000
    clock = {"us": now_us}
    async with ExchangeSandbox(clock=lambda: clock["us"]) as server:
        world = server.world("bybit")
        world.print(BTC, "60000")
        async with connected(server, PUBLIC) as line:
            await line.ask(op="subscribe", args=["kline.1.BTCUSDT"])
            confirmed = []
            for seconds, price in ((1, "60010"), (61, "60020"), (62, "60030")):
                clock["us"] = now_us + seconds * 1_000_000
                world.print(BTC, price)
                candles = (await line.heard())["data"]
                confirmed.append([(candle["close"], candle["confirm"]) for candle in candles])
    assert confirmed == [
        [("60010", False)],
        [("60010", True), ("60020", False)],
        [("60030", False)],
    ]


async def test_a_cut_line_tells_nothing_more(server: ExchangeSandbox):
    server.set_faults(FaultPlan(rates={FaultKind.STREAM_DISCONNECT: 1.0}))
    async with connected(server, PRIVATE) as line:
        await line.log_in(server)
        await line.ask(op="subscribe", args=TOPICS)
        await bought(server)
        message = await line.socket.receive(timeout=5)
        assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    await until(lambda: not server.world("bybit").lines.of_account("practice"))
    await asyncio.sleep(0)
