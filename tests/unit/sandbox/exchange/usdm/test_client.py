"""Binance USD-M through an unmodified ccxt client: every call that trading needs."""

import asyncio
from decimal import Decimal
from typing import Any

import ccxt
import pytest

from snipersight.sandbox.exchange import ExchangeSandbox
from tests.fakes.venue_clients import ccxt_client, until

BTC = "BTC/USDT:USDT"
TRIGGER = {"trigger": True}


@pytest.fixture
async def server():
    async with ExchangeSandbox() as running:
        running.world("binanceusdm").print(BTC, "60000")
        yield running


@pytest.fixture
async def client(server: ExchangeSandbox):
    async with ccxt_client(server, "binanceusdm") as found:
        yield found


async def enter(client: Any, server: ExchangeSandbox, size: float = 0.01) -> Any:
    order = await client.create_order(BTC, "limit", "buy", size, 59_900, {"clientOrderId": "ss-E"})
    server.world("binanceusdm").print(BTC, "59890")
    return order


async def protect(client: Any, **more: object) -> Any:
    fields = {"stopLossPrice": 59_000, "reduceOnly": True, "clientOrderId": "ss-S", **more}
    return await client.create_order(BTC, "market", "sell", 0.01, None, fields)


async def test_markets_carry_their_filters(client: Any):
    market = (await client.load_markets())[BTC]
    assert market["precision"]["price"] == 0.1
    assert market["precision"]["amount"] == 0.001
    assert market["limits"]["cost"]["min"] == 100
    assert market["limits"]["market"]["max"] == 500
    assert (market["swap"], market["linear"], market["active"]) == (True, True, True)


async def test_prices_candles_and_book(client: Any, server: ExchangeSandbox):
    assert (await client.fetch_ticker(BTC))["last"] == 60_000
    book = await client.fetch_order_book(BTC, 5)
    assert book["bids"][0][0] < 60_000 < book["asks"][0][0]
    assert (await client.fetch_funding_rate(BTC))["markPrice"] == 60_000
    assert (await client.fetch_ohlcv(BTC, "1m"))[-1][4] == 60_000
    assert abs(await client.fetch_time() - server.world("binanceusdm").clock() // 1_000) < 2_000


async def test_money_is_tied_up_by_an_order_and_given_back(client: Any):
    before = (await client.fetch_balance())["USDT"]
    assert before == {"free": 100_000, "used": 0, "total": 100_000}
    await client.create_order(BTC, "limit", "buy", 0.01, 59_900, {"clientOrderId": "ss-E"})
    assert (await client.fetch_balance())["USDT"]["free"] < 100_000
    await client.cancel_order(None, BTC, {"origClientOrderId": "ss-E"})
    assert (await client.fetch_balance())["USDT"] == before


async def test_an_order_is_found_by_its_client_id_open_filled_and_cancelled(
    client: Any, server: ExchangeSandbox
):
    placed = await client.create_order(BTC, "limit", "buy", 0.01, 59_900, {"clientOrderId": "a"})
    assert (placed["status"], placed["filled"], placed["clientOrderId"]) == ("open", 0, "a")
    found = await client.fetch_order(None, BTC, {"origClientOrderId": "a"})
    assert (found["id"], found["status"]) == (placed["id"], "open")
    await client.cancel_order(None, BTC, {"origClientOrderId": "a"})
    assert (await client.fetch_order(placed["id"], BTC))["status"] == "canceled"
    await enter(client, server)
    filled = await client.fetch_order(None, BTC, {"origClientOrderId": "ss-E"})
    assert (filled["status"], filled["filled"], filled["average"]) == ("closed", 0.01, 59_900)


async def test_a_partial_fill_is_told_as_one(client: Any, server: ExchangeSandbox):
    await client.create_order(BTC, "limit", "buy", 0.01, 59_900, {"clientOrderId": "ss-E"})
    server.world("binanceusdm").print(BTC, "59890", size="0.004")
    order = await client.fetch_order(None, BTC, {"origClientOrderId": "ss-E"})
    assert (order["status"], order["filled"], order["remaining"]) == ("open", 0.004, 0.006)
    assert order["info"]["status"] == "PARTIALLY_FILLED"


async def test_a_market_order_fills_at_once_and_pays_as_taker(client: Any):
    order = await client.create_order(BTC, "market", "buy", 0.01)
    assert (order["status"], order["filled"]) == ("closed", 0.01)
    trade = (await client.fetch_my_trades(BTC))[0]
    assert trade["takerOrMaker"] == "taker"
    assert trade["order"] == order["id"]
    assert trade["fee"]["cost"] == pytest.approx(trade["cost"] * 0.0005)


async def test_conditional_orders_live_in_their_own_service(client: Any, server: ExchangeSandbox):
    await enter(client, server)
    await protect(client)
    assert await client.fetch_open_orders(BTC) == []
    waiting = await client.fetch_open_orders(BTC, None, None, TRIGGER)
    assert [(order["clientOrderId"], order["triggerPrice"]) for order in waiting] == [
        ("ss-S", 59_000)
    ]
    by_id = {**TRIGGER, "clientAlgoId": "ss-S"}
    assert (await client.fetch_order(None, BTC, by_id))["status"] == "open"
    await client.cancel_order(None, BTC, by_id)
    assert await client.fetch_open_orders(BTC, None, None, TRIGGER) == []
    assert (await client.fetch_order(None, BTC, by_id))["status"] == "canceled"


async def test_a_triggered_stop_becomes_an_order_with_an_execution_of_its_own(
    client: Any, server: ExchangeSandbox
):
    await enter(client, server)
    stop = await protect(client)
    server.world("binanceusdm").print(BTC, "58990")
    found = await client.fetch_order(None, BTC, {**TRIGGER, "clientAlgoId": "ss-S"})
    assert found["info"]["algoStatus"] == "FINISHED"
    executed = (await client.fetch_my_trades(BTC))[-1]
    assert executed["order"] == found["info"]["actualOrderId"] != stop["id"]
    assert executed["side"] == "sell"
    in_book = await client.fetch_order(executed["order"], BTC)
    assert (in_book["clientOrderId"], in_book["status"]) == ("ss-S", "closed")
    assert await client.fetch_positions([BTC]) == []


async def test_a_stop_may_watch_the_mark_price(client: Any, server: ExchangeSandbox):
    await enter(client, server)
    await protect(client, workingType="MARK_PRICE")
    server.world("binanceusdm").print(BTC, "58000", mark="59500")
    assert len(await client.fetch_positions([BTC])) == 1
    server.world("binanceusdm").print(BTC, "59500", mark="58990")
    assert await client.fetch_positions([BTC]) == []


async def test_a_stop_that_closes_the_position_needs_no_size(client: Any, server: ExchangeSandbox):
    await enter(client, server)
    fields = {"stopLossPrice": 59_000, "closePosition": True, "clientOrderId": "ss-S"}
    stop = await client.create_order(BTC, "market", "sell", 0.01, None, fields)
    assert stop["info"]["closePosition"] is True
    server.world("binanceusdm").print(BTC, "58990")
    assert await client.fetch_positions([BTC]) == []
    assert (await client.fetch_my_trades(BTC))[-1]["amount"] == 0.01


async def test_positions_tell_leverage_where_their_terms_are_asked(
    client: Any, server: ExchangeSandbox
):
    await client.set_leverage(5, BTC)
    await client.set_margin_mode("isolated", BTC)
    await enter(client, server)
    position = (await client.fetch_positions([BTC]))[0]
    assert (position["side"], position["contracts"], position["entryPrice"]) == (
        "long",
        0.01,
        59_900,
    )
    assert position["marginMode"] == "isolated"
    assert 40_000 < position["liquidationPrice"] < 50_000
    terms = (await client.fetch_leverages([BTC]))[BTC]
    assert (terms["longLeverage"], terms["marginMode"]) == (5, "isolated")


async def test_settings_that_are_so_already_are_harmless(client: Any):
    await client.set_margin_mode("isolated", BTC)
    with pytest.raises(ccxt.MarginModeAlreadySet):
        await client.set_margin_mode("isolated", BTC)
    await client.set_leverage(7, BTC)
    assert (await client.set_leverage(7, BTC))["leverage"] == 7
    assert (await client.fetch_position_mode(BTC))["hedged"] is False


async def test_funding_is_found_in_the_income(client: Any, server: ExchangeSandbox):
    await enter(client, server)
    server.world("binanceusdm").fund(BTC, "0.001")
    paid = await client.fetch_funding_history(BTC)
    assert [row["amount"] for row in paid] == [pytest.approx(-0.01 * 59_890 * 0.001)]


async def test_the_income_adds_up_to_the_wallet(client: Any, server: ExchangeSandbox):
    await enter(client, server)
    server.world("binanceusdm").fund(BTC, "0.001")
    await client.create_order(BTC, "market", "sell", 0.01, None, {"reduceOnly": True})
    rows = await client.fapiPrivateGetIncome({"limit": 1_000})
    total = sum((Decimal(row["income"]) for row in rows), Decimal(0))
    assert total == server.world("binanceusdm").engine.balances("practice")[0].total
    realised = [row["realizedPnl"] for row in await client.fapiPrivateGetUserTrades(
        {"symbol": "BTCUSDT"}
    )]  # fmt: skip
    booked = [row["income"] for row in rows if row["incomeType"] == "REALIZED_PNL"]
    assert Decimal(realised[-1]) == Decimal(booked[-1]) != 0


async def test_margin_steps_are_told(client: Any):
    tiers = (await client.fetch_leverage_tiers([BTC]))[BTC]
    assert (tiers[0]["maxLeverage"], tiers[0]["maintenanceMarginRate"]) == (125, 0.004)


async def test_the_client_asked_the_demo_environment_and_nothing_else(
    client: Any, server: ExchangeSandbox
):
    await client.fetch_balance()
    assert {"demo-fapi.binance.com"} == client.session.connector._resolver.seen


async def test_the_stream_tells_orders_and_executions(client: Any, server: ExchangeSandbox):
    await client.load_markets()
    orders = asyncio.create_task(client.watch_orders(BTC))
    trades = asyncio.create_task(client.watch_my_trades(BTC))
    await until(lambda: len(server.world("binanceusdm").lines) > 0)
    await enter(client, server)
    assert [order["clientOrderId"] for order in await asyncio.wait_for(orders, 5)] == ["ss-E"]
    (trade,) = await asyncio.wait_for(trades, 5)
    assert (trade["price"], trade["amount"]) == (59_900, 0.01)
    assert trade["fee"]["cost"] == pytest.approx(0.01 * 59_900 * 0.0002)


async def test_the_stream_tells_candles(client: Any, server: ExchangeSandbox):
    await client.load_markets()
    candles = asyncio.create_task(client.watch_ohlcv(BTC, "1m"))
    await until(lambda: bool(server.world("binanceusdm").lines.topics()))
    server.world("binanceusdm").print(BTC, "60123.4")
    assert (await asyncio.wait_for(candles, 5))[-1][4] == 60_123.4


async def test_funding_rates_of_the_past_come_page_by_page_at_their_times(client, server):
    eight = 8 * 3_600_000
    now = server.world("binanceusdm").clock() // 1_000
    start = (now // eight - 10) * eight
    page = await client.fetch_funding_rate_history(BTC, start, 4)
    assert [row["timestamp"] for row in page] == [start + n * eight for n in range(4)]
    assert {row["fundingRate"] for row in page} == {0.0001}
    rest = await client.fetch_funding_rate_history(BTC, start + 4 * eight, 100)
    assert [row["timestamp"] for row in rest][-1] == now // eight * eight
