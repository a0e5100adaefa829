"""The account's stream is opened again by itself, and says when it was away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.orders import OrderStatus
from snipersight.domain.units import Symbol
from snipersight.domain.venue import EventKind, VenueEvent
from snipersight.market.venues.base import CcxtVenue
from snipersight.market.venues.stream import UserStream
from tests.builders.venue_contract import PERPETUAL, Ears, eventually
from tests.fakes.scripted_venue_wire import KEY, VenueWire

SPOT = Symbol("BTC/USDT")
OURS = "ss-abcdefghijklmnop-E0-0"
BINANCE_ROW = {
    "s": "BTCUSDT",
    "c": OURS,
    "S": "BUY",
    "o": "LIMIT",
    "q": "0.010",
    "p": "49500.1",
    "x": "TRADE",
    "X": "PARTIALLY_FILLED",
    "i": 7,
    "l": "0.004",
    "z": "0.004",
    "L": "49500.1",
    "N": "USDT",
    "n": "0.04",
    "T": 1_700_000_000_000,
    "t": 99,
    "m": True,
}
USDM_FRAME: dict[str, Any] = {
    "e": "ORDER_TRADE_UPDATE",
    "E": 1,
    "T": 1,
    "o": {**BINANCE_ROW, "ot": "LIMIT", "ap": "0", "sp": "0", "R": False, "ps": "BOTH"},
}
SPOT_FRAME = {
    "subscriptionId": 0,
    "event": {
        "e": "executionReport",
        "E": 1,
        **BINANCE_ROW,
        "P": "0",
        "C": "",
        "Z": "198.0004",
        "r": "NONE",
    },
}
BYBIT_ROW = {
    "category": "linear",
    "symbol": "BTCUSDT",
    "orderId": "7",
    "orderLinkId": OURS,
    "side": "Buy",
}
BYBIT_ORDER = {
    "topic": "order",
    "data": [
        {
            **BYBIT_ROW,
            "orderType": "Limit",
            "price": "49500.1",
            "qty": "0.010",
            "cumExecQty": "0.004",
            "avgPrice": "49500.1",
            "orderStatus": "PartiallyFilled",
            "triggerPrice": "",
            "reduceOnly": False,
            "updatedTime": "1700000000000",
        },
        {**BYBIT_ROW, "category": "spot", "orderStatus": "unheard of"},
    ],
}
BYBIT_FILL = {
    "topic": "execution",
    "data": [
        {
            **BYBIT_ROW,
            "execId": "99",
            "execQty": "0.004",
            "execPrice": "49500.1",
            "execFee": "0.04",
            "execType": "Trade",
            "isMaker": True,
            "execTime": "1700000000000",
        }
    ],
}
CASES: dict[str, tuple[Symbol, list[dict[str, Any]]]] = {
    "binanceusdm": (PERPETUAL, [USDM_FRAME]),
    "binance": (SPOT, [SPOT_FRAME]),
    "bybit": (PERPETUAL, [BYBIT_ORDER, BYBIT_FILL]),
}


@asynccontextmanager
async def listening(
    name: str, folder: Any, **changes: Any
) -> AsyncIterator[tuple[VenueWire, CcxtVenue, Ears]]:
    """A venue whose stream is listened to."""
    async with VenueWire(name, folder) as wire:
        wire.always("GET /fapi/v1/positionSide/dual", {"dualSidePosition": False})
        wire.always("POST /fapi/v1/listenKey", {"listenKey": "a-key-to-listen"})
        positions = {"list": [{"positionIdx": 0, "size": "0"}], "nextPageCursor": ""}
        wire.always("GET /v5/position/list", {"retCode": 0, "retMsg": "OK", "result": positions})
        venue = wire.open_venue(**changes)
        ears = Ears(venue)
        try:
            yield wire, venue, ears
        finally:
            await ears.close()
            await venue.close()


@pytest.mark.parametrize("name", CASES)
async def test_order_and_execution_are_told_exactly(name, tmp_path):
    symbol, frames = CASES[name]
    async with listening(name, tmp_path) as (wire, _, ears):
        await ears.until(EventKind.CONNECTED)
        for frame in frames:
            await wire.say(frame)
        order = (await ears.until(EventKind.ORDER, client_id=OURS)).order
        fill = (await ears.until(EventKind.FILL, client_id=OURS)).fill
    assert order is not None
    assert fill is not None
    assert (order.symbol, order.size, order.filled_size) == (
        symbol,
        Decimal("0.010"),
        Decimal("0.004"),
    )
    assert order.status is OrderStatus.WORKING
    assert (fill.fill_id, fill.size, fill.price) == ("99", Decimal("0.004"), Decimal("49500.1"))
    assert (fill.fee, fill.fee_currency, fill.is_maker) == (Decimal("0.04"), "USDT", True)
    assert fill.at_us == 1_700_000_000_000_000


@pytest.mark.parametrize("name", CASES)
async def test_a_line_that_was_cut_is_told_and_opened_again(name, tmp_path):
    async with listening(name, tmp_path) as (wire, _, ears):
        await ears.until(EventKind.CONNECTED)
        await wire.cut()
        await eventually(lambda: _kinds(ears), lambda kinds: kinds.count(EventKind.CONNECTED) == 2)
        kinds = await _kinds(ears)
        assert kinds[:3] == [EventKind.CONNECTED, EventKind.SILENT, EventKind.CONNECTED]
        for frame in CASES[name][1]:
            await wire.say(frame)
        await ears.until(EventKind.FILL, client_id=OURS)
        assert len(wire.logged_on) == 2


async def test_every_line_goes_to_the_environments_own_host(tmp_path):
    hosts = {
        "binanceusdm": "fstream.binancefuture.com/private/ws?listenKey=a-key-to-listen",
        "binance": "ws-api.testnet.binance.vision/ws-api/v3",
        "bybit": "stream-demo.bybit.com/v5/private",
    }
    for name, line in hosts.items():
        async with listening(name, tmp_path) as (wire, _, ears):
            await ears.until(EventKind.CONNECTED)
            assert wire.logged_on == [line]


async def test_a_listen_key_that_expired_is_fetched_anew(tmp_path):
    async with listening("binanceusdm", tmp_path) as (wire, _, ears):
        await ears.until(EventKind.CONNECTED)
        await wire.say({"e": "listenKeyExpired", "E": 1, "listenKey": "a-key-to-listen"})
        silent = await ears.until(EventKind.SILENT)
        assert "expired" in silent.text
        await eventually(lambda: _kinds(ears), lambda kinds: kinds.count(EventKind.CONNECTED) == 2)
        assert len(wire.requests("POST /fapi/v1/listenKey")) == 2
        assert len(wire.logged_on) == 2
        await wire.say(USDM_FRAME)
        await ears.until(EventKind.FILL, client_id=OURS)


async def test_a_line_that_says_nothing_for_too_long_counts_as_down(tmp_path):
    async with listening("bybit", tmp_path, silent_after_s=0.3) as (wire, _, ears):
        await ears.until(EventKind.CONNECTED)
        silent = await ears.until(EventKind.SILENT)
        assert "nothing was heard" in silent.text
        await eventually(lambda: _kinds(ears), lambda kinds: kinds.count(EventKind.CONNECTED) > 1)
        assert len(wire.logged_on) >= 2


async def test_a_frame_that_cannot_be_read_is_a_hint_to_look(tmp_path):
    async with listening("binanceusdm", tmp_path) as (wire, _, ears):
        await ears.until(EventKind.CONNECTED)
        await wire.say({"e": "ORDER_TRADE_UPDATE", "o": {"s": "BTCUSDT", "i": 7, "S": "BUY"}})
        hint = await ears.until(EventKind.POSITION)
        assert "cannot be read" in hint.text
        await wire.say(USDM_FRAME)
        await ears.until(EventKind.FILL, client_id=OURS)


async def test_a_stop_that_triggers_goes_on_under_the_id_of_what_it_placed(tmp_path):
    algo = {
        "caid": "ss-abcdefghijklmnop-S0-0",
        "aid": 5,
        "o": "STOP_MARKET",
        "s": "BTCUSDT",
        "S": "SELL",
        "ps": "BOTH",
        "q": "0.010",
        "X": "TRIGGERED",
        "ai": "88",
        "ap": "0",
        "aq": "0",
        "tp": "48000",
        "p": "0",
        "R": True,
    }
    row = {**USDM_FRAME["o"], "i": 88, "c": "made-by-the-venue", "S": "SELL", "o": "MARKET"}
    async with listening("binanceusdm", tmp_path) as (wire, _, ears):
        await ears.until(EventKind.CONNECTED)
        await wire.say({"e": "ALGO_UPDATE", "T": 1, "E": 1, "o": algo})
        await wire.say({"e": "ORDER_TRADE_UPDATE", "T": 1, "E": 1, "o": row})
        fill = (await ears.until(EventKind.FILL)).fill
    assert fill is not None
    assert (fill.client_id, fill.venue_id) == ("ss-abcdefghijklmnop-S0-0", "88")


async def test_an_id_that_the_venue_made_is_not_taken_for_the_orders_own(tmp_path):
    row = {**USDM_FRAME["o"], "i": 88, "c": "made-by-the-venue", "S": "SELL", "o": "MARKET"}
    async with listening("binanceusdm", tmp_path) as (wire, venue, ears):
        await ears.until(EventKind.CONNECTED)
        await wire.say({"e": "ORDER_TRADE_UPDATE", "T": 1, "E": 1, "o": row})
        await ears.until(EventKind.FILL)
        assert venue.ids.client_id(PERPETUAL, "88") is None


async def test_a_stream_that_is_refused_says_why_without_the_key(tmp_path):
    async with VenueWire("bybit", tmp_path) as wire:
        wire.answers_lines = False
        positions = {"list": [{"positionIdx": 0, "size": "0"}], "nextPageCursor": ""}
        wire.always("GET /v5/position/list", {"retCode": 0, "retMsg": "OK", "result": positions})
        venue = wire.open_venue()
        ears = Ears(venue)
        try:
            await eventually(lambda: _count(wire.lines), bool)
            await wire.say(
                {"success": False, "ret_msg": f"error {KEY}", "request": {"op": "auth", "args": []}}
            )
            assert KEY not in (await ears.until(EventKind.SILENT)).text
            assert EventKind.CONNECTED not in await _kinds(ears)
        finally:
            await ears.close()
            await venue.close()


class NeverUp:
    """A link that cannot be opened."""

    async def open(self, on_frame: Callable[..., None]) -> Any:
        raise OSError("no way through")

    def read(self, frame: Any) -> tuple[VenueEvent, ...]:
        return ()


async def test_the_pauses_between_two_tries_grow_and_stop_growing():
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    stream = UserStream(NeverUp(), silent_after_s=1, sleep=sleep).events()
    for _ in range(12):
        event = await anext(stream)
        assert (event.kind, event.text) == (EventKind.SILENT, "no way through")
    await stream.aclose()
    assert slept[:3] == [0.2, 0.4, 0.8]
    assert max(slept) == 15.0


async def _kinds(ears: Ears) -> list[EventKind]:
    return [event.kind for event in ears.heard]


async def _count(lines: list[Any]) -> int:
    return len(lines)
