"""What Bybit refuses, inside HTTP 200, in its codes."""

import pytest

from snipersight.sandbox.exchange import SandboxAccount
from tests.fakes.bybit_desk import ENTRY, LINEAR_BTC, MARKET, STOP, BybitDesk

CREATE = "/v5/order/create"
HEDGED = SandboxAccount(is_hedged=True)


@pytest.fixture
def desk() -> BybitDesk:
    return BybitDesk()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"category": "spot"}, 10001),
        ({"category": "futures"}, 10001),
        ({"symbol": "NOSUCH"}, 10001),
        ({"symbol": ""}, 10001),
        ({"side": "Hold"}, 10001),
        ({"orderType": "Iceberg"}, 10001),
        ({"timeInForce": "PostOnly"}, 10001),
        ({"timeInForce": "Never"}, 10001),
        ({"qty": "0"}, 10001),
        ({"qty": "0.0105"}, 10001),
        ({"qty": "-1"}, 10001),
        ({"qty": "1e3"}, 10001),
        ({"qty": True}, 10001),
        ({"qty": "5000"}, 10001),
        ({"price": "59900.05"}, 10001),
        ({"price": "0"}, 10001),
        ({"price": ""}, 10001),
        ({"qty": "0.001"}, 110094),
        ({"qty": "900"}, 110007),
        ({"orderLinkId": "a" * 37}, 10001),
        ({"orderLinkId": "a b"}, 10001),
        ({"positionIdx": 1}, 10001),
        ({"positionIdx": 3}, 10001),
        ({"reduceOnly": "maybe"}, 10001),
        ({"reduceOnly": True, "side": "Sell"}, 110017),
        ({"stopLoss": "60000"}, 10001),
        ({"stopLoss": "59000.05"}, 10001),
        ({"stopLoss": "59000", "tpslMode": "Partial"}, 10001),
        ({"stopLoss": "59000", "slOrderType": "Limit"}, 10001),
        ({"takeProfit": "61000"}, 10001),
        ({"reduceOnly": True, "side": "Sell", "stopLoss": "59000"}, 10001),
        ({"triggerPrice": "59000", "triggerDirection": 3}, 10001),
        ({"triggerPrice": "59000", "triggerDirection": 2, "triggerBy": "Guess"}, 10001),
        ({"triggerPrice": "61000", "triggerDirection": 2}, 110093),
        ({"triggerPrice": "59000", "triggerDirection": 1}, 110092),
    ],
)
async def test_an_order_that_cannot_be(desk: BybitDesk, change: dict[str, object], code: int):
    assert await desk.code(CREATE, {**ENTRY, **change}) == code
    assert desk.world.engine.orders("practice", open_only=False) == ()


async def test_a_clients_id_is_never_free_again(desk: BybitDesk):
    await desk.enter()
    assert await desk.code(CREATE, ENTRY) == 110072
    await desk.create(ENTRY, orderLinkId="")
    await desk.create(ENTRY, orderLinkId="")


async def test_what_reduces_may_be_worth_anything(desk: BybitDesk):
    await desk.enter()
    small = {**MARKET, "side": "Sell", "qty": "0.001"}
    assert await desk.code(CREATE, small) == 110094
    assert await desk.code(CREATE, {**small, "reduceOnly": True}) == 0


async def test_eleven_conditional_orders_are_one_too_many(desk: BybitDesk):
    await desk.enter()
    codes = [await desk.code(CREATE, {**STOP, "orderLinkId": f"ss-{n}"}) for n in range(11)]
    assert codes == [0] * 10 + [110009]


@pytest.mark.parametrize("side", ["Buy", "Sell"])
async def test_the_wrong_side_of_an_attached_stop_is_named(desk: BybitDesk, side: str):
    stop = "61000" if side == "Buy" else "59000"
    found = await desk.send("POST", CREATE, {**ENTRY, "side": side, "stopLoss": stop})
    assert found["retCode"] == 10001
    assert found["retMsg"].startswith(f"StopLoss:{stop} set for {side} position should ")


async def test_what_is_not_open_cannot_be_cancelled(desk: BybitDesk):
    for fields in (
        {"orderLinkId": "nobody"},
        {"orderId": "7d2f8c60-0000-4000-8000-000000000099"},
        {"orderId": "None"},
    ):
        assert await desk.code("/v5/order/cancel", LINEAR_BTC | fields) == 110001
    assert await desk.code("/v5/order/cancel", LINEAR_BTC) == 10001
    await desk.enter()
    assert await desk.code("/v5/order/cancel", LINEAR_BTC | {"orderLinkId": "ss-E"}) == 110001
    ether = {"category": "linear", "symbol": "ETHUSDT", "orderLinkId": "ss-E"}
    assert await desk.code("/v5/order/cancel", ether) == 110001


async def test_an_order_of_another_market_is_not_cancelled(desk: BybitDesk):
    await desk.create(ENTRY)
    ether = {"category": "linear", "symbol": "ETHUSDT", "orderLinkId": "ss-E"}
    assert await desk.code("/v5/order/cancel", ether) == 110001
    assert len(await desk.orders()) == 1


async def test_a_market_without_a_price_takes_no_orders(desk: BybitDesk):
    assert await desk.code(CREATE, {**ENTRY, "symbol": "ETHUSDT", "price": "3000"}) == 10001


@pytest.mark.parametrize("path", ["/v5/order/realtime", "/v5/position/list"])
async def test_a_list_needs_a_market_or_a_coin(desk: BybitDesk, path: str):
    assert (await desk.send("GET", path, {"category": "linear"}))["retCode"] == 10001


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/v5/order/realtime", {"orderFilter": "Guess"}),
        ("/v5/order/realtime", {"cursor": "page_args%3Dnobody"}),
        ("/v5/order/realtime", {"limit": "many"}),
        ("/v5/order/history", {"startTime": "yesterday"}),
        ("/v5/execution/list", {"category": "futures"}),
        ("/v5/account/wallet-balance", {"accountType": "CONTRACT"}),
        ("/v5/account/wallet-balance", {}),
    ],
)
async def test_a_question_that_makes_no_sense(
    desk: BybitDesk, path: str, fields: dict[str, object]
):
    assert (await desk.send("GET", path, {**LINEAR_BTC, **fields}))["retCode"] == 10001


@pytest.mark.parametrize(
    ("idx", "side", "reduces", "code"),
    [
        (0, "Buy", False, 10001),
        (1, "Buy", False, 0),
        (1, "Buy", True, 110017),
        (2, "Buy", True, 110017),
        (2, "Sell", False, 0),
        (2, "Sell", True, 110017),
    ],
)
async def test_in_hedge_mode_an_order_names_its_position(
    idx: int, side: str, reduces: bool, code: int
):
    fields = {**MARKET, "positionIdx": idx, "side": side, "reduceOnly": reduces}
    assert await BybitDesk(HEDGED).code(CREATE, fields) == code


async def test_in_hedge_mode_a_sale_of_the_buy_side_closes_and_opens_nothing():
    desk = BybitDesk(HEDGED)
    await desk.create(MARKET, positionIdx=1, side="Buy")
    await desk.create(MARKET, positionIdx=1, side="Sell", qty="0.03")
    assert desk.world.engine.positions("practice") == ()


async def test_in_one_way_mode_a_sale_without_reduce_only_turns_the_position(desk: BybitDesk):
    await desk.enter()
    await desk.create(MARKET, side="Sell", qty="0.03")
    position = await desk.position()
    assert (position["side"], position["size"]) == ("Sell", "0.02")


async def test_the_candles_of_a_strange_interval_are_refused(desk: BybitDesk):
    for interval, code in (("60", 0), ("D", 0), ("7", 10001), ("", 10001)):
        fields = LINEAR_BTC | {"interval": interval}
        assert (await desk.send("GET", "/v5/market/kline", fields))["retCode"] == code
