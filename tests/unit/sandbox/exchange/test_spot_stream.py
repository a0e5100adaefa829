"""The account's stream of Binance spot: asked for on a line, told message by message."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from snipersight.sandbox.exchange import ExchangeSandbox, FaultKind, FaultPlan, SandboxAccount
from snipersight.sandbox.exchange.signing import signature_of
from tests.fakes.spot_desk import BUY, ENTRY, PAIR, STOP
from tests.fakes.venue_clients import binance_call, until, web_session

BTC = "BTC/USDT"
HOST = "testnet.binance.vision"
LINE = "wss://ws-api.testnet.binance.vision/ws-api/v3"
SUBSCRIBE = "userDataStream.subscribe.signature"


def signed(server: ExchangeSandbox, **changes: Any) -> dict[str, Any]:
    """Return the parameters of a subscription, as a client signs them."""
    account = SandboxAccount()
    fields = {"apiKey": account.api_key, "timestamp": server.world("binance").clock() // 1_000}
    fields |= {name: value for name, value in changes.items() if name != "signature"}
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
    return {**fields, "signature": signature_of(account.secret, text), **changes}


class Told:
    """A line, and the events that it told, collected in the background."""

    def __init__(self, server: ExchangeSandbox, session: Any, socket: Any) -> None:
        self.server, self._session, self.socket = server, session, socket
        self.events: list[dict[str, Any]] = []
        self.answers: list[dict[str, Any]] = []
        self.is_over = False

    async def collect(self) -> None:
        async for message in self.socket:
            body = json.loads(message.data)
            (self.events if "event" in body else self.answers).append(body)
        self.is_over = True

    async def ask(self, method: str, params: Any = None) -> Any:
        """Send a request on the line and return its answer."""
        number = len(self.answers) + 1
        await self.socket.send_json({"id": number, "method": method, "params": params})
        await until(lambda: len(self.answers) == number)
        assert self.answers[-1]["id"] == number
        return self.answers[-1]

    async def send(self, path: str, fields: dict[str, str], method: str = "POST") -> Any:
        """Send a request over HTTP."""
        path = f"/api/v3/{path}"
        status, body = await binance_call(
            self.server, self._session, method, path, fields, host=HOST
        )
        assert status == 200, body
        return body

    def print(self, price: str, **more: str) -> None:
        self.server.world("binance").print(BTC, price, **more)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the events of one kind."""
        return [each["event"] for each in self.events if each["event"]["e"] == kind]

    def reports(self) -> list[tuple[str, str, str]]:
        """Return id, what happened and status of what concerned orders."""
        return [(each["c"], each["x"], each["X"]) for each in self.of("executionReport")]


@asynccontextmanager
async def opened(plan: FaultPlan | None = None, *, is_asked: bool = True) -> AsyncIterator[Told]:
    async with ExchangeSandbox(faults=plan) as server, web_session(server) as session:
        server.world("binance").print(BTC, "60000")
        async with session.ws_connect(LINE) as socket:
            told = Told(server, session, socket)
            collecting = asyncio.create_task(told.collect())
            if is_asked:
                answer = await told.ask(SUBSCRIBE, signed(server))
                assert answer["result"] == {"subscriptionId": 0}
            yield told
            collecting.cancel()


async def test_an_entrys_life_is_told_in_order_with_its_fee():
    async with opened() as told:
        await told.send("order", ENTRY)
        told.print("59890", size="0.004")
        told.print("59890")
        await until(lambda: len(told.reports()) == 3)
        assert told.reports() == [
            ("ss-E", "NEW", "NEW"),
            ("ss-E", "TRADE", "PARTIALLY_FILLED"),
            ("ss-E", "TRADE", "FILLED"),
        ]
        new, part, last = told.of("executionReport")
        assert (new["N"], new["t"], new["w"], new["g"]) == (None, -1, True, -1)
        assert (part["l"], part["z"], part["n"]) == ("0.00400000", "0.00400000", "0.00000400")
        assert (last["z"], last["Z"], last["N"]) == ("0.01000000", "599.00000000", "BTC")
        assert (last["m"], last["w"], last["Y"]) == (True, False, "359.40000000")


async def test_every_change_of_money_is_told():
    async with opened() as told:
        await told.send("order", ENTRY)
        await until(lambda: len(told.of("outboundAccountPosition")) == 1)
        (first,) = told.of("outboundAccountPosition")
        assert first["B"] == [{"a": "USDT", "f": "99401.00000000", "l": "599.00000000"}]
        told.print("59890")
        await until(lambda: len(told.of("outboundAccountPosition")) == 2)
        last = told.of("outboundAccountPosition")[-1]
        assert last["B"][0] == {"a": "BTC", "f": "0.00999000", "l": "0.00000000"}


async def test_money_that_did_not_change_is_not_told():
    async with opened() as told:
        told.server.world("binance").print("ETH/USDT", "3000")
        await told.send("order", {**BUY, "symbol": "ETHUSDT", "quantity": "0.1"})
        await told.send("order", ENTRY)
        await until(lambda: len(told.of("outboundAccountPosition")) == 3)
        last = told.of("outboundAccountPosition")[-1]
        assert [row["a"] for row in last["B"]] == ["USDT"]


async def test_a_cancel_has_an_id_of_its_own_and_names_the_orders():
    async with opened() as told:
        await told.send("order", ENTRY)
        fields = {
            "symbol": "BTCUSDT",
            "origClientOrderId": "ss-E",
            "newClientOrderId": "cancel-1",
        }
        await told.send("order", fields, "DELETE")
        await until(lambda: len(told.reports()) == 2)
        event = told.of("executionReport")[-1]
        assert told.reports()[-1] == ("cancel-1", "CANCELED", "CANCELED")
        assert event["C"] == "ss-E"


async def test_a_stop_is_told_again_when_it_is_triggered():
    async with opened() as told:
        await told.send("order", BUY)
        await told.send("order", STOP)
        told.print("58990")
        await until(lambda: ("ss-S", "TRADE", "FILLED") in told.reports())
        stop = [each for each in told.of("executionReport") if each["c"] == "ss-S"]
        assert [(each["x"], each["w"], "W" in each) for each in stop] == [
            ("NEW", False, False),
            ("NEW", True, True),
            ("TRADE", False, True),
        ]
        assert (stop[0]["o"], stop[0]["P"], stop[0]["p"]) == (
            "STOP_LOSS",
            "59000.00000000",
            "0.00000000",
        )


async def test_a_lists_beginning_and_end_are_told_once_each():
    async with opened() as told:
        await told.send("order", BUY)
        await told.send("orderList/oco", PAIR)
        told.print("61010")
        await until(lambda: len(told.of("listStatus")) == 2)
        await asyncio.sleep(0.05)
        lists = told.of("listStatus")
        assert [(each["l"], each["L"], each["C"]) for each in lists] == [
            ("EXEC_STARTED", "EXECUTING", "ss-L"),
            ("ALL_DONE", "ALL_DONE", "ss-L"),
        ]
        assert {each["c"] for each in lists[0]["O"]} == {"ss-T", "ss-S"}
        ended = {(name, status) for name, _, status in told.reports() if name.startswith("ss-")}
        assert {("ss-T", "FILLED"), ("ss-S", "EXPIRED")} <= ended
        assert {each["g"] for each in told.of("executionReport") if each["c"] == "ss-T"} == {1}


async def test_a_market_order_that_finds_too_little_expires():
    async with opened() as told:
        told.print("60000", size="0.004")
        await told.send("order", {**BUY, "newClientOrderId": "ss-M"})
        await until(lambda: ("ss-M", "EXPIRED", "EXPIRED") in told.reports())
        assert told.of("executionReport")[-1]["z"] == "0.00400000"


async def test_nothing_is_told_before_a_subscription_and_after_its_end():
    async with opened(is_asked=False) as told:
        await told.send("order", ENTRY)
        assert (await told.ask("session.subscriptions"))["result"] == []
        assert told.events == []
        await told.ask(SUBSCRIBE, signed(told.server))
        assert (await told.ask("session.subscriptions"))["result"] == [{"subscriptionId": 0}]
        twice = await told.ask(SUBSCRIBE, signed(told.server))
        assert (twice["status"], twice["error"]["code"]) == (400, -2035)
        assert (await told.ask("userDataStream.unsubscribe"))["result"] == {}
        assert (await told.ask("userDataStream.unsubscribe"))["error"]["code"] == -2036
        told.print("59890")
        assert (await told.ask("ping"))["result"] == {}
        assert told.events == []


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"apiKey": ""}, 401, -2014),
        ({"apiKey": "somebody-elses-key"}, 401, -2015),
        ({"signature": "00" * 32}, 400, -1022),
        ({"recvWindow": 70_000}, 400, -1131),
        ({"timestamp": 1}, 400, -1021),
    ],
)
async def test_a_subscription_is_checked_as_a_request_is(changes, status, code):
    async with opened(is_asked=False) as told:
        answer = await told.ask(SUBSCRIBE, signed(told.server, **changes))
        assert (answer["status"], answer["error"]["code"]) == (status, code)
        assert told.server.world("binance").lines.of_account("practice") == ()


@pytest.mark.parametrize(
    ("method", "params", "code"), [("order.place", {}, -1020), ("ping", [1], -1135)]
)
async def test_what_is_not_understood_is_refused(method, params, code):
    async with opened(is_asked=False) as told:
        assert (await told.ask(method, params))["error"]["code"] == code
        await told.socket.send_str("no JSON")
        await until(lambda: len(told.answers) == 2)
        assert (told.answers[-1]["id"], told.answers[-1]["error"]["code"]) == (None, -1135)
        assert "serverTime" in (await told.ask("time"))["result"]


async def test_a_cut_line_ends():
    plan = FaultPlan(rates={FaultKind.STREAM_DISCONNECT: 1.0})
    async with opened(plan) as told:
        await told.send("order", ENTRY)
        await until(lambda: told.is_over)
        assert told.events == []


async def test_prices_are_told_on_lines_of_their_own():
    async with ExchangeSandbox() as server, web_session(server) as session:
        world = server.world("binance")
        url = "wss://stream.testnet.binance.vision/ws/btcusdt@bookTicker"
        async with session.ws_connect(url) as socket:
            await until(lambda: "btcusdt@bookTicker" in world.lines.topics())
            world.print(BTC, "60000")
            event = await socket.receive_json(timeout=5)
        assert event["s"] == "BTCUSDT"
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect("wss://stream.testnet.binance.vision/nothing")
