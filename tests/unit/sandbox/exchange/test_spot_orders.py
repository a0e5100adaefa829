"""Orders of Binance spot: placed, filled, cancelled and asked for, with the money that moves."""

from decimal import Decimal

import pytest

from tests.fakes.spot_desk import BTC, BUY, ENTRY, STOP, SpotDesk

ORDER, TRADES = "/api/v3/order", "/api/v3/myTrades"
OF_BTC = {"symbol": "BTCUSDT"}


@pytest.fixture
def desk() -> SpotDesk:
    return SpotDesk()


async def test_a_market_buy_is_answered_with_its_fills_and_pays_in_what_it_bought(desk):
    # 60,000 and 0.05 % more for a taker; a thousandth of 0.01 BTC is the fee.
    body = await desk.place(BUY)
    assert (body["status"], body["executedQty"]) == ("FILLED", "0.01000000")
    assert body["cummulativeQuoteQty"] == "600.30000000"
    (fill,) = body["fills"]
    assert (fill["price"], fill["qty"]) == ("60030.00000000", "0.01000000")
    assert (fill["commission"], fill["commissionAsset"]) == ("0.00001000", "BTC")
    assert await desk.balances() == {
        "BTC": ("0.00999000", "0.00000000"),
        "USDT": ("99399.70000000", "0.00000000"),
    }


async def test_a_sale_pays_its_fee_in_what_it_gets(desk):
    await desk.place(BUY)
    body = await desk.place(BUY, side="SELL", quantity="0.005")
    (fill,) = body["fills"]
    assert fill["price"] == "59970.00000000"
    assert (fill["commission"], fill["commissionAsset"]) == ("0.29985000", "USDT")


async def test_a_resting_buy_locks_what_it_would_pay_and_fills_as_maker(desk):
    body = await desk.place(ENTRY)
    assert (body["status"], body["fills"]) == ("NEW", [])
    assert (await desk.balances())["USDT"] == ("99401.00000000", "599.00000000")
    desk.print("59890", size="0.004")
    found = await desk.found("ss-E")
    assert (found["status"], found["executedQty"]) == ("PARTIALLY_FILLED", "0.00400000")
    assert (await desk.balances())["USDT"] == ("99401.00000000", "359.40000000")
    desk.print("59890")
    assert (await desk.found("ss-E"))["status"] == "FILLED"
    trades = await desk.ask("GET", TRADES, OF_BTC)
    assert [(each["qty"], each["isMaker"], each["isBuyer"]) for each in trades] == [
        ("0.00400000", True, True),
        ("0.00600000", True, True),
    ]


@pytest.mark.parametrize(
    ("detail", "fields"),
    [("ACK", set()), ("RESULT", {"status", "type"}), ("FULL", {"status", "type", "fills"})],
)
async def test_an_answer_tells_as_much_as_is_asked_for(desk, detail, fields):
    body = await desk.place(BUY, newOrderRespType=detail)
    assert {"status", "type", "fills"} & body.keys() == fields
    assert body["orderId"] == 1


async def test_a_stop_waits_locks_its_units_and_sells_when_price_reaches_it(desk):
    await desk.place(BUY)
    assert "status" not in await desk.place(STOP)  # without being asked, only acknowledged
    found = await desk.found("ss-S")
    assert (found["isWorking"], found["workingTime"], found["type"]) == (False, -1, "STOP_LOSS")
    assert (await desk.balances())["BTC"] == ("0.00499000", "0.00500000")
    desk.print("58990")
    found = await desk.found("ss-S")
    assert (found["status"], found["isWorking"]) == ("FILLED", True)
    assert found["workingTime"] == desk.now_us // 1_000
    assert (await desk.balances())["BTC"] == ("0.00499000", "0.00000000")


@pytest.mark.parametrize(
    ("order", "reached", "status"),
    [
        ({"type": "STOP_LOSS_LIMIT", "stopPrice": "59000", "price": "58500"}, "58990", "FILLED"),
        ({"type": "TAKE_PROFIT", "stopPrice": "61000"}, "61010", "FILLED"),
        ({"type": "TAKE_PROFIT_LIMIT", "stopPrice": "61000", "price": "61500"}, "61010", "NEW"),
        ({"type": "LIMIT_MAKER", "price": "61000"}, "61010", "FILLED"),
    ],
)
async def test_every_type_of_exit_keeps_its_name_and_does_what_it_says(
    desk, order, reached, status
):
    await desk.place(BUY)
    more = {"timeInForce": "GTC"} if order["type"].endswith("_LIMIT") else {}
    sale = {**OF_BTC, "side": "SELL", "quantity": "0.005", "newClientOrderId": "ss-X"}
    await desk.place(sale, **order, **more)
    desk.print(reached)
    found = await desk.found("ss-X")
    assert (found["type"], found["status"]) == (order["type"], status)
    assert found["isWorking"]


async def test_a_cancel_names_the_order_as_the_original_one_and_frees_the_money(desk):
    placed = await desk.place(ENTRY)
    asked = {**OF_BTC, "orderId": str(placed["orderId"]), "newClientOrderId": "cancel-1"}
    body = await desk.ask("DELETE", ORDER, asked)
    assert (body["origClientOrderId"], body["clientOrderId"]) == ("ss-E", "cancel-1")
    assert (body["status"], body["orderListId"]) == ("CANCELED", -1)
    assert (await desk.balances())["USDT"] == ("100000.00000000", "0.00000000")
    assert (await desk.found("ss-E"))["status"] == "CANCELED"


async def test_every_open_order_of_a_market_is_cancelled_at_once(desk):
    await desk.place(BUY)
    await desk.place(ENTRY)
    await desk.place(STOP)
    assert len(await desk.ask("GET", "/api/v3/openOrders", OF_BTC)) == 2
    bodies = await desk.ask("DELETE", "/api/v3/openOrders", OF_BTC)
    assert {body["origClientOrderId"] for body in bodies} == {"ss-E", "ss-S"}
    assert await desk.ask("GET", "/api/v3/openOrders") == []
    assert (await desk.refusal("DELETE", "/api/v3/openOrders", OF_BTC))[0] == -2011


async def test_a_client_id_is_taken_while_its_order_is_open_and_names_the_newest_one(desk):
    await desk.place(ENTRY)
    assert await desk.refusal("POST", ORDER, ENTRY) == (-2010, "Duplicate order sent.")
    desk.print("59890")
    again = await desk.place(ENTRY, price="58000")
    assert (await desk.found("ss-E"))["orderId"] == again["orderId"]


async def test_old_orders_are_listed_oldest_first_or_from_an_id_on(desk):
    for _ in range(3):
        await desk.place(BUY)
    every = await desk.ask("GET", "/api/v3/allOrders", OF_BTC)
    assert [each["orderId"] for each in every] == [1, 2, 3]
    newest = await desk.ask("GET", "/api/v3/allOrders", {**OF_BTC, "limit": "2"})
    assert [each["orderId"] for each in newest] == [2, 3]
    oldest = await desk.ask("GET", "/api/v3/allOrders", {**OF_BTC, "limit": "2", "orderId": "1"})
    assert [each["orderId"] for each in oldest] == [1, 2]


async def test_executions_are_asked_for_by_order_by_number_and_by_time(desk):
    for _ in range(3):
        await desk.place(BUY)
        desk.print("60000")

    async def ids(**fields: str) -> list[int]:
        return [each["id"] for each in await desk.ask("GET", TRADES, {**OF_BTC, **fields})]

    assert await ids(orderId="2") == [2]
    assert await ids(fromId="2") == [2, 3]
    assert await ids(fromId="0", limit="2") == [1, 2]
    assert await ids(limit="2") == [2, 3]
    assert await ids(startTime=str(desk.now_us // 1_000 - 1_000)) == [3]
    assert await ids(endTime=str(desk.now_us // 1_000 - 2_500)) == [1]


async def test_equity_follows_from_the_postings_to_the_last_digit(desk):
    await desk.place(BUY)
    await desk.place(ENTRY)
    desk.print("59890", size="0.003")
    await desk.place(STOP)
    desk.print("58900")
    totals: dict[str, Decimal] = {}
    for posting in desk.world.engine.journal("practice"):
        if posting.book.is_own:
            totals[posting.currency] = totals.get(posting.currency, Decimal(0)) + posting.amount
    assert {row.currency: row.total for row in desk.world.engine.balances("practice")} == totals


async def test_orders_outlive_a_restart_of_the_venue(desk):
    await desk.place(BUY)
    await desk.place(STOP)
    desk.world.restart(down_s=0)
    assert (await desk.found("ss-S"))["type"] == "STOP_LOSS"
    desk.print("58990")
    assert (await desk.found("ss-S"))["status"] == "FILLED"
    assert desk.world.engine.balances("practice")[0].currency == BTC.partition("/")[0]
