"""The user stream of Binance USD-M, message by message, and what faults make of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from snipersight.sandbox.exchange import ExchangeSandbox, FaultKind, FaultPlan, SandboxAccount
from tests.fakes.venue_clients import binance_call, until, web_session

BTC = "BTC/USDT:USDT"
ENTRY = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "59900",
}
STOP = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "algoType": "CONDITIONAL",
    "type": "STOP_MARKET",
    "quantity": "0.01",
    "triggerPrice": "59000",
    "reduceOnly": "true",
    "clientAlgoId": "ss-S",
}


class Told:
    """What a line told, collected in the background."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.events: list[dict[str, Any]] = []
        self.is_over = False

    async def collect(self) -> None:
        async for message in self.socket:
            self.events.append(json.loads(message.data))
        self.is_over = True

    def steps(self) -> list[tuple[str, str]]:
        """Return event type and status of what concerned orders."""
        return [(event["e"], event["o"]["X"]) for event in self.events if "o" in event]


class Desk:
    """A server, a session and the stream of its account."""

    def __init__(self, server: ExchangeSandbox, session: aiohttp.ClientSession, told: Told):
        self.server, self.session, self.told = server, session, told

    def print(self, price: str, **more: str) -> None:
        self.server.world("binanceusdm").print(BTC, price, **more)

    async def send(self, method: str, path: str, fields: dict[str, str]) -> Any:
        status, body = await binance_call(self.server, self.session, method, path, fields)
        assert status == 200, body
        return body


async def listen_key(session: aiohttp.ClientSession) -> str:
    headers = {"X-MBX-APIKEY": SandboxAccount().api_key}
    url = "https://demo-fapi.binance.com/fapi/v1/listenKey"
    async with session.post(url, headers=headers) as response:
        return str((await response.json())["listenKey"])


@asynccontextmanager
async def opened() -> AsyncIterator[Desk]:
    async with ExchangeSandbox() as server, web_session(server) as session:
        server.world("binanceusdm").print(BTC, "60000")
        key = await listen_key(session)
        url = f"wss://fstream.binancefuture.com/private/ws?listenKey={key}"
        async with session.ws_connect(url) as socket:
            told = Told(socket)
            collecting = asyncio.create_task(told.collect())
            yield Desk(server, session, told)
            collecting.cancel()


async def test_an_entrys_life_is_told_in_order():
    async with opened() as desk:
        await desk.send("POST", "/fapi/v1/order", ENTRY)
        desk.print("59890", size="0.004")
        desk.print("59880")
        await until(lambda: len(desk.told.steps()) == 3)
        statuses = ["NEW", "PARTIALLY_FILLED", "FILLED"]
        assert desk.told.steps() == [("ORDER_TRADE_UPDATE", status) for status in statuses]
        orders = [event["o"] for event in desk.told.events if "o" in event]
        assert [order["z"] for order in orders] == ["0", "0.004", "0.01"]
        assert [order["l"] for order in orders] == ["0", "0.004", "0.006"]
        assert len({order["t"] for order in orders}) == 3


async def test_a_fill_tells_of_money_and_position_too():
    async with opened() as desk:
        await desk.send("POST", "/fapi/v1/order", ENTRY)
        desk.print("59890")
        await until(lambda: any(event["e"] == "ACCOUNT_UPDATE" for event in desk.told.events))
        account = next(e["a"] for e in desk.told.events if e["e"] == "ACCOUNT_UPDATE")
        assert (account["m"], account["P"][0]["pa"], account["P"][0]["ep"]) == (
            "ORDER",
            "0.01",
            "59900",
        )
        assert account["B"][0]["wb"] == "99999.8802"


async def test_a_stop_is_told_by_the_algo_service_until_it_is_an_order():
    async with opened() as desk:
        await desk.send("POST", "/fapi/v1/order", ENTRY)
        desk.print("59890")
        await desk.send("POST", "/fapi/v1/algoOrder", STOP)
        desk.print("58990")
        await until(lambda: ("ALGO_UPDATE", "FINISHED") in desk.told.steps())
        assert desk.told.steps()[2:] == [
            ("ALGO_UPDATE", "NEW"),
            ("ALGO_UPDATE", "TRIGGERING"),
            ("ALGO_UPDATE", "TRIGGERED"),
            ("ORDER_TRADE_UPDATE", "NEW"),
            ("ORDER_TRADE_UPDATE", "FILLED"),
            ("ALGO_UPDATE", "FINISHED"),
        ]
        finished = [event["o"] for event in desk.told.events if "o" in event][-1]
        executed = next(e["o"] for e in desk.told.events if e.get("o", {}).get("x") == "TRADE"
                        and e["o"]["S"] == "SELL")  # fmt: skip
        assert (finished["caid"], finished["ai"]) == ("ss-S", str(executed["i"]))
        assert (finished["aq"], executed["c"]) == ("0.01", "ss-S")


async def test_a_cancel_is_told():
    async with opened() as desk:
        placed = await desk.send("POST", "/fapi/v1/order", ENTRY)
        order = {"symbol": "BTCUSDT", "orderId": str(placed["orderId"])}
        await desk.send("DELETE", "/fapi/v1/order", order)
        await until(lambda: len(desk.told.steps()) == 2)
        assert desk.told.steps()[-1] == ("ORDER_TRADE_UPDATE", "CANCELED")


async def test_what_outlives_the_position_expires_when_it_triggers():
    async with opened() as desk:
        await desk.send("POST", "/fapi/v1/order", ENTRY)
        desk.print("59890")
        await desk.send("POST", "/fapi/v1/algoOrder", STOP)
        close = {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": "0.01"}
        await desk.send("POST", "/fapi/v1/order", {**close, "reduceOnly": "true"})
        waiting = await desk.send("GET", "/fapi/v1/openAlgoOrders", {})
        assert [order["clientAlgoId"] for order in waiting] == ["ss-S"]
        desk.print("58990")
        await until(lambda: ("ALGO_UPDATE", "FINISHED") in desk.told.steps())
        assert ("ORDER_TRADE_UPDATE", "EXPIRED") in desk.told.steps()
        assert await desk.send("GET", "/fapi/v1/openAlgoOrders", {}) == []


async def test_funding_is_told():
    async with opened() as desk:
        await desk.send("POST", "/fapi/v1/order", ENTRY)
        desk.print("59890")
        desk.server.world("binanceusdm").fund(BTC, "0.001")
        reasons = ["ORDER", "FUNDING_FEE"]
        await until(lambda: [e["a"]["m"] for e in desk.told.events if "a" in e] == reasons)


async def test_a_stream_with_an_unknown_key_does_not_open():
    async with ExchangeSandbox() as server, web_session(server) as session:
        url = "wss://fstream.binancefuture.com/private/ws?listenKey=" + "x" * 64
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(url)
        assert caught.value.status == 401


async def test_a_key_that_was_given_back_opens_nothing():
    async with ExchangeSandbox() as server, web_session(server) as session:
        key = await listen_key(session)
        headers = {"X-MBX-APIKEY": SandboxAccount().api_key}
        url = "https://demo-fapi.binance.com/fapi/v1/listenKey"
        async with session.delete(url, headers=headers) as response:
            assert response.status == 200
        async with session.put(url, headers=headers) as response:
            assert (await response.json())["code"] == -1125
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"wss://fstream.binance.com/ws/{key}")


async def faulted(kind: FaultKind, **numbers: float) -> tuple[list[tuple[str, str]], Desk]:
    """Return what is told of an entry and its cancel when every event goes wrong."""
    async with opened() as desk:
        desk.server.set_faults(FaultPlan(rates={kind: 1.0}, **numbers))  # type: ignore[arg-type]
        placed = await desk.send("POST", "/fapi/v1/order", ENTRY)
        order = {"symbol": "BTCUSDT", "orderId": str(placed["orderId"])}
        await desk.send("DELETE", "/fapi/v1/order", order)
        await asyncio.sleep(0.5)
        return [(event["o"]["X"], kind) for event in desk.told.events], desk


async def test_duplicated_events_come_twice():
    steps, desk = await faulted(FaultKind.EVENT_DUPLICATE)
    assert [status for status, _ in steps] == ["NEW", "NEW", "CANCELED", "CANCELED"]
    assert desk.server.report()["faults"]["event_duplicate"] == 2


async def test_a_reordered_event_comes_after_the_next_one():
    steps, _ = await faulted(FaultKind.EVENT_REORDER)
    assert [status for status, _ in steps] == ["CANCELED", "NEW"]


async def test_an_event_held_back_comes_even_if_no_other_does():
    async with opened() as desk:
        desk.server.set_faults(FaultPlan(rates={FaultKind.EVENT_REORDER: 1.0}))
        await desk.send("POST", "/fapi/v1/order", ENTRY)
        await until(lambda: desk.told.steps() == [("ORDER_TRADE_UPDATE", "NEW")])


async def test_in_a_silence_events_are_lost_and_the_line_stays_up():
    async with opened() as desk:
        plan = FaultPlan(rates={FaultKind.STREAM_SILENCE: 1.0}, silence_s=0.2)
        desk.server.set_faults(plan)
        placed = await desk.send("POST", "/fapi/v1/order", ENTRY)
        desk.server.set_faults(FaultPlan())
        await asyncio.sleep(0.25)
        assert desk.told.events == []
        order = {"symbol": "BTCUSDT", "orderId": str(placed["orderId"])}
        await desk.send("DELETE", "/fapi/v1/order", order)
        await until(lambda: desk.told.steps() == [("ORDER_TRADE_UPDATE", "CANCELED")])
        assert not desk.told.is_over


async def test_a_cut_line_ends_without_a_word():
    async with opened() as desk:
        desk.server.set_faults(FaultPlan(rates={FaultKind.STREAM_DISCONNECT: 1.0}))
        await desk.send("POST", "/fapi/v1/order", ENTRY)
        await until(lambda: desk.told.is_over)
        assert desk.told.events == []
        assert desk.told.socket.close_code == aiohttp.WSCloseCode.ABNORMAL_CLOSURE


async def test_a_restart_ends_every_line():
    async with opened() as desk:
        desk.server.world("binanceusdm").restart(down_s=0.05)
        await until(lambda: desk.told.is_over)
        await until(lambda: len(desk.server.world("binanceusdm").lines) == 0)


async def test_market_streams_tell_what_was_asked_for_and_nothing_else():
    async with ExchangeSandbox() as server, web_session(server) as session:
        world = server.world("binanceusdm")
        names = "btcusdt@aggTrade/btcusdt@bookTicker/btcusdt@markPrice"
        url = f"wss://fstream.binance.com/stream?streams={names}"
        async with session.ws_connect(url) as socket:
            await until(lambda: len(world.lines.topics()) > 3)
            world.print("ETH/USDT:USDT", "3000")
            world.print(BTC, "60000")
            told = [await socket.receive_json(timeout=5) for _ in range(3)]
            assert {event["stream"] for event in told} == set(names.split("/"))
            assert {event["data"]["s"] for event in told} == {"BTCUSDT"}
            await socket.send_json({"method": "UNSUBSCRIBE", "params": names.split("/"), "id": 9})
            assert await socket.receive_json(timeout=5) == {"result": None, "id": 9}
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 10})
            assert await socket.receive_json(timeout=5) == {"result": [], "id": 10}


async def test_a_candle_is_told_closed_once_the_next_one_begins():
    now_us = 1_800_000_000_000_000
    clock = [now_us]
    async with ExchangeSandbox(clock=lambda: clock[0]) as server, web_session(server) as session:
        world = server.world("binanceusdm")
        async with session.ws_connect("wss://fstream.binance.com/ws/btcusdt@kline_1m") as socket:
            await until(lambda: bool(world.lines.topics()))
            for price in ("60000", "60010"):
                world.print(BTC, price)
                clock[0] += 60_000_000
            told = [(await socket.receive_json(timeout=5))["k"] for _ in range(3)]
        assert [(bar["t"] - now_us // 1_000, bar["x"], bar["c"]) for bar in told] == [
            (0, False, "60000"),
            (0, True, "60000"),
            (60_000, False, "60010"),
        ]
