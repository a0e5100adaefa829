"""Order lists of Binance spot: of two orders for the same units, only one is filled."""

from decimal import Decimal

import pytest

from snipersight.domain.units import Currency
from snipersight.sandbox.exchange import SandboxAccount
from snipersight.sandbox.exchange.accounts import Accounts
from tests.fakes.spot_desk import BUY, SpotDesk

LIST = "/api/v3/orderList"
OF_BTC = {"symbol": "BTCUSDT"}


@pytest.fixture
async def desk() -> SpotDesk:
    desk = SpotDesk()
    await desk.place(BUY)
    return desk


async def statuses(desk: SpotDesk) -> tuple[str, str]:
    """Return where target and stop stand."""
    return (await desk.found("ss-T"))["status"], (await desk.found("ss-S"))["status"]


async def test_a_list_locks_its_units_once(desk):
    body = await desk.pair()
    assert (body["listStatusType"], body["listOrderStatus"]) == ("EXEC_STARTED", "EXECUTING")
    reports = {each["clientOrderId"]: each for each in body["orderReports"]}
    assert (reports["ss-T"]["type"], reports["ss-S"]["type"]) == ("LIMIT_MAKER", "STOP_LOSS")
    assert reports["ss-S"]["workingTime"] == -1
    assert {each["orderListId"] for each in reports.values()} == {body["orderListId"]}
    assert (await desk.balances())["BTC"] == ("0.00499000", "0.00500000")


@pytest.mark.parametrize(
    ("price", "expected"), [("61010", ("FILLED", "EXPIRED")), ("58990", ("EXPIRED", "FILLED"))]
)
async def test_the_first_to_be_reached_ends_the_other(desk, price, expected):
    body = await desk.pair()
    assert len(await desk.ask("GET", "/api/v3/openOrderList")) == 1
    desk.print(price)
    assert await statuses(desk) == expected
    told = await desk.ask("GET", LIST, {"orderListId": str(body["orderListId"])})
    assert (told["listStatusType"], told["listOrderStatus"]) == ("ALL_DONE", "ALL_DONE")
    assert await desk.ask("GET", "/api/v3/openOrderList") == []
    assert (await desk.balances())["BTC"] == ("0.00499000", "0.00000000")


async def test_a_target_filled_in_part_ends_the_stop_and_the_list_goes_on(desk):
    body = await desk.pair()
    desk.print("61010", size="0.002")
    assert await statuses(desk) == ("PARTIALLY_FILLED", "EXPIRED")
    told = await desk.ask("GET", LIST, {"origClientOrderId": "ss-L"})
    assert (told["orderListId"], told["listOrderStatus"]) == (body["orderListId"], "EXECUTING")
    cancelled = await desk.ask("DELETE", LIST, {**OF_BTC, "listClientOrderId": "ss-L"})
    assert [each["origClientOrderId"] for each in cancelled["orderReports"]] == ["ss-T"]
    assert cancelled["orderReports"][0]["executedQty"] == "0.00200000"


@pytest.mark.parametrize("leg", ["ss-T", "ss-S"])
async def test_the_cancel_of_one_cancels_both_and_is_answered_with_the_list(desk, leg):
    await desk.pair()
    asked = {**OF_BTC, "origClientOrderId": leg, "newClientOrderId": "cancel-1"}
    body = await desk.ask("DELETE", "/api/v3/order", asked)
    assert (body["listStatusType"], body["listClientOrderId"]) == ("ALL_DONE", "ss-L")
    reports = body["orderReports"]
    assert {each["origClientOrderId"] for each in reports} == {"ss-T", "ss-S"}
    assert {each["clientOrderId"] for each in reports} == {"cancel-1"}
    assert await statuses(desk) == ("CANCELED", "CANCELED")
    assert (await desk.balances())["BTC"] == ("0.00999000", "0.00000000")


async def test_a_list_is_cancelled_by_its_own_id_once(desk):
    body = await desk.pair()
    asked = {**OF_BTC, "orderListId": str(body["orderListId"])}
    assert len((await desk.ask("DELETE", LIST, asked))["orderReports"]) == 2
    assert await desk.refusal("DELETE", LIST, asked) == (-2011, "Unknown order sent.")


async def test_the_id_of_a_list_is_taken_while_it_is_open(desk):
    await desk.pair(quantity="0.002")
    fresh = {"aboveClientOrderId": "t2", "belowClientOrderId": "s2", "quantity": "0.002"}
    with pytest.raises(AssertionError, match="Duplicate order sent"):
        await desk.pair(**fresh)
    desk.print("58990")
    await desk.pair(**fresh, belowStopPrice="58000")
    newest = await desk.ask("GET", LIST, {"origClientOrderId": "ss-L"})
    assert {each["clientOrderId"] for each in newest["orders"]} == {"t2", "s2"}


async def test_another_account_sees_nothing_of_a_list(desk):
    await desk.pair()
    desk.world.engine.open_account("other", {Currency("USDT"): Decimal(5)})
    other = SandboxAccount(name="other", api_key="another-key-of-ours")
    desk.world.accounts = Accounts([desk.account, other])
    desk.account = other
    assert await desk.ask("GET", "/api/v3/openOrderList") == []
    for asked in ({"orderListId": "1"}, {"origClientOrderId": "ss-L"}):
        assert (await desk.refusal("GET", LIST, asked))[0] == -2018


async def test_another_market_does_not_cancel_a_list(desk):
    body = await desk.pair()
    asked = {"symbol": "ETHUSDT", "orderListId": str(body["orderListId"])}
    assert (await desk.refusal("DELETE", LIST, asked))[0] == -2011
    assert await statuses(desk) == ("NEW", "NEW")


async def test_a_list_that_buys_takes_its_target_below_and_its_stop_above(desk):
    await desk.pair(
        side="BUY",
        aboveType="STOP_LOSS_LIMIT",
        aboveStopPrice="61000",
        abovePrice="61100",
        aboveTimeInForce="GTC",
        belowType="LIMIT_MAKER",
        belowPrice="59000",
        belowStopPrice="",
    )
    desk.print("58990")
    assert await statuses(desk) == ("EXPIRED", "FILLED")  # above is ss-T, below is ss-S


async def test_a_list_outlives_a_restart_of_the_venue(desk):
    await desk.pair()
    desk.world.restart(down_s=0)
    assert len(await desk.ask("GET", "/api/v3/openOrderList")) == 1
    desk.print("58990")
    assert await statuses(desk) == ("EXPIRED", "FILLED")
    assert await desk.ask("GET", "/api/v3/openOrderList") == []
