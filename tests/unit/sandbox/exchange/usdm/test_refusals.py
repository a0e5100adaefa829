"""What Binance USD-M refuses, in its words, and what a client makes of them."""

from typing import Any

import ccxt
import pytest

from snipersight.sandbox.exchange import ExchangeSandbox, SandboxAccount
from tests.fakes.venue_clients import binance_call, ccxt_client, web_session

BTC = "BTC/USDT:USDT"
LIMIT = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "59900.0",
}
STOP = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "algoType": "CONDITIONAL",
    "type": "STOP_MARKET",
    "quantity": "0.01",
    "triggerPrice": "59000.0",
    "reduceOnly": "true",
}


@pytest.fixture
async def server():
    async with ExchangeSandbox() as running:
        running.world("binanceusdm").print(BTC, "60000")
        yield running


async def refusal(server: ExchangeSandbox, path: str, fields: dict[str, str]) -> Any:
    async with web_session(server) as session:
        _, body = await binance_call(server, session, "POST", path, fields)
    return body.get("code")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"symbol": "NOSUCH"}, -1121),
        ({"symbol": ""}, -1102),
        ({"side": "HOLD"}, -1117),
        ({"type": "ICEBERG"}, -1116),
        ({"type": "STOP_MARKET", "stopPrice": "59000"}, -4120),
        ({"type": "TAKE_PROFIT", "stopPrice": "61000"}, -4120),
        ({"timeInForce": "FOK"}, -1115),
        ({"timeInForce": ""}, -1102),
        ({"quantity": "0"}, -4003),
        ({"quantity": "0.0001"}, -1111),
        ({"quantity": "1e3"}, -1100),
        ({"quantity": "-1"}, -1100),
        ({"quantity": "2000"}, -4005),
        ({"quantity": "0.001"}, -4164),
        ({"price": "59900.05"}, -1111),
        ({"price": "0"}, -4001),
        ({"quantity": "900"}, -2019),
        ({"price": "90000"}, -4131),
        ({"newClientOrderId": "a" * 37}, -1100),
        ({"newClientOrderId": "a b"}, -1100),
        ({"positionSide": "LONG"}, -4061),
        ({"reduceOnly": "true", "side": "SELL"}, -2022),
        ({"reduceOnly": "maybe"}, -1100),
    ],
)
async def test_an_order_that_cannot_be(server: ExchangeSandbox, change: dict[str, str], code: int):
    assert await refusal(server, "/fapi/v1/order", {**LIMIT, **change}) == code
    assert server.world("binanceusdm").engine.orders("practice", open_only=False) == ()


async def test_an_open_orders_client_id_is_taken_and_free_again_afterwards(
    server: ExchangeSandbox,
):
    order = {**LIMIT, "newClientOrderId": "ss-twice"}
    assert await refusal(server, "/fapi/v1/order", order) is None
    assert await refusal(server, "/fapi/v1/order", order) == -4116
    server.world("binanceusdm").print(BTC, "59890")
    assert await refusal(server, "/fapi/v1/order", order) is None


async def test_what_reduces_a_position_may_be_worth_anything(server: ExchangeSandbox):
    market = {"symbol": "BTCUSDT", "type": "MARKET"}
    opens = {**market, "side": "BUY", "quantity": "0.010"}
    assert await refusal(server, "/fapi/v1/order", opens) is None
    small = {**market, "side": "SELL", "quantity": "0.001"}
    assert await refusal(server, "/fapi/v1/order", small) == -4164
    assert await refusal(server, "/fapi/v1/order", {**small, "reduceOnly": "true"}) is None
    assert await refusal(server, "/fapi/v1/algoOrder", {**STOP, "quantity": "0.001"}) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"algoType": "VP"}, -1116),
        ({"type": "MARKET"}, -1116),
        ({"triggerPrice": ""}, -1102),
        ({"triggerPrice": "61000"}, -2021),
        ({"triggerPrice": "59000.01"}, -1111),
        ({"workingType": "INDEX"}, -4101),
        ({"closePosition": "true"}, -1106),
        ({"closePosition": "true", "quantity": ""}, -1106),
    ],
)
async def test_a_stop_that_cannot_be(server: ExchangeSandbox, change: dict[str, str], code: int):
    assert await refusal(server, "/fapi/v1/order", {**LIMIT, "type": "MARKET", "price": "",
                                                    "timeInForce": ""}) is None  # fmt: skip
    assert await refusal(server, "/fapi/v1/algoOrder", {**STOP, **change}) == code


async def test_position_mode_and_margin_cannot_change_under_an_open_order(
    server: ExchangeSandbox,
):
    assert await refusal(server, "/fapi/v1/order", LIMIT) is None
    dual = {"dualSidePosition": "true"}
    assert await refusal(server, "/fapi/v1/positionSide/dual", dual) == -4067
    margin = {"symbol": "BTCUSDT", "marginType": "ISOLATED"}
    assert await refusal(server, "/fapi/v1/marginType", margin) == -4047
    server.world("binanceusdm").print(BTC, "59890")
    assert await refusal(server, "/fapi/v1/positionSide/dual", dual) == -4068
    assert await refusal(server, "/fapi/v1/marginType", margin) == -4048
    assert await refusal(server, "/fapi/v1/positionSide/dual", {"dualSidePosition": "false"}) == (
        -4059
    )
    leverage = {"symbol": "BTCUSDT", "leverage": "126"}
    assert await refusal(server, "/fapi/v1/leverage", leverage) == -4028


async def test_in_hedge_mode_an_order_names_its_side_and_never_reduces_by_flag():
    account = SandboxAccount(is_hedged=True)
    async with ExchangeSandbox(accounts=[account]) as server:
        server.world("binanceusdm").print(BTC, "60000")
        market = {"symbol": "BTCUSDT", "type": "MARKET", "quantity": "0.01"}
        opens = {**market, "side": "BUY", "positionSide": "LONG"}
        assert await refusal(server, "/fapi/v1/order", {**market, "side": "BUY"}) == -4061
        assert await refusal(server, "/fapi/v1/order", opens) is None
        flagged = {**market, "side": "SELL", "positionSide": "LONG", "reduceOnly": "true"}
        assert await refusal(server, "/fapi/v1/order", flagged) == -1106
        short = {**market, "side": "SELL", "positionSide": "SHORT"}
        assert await refusal(server, "/fapi/v1/order", short) is None
        assert len(server.world("binanceusdm").engine.positions("practice")) == 2


async def test_a_client_finds_its_own_errors_in_them(server: ExchangeSandbox):
    async with ccxt_client(server, "binanceusdm") as client:
        with pytest.raises(ccxt.InsufficientFunds):
            await client.create_order(BTC, "limit", "buy", 900, 59_900)
        with pytest.raises(ccxt.OrderNotFound):
            await client.cancel_order(None, BTC, {"origClientOrderId": "nobody"})
        with pytest.raises(ccxt.OrderNotFound):
            await client.fetch_order(None, BTC, {"origClientOrderId": "nobody"})
        with pytest.raises(ccxt.OrderNotFound):
            await client.fetch_order(None, BTC, {"trigger": True, "clientAlgoId": "nobody"})
        with pytest.raises(ccxt.InvalidOrder, match="-2022"):
            await client.create_order(BTC, "market", "sell", 0.01, None, {"reduceOnly": True})


async def test_over_the_weight_limit_everything_is_refused_then_banned(server: ExchangeSandbox):
    async with web_session(server) as session:
        statuses = []
        for _ in range(75):  # 40 each
            status, _ = await binance_call(server, session, "GET", "/fapi/v1/openOrders")
            statuses.append(status)
    assert statuses.index(429) in (60, 61)  # a minute may end in between
    assert statuses[-1] == 418
    assert server.report()["venues"]["binanceusdm"]["limits"]["exceeded_weight"] > 10
