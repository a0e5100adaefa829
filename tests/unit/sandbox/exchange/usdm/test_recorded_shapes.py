"""Every field that is sent exists in a recorded payload, with the same JSON type."""

import asyncio
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from snipersight.sandbox.exchange import ExchangeSandbox
from tests.fakes.venue_clients import binance_call, until, web_session
from tests.unit.sandbox.exchange.usdm.test_stream import ENTRY, STOP, opened

FOLDER = Path(__file__).resolve().parents[6] / "shared/data/protocol"
FILE = FOLDER / "binance_nautilus_fixtures.json"
pytestmark = [
    pytest.mark.recorded,
    pytest.mark.skipif(not FILE.is_file(), reason="recorded protocol data is absent"),
]
# Told by Binance's documentation and by its clients, and in no payload that was recorded here.
UNRECORDED = {
    "order": {"cumQty"},
    "algo": {
        "actualOrderId", "actualPrice", "closePosition", "goodTillDate", "icebergQuantity",
        "orderType", "price", "priceMatch", "priceProtect", "selfTradePreventionMode",
        "slPrice", "slTriggerPrice", "tpOrderType", "tpPrice", "tpTriggerPrice", "triggerTime",
    },
}  # fmt: skip


@cache
def fixtures() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(FILE.read_text())
    return {name: payload for name, payload in found.items() if "futures" in name}


def fields_of(*payloads: Any) -> dict[str, set[str]]:
    """Return the JSON types of every field at every depth; list elements count as one."""
    found: dict[str, set[str]] = {}
    for payload in payloads:
        _walk(payload, "", found)
    return found


def _walk(value: Any, place: str, found: dict[str, set[str]]) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            found.setdefault(f"{place}.{name}", set()).add(type(inner).__name__)
            _walk(inner, f"{place}.{name}", found)
    elif isinstance(value, list):
        for inner in value:
            _walk(inner, f"{place}[]", found)


def unlike(sent: Any, *recorded: Any, but: set[str] | None = None) -> list[str]:
    """Return what is sent and not recorded, or recorded with other types only."""
    known = fields_of(*recorded)
    assert known
    return [
        f"{name}: {sorted(types)} is not {sorted(known.get(name, ()))}"
        for name, types in fields_of(sent).items()
        if name.rpartition(".")[2] not in (but or set()) and not types <= known.get(name, set())
    ]


def at(name: str) -> Any:
    """Return the one payload of futures that a file of this name holds."""
    (payload,) = (found for path, found in fixtures().items() if path.endswith(f"/{name}"))
    return payload


@pytest.fixture
async def ask():
    """Ask a server on which everything was traded once."""
    async with ExchangeSandbox() as server, web_session(server) as session:

        async def asked(
            path: str, fields: dict[str, str] | None = None, method: str = "GET"
        ) -> Any:
            status, body = await binance_call(server, session, method, path, fields)
            assert status == 200, body
            return body

        server.world("binanceusdm").print("BTC/USDT:USDT", "60000")
        await asked("/fapi/v1/order", ENTRY, "POST")
        server.world("binanceusdm").print("BTC/USDT:USDT", "59890")
        await asked("/fapi/v1/order", ENTRY | {"price": "59000"}, "POST")
        await asked("/fapi/v1/algoOrder", STOP, "POST")
        yield asked


BTC = {"symbol": "BTCUSDT"}


@pytest.mark.parametrize(
    ("path", "fields", "names", "but"),
    [
        ("/fapi/v1/exchangeInfo", {}, ["http_futures_usdt_exchange_info.json"], set()),
        ("/fapi/v1/klines", BTC | {"interval": "1m"}, ["http_futures_market_klines.json"], None),
        ("/fapi/v1/depth", BTC, ["http_futures_market_depth.json"], None),
        ("/fapi/v1/ticker/price", BTC, ["http_futures_market_ticker_price.json"], None),
        ("/fapi/v1/ticker/bookTicker", BTC, ["http_futures_market_book_ticker.json"], None),
        ("/fapi/v1/ticker/24hr", BTC, ["http_futures_market_ticker_24hr.json"], None),
        ("/fapi/v1/premiumIndex", BTC, ["http_futures_market_premium_index.json"], None),
        ("/fapi/v1/openOrders", BTC, ["order_response.json"], None),
        ("/fapi/v1/allOrders", BTC, ["order_response.json"], None),
        ("/fapi/v1/userTrades", BTC, ["http_futures_account_trades.json"], None),
        ("/fapi/v1/openAlgoOrders", BTC, ["open_algo_orders.json"], UNRECORDED["algo"]),
        ("/fapi/v2/account", {}, ["account_info_v2.json"], None),
        ("/fapi/v2/balance", {}, ["balance.json"], None),
        ("/fapi/v2/positionRisk", BTC, ["position_risk.json"], None),
        ("/fapi/v1/symbolConfig", BTC, ["http_futures_account_symbol_config.json"], None),
        ("/fapi/v1/positionSide/dual", {}, ["http_futures_account_position_side_dual.json"], None),
        ("/fapi/v1/commissionRate", BTC, ["http_futures_wallet_commission_rate_btcusdt.json"],
         None),
    ],
)  # fmt: skip
async def test_answers_have_the_recorded_fields(
    ask: Any, path: str, fields: dict[str, str], names: list[str], but: set[str] | None
):
    sent = await ask(path, fields)
    recorded = [at(name) for name in names]
    # A list of orders is compared with one order.
    if isinstance(sent, list) and not isinstance(recorded[0], list):
        recorded = [recorded]
    if path.endswith("klines"):
        assert [type(cell) for cell in sent[0]] == [type(cell) for cell in recorded[0][0]]
    else:
        assert unlike(sent, *recorded, but=but) == []


async def test_a_placed_order_has_the_recorded_fields(ask: Any):
    sent = await ask("/fapi/v1/order", ENTRY | {"price": "58000"}, "POST")
    assert unlike(sent, at("order_response.json"), but=UNRECORDED["order"]) == []


async def test_events_have_the_recorded_fields():
    async with opened() as desk:
        await desk.send("POST", "/fapi/v1/order", ENTRY)
        desk.print("59890")
        await desk.send("POST", "/fapi/v1/algoOrder", STOP)
        desk.print("58990")
        await until(lambda: ("ALGO_UPDATE", "FINISHED") in desk.told.steps())
        await asyncio.sleep(0.05)
        told = desk.told.events
    recorded = {
        "ORDER_TRADE_UPDATE": [at("order_update_new.json"), at("order_update_trade.json")],
        "ALGO_UPDATE": [at("algo_update_new.json"), at("ws_futures_algo_update_finished.json")["data"]],
        "ACCOUNT_UPDATE": [at("account_update.json")],
    }  # fmt: skip
    assert {event["e"] for event in told} == set(recorded)
    assert [unlike(event, *recorded[event["e"]]) for event in told] == [[]] * len(told)


async def test_market_events_have_the_recorded_fields():
    recorded = {
        "aggTrade": "agg_trade_stream.json",
        "bookTicker": "book_ticker_stream.json",
        "kline_1m": "kline_stream_open.json",
        "markPrice": "mark_price_stream.json",
    }
    async with ExchangeSandbox() as server, web_session(server) as session:
        world = server.world("binanceusdm")
        for name, file in recorded.items():
            url = f"wss://fstream.binance.com/ws/btcusdt@{name}"
            async with session.ws_connect(url) as socket:
                await until(lambda topic=f"btcusdt@{name}": topic in world.lines.topics())  # type: ignore[misc]
                world.print("BTC/USDT:USDT", "60000")
                event = await socket.receive_json(timeout=5)
            assert unlike(event, at(file)) == []


def test_the_comparison_finds_a_strange_field_and_a_strange_type():
    recorded = {"a": 1, "b": [{"c": "x"}]}
    assert unlike({"a": 1, "b": [{"c": "y"}]}, recorded) == []
    assert len(unlike({"a": "1", "b": [{"c": "y", "d": 1}]}, recorded)) == 2
