"""Every field that Bybit's protocol sends exists in a recorded payload, with the same JSON type."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from snipersight.sandbox.exchange import ExchangeSandbox
from tests.fakes.bybit_desk import BTC, ENTRY, LINEAR_BTC, MARKET, STOP, BybitDesk
from tests.fakes.venue_clients import ccxt_client, web_session
from tests.unit.sandbox.exchange.test_bybit_streams import PRIVATE, PUBLIC, TOPICS, Line, bought

FOLDER = Path(__file__).resolve().parents[5] / "shared/data/protocol"
DOCS, FIXTURES = FOLDER / "bybit_v5_docs_examples.json", FOLDER / "bybit_nautilus_fixtures.json"
pytestmark = [
    pytest.mark.recorded,
    pytest.mark.skipif(
        not (DOCS.is_file() and FIXTURES.is_file()), reason="recorded protocol data is absent"
    ),
]


@cache
def recorded() -> tuple[tuple[str, Any], ...]:
    docs = [(row["doc"], row["payload"]) for row in json.loads(DOCS.read_text())]
    return (*docs, *json.loads(FIXTURES.read_text()).items())


def of(*names: str) -> list[Any]:
    """Return every payload of a file that has one of the names in its path."""
    found = [payload for path, payload in recorded() if any(name in path for name in names)]
    assert found, names
    return found


def fields_of(value: Any, place: str = "", found: dict[str, set[str]] | None = None) -> Any:
    """Return the JSON types of every field at every depth; list elements count as one."""
    found = {} if found is None else found
    if isinstance(value, dict):
        for name, inner in value.items():
            found.setdefault(f"{place}.{name}", set()).add(type(inner).__name__)
            fields_of(inner, f"{place}.{name}", found)
    elif isinstance(value, list):
        for inner in value:
            fields_of(inner, f"{place}[]", found)
    return found


def unlike(sent: Any, payloads: list[Any], *, but: str = "") -> list[str]:
    """Return what is sent and in no payload, or there with other types only."""
    known: dict[str, set[str]] = {}
    for payload in payloads:
        fields_of(payload, "", known)
    return [
        f"{name}: {sorted(types)} is not {sorted(known.get(name, ()))}"
        for name, types in fields_of(sent).items()
        if name.rpartition(".")[2] not in but.split() and not types <= known.get(name, set())
    ]


@pytest.fixture
async def desk() -> BybitDesk:
    """A venue on which something of every kind has happened."""
    found = BybitDesk()
    await found.create(ENTRY, stopLoss="58000")
    found.print("59890")
    await found.create(STOP)
    await found.create(MARKET, side="Buy")
    await found.create(MARKET, side="Sell", reduceOnly=True, qty="0.005")
    found.world.fund(BTC, "0.0001")
    await found.create(ENTRY, orderLinkId="ss-2", price="59000")
    return found


ORDERS = (
    "order/open-order",
    "order/order-list",
    "orders_realtime",
    "private/order",
    "account_order",
)


@pytest.mark.parametrize(
    ("path", "fields", "names", "but"),
    [
        ("/v5/market/time", {}, ["market/time"], ""),
        ("/v5/market/instruments-info", {}, ["instruments_linear"], ""),
        ("/v5/market/kline", {"interval": "1"}, ["market/kline"], ""),
        ("/v5/market/tickers", {}, ["market/tickers"], ""),
        ("/v5/market/orderbook", {}, ["market/orderbook", "get_orderbook"], ""),
        ("/v5/account/info", {}, ["account/account-info", "market/time"], ""),
        ("/v5/account/wallet-balance", {"accountType": "UNIFIED"}, ["wallet"], ""),
        ("/v5/user/query-api", {}, ["user_query_api"], ""),
        ("/v5/asset/coin/query-info", {}, ["coin_info"], ""),
        ("/v5/position/list", {}, ["position/position.mdx", "get_positions"], ""),
        ("/v5/execution/list", {}, ["order/execution", "get_executions"], ""),
    ],
)
async def test_answers_have_the_recorded_fields(
    desk: BybitDesk, path: str, fields: dict[str, str], names: list[str], but: str
):
    sent = await desk.send("GET", path, LINEAR_BTC | fields)
    assert sent["retCode"] == 0
    assert sent["result"].get("list", [0]) != []
    assert unlike(sent, of(*names), but=but) == []


@pytest.mark.parametrize("path", ["/v5/order/realtime", "/v5/order/history"])
async def test_orders_have_the_recorded_fields(desk: BybitDesk, path: str):
    sent = (await desk.send("GET", path, LINEAR_BTC))["result"]["list"]
    assert len(sent) >= 3
    rows = [payload["result"]["list"] for payload in of(*ORDERS[:3])]
    streamed = [payload["data"] for payload in of(*ORDERS[3:]) if "data" in payload]
    # The fee's currency is the name of a field.
    assert unlike(sent, rows + streamed, but="USDT") == []


@pytest.mark.parametrize(
    ("path", "fields", "name"),
    [
        ("/v5/order/create", ENTRY | {"orderLinkId": "ss-9"}, "order/create-order"),
        ("/v5/order/cancel", LINEAR_BTC | {"orderLinkId": "ss-2"}, "order/cancel-order"),
        ("/v5/order/cancel-all", LINEAR_BTC, "order/cancel-all"),
        ("/v5/position/trading-stop", LINEAR_BTC | {"stopLoss": "58100"}, "trading-stop"),
        (
            "/v5/position/set-leverage",
            LINEAR_BTC | {"buyLeverage": "9", "sellLeverage": "9"},
            "position/leverage",
        ),
        ("/v5/account/set-margin-mode", {"setMarginMode": "ISOLATED_MARGIN"}, "set-margin-mode"),
    ],
)
async def test_changes_are_answered_with_the_recorded_fields(
    desk: BybitDesk, path: str, fields: dict[str, str], name: str
):
    sent = await desk.send("POST", path, fields)
    envelope = of("order/create-order")
    assert unlike(sent, of(name) + envelope) == []


async def test_account_events_have_the_recorded_fields():
    names = {
        "order": ["private/order", "ws_account_order"],
        "execution": ["private/execution", "account_execution.json", "ws_execution"],
        "position": ["private/position", "ws_account_position.json", "ws_position"],
        "wallet": ["private/wallet", "ws_account_wallet", "ws_wallet"],
    }
    async with ExchangeSandbox() as server:
        server.world("bybit").print(BTC, "60000")
        async with web_session(server) as session, session.ws_connect(PRIVATE) as socket:
            line = Line(socket)
            log_in = await line.log_in(server)
            subscribed = await line.ask(op="subscribe", args=TOPICS, req_id="1")
            await bought(server)
            told = [await line.heard() for _ in range(6)]
    assert {event["topic"] for event in told} == set(names)
    for event in told:
        assert unlike(event, of(*names[event["topic"]]), but="USDT") == []
    for answer in (log_in, subscribed):
        assert unlike(answer, of("wss-authentication", "ws_subscription_ack")) == []


async def test_price_events_have_the_recorded_fields():
    names = {
        "kline.1.BTCUSDT": ["public/kline.mdx", "ws_kline"],
        "publicTrade.BTCUSDT": ["public/trade", "ws_public_trade", "ws_trade"],
        "tickers.BTCUSDT": ["public/ticker", "ws_ticker_linear"],
        "orderbook.1.BTCUSDT": ["public/orderbook.mdx", "ws_orderbook_snapshot"],
    }
    async with ExchangeSandbox() as server:
        server.world("bybit").print(BTC, "60000")
        async with web_session(server) as session, session.ws_connect(PUBLIC) as socket:
            line = Line(socket)
            await line.ask(op="subscribe", args=list(names))
            server.world("bybit").print(BTC, "60100")
            told = [await line.heard() for _ in range(6)]
    assert {event["topic"] for event in told} == set(names)
    for event in told:
        assert unlike(event, of(*names[event["topic"]])) == []


async def test_the_client_reads_every_recorded_state_of_an_order():
    """The states that are sent are among those that the client knows."""
    sent = {"New", "PartiallyFilled", "Untriggered", "Filled", "Cancelled", "Deactivated"}
    async with ExchangeSandbox() as server, ccxt_client(server, "bybit") as client:
        assert {client.parse_order_status(state) for state in sent} <= {
            "open", "closed", "canceled",
        }  # fmt: skip


def test_the_comparison_finds_a_strange_field_and_a_strange_type():
    known = [{"a": 1, "b": [{"c": "x"}]}]
    assert unlike({"a": 1, "b": [{"c": "y"}]}, known) == []
    assert len(unlike({"a": "1", "b": [{"c": "y", "d": 1}]}, known)) == 2
