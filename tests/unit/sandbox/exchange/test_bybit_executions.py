"""Executions, funding and the transaction log: what they say adds up to the account's cash."""

from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.orders import Fill, Side
from snipersight.domain.units import Currency, Price, Size, Symbol
from snipersight.sandbox.exchange.bybit.results import Place
from tests.fakes.bybit_desk import BTC, LINEAR_BTC, MARKET, BybitDesk

LOG = "/v5/account/transaction-log"


@pytest.fixture
def desk() -> BybitDesk:
    return BybitDesk()


async def test_an_execution_says_what_it_opened_closed_and_cost(desk: BybitDesk):
    await desk.enter()
    desk.print("61000")
    await desk.create(MARKET, side="Sell", qty="0.03")
    turned, closed, opened = await desk.executions()
    assert (opened["execPrice"], opened["execFee"], opened["isMaker"], opened["closedSize"]) == (
        "59900", "0.1198", True, "0",
    )  # fmt: skip
    assert [(row["execQty"], row["closedSize"], row["leavesQty"]) for row in (closed, turned)] == [
        ("0.01", "0.01", "0.02"),
        ("0.02", "0", "0"),
    ]
    assert (turned["side"], turned["execType"], turned["orderType"]) == ("Sell", "Trade", "Market")


async def test_every_execution_has_an_id_of_its_own(desk: BybitDesk):
    desk.print("60000", size="0.02")
    for side in ("Buy", "Sell", "Buy"):
        await desk.create(MARKET, side=side)
        desk.print("60000", size="0.02")
    rows = await desk.executions()
    assert len({row["execId"] for row in rows}) == len(rows) == 3
    assert len({row["seq"] for row in rows}) == 3


async def test_executions_can_be_asked_for_by_order(desk: BybitDesk):
    await desk.enter()
    order_id = await desk.create(MARKET, side="Sell", reduceOnly=True)
    assert [row["orderId"] for row in await desk.executions(orderId=order_id)] == [order_id]
    assert [row["orderLinkId"] for row in await desk.executions(orderLinkId="ss-E")] == ["ss-E"]
    assert await desk.executions(symbol="ETHUSDT") == []


async def test_a_start_alone_means_seven_days_from_there(desk: BybitDesk):
    await desk.enter()
    at_ms = desk.now_us // 1_000
    desk.now_us += 20 * 86_400_000_000
    assert await desk.executions() == []
    assert await desk.executions(startTime=at_ms - 8 * 86_400_000) == []
    assert len(await desk.executions(startTime=at_ms - 1)) == 1


@pytest.mark.parametrize(("side", "paid"), [("Buy", "0.06"), ("Sell", "-0.06")])
async def test_funding_is_a_fee_that_longs_pay_and_shorts_get(
    desk: BybitDesk, side: str, paid: str
):
    await desk.create(MARKET, side=side)
    desk.now_us += 1_000_000
    desk.world.fund(BTC, "0.0001")
    (row,) = await desk.executions(execType="Funding")
    assert (row["execFee"], row["side"], row["execQty"]) == (paid, side, "0.01")
    (entry,) = (await desk.get(LOG, {"accountType": "UNIFIED", "type": "SETTLEMENT"}))["list"]
    assert Decimal(entry["funding"]) == -Decimal(paid)


async def test_the_transaction_log_adds_up_to_the_wallet(desk: BybitDesk):
    await desk.enter()
    desk.world.fund(BTC, "0.0001")
    desk.print("60700")
    await desk.create(MARKET, side="Sell", qty="0.03")
    desk.world.fund(BTC, "-0.0002")
    await desk.create(MARKET, side="Buy", qty="0.02")
    rows = list(reversed((await desk.get(LOG, {"category": "linear"}))["list"]))
    balances = accumulate((Decimal(row["change"]) for row in rows), initial=Decimal(100_000))
    assert list(balances)[1:] == [Decimal(row["cashBalance"]) for row in rows]
    (wallet,) = desk.world.engine.balances("practice")
    assert Decimal(rows[-1]["cashBalance"]) == wallet.total
    assert {row["type"] for row in rows} == {"TRADE", "SETTLEMENT"}
    for row in rows:
        if row["type"] == "TRADE":
            assert Decimal(row["change"]) == Decimal(row["cashFlow"]) - Decimal(row["fee"])


async def test_a_flat_positions_result_is_the_wallets_change(desk: BybitDesk):
    await desk.enter()
    desk.world.fund(BTC, "0.0001")
    desk.print("60700")
    await desk.create(MARKET, side="Sell", reduceOnly=True)
    (wallet,) = desk.world.engine.balances("practice")
    position = await desk.position()
    assert Decimal(position["cumRealisedPnl"]) == wallet.total - 100_000
    assert position["curRealisedPnl"] == position["cumRealisedPnl"]


FILLS = st.lists(
    st.tuples(st.sampled_from(Side), st.integers(1, 50), st.integers(1, 900), st.integers(0, 9)),
    max_size=12,
)


@given(FILLS)
def test_a_places_total_is_what_was_earned_less_fees_and_what_is_still_held(
    rows: list[tuple[Side, int, int, int]],
):
    place, cash, held, fees = Place(), Decimal(0), Decimal(0), Decimal(0)
    for number, (side, lots, price, fee) in enumerate(rows):
        size = Decimal(lots) / 1000
        place.fill(a_fill(number, side, size, Decimal(price), fee=Decimal(fee)))
        sign = 1 if side is Side.BUY else -1
        cash, held, fees = cash - sign * size * price, held + sign * size, fees + fee
    assert place.size == held
    assert abs(place.total - (cash + place.cost - fees)) < Decimal("1e-18")
    if not held:
        assert place.cost == 0


def a_fill(number: int, side: Side, size: Decimal, price: Decimal, *, fee: Decimal) -> Fill:
    return Fill(
        fill_id=str(number),
        client_id="",
        venue_id="1",
        symbol=Symbol("BTC/USDT:USDT"),
        side=side,
        size=Size(size),
        price=Price(price),
        fee=fee,
        fee_currency=Currency("USDT"),
        is_maker=False,
        at_us=number,
    )


async def test_other_categories_have_nothing(desk: BybitDesk):
    await desk.enter()
    for path in ("/v5/execution/list", "/v5/order/history", LOG):
        assert (await desk.get(path, {**LINEAR_BTC, "category": "inverse"}))["list"] == []
