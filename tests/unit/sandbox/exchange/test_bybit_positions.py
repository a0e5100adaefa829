"""Positions at Bybit: the stop the venue keeps, leverage, modes, margins."""

from decimal import Decimal

import pytest

from snipersight.sandbox.exchange import SandboxAccount
from tests.fakes.bybit_desk import BTC, ENTRY, LINEAR_BTC, MARKET, BybitDesk

STOP = "/v5/position/trading-stop"
LEVERAGE = "/v5/position/set-leverage"
MODE = "/v5/position/switch-mode"
MARGIN = "/v5/account/set-margin-mode"


@pytest.fixture
def desk() -> BybitDesk:
    return BybitDesk()


def leverage(value: str) -> dict[str, str]:
    return LINEAR_BTC | {"buyLeverage": value, "sellLeverage": value}


async def test_the_stop_that_an_entry_carries_is_set_with_its_fill(desk: BybitDesk):
    await desk.create(ENTRY, stopLoss="59000", slTriggerBy="MarkPrice", tpslMode="Full")
    assert [row["stopOrderType"] for row in await desk.orders()] == [""]
    desk.print("59890", size="0.004")
    stop, entry = await desk.orders()
    assert entry["stopLoss"] == "59000"
    assert (stop["orderLinkId"], stop["stopOrderType"], stop["qty"], stop["triggerBy"]) == (
        "", "StopLoss", "0.004", "MarkPrice",
    )  # fmt: skip
    assert (stop["orderStatus"], stop["reduceOnly"], stop["createType"]) == (
        "Untriggered", True, "CreateByStopLoss",
    )  # fmt: skip
    desk.print("59880")
    assert (await desk.orders())[0]["qty"] == "0.01"
    assert (await desk.position())["stopLoss"] == "59000"


async def test_that_stop_goes_with_the_position(desk: BybitDesk):
    await desk.enter(stopLoss="59000")
    await desk.create(MARKET, side="Sell", reduceOnly=True)
    assert await desk.orders() == []
    assert (await desk.position())["stopLoss"] == "0"
    stop = (await desk.orders("history", orderFilter="StopOrder"))[0]
    assert (stop["orderStatus"], stop["cancelType"]) == ("Deactivated", "CancelByTpSlTsClear")


async def test_that_stop_closes_the_position(desk: BybitDesk):
    await desk.enter(stopLoss="59000")
    desk.print("58990")
    assert (await desk.position())["size"] == "0"
    newest = (await desk.executions())[0]
    assert (newest["stopOrderType"], newest["createType"], newest["orderLinkId"]) == (
        "StopLoss", "CreateByStopLoss", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("source", "other"), [("MarkPrice", {"mark": "59100"}), ("LastPrice", {"mark": "58990"})]
)
async def test_that_stop_watches_the_price_that_was_asked_for(
    desk: BybitDesk, source: str, other: dict[str, str]
):
    await desk.enter(stopLoss="59000", slTriggerBy=source)
    desk.print("58990" if source == "MarkPrice" else "59100", **other)
    assert (await desk.position())["size"] == "0.01"
    desk.print("58990")
    assert (await desk.position())["size"] == "0"


async def test_trading_stop_without_a_stop_leaves_the_one_there_is(desk: BybitDesk):
    await desk.enter(stopLoss="59000")
    assert await desk.code(STOP, LINEAR_BTC) == 34040
    assert (await desk.position())["stopLoss"] == "59000"


async def test_trading_stop_sets_moves_and_takes_away(desk: BybitDesk):
    await desk.enter()
    for trigger in ("59000", "59100"):
        fields = {"stopLoss": trigger, "tpslMode": "Full", "slTriggerBy": "MarkPrice"}
        assert await desk.post(STOP, LINEAR_BTC | fields) == {}
        (stop,) = await desk.orders()
        assert (stop["triggerPrice"], stop["triggerBy"]) == (trigger, "MarkPrice")
    same = {"stopLoss": "59100", "slTriggerBy": "MarkPrice"}
    assert await desk.code(STOP, LINEAR_BTC | same) == 34040
    assert await desk.post(STOP, LINEAR_BTC | {"stopLoss": "0"}) == {}
    assert await desk.orders() == []
    assert await desk.code(STOP, LINEAR_BTC | {"stopLoss": "0"}) == 34040


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, 34040),
        ({"stopLoss": "61000"}, 10001),
        ({"stopLoss": "59000.05"}, 10001),
        ({"stopLoss": "59000", "takeProfit": "61000"}, 10001),
        ({"stopLoss": "59000", "tpslMode": "Partial"}, 10001),
        ({"stopLoss": "59000", "positionIdx": 1}, 10001),
        ({"trailingStop": "100"}, 10001),
    ],
)
async def test_a_stop_that_cannot_be(desk: BybitDesk, fields: dict[str, object], code: int):
    await desk.enter()
    assert await desk.code(STOP, LINEAR_BTC | fields) == code
    assert await desk.orders() == []


async def test_a_flat_position_has_no_stop(desk: BybitDesk):
    assert await desk.code(STOP, LINEAR_BTC | {"stopLoss": "59000"}) == 10001


async def test_a_position_shows_what_it_is_worth(desk: BybitDesk):
    flat = await desk.position()
    assert (flat["side"], flat["size"], flat["avgPrice"]) == ("", "0", "0")
    await desk.enter()
    desk.print("60900")
    open_ = await desk.position()
    assert (open_["side"], open_["avgPrice"], open_["markPrice"]) == ("Buy", "59900", "60900")
    assert (open_["unrealisedPnl"], open_["positionValue"], open_["positionIM"]) == (
        "10", "599", "59.9",
    )  # fmt: skip
    assert (open_["curRealisedPnl"], open_["leverage"]) == ("-0.1198", "10")


async def test_only_open_positions_are_listed_by_coin(desk: BybitDesk):
    by_coin = {"category": "linear", "settleCoin": "USDT"}
    assert (await desk.get("/v5/position/list", by_coin))["list"] == []
    await desk.enter()
    assert len((await desk.get("/v5/position/list", by_coin))["list"]) == 1
    inverse = {"category": "inverse", "settleCoin": "BTC"}
    assert (await desk.get("/v5/position/list", inverse))["list"] == []


async def test_in_hedge_mode_both_sides_are_listed_and_stopped_apart():
    desk = BybitDesk(SandboxAccount(is_hedged=True))
    await desk.create(MARKET, side="Buy", positionIdx=1)
    await desk.create(MARKET, side="Sell", positionIdx=2, qty="0.02")
    assert await desk.post(STOP, LINEAR_BTC | {"stopLoss": "61000", "positionIdx": 2}) == {}
    rows = (await desk.get("/v5/position/list", LINEAR_BTC))["list"]
    assert [(row["positionIdx"], row["side"], row["size"], row["stopLoss"]) for row in rows] == [
        (1, "Buy", "0.01", "0"),
        (2, "Sell", "0.02", "61000"),
    ]


async def test_leverage_changes_once(desk: BybitDesk):
    assert await desk.post(LEVERAGE, leverage("5")) == {}
    assert await desk.code(LEVERAGE, leverage("5.00")) == 110043
    assert (await desk.position())["leverage"] == "5"
    assert await desk.code(LEVERAGE, leverage("126")) == 110013
    uneven = LINEAR_BTC | {"buyLeverage": "3", "sellLeverage": "4"}
    assert await desk.code(LEVERAGE, uneven) == 10001


async def test_margin_that_cannot_be_paid_keeps_the_leverage():
    desk = BybitDesk(SandboxAccount(balances={"USDT": Decimal(100)}))
    await desk.enter()
    assert await desk.code(LEVERAGE, leverage("1")) == 110012
    assert (await desk.position())["leverage"] == "10"


async def test_the_margin_mode_is_the_accounts_and_stays_while_anything_is_open(desk: BybitDesk):
    isolated = {"setMarginMode": "ISOLATED_MARGIN"}
    await desk.create(ENTRY)
    refused = await desk.send("POST", MARGIN, isolated)
    assert (refused["retCode"], refused["result"]["reasons"][0]["reasonCode"]) == (
        3400045, "3400000",
    )  # fmt: skip
    await desk.post("/v5/order/cancel-all", LINEAR_BTC)
    assert await desk.post(MARGIN, isolated) == {"reasons": []}
    assert (await desk.get("/v5/account/info"))["marginMode"] == "ISOLATED_MARGIN"
    assert await desk.code(MARGIN, isolated) == 110026
    assert await desk.code(MARGIN, {"setMarginMode": "PORTFOLIO_MARGIN"}) == 10001
    await desk.enter(orderLinkId="ss-2")
    assert Decimal((await desk.position())["positionBalance"]) == Decimal("59.9")


async def test_the_old_way_to_isolate_is_forbidden(desk: BybitDesk):
    assert await desk.code("/v5/position/switch-isolated", leverage("5")) == 100028


async def test_the_position_mode_stays_while_anything_is_open(desk: BybitDesk):
    hedge = {"category": "linear", "coin": "USDT", "mode": 3}
    assert await desk.code(MODE, {**hedge, "mode": 0}) == 110025
    assert await desk.code(MODE, {**hedge, "mode": 1}) == 10001
    assert await desk.code(MODE, {"category": "linear", "mode": 3}) == 10001
    await desk.create(ENTRY)
    assert await desk.code(MODE, hedge) == 110028
    desk.print("59890")
    assert await desk.code(MODE, hedge) == 110024
    await desk.create(MARKET, side="Sell", reduceOnly=True)
    assert await desk.post(MODE, hedge) == {}
    assert len((await desk.get("/v5/position/list", LINEAR_BTC))["list"]) == 2


async def test_money_is_told_apart_into_free_orders_and_positions(desk: BybitDesk):
    await desk.enter()
    await desk.create(ENTRY, orderLinkId="ss-2", price="59000")
    wallet = (await desk.get("/v5/account/wallet-balance", {"accountType": "UNIFIED"}))["list"][0]
    (coin,) = wallet["coin"]
    tied = Decimal(coin["totalOrderIM"]) + Decimal(coin["totalPositionIM"])
    (balance,) = desk.world.engine.balances("practice")
    assert Decimal(coin["walletBalance"]) - tied == balance.free
    assert (coin["totalPositionIM"], coin["availableToWithdraw"]) == ("59.9", "")
    assert Decimal(wallet["totalEquity"]) == desk.world.engine.equity("practice")


@pytest.mark.parametrize(
    ("account", "wallet", "ips"),
    [
        (SandboxAccount(), [], ["127.0.0.1"]),
        (
            SandboxAccount(can_withdraw=True, is_ip_restricted=False),
            ["AccountTransfer", "SubMemberTransfer", "Withdraw"],
            ["*"],
        ),
    ],
)
async def test_a_key_says_what_it_may_do(
    account: SandboxAccount, wallet: list[str], ips: list[str]
):
    found = await BybitDesk(account).get("/v5/user/query-api")
    assert (found["permissions"]["Wallet"], found["ips"], found["readOnly"]) == (wallet, ips, 0)
    assert account.secret not in str(found)


async def test_a_liquidated_position_is_told_as_a_takeover(desk: BybitDesk):
    await desk.post(MARGIN, {"setMarginMode": "ISOLATED_MARGIN"})
    await desk.enter()
    desk.world.print(BTC, "50000")
    newest = (await desk.executions())[0]
    assert (newest["execType"], newest["orderLinkId"]) == ("BustTrade", "")
    assert [row["execType"] for row in await desk.executions(execType="Trade")] == ["Trade"]
