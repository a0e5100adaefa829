"""Every field of Binance spot that is sent exists in a recorded payload, with the same JSON type."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.spot_desk import BUY, ENTRY, PAIR, STOP, SpotDesk
from tests.fakes.venue_clients import until
from tests.unit.sandbox.exchange.test_spot_stream import opened
from tests.unit.sandbox.exchange.usdm.test_recorded_shapes import unlike

FOLDER = Path(__file__).resolve().parents[5] / "shared/data/protocol"
FILES = ("binance_nautilus_fixtures.json", "binance_spot_docs_examples.json")
pytestmark = [
    pytest.mark.recorded,
    pytest.mark.skipif(not (FOLDER / FILES[0]).is_file(), reason="recorded data is absent"),
]
BTC = {"symbol": "BTCUSDT"}
FILTERS = "filters.md"


@cache
def fixtures() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((FOLDER / FILES[0]).read_text())
    return {name: payload for name, payload in found.items() if "futures" not in name}


@cache
def examples() -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = json.loads((FOLDER / FILES[1]).read_text())
    return found


def at(name: str) -> Any:
    """Return the one payload that a file of this name holds."""
    (payload,) = (found for path, found in fixtures().items() if path.endswith(f"/{name}"))
    return payload


def documented(section: str) -> list[Any]:
    """Return the example answers of a section of the documentation of REST."""
    found = [
        each["payload"]
        for each in examples()
        if each["doc"] == "rest-api.md" and each["section"][-1].startswith(section)
    ]
    assert found
    return found


def asked_stop() -> list[Any]:
    """Return recorded orders; `stopPrice` is in those of lists only."""
    return [*documented("New Order list - OCO"), *documented("Cancel Order list")]


@pytest.fixture
async def desk() -> SpotDesk:
    """Return an account that has traded, and has an order and a list open."""
    desk = SpotDesk()
    await desk.place(BUY)
    await desk.place(ENTRY)
    await desk.pair()
    return desk


@pytest.mark.parametrize(
    ("path", "fields", "name"),
    [
        ("time", {}, "server_time_response.json"),
        ("depth", BTC, "depth_response.json"),
        ("ticker/price", BTC, "ticker_price_response.json"),
        ("ticker/bookTicker", BTC, "book_ticker_response.json"),
        ("ticker/24hr", BTC, "ticker_24hr_response.json"),
        ("account", {}, "account_response.json"),
        ("openOrders", BTC, "open_orders_response.json"),
        ("allOrders", BTC, "all_orders_response.json"),
        ("order", {**BTC, "orderId": "1"}, "order_response.json"),
        ("myTrades", BTC, "account_trades_response.json"),
    ],
)
async def test_answers_have_the_recorded_fields(desk, path, fields, name):
    assert unlike(await desk.ask("GET", f"/api/v3/{path}", fields), at(name)) == []


async def test_rows_of_candles_have_the_recorded_types(desk):
    rows = await desk.ask("GET", "/api/v3/klines", {**BTC, "interval": "1m"})
    recorded = at("http_spot_market_klines.json")
    assert [type(cell) for cell in rows[0]] == [type(cell) for cell in recorded[0]]


async def test_markets_and_their_filters_have_the_recorded_fields(desk):
    sent = await desk.ask("GET", "/api/v3/exchangeInfo")
    documented_filters = {
        each["payload"]["filterType"]: each["payload"]
        for each in examples()
        if each["doc"] == FILTERS and "filterType" in each["payload"]
    }
    for market in sent["symbols"]:
        for sent_filter in market.pop("filters"):
            assert unlike(sent_filter, documented_filters[sent_filter["filterType"]]) == []
    recorded = [at("exchange_info_response.json"), at("http_spot_market_exchange_info.json")]
    assert unlike(sent, *recorded) == []


async def test_placed_orders_have_the_recorded_fields(desk):
    full = await desk.place(BUY)
    assert unlike(full, at("new_order_full_response.json")) == []
    stop = await desk.place(STOP, quantity="0.001", newOrderRespType="RESULT", newClientOrderId="")
    reports = [each["orderReports"][0] for each in asked_stop()]
    assert unlike(stop, *reports) == []
    # An order that was just placed is not told with more fields than one that is told in full.
    assert set(stop) - set(full) == {"stopPrice"}


async def test_cancelled_orders_have_the_recorded_fields(desk):
    one = await desk.ask("DELETE", "/api/v3/order", {**BTC, "origClientOrderId": "ss-E"})
    assert unlike(one, at("cancel_order_response.json")) == []
    both = await desk.ask("DELETE", "/api/v3/openOrders", BTC)
    assert unlike(both, at("cancel_open_orders_response.json")) == []


async def test_lists_have_the_documented_fields(desk):
    (listed,) = await desk.ask("GET", "/api/v3/openOrderList")
    assert unlike([listed], *documented("Query Open Order lists")) == []
    asked = {"orderListId": str(listed["orderListId"])}
    assert (
        unlike(await desk.ask("GET", "/api/v3/orderList", asked), *documented("Query Order list"))
        == []
    )
    cancelled = await desk.ask("DELETE", "/api/v3/orderList", {**BTC, **asked})
    assert unlike(cancelled, *documented("Cancel Order list")) == []
    assert unlike(await desk.pair(), *documented("New Order list - OCO")) == []


async def test_refusals_are_worded_as_recorded():
    recorded = json.loads((FOLDER / "recorded_errors.json").read_text())
    words = {
        each["body"]["msg"]
        for each in recorded
        if isinstance(each["body"], dict) and "msg" in each["body"]
    }
    tables = json.loads((FOLDER / "binance_spot_errors.json").read_text())["tables"]
    words |= {row[0] for table in tables.values() for row in table}
    desk = SpotDesk()
    refused = [
        {"quantity": "5"},
        {"quantity": "0.000011"},
        {"quantity": "0.00001"},
        {"price": "59900.001"},
        {"price": "1000000"},
        {"quoteOrderQty": "5"},
        {"quantity": "0.000000001"},
        {"symbol": "NOSUCH"},
        {"type": "LIMIT_MAKER", "timeInForce": "", "price": "60001"},
        {"type": "TAKE_PROFIT", "timeInForce": "", "price": "", "stopPrice": "60001"},
    ]
    said = [await desk.refusal("POST", "/api/v3/order", {**ENTRY, **change}) for change in refused]
    assert [text for _, text in said if text not in words] == []


async def test_events_have_the_recorded_fields():
    async with opened() as told:
        await told.send("order", BUY)
        await told.send("order", ENTRY)
        await told.send("order", {**BTC, "origClientOrderId": "ss-E"}, "DELETE")
        await told.send("orderList/oco", PAIR)
        told.print("58990")
        await until(lambda: len(told.of("listStatus")) == 2)
        events = told.events
    recorded = {
        "executionReport": [
            at("execution_report_wrapped.json"),
            {"subscriptionId": 0, "event": at("execution_report_trade.json")},
        ],
        "outboundAccountPosition": [at("account_position_wrapped.json")],
        "listStatus": [at("list_status_wrapped.json")],
    }
    assert {each["event"]["e"] for each in events} == set(recorded)
    assert [unlike(each, *recorded[each["event"]["e"]]) for each in events] == [[]] * len(events)


async def test_answers_on_a_line_have_the_documented_fields():
    async with opened() as told:
        await told.ask("userDataStream.subscribe.signature", {"apiKey": "x"})
        found = [
            each["payload"]
            for each in examples()
            if each["doc"] == "web-socket-api.md" and isinstance(each["payload"], dict)
        ]
        answered = [each for each in found if "status" in each]
        # The ids are the client's own.
        assert [unlike(each, *answered, but={"id"}) for each in told.answers] == [[], []]
