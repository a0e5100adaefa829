"""The life of orders at Bybit: acknowledged, listed, cancelled, ended."""

import pytest

from tests.fakes.bybit_desk import ENTRY, LINEAR_BTC, MARKET, STOP, BybitDesk


@pytest.fixture
def desk() -> BybitDesk:
    return BybitDesk()


async def test_the_answer_to_an_order_is_an_acknowledgement_alone(desk: BybitDesk):
    taken = await desk.post("/v5/order/create", ENTRY | {"price": "61000"})
    assert set(taken) == {"orderId", "orderLinkId"}
    assert (await desk.order("ss-E"))["orderStatus"] == "Filled"


async def test_an_entry_rests_fills_and_moves_to_the_history(desk: BybitDesk):
    await desk.create(ENTRY)
    resting = await desk.order("ss-E")
    assert (resting["orderStatus"], resting["leavesQty"], resting["avgPrice"]) == (
        "New", "0.01", "",
    )  # fmt: skip
    assert await desk.orders("history") == []
    desk.print("59890")
    assert await desk.orders() == []
    (ended,) = await desk.orders("history")
    assert (ended["orderStatus"], ended["cumExecQty"], ended["avgPrice"]) == (
        "Filled", "0.01", "59900",
    )  # fmt: skip
    assert (ended["cumExecFee"], ended["cumFeeDetail"]) == ("0.1198", {"USDT": "0.1198"})


async def test_a_partial_fill_is_told_and_survives_a_cancel(desk: BybitDesk):
    await desk.create(ENTRY)
    desk.print("59890", size="0.004")
    part = await desk.order("ss-E")
    assert (part["orderStatus"], part["cumExecQty"], part["leavesQty"]) == (
        "PartiallyFilled", "0.004", "0.006",
    )  # fmt: skip
    await desk.post("/v5/order/cancel", LINEAR_BTC | {"orderLinkId": "ss-E"})
    ended = await desk.order("ss-E")
    assert (ended["orderStatus"], ended["cancelType"], ended["cumExecQty"], ended["leavesQty"]) == (
        "Cancelled", "CancelByUser", "0.004", "0",
    )  # fmt: skip


async def test_ended_orders_are_found_by_id_among_the_open_ones(desk: BybitDesk):
    order_id = await desk.create(MARKET, side="Buy", orderLinkId="ss-M")
    by_both_ids = [await desk.orders(orderId=order_id), await desk.orders(orderLinkId="ss-M")]
    assert [[row["orderStatus"] for row in rows] for rows in by_both_ids] == [["Filled"]] * 2
    assert await desk.orders() == []
    assert len(await desk.orders(openOnly=1)) == 1


async def test_after_a_restart_ended_orders_are_only_in_the_history(desk: BybitDesk):
    await desk.create(MARKET, side="Buy", orderLinkId="ss-M")
    await desk.create(ENTRY)
    desk.now_us += 1_000_000
    desk.world.engine = type(desk.world.engine).restore(desk.world.engine.snapshot())
    assert await desk.orders(orderLinkId="ss-M") == []
    assert await desk.orders(openOnly=1) == []
    assert len(await desk.orders("history", orderLinkId="ss-M")) == 1
    assert (await desk.order("ss-E"))["orderStatus"] == "New"


async def test_what_ends_right_after_a_restart_is_remembered(desk: BybitDesk):
    await desk.create(ENTRY)
    desk.world.engine = type(desk.world.engine).restore(desk.world.engine.snapshot())
    desk.print("59890")
    assert (await desk.order("ss-E"))["orderStatus"] == "Filled"


async def test_bybits_id_wins_over_the_clients(desk: BybitDesk):
    await desk.create(ENTRY)
    other = await desk.create(ENTRY, orderLinkId="ss-2")
    await desk.post("/v5/order/cancel", LINEAR_BTC | {"orderId": other, "orderLinkId": "ss-E"})
    assert [row["orderLinkId"] for row in await desk.orders()] == ["ss-E"]


async def test_a_conditional_order_waits_triggers_and_fills(desk: BybitDesk):
    await desk.enter()
    await desk.create(STOP)
    waiting = await desk.order("ss-S")
    assert (waiting["orderStatus"], waiting["stopOrderType"], waiting["triggerDirection"]) == (
        "Untriggered", "Stop", 2,
    )  # fmt: skip
    desk.print("59100", mark="58990")
    done = await desk.order("ss-S")
    assert (done["orderStatus"], done["cumExecQty"]) == ("Filled", "0.01")
    assert (await desk.position())["size"] == "0"


async def test_a_trigger_watches_the_price_that_was_asked_for(desk: BybitDesk):
    await desk.enter()
    await desk.create(STOP, triggerBy="LastPrice")
    desk.print("59100", mark="58990")
    assert (await desk.order("ss-S"))["orderStatus"] == "Untriggered"
    desk.print("58990", mark="59100")
    assert (await desk.order("ss-S"))["orderStatus"] == "Filled"


async def test_a_conditional_order_that_never_triggered_is_deactivated(desk: BybitDesk):
    await desk.enter()
    await desk.create(STOP)
    await desk.post("/v5/order/cancel", LINEAR_BTC | {"orderLinkId": "ss-S"})
    assert (await desk.order("ss-S"))["orderStatus"] == "Deactivated"


async def test_a_conditional_order_outlives_its_position_and_a_limit_does_not(desk: BybitDesk):
    await desk.enter()
    await desk.create(STOP)
    await desk.create(ENTRY, side="Sell", price="61000", reduceOnly=True, orderLinkId="ss-T")
    await desk.create(MARKET, side="Sell", reduceOnly=True)
    assert [row["orderLinkId"] for row in await desk.orders()] == ["ss-S"]
    target = await desk.order("ss-T")
    assert (target["orderStatus"], target["cancelType"]) == ("Cancelled", "CancelByReduceOnly")


@pytest.mark.parametrize(
    ("order_filter", "left"), [("", set()), ("Order", {"ss-S"}), ("StopOrder", {"ss-T"})]
)
async def test_cancel_all_takes_the_kind_that_is_named(
    desk: BybitDesk, order_filter: str, left: set[str]
):
    await desk.enter()
    await desk.create(STOP)
    await desk.create(ENTRY, side="Sell", price="61000", reduceOnly=True, orderLinkId="ss-T")
    assert len(await desk.orders(orderFilter=order_filter)) == (1 if order_filter else 2)
    answer = await desk.post("/v5/order/cancel-all", LINEAR_BTC | {"orderFilter": order_filter})
    assert answer["success"] == "1"
    assert {row["orderLinkId"] for row in await desk.orders()} == left


async def test_orders_of_other_coins_are_left_out(desk: BybitDesk):
    await desk.create(ENTRY)
    settled = {"category": "linear", "settleCoin": "USDT"}
    assert len((await desk.get("/v5/order/realtime", settled))["list"]) == 1
    usdc = {"category": "linear", "settleCoin": "USDC"}
    assert (await desk.get("/v5/order/realtime", usdc))["list"] == []
    ether = {"category": "linear", "baseCoin": "ETH"}
    assert (await desk.get("/v5/order/realtime", ether))["list"] == []


async def test_an_order_that_may_not_rest_is_cancelled_at_once(desk: BybitDesk):
    await desk.create(ENTRY, timeInForce="IOC")
    ended = await desk.order("ss-E")
    assert (ended["orderStatus"], ended["timeInForce"]) == ("Cancelled", "IOC")


async def test_a_market_order_without_offers_ends_and_says_why(desk: BybitDesk):
    desk.print("60000", size="0.004")
    await desk.create(MARKET, side="Buy", orderLinkId="ss-M")
    ended = await desk.order("ss-M")
    assert (ended["orderStatus"], ended["cumExecQty"], ended["rejectReason"]) == (
        "Cancelled", "0.004", "EC_NoImmediateQtyToFill",
    )  # fmt: skip


async def test_a_size_of_nothing_that_closes_on_trigger_closes_everything(desk: BybitDesk):
    await desk.enter()
    close = {**MARKET, "side": "Sell", "qty": "0", "reduceOnly": True, "closeOnTrigger": True}
    await desk.create(close)
    assert (await desk.position())["size"] == "0"
    assert await desk.code("/v5/order/create", close) == 110017


async def test_lists_come_in_pages_newest_first(desk: BybitDesk):
    for number in range(5):
        await desk.create(ENTRY, orderLinkId=f"ss-{number}")
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        asked = {**LINEAR_BTC, "limit": 2, "cursor": cursor}
        page = await desk.get("/v5/order/realtime", asked)
        seen += [row["orderLinkId"] for row in page["list"]]
        cursor = page["nextPageCursor"]
    assert (seen, cursor) == (["ss-4", "ss-3", "ss-2", "ss-1", "ss-0"], "")


async def test_no_page_is_longer_than_fifty(desk: BybitDesk):
    desk = BybitDesk(limit_factor=20)
    for number in range(60):
        await desk.create(ENTRY, orderLinkId=f"ss-{number}")
    page = await desk.get("/v5/order/realtime", LINEAR_BTC | {"limit": 500})
    assert len(page["list"]) == 50
    assert page["nextPageCursor"]
    assert len(await desk.orders()) == 20


async def test_the_history_reaches_seven_days_back_unless_asked(desk: BybitDesk):
    await desk.create(MARKET, side="Buy", orderLinkId="ss-M")
    began_ms = desk.now_us // 1_000
    desk.now_us += 8 * 86_400_000_000
    assert await desk.orders("history") == []
    assert len(await desk.orders("history", startTime=began_ms - 1_000)) == 1
    too_long = {**LINEAR_BTC, "startTime": began_ms, "endTime": began_ms + 8 * 86_400_000}
    assert (await desk.send("GET", "/v5/order/history", too_long))["retCode"] == 10001
    assert len(await desk.orders("history", startTime=began_ms - 1_000, orderStatus="Filled")) == 1
    assert await desk.orders("history", startTime=began_ms - 1_000, orderStatus="Rejected") == []
