"""Bybit through an unmodified ccxt client: every call that trading needs, testnet and demo."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import ccxt
import pytest

from snipersight.sandbox import SyntheticMarket
from snipersight.sandbox.exchange import (
    ExchangeSandbox,
    FaultKind,
    FaultPlan,
    RequestKind,
    SandboxAccount,
    scaled_clock,
)
from tests.fakes.venue_clients import ccxt_client

BTC = "BTC/USDT:USDT"
HOSTS = {
    "testnet": {"api-testnet.bybit.com", "stream-testnet.bybit.com"},
    "demo": {"api-demo.bybit.com", "stream-demo.bybit.com"},
}


@pytest.fixture
async def server():
    async with ExchangeSandbox() as running:
        running.world("bybit").print(BTC, "60000")
        yield running


@asynccontextmanager
async def client_of(server: ExchangeSandbox, environment: str = "testnet") -> AsyncIterator[Any]:
    options = {"fetchMarkets": {"types": ["linear"]}, "defaultType": "swap"}
    is_demo = environment == "demo"
    async with ccxt_client(server, "bybit", options=options, is_demo=is_demo) as client:
        if not is_demo:
            client.set_sandbox_mode(True)
        yield client


@pytest.fixture
async def client(server: ExchangeSandbox):
    async with client_of(server) as found:
        yield found


async def enter(client: Any, server: ExchangeSandbox, **more: object) -> Any:
    order = await client.create_order(
        BTC, "limit", "buy", 0.01, 59_900, {"clientOrderId": "ss-E", **more}
    )
    server.world("bybit").print(BTC, "59890")
    return order


async def by_link_id(client: Any, link_id: str) -> Any:
    (order,) = await client.fetch_open_orders(BTC, params={"orderLinkId": link_id})
    return order


@pytest.mark.parametrize("environment", ["testnet", "demo"])
async def test_a_trade_from_markets_to_fills_under_the_names_of_its_environment(
    server: ExchangeSandbox, environment: str
):
    async with client_of(server, environment) as client:
        await client.load_markets()
        streams = [
            asyncio.create_task(watch()) for watch in (client.watch_orders, client.watch_my_trades)
        ]
        await asyncio.sleep(0.2)
        await enter(client, server)
        orders, trades = await asyncio.wait_for(asyncio.gather(*streams), 5)
        assert orders[-1]["clientOrderId"] == "ss-E"
        assert trades[-1]["amount"] == 0.01
        (trade,) = await client.fetch_my_trades(BTC)
        assert trade["id"] == trades[-1]["id"]
        seen = client.session.connector._resolver.seen
    assert seen == HOSTS[environment]


async def test_markets_carry_their_filters(client: Any):
    markets = await client.load_markets()
    market = markets[BTC]
    assert (market["precision"]["price"], market["precision"]["amount"]) == (0.1, 0.001)
    assert (market["limits"]["cost"]["min"], market["limits"]["amount"]["max"]) == (100, 1_000)
    assert (market["swap"], market["linear"], market["active"]) == (True, True, True)
    assert market["info"]["lotSizeFilter"]["maxMktOrderQty"] == "500"
    assert "1000PEPE/USDT:USDT" in markets


async def test_prices_candles_book_tiers_and_time(client: Any, server: ExchangeSandbox):
    ticker = await client.fetch_ticker(BTC)
    assert (ticker["last"], ticker["bid"], ticker["ask"]) == (60_000, 59_999.9, 60_000.1)
    book = await client.fetch_order_book(BTC, 5)
    assert book["bids"][0][0] < 60_000 < book["asks"][0][0]
    assert len(book["asks"]) == 5
    candles = await client.fetch_ohlcv(BTC, "1m")
    assert candles[-1][1:5] == [60_000] * 4
    tiers = await client.fetch_market_leverage_tiers(BTC)
    assert (tiers[0]["maxLeverage"], tiers[1]["minNotional"]) == (125, 50_000)
    assert abs(await client.fetch_time() - server.world("bybit").clock() // 1_000) < 2_000


async def test_money_is_tied_up_by_an_order_and_given_back(client: Any):
    before = (await client.fetch_balance())["USDT"]
    await client.create_order(BTC, "limit", "buy", 0.1, 59_000, {"clientOrderId": "ss-E"})
    during = (await client.fetch_balance())["USDT"]
    assert during["free"] == pytest.approx(before["free"] - 590 - 2.95)
    assert during["total"] == before["total"] == 100_000
    await client.cancel_order(None, BTC, {"orderLinkId": "ss-E"})
    assert (await client.fetch_balance())["USDT"] == before


async def test_an_entry_with_its_stop_lives_and_ends(client: Any, server: ExchangeSandbox):
    created = await client.create_order(
        BTC, "limit", "buy", 0.01, 59_900,
        {"clientOrderId": "ss-E", "stopLoss": {"triggerPrice": 59_000}},
    )  # fmt: skip
    assert (created["clientOrderId"], created["status"]) == ("ss-E", None)
    resting = await by_link_id(client, "ss-E")
    assert (resting["status"], resting["stopLossPrice"]) == ("open", 59_000)
    assert (await client.fetch_open_order(created["id"], BTC))["clientOrderId"] == "ss-E"
    server.world("bybit").print(BTC, "59890")
    (stop,) = await client.fetch_open_orders(BTC)
    assert (stop["clientOrderId"], stop["triggerPrice"], stop["reduceOnly"]) == (None, 59_000, True)
    server.world("bybit").print(BTC, "58990")
    assert await client.fetch_open_orders(BTC) == []
    ended = await client.fetch_closed_order(created["id"], BTC)
    assert (ended["status"], ended["filled"], ended["average"]) == ("closed", 0.01, 59_900)
    sold, bought = sorted(
        await client.fetch_my_trades(BTC), key=lambda trade: trade["side"] == "buy"
    )
    assert (bought["fee"]["cost"], bought["takerOrMaker"]) == (0.1198, "maker")
    assert (sold["order"], sold["takerOrMaker"]) == (stop["id"], "taker")


async def test_a_market_order_is_acknowledged_and_then_found(client: Any):
    order = await client.create_order(BTC, "market", "buy", 0.01, None, {"clientOrderId": "ss-M"})
    assert (order["id"] is not None, order["status"]) == (True, None)
    found = await client.fetch_closed_order(order["id"], BTC)
    assert (found["clientOrderId"], found["status"], found["filled"]) == ("ss-M", "closed", 0.01)


async def test_a_stop_is_listed_with_the_rest_and_as_a_trigger(
    client: Any, server: ExchangeSandbox
):
    await enter(client, server)
    fields = {"stopLossPrice": 59_000, "clientOrderId": "ss-S", "triggerBy": "MarkPrice"}
    await client.create_order(BTC, "market", "sell", 0.01, None, fields)
    await client.create_order(
        BTC, "limit", "sell", 0.01, 61_000, {"reduceOnly": True, "clientOrderId": "ss-T"}
    )
    both = {order["clientOrderId"] for order in await client.fetch_open_orders(BTC)}
    triggers = await client.fetch_open_orders(BTC, params={"trigger": True})
    assert both == {"ss-S", "ss-T"}
    assert [order["clientOrderId"] for order in triggers] == ["ss-S"]
    await client.cancel_order(None, BTC, {"orderLinkId": "ss-S"})
    cancelled = await by_link_id(client, "ss-S")
    assert cancelled["status"] == "canceled"
    assert len(await client.cancel_all_orders(BTC)) == 1
    assert await client.fetch_open_orders(BTC) == []


async def test_positions_leverage_and_modes(client: Any, server: ExchangeSandbox):
    await client.set_leverage(5, BTC)
    await client.set_margin_mode("isolated", BTC)
    await enter(client, server)
    (position,) = await client.fetch_positions()
    assert (position["side"], position["contracts"], position["entryPrice"]) == (
        "long",
        0.01,
        59_900,
    )
    assert (position["leverage"], position["initialMargin"]) == (5, pytest.approx(119.8))
    assert 47_000 < position["liquidationPrice"] < 49_000
    with pytest.raises(ccxt.BadRequest, match="110043"):
        await client.set_leverage(5, BTC)
    with pytest.raises(ccxt.MarginModeAlreadySet):
        await client.set_margin_mode("isolated", BTC)
    with pytest.raises(ccxt.BaseError, match="110024"):
        await client.set_position_mode(True, BTC)


async def test_in_hedge_mode_the_client_names_the_position(server: ExchangeSandbox, client: Any):
    await client.set_position_mode(True, BTC)
    with pytest.raises(ccxt.BadRequest, match="position idx not match position mode"):
        await client.create_order(BTC, "market", "buy", 0.01)
    await client.create_order(BTC, "market", "buy", 0.01, None, {"hedged": True})
    await client.create_order(BTC, "market", "sell", 0.02, None, {"hedged": True})
    closing = {"hedged": True, "reduceOnly": True}
    await client.create_order(BTC, "market", "sell", 0.01, None, closing)
    (position,) = await client.fetch_positions()
    assert (position["side"], position["contracts"], position["hedged"]) == ("short", 0.02, True)


async def test_funding_is_told_as_a_fee(client: Any, server: ExchangeSandbox):
    await enter(client, server)
    server.world("bybit").fund(BTC, "0.0001")
    (payment,) = await client.fetch_funding_history(BTC)
    assert (payment["amount"], payment["rate"]) == (0.05989, 0.0001)


async def test_a_client_finds_its_own_errors_in_the_refusals(client: Any, server: ExchangeSandbox):
    with pytest.raises(ccxt.InsufficientFunds):
        await client.create_order(BTC, "limit", "buy", 900, 59_900)
    with pytest.raises(ccxt.OrderNotFound):
        await client.cancel_order(None, BTC, {"orderLinkId": "nobody"})
    with pytest.raises(ccxt.InvalidOrder, match="110017"):
        await client.create_order(BTC, "market", "sell", 0.01, None, {"reduceOnly": True})
    with pytest.raises(ccxt.InvalidOrder, match="110094"):
        await client.create_order(BTC, "limit", "buy", 0.001, 59_900)
    await enter(client, server)
    with pytest.raises(ccxt.InvalidOrder, match="110072"):
        await enter(client, server)
    with pytest.raises(ccxt.InvalidOrder, match="110093"):
        await client.create_order(BTC, "market", "sell", 0.01, None, {"stopLossPrice": 61_000})


async def test_a_wrong_secret_is_an_authentication_error(server: ExchangeSandbox):
    stranger = SandboxAccount(secret="not-the-secret-at-all")
    async with ccxt_client(server, "bybit", account=stranger) as client:
        with pytest.raises(ccxt.AuthenticationError, match="10004"):
            await client.fetch_balance()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.BACKEND_TIMEOUT, ccxt.ExchangeError),
        (FaultKind.SYSTEM_ERROR, ccxt.ExchangeError),
        (FaultKind.RATE_LIMITED, ccxt.RateLimitExceeded),
        (FaultKind.OVERLOADED, ccxt.BaseError),
        (FaultKind.DROP_AFTER, ccxt.NetworkError),
        (FaultKind.BAD_GATEWAY, ccxt.NetworkError),
    ],
)
async def test_a_fault_reaches_the_client_and_what_was_done_is_found_by_its_id(
    client: Any, server: ExchangeSandbox, kind: FaultKind, error: type[Exception]
):
    await client.load_markets()
    await client.fetch_balance()  # asks what kind of account it is
    orders = frozenset({RequestKind.ORDER})
    server.set_faults(FaultPlan(rates={kind: 1.0}, requests=orders, seed=3))
    with pytest.raises(error):
        await client.create_order(BTC, "limit", "buy", 0.01, 59_900, {"clientOrderId": "ss-E"})
    server.set_faults(FaultPlan())
    found = await client.fetch_open_orders(BTC, params={"orderLinkId": "ss-E"})
    taken = server.world("bybit").engine.orders("practice")
    assert len(found) == len(taken)
    if kind is FaultKind.DROP_AFTER:
        assert len(taken) == 1
    assert server.report()["faults"][kind] == 1


async def test_prices_are_watched(client: Any, server: ExchangeSandbox):
    await client.load_markets()
    watching = [
        asyncio.create_task(each)
        for each in (
            client.watch_ohlcv(BTC, "1m"),
            client.watch_trades(BTC),
            client.watch_order_book(BTC),
            client.watch_ticker(BTC),
        )
    ]
    await asyncio.sleep(0.3)
    server.world("bybit").print(BTC, "60100")
    candles, trades, book, ticker = await asyncio.wait_for(asyncio.gather(*watching), 5)
    assert (candles[-1][4], trades[-1]["price"]) == (60_100, 60_100)
    assert book["bids"]
    assert ticker["last"] in (60_000, 60_100)


async def test_positions_and_money_are_watched(client: Any, server: ExchangeSandbox):
    await client.load_markets()
    snapshot = await client.watch_positions([BTC])
    assert snapshot == []
    balance = asyncio.create_task(client.watch_balance())
    position = asyncio.create_task(client.watch_positions([BTC]))
    await asyncio.sleep(0.3)
    await enter(client, server)
    ((told,), money) = await asyncio.wait_for(asyncio.gather(position, balance), 5)
    assert (told["side"], told["contracts"], told["entryPrice"]) == ("long", 0.01, 59_900)
    assert money["USDT"]["total"] == pytest.approx(100_000 - 0.1198 - 0.1)


async def test_the_built_in_market_has_a_day_behind_it_and_fills_orders():
    clock = scaled_clock(2.0, start_us=1_735_689_600_000_000)
    market = SyntheticMarket(7, clock=lambda: clock() // 1_000)
    async with ExchangeSandbox(markets=market, clock=clock) as server, client_of(server) as client:
        client.milliseconds = lambda: clock() // 1_000
        tickers = await client.fetch_tickers()
        assert len(tickers) == 14
        day = tickers[BTC]
        assert day["low"] < day["last"] < day["high"]
        candles = await client.fetch_ohlcv(BTC, "1h", limit=24)
        assert len(candles) == 24
        await client.create_order(BTC, "market", "buy", 0.01)
        (position,) = await client.fetch_positions()
        assert day["low"] < position["entryPrice"] < day["high"]


async def test_funding_rates_of_the_past_are_told_at_their_times(client, server):
    eight = 8 * 3_600_000
    now = server.world("bybit").clock() // 1_000
    start = (now // eight - 10) * eight
    rows = await client.fetch_funding_rate_history(BTC, start - 1, 4)
    assert [row["timestamp"] for row in rows] == [start + n * eight for n in range(4)]
    assert {row["fundingRate"] for row in rows} == {0.0}
