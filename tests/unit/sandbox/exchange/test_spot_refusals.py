"""What Binance spot refuses, in its words."""

import pytest

from snipersight.sandbox.exchange import FaultKind, SandboxAccount
from tests.fakes.spot_desk import BUY, ENTRY, PAIR, STOP, SpotDesk

ORDER, PAIRS = "/api/v3/order", "/api/v3/orderList/oco"
OF_BTC = {"symbol": "BTCUSDT"}
FILTER = "Filter failure: "
FUNDS = "Account has insufficient balance for requested action."
CROSSED = "The relationship of the prices for the orders is not correct."


@pytest.fixture
async def desk() -> SpotDesk:
    desk = SpotDesk()
    await desk.place(BUY)
    return desk


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"symbol": "NOSUCH"}, -1121, "Invalid symbol."),
        ({"symbol": ""}, -1102, "'symbol'"),
        ({"side": "HOLD"}, -1117, "Invalid side."),
        ({"side": ""}, -1102, "'side'"),
        ({"type": "STOP_MARKET"}, -1116, "Invalid orderType."),
        ({"timeInForce": "FOK"}, -1115, "Invalid timeInForce."),
        ({"timeInForce": ""}, -1102, "'timeInForce'"),
        ({"stopPrice": "59000"}, -1106, "'stopPrice'"),
        ({"quoteOrderQty": "100"}, -2010, "Quote order qty"),
        ({"icebergQty": "0.001"}, -2010, "Iceberg orders"),
        ({"trailingDelta": "100"}, -2010, "Trailing stop orders"),
        ({"newOrderRespType": "ALL"}, -1100, "'newOrderRespType'"),
        ({"newClientOrderId": "a" * 37}, -1100, "'newClientOrderId'"),
        ({"quantity": "0"}, -1013, "Invalid quantity."),
        ({"quantity": "0.000000001"}, -1111, "'quantity' has too much precision"),
        ({"quantity": "1e3"}, -1100, "'quantity'"),
        ({"quantity": "0.000011"}, -1013, FILTER + "LOT_SIZE"),
        ({"quantity": "9999999"}, -1013, FILTER + "LOT_SIZE"),
        ({"quantity": "0.00001"}, -1013, FILTER + "NOTIONAL"),
        ({"price": "0"}, -1013, "Invalid price."),
        ({"price": "59900.001"}, -1013, FILTER + "PRICE_FILTER"),
        ({"price": "100000000"}, -1013, FILTER + "PRICE_FILTER"),
        ({"price": "300000.01"}, -1013, FILTER + "PERCENT_PRICE_BY_SIDE"),
        ({"price": "11999.99"}, -1013, FILTER + "PERCENT_PRICE_BY_SIDE"),
        ({"quantity": "5"}, -2010, FUNDS),
    ],
)
async def test_a_limit_order_that_cannot_be(desk, change, code, text):
    said = await desk.refusal("POST", ORDER, {**ENTRY, **change})
    assert said[0] == code
    assert text in said[1]
    assert len(desk.world.engine.orders("practice", open_only=False)) == 1


@pytest.mark.parametrize("price", ["12000", "60000"])
async def test_what_is_just_within_the_band_is_taken(desk, price):
    assert (await desk.place(ENTRY, price=price))["status"] == "NEW"


@pytest.mark.parametrize(
    ("order", "code", "text"),
    [
        ({**BUY, "price": "60000"}, -1106, "'price'"),
        ({**BUY, "timeInForce": "GTC"}, -1106, "'timeInForce'"),
        ({**BUY, "side": "SELL", "quantity": "0.01"}, -2010, FUNDS),
        ({**STOP, "stopPrice": ""}, -1102, "'stopPrice'"),
        ({**STOP, "timeInForce": "GTC"}, -1106, "'timeInForce'"),
        ({**STOP, "stopPrice": "59000.001"}, -1013, FILTER + "PRICE_FILTER"),
        ({**STOP, "stopPrice": "60000"}, -2010, "Stop price would trigger immediately."),
        ({**STOP, "type": "TAKE_PROFIT"}, -2010, "Stop price would trigger immediately."),
        ({**STOP, "quantity": "0.00005"}, -1013, FILTER + "NOTIONAL"),
    ],
)
async def test_another_order_that_cannot_be(desk, order, code, text):
    said = await desk.refusal("POST", ORDER, order)
    assert said[0] == code
    assert text in said[1]


@pytest.mark.parametrize(("side", "price"), [("BUY", "60000.01"), ("SELL", "59999.99")])
async def test_a_maker_only_order_that_would_be_executed_at_once(desk, side, price):
    order = {**OF_BTC, "side": side, "type": "LIMIT_MAKER", "quantity": "0.005", "price": price}
    said = await desk.refusal("POST", ORDER, order)
    assert said == (-2010, "Order would immediately match and take.")
    assert (await desk.place(order, price="60000"))["orderId"]


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"aboveType": "LIMIT"}, -1158, "Order type not supported in OCO."),
        ({"belowType": "LIMIT_MAKER"}, -1168, "contingent"),
        ({"aboveType": "STOP_LOSS", "belowType": "LIMIT_MAKER"}, -1197, "must be below"),
        ({"aboveType": "STOP_LOSS"}, -1197, "must be below"),
        ({"belowType": "TAKE_PROFIT"}, -1199, "must be above"),
        ({"aboveType": "TAKE_PROFIT", "belowType": "LIMIT_MAKER"}, -1166, "must be above"),
        ({"aboveType": ""}, -1102, "'aboveType'"),
        ({"abovePrice": ""}, -1102, "'abovePrice'"),
        ({"belowStopPrice": ""}, -1102, "'belowStopPrice'"),
        ({"abovePrice": "60000"}, -2010, CROSSED),
        ({"belowStopPrice": "60000"}, -2010, CROSSED),
        ({"belowStopPrice": "60500"}, -2010, CROSSED),
        ({"aboveClientOrderId": "ss-S"}, -2010, "Duplicate order sent."),
        ({"quantity": "0.01"}, -2010, FUNDS),
        ({"quantity": "0.000085"}, -1013, FILTER + "LOT_SIZE"),
        ({"quantity": "0.00008"}, -1013, FILTER + "NOTIONAL"),
        ({"abovePrice": "61000.001"}, -1013, FILTER + "PRICE_FILTER"),
    ],
)
async def test_a_list_that_cannot_be_leaves_nothing_behind(desk, change, code, text):
    said = await desk.refusal("POST", PAIRS, {**PAIR, **change})
    assert said[0] == code
    assert text in said[1]
    assert await desk.ask("GET", "/api/v3/openOrders") == []


@pytest.mark.parametrize(
    ("types", "code"),
    [
        (("LIMIT_MAKER", "STOP_LOSS"), -1165),
        (("TAKE_PROFIT", "STOP_LOSS"), -1198),
        (("STOP_LOSS", "STOP_LOSS"), -1196),
    ],
)
async def test_a_list_that_buys_has_its_target_below_and_its_stop_above(desk, types, code):
    change = {"side": "BUY", "aboveType": types[0], "belowType": types[1]}
    assert (await desk.refusal("POST", PAIRS, {**PAIR, **change}))[0] == code


async def test_a_market_takes_five_orders_that_wait_and_a_list_counts(desk):
    small = {"quantity": "0.001", "listClientOrderId": "", "aboveClientOrderId": ""}
    for _ in range(5):
        await desk.pair(**small, belowClientOrderId="")
    said = (-1013, FILTER + "MAX_NUM_ALGO_ORDERS")
    assert await desk.refusal("POST", PAIRS, {**PAIR, **small}) == said
    assert await desk.refusal("POST", ORDER, {**STOP, "quantity": "0.001"}) == said
    assert (await desk.place(ENTRY))["status"] == "NEW"


async def test_a_market_takes_two_hundred_orders(desk):
    for number in range(200):
        await desk.place(ENTRY, newClientOrderId=f"e{number}", quantity="0.001")
    said = await desk.refusal("POST", ORDER, ENTRY)
    assert said == (-1013, FILTER + "MAX_NUM_ORDERS")


@pytest.mark.parametrize(
    ("method", "path", "fields", "code"),
    [
        ("GET", ORDER, {**OF_BTC, "origClientOrderId": "nobody"}, -2013),
        ("GET", ORDER, {**OF_BTC, "orderId": "99"}, -2013),
        ("GET", ORDER, {"symbol": "ETHUSDT", "orderId": "1"}, -2013),
        ("GET", ORDER, OF_BTC, -1102),
        ("DELETE", ORDER, {**OF_BTC, "origClientOrderId": "nobody"}, -2011),
        ("DELETE", ORDER, {**OF_BTC, "orderId": "1"}, -2011),
        ("GET", "/api/v3/orderList", {"orderListId": "9"}, -2018),
        ("GET", "/api/v3/orderList", {}, -1102),
        ("DELETE", "/api/v3/orderList", {**OF_BTC, "orderListId": "9"}, -2011),
        ("GET", "/api/v3/myTrades", {**OF_BTC, "startTime": "0", "endTime": "86400001"}, -1127),
        ("GET", "/api/v3/myTrades", {**OF_BTC, "limit": "1001"}, -1100),
        ("GET", "/api/v3/ticker/price", {"symbols": "BTCUSDT"}, -1100),
        ("GET", "/api/v3/ticker/price", {"symbols": '["NOSUCH"]'}, -1121),
        ("GET", "/api/v3/klines", {**OF_BTC, "interval": "7m"}, -1120),
    ],
)
async def test_a_question_that_has_no_answer(desk, method, path, fields, code):
    assert (await desk.refusal(method, path, fields))[0] == code


async def test_a_market_without_a_price_is_closed(desk):
    order = {**BUY, "symbol": "ETHUSDT", "quantity": "1"}
    assert await desk.refusal("POST", ORDER, order) == (-2010, "Market is closed.")


async def test_keys_are_checked_and_only_the_live_name_tells_what_they_may_do():
    desk = SpotDesk(SandboxAccount(can_withdraw=True, is_ip_restricted=False))
    path, live = "/sapi/v1/account/apiRestrictions", "api.binance.com"
    assert (await desk.reply("GET", path)).status == 404
    assert (await desk.reply("GET", path, host="demo-api.binance.com")).status == 404
    told = await desk.ask("GET", path, host=live)
    assert (told["enableWithdrawals"], told["ipRestrict"]) == (True, False)
    assert told["enableSpotAndMarginTrading"] is True
    desk.account = SandboxAccount(secret="another-secret")
    assert (await desk.refusal("GET", "/api/v3/account"))[0] == -1022


def test_an_order_list_counts_as_two_orders():
    desk = SpotDesk()
    pair, single = desk.call("POST", PAIRS), desk.call("POST", ORDER)
    assert all(desk.protocol.admit(pair) is None for _ in range(49))
    assert desk.protocol.headers(pair)["X-MBX-ORDER-COUNT-10S"] == "98"
    assert desk.protocol.admit(single) is None
    refused = desk.protocol.admit(pair)
    assert refused is not None
    assert (refused.status, refused.body["code"]) == (429, -1015)


def test_no_server_error_says_that_nothing_was_done():
    said = {
        kind: SpotDesk().protocol.documented(kind, retry_after_s=3)
        for kind in (FaultKind.UNAVAILABLE, FaultKind.OUTCOME_UNKNOWN, FaultKind.RATE_LIMITED)
    }
    assert said[FaultKind.UNAVAILABLE] is None
    unknown, limited = said[FaultKind.OUTCOME_UNKNOWN], said[FaultKind.RATE_LIMITED]
    assert unknown is not None
    assert limited is not None
    assert (unknown.reply.status, unknown.reply.body["code"], unknown.may_be_done) == (
        500,
        -1001,
        True,
    )
    assert "6000 request weight" in limited.reply.body["msg"]
