"""Binance spot through an unmodified ccxt client and through our own adapter, in every practice world."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import ccxt
import pytest

from snipersight.domain.orders import OrderKind, OrderStatus
from snipersight.domain.venue import Environment, EventKind, FindingLevel, ProblemClass, Reason
from snipersight.market.venues import Gateway, VenueConfig, open_venue
from snipersight.market.venues.binance_spot import BinanceSpot
from snipersight.sandbox.exchange import (
    ExchangeSandbox,
    FaultKind,
    FaultPlan,
    RequestKind,
    SandboxAccount,
)
from tests.builders.venue_contract import SPOT, Ears, an_order, ended
from tests.fakes.venue_clients import ccxt_client, until

SPOT_ONLY = {"fetchMarkets": {"types": ["spot"]}, "defaultType": "spot"}


@pytest.fixture
async def server() -> AsyncIterator[ExchangeSandbox]:
    async with ExchangeSandbox() as running:
        running.world("binance").print(SPOT, "60000")
        yield running


@pytest.fixture
async def client(server: ExchangeSandbox) -> AsyncIterator[Any]:
    async with ccxt_client(server, "binance", options=SPOT_ONLY) as found:
        yield found


async def bought(client: Any) -> Any:
    return await client.create_order(SPOT, "market", "buy", 0.01, None, {"clientOrderId": "ss-E"})


async def test_markets_carry_their_filters(client):
    market = (await client.load_markets())[SPOT]
    assert (market["precision"]["price"], market["precision"]["amount"]) == (0.01, 0.00001)
    assert market["limits"]["cost"]["min"] == 5
    assert (market["spot"], market["active"]) == (True, True)


async def test_prices_candles_and_book(client, server):
    assert (await client.fetch_ticker(SPOT))["last"] == 60_000
    assert (await client.fetch_tickers([SPOT]))[SPOT]["last"] == 60_000
    book = await client.fetch_order_book(SPOT, 5)
    assert book["bids"][0][0] < 60_000 < book["asks"][0][0]
    assert (await client.fetch_ohlcv(SPOT, "1m"))[-1][4] == 60_000
    assert abs(await client.fetch_time() - server.world("binance").clock() // 1_000) < 2_000


async def test_a_market_order_pays_its_fee_in_what_it_bought(client):
    order = await bought(client)
    assert (order["status"], order["filled"], order["average"]) == ("closed", 0.01, 60_030)
    assert (order["fee"]["currency"], order["fee"]["cost"]) == ("BTC", 0.00001)
    assert (await client.fetch_balance())["BTC"]["free"] == 0.00999
    (trade,) = await client.fetch_my_trades(SPOT)
    assert (trade["side"], trade["amount"], trade["takerOrMaker"]) == ("buy", 0.01, "taker")


async def test_an_order_is_found_open_cancelled_and_among_all(client):
    placed = await client.create_order(SPOT, "limit", "buy", 0.01, 59_900, {"clientOrderId": "a"})
    assert (await client.fetch_balance())["USDT"]["used"] == 599
    (open_,) = await client.fetch_open_orders(SPOT)
    assert (open_["id"], open_["clientOrderId"]) == (placed["id"], "a")
    await client.cancel_order(None, SPOT, {"origClientOrderId": "a"})
    assert (await client.fetch_order(placed["id"], SPOT))["status"] == "canceled"
    assert [each["id"] for each in await client.fetch_orders(SPOT)] == [placed["id"]]


@pytest.mark.parametrize(
    ("fields", "kind", "price", "reached"),
    [
        ({"stopLossPrice": 59_000}, "market", None, "58990"),
        ({"stopLossPrice": 59_000}, "limit", 58_500, "58990"),
        ({"takeProfitPrice": 61_000}, "market", None, "61010"),
        ({"postOnly": True}, "limit", 61_000, "61010"),
    ],
)
async def test_every_exit_of_the_client_sells_when_price_gets_there(
    client, server, fields, kind, price, reached
):
    await bought(client)
    fields = {**fields, "clientOrderId": "ss-X"}
    await client.create_order(SPOT, kind, "sell", 0.005, price, fields)
    server.world("binance").print(SPOT, reached)
    found = await client.fetch_order(None, SPOT, {"origClientOrderId": "ss-X"})
    assert (found["status"], found["filled"]) == ("closed", 0.005)


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (("limit", "buy", 5, 59_900, {}), ccxt.InsufficientFunds),
        (("limit", "buy", 0.00001, 59_900, {}), ccxt.BadRequest),
        (("market", "sell", 0.005, None, {"stopLossPrice": 60_500}), ccxt.InvalidOrder),
    ],
)
async def test_refusals_are_what_the_client_makes_of_binances(client, order, error):
    await bought(client)
    with pytest.raises(error):
        await client.create_order(SPOT, *order)


async def test_what_is_not_there(client):
    with pytest.raises(ccxt.OrderNotFound):
        await client.fetch_order(None, SPOT, {"origClientOrderId": "nobody"})
    with pytest.raises(ccxt.OrderNotFound):
        await client.cancel_order(None, SPOT, {"origClientOrderId": "nobody"})


async def test_the_stream_tells_of_orders_trades_and_money(client, server):
    await client.load_markets()
    watching = asyncio.create_task(client.watch_orders(SPOT))
    lines = server.world("binance").lines
    await until(lambda: len(lines.of_account("practice")) == 1)
    await client.create_order(SPOT, "limit", "buy", 0.01, 59_900, {"clientOrderId": "ss-E"})
    (new,) = await asyncio.wait_for(watching, 5)
    assert (new["clientOrderId"], new["status"]) == ("ss-E", "open")
    money = asyncio.create_task(client.watch_balance())
    trades = asyncio.create_task(client.watch_my_trades(SPOT))
    await asyncio.sleep(0.05)
    server.world("binance").print(SPOT, "59890")
    (trade,) = await asyncio.wait_for(trades, 5)
    assert (trade["amount"], trade["fee"]["currency"]) == (0.01, "BTC")
    assert (await asyncio.wait_for(money, 5))["BTC"]["free"] == 0.00999


def our_venue(server: ExchangeSandbox, environment: Environment) -> BinanceSpot:
    """Return our adapter, led to the sandbox."""
    account = SandboxAccount()
    config = VenueConfig(
        venue="binance",
        environment=environment,
        api_key=account.api_key,
        api_secret=account.secret,
        gateway=Gateway(port=server.port, ca_file=server.ca_pem),
    )
    venue = open_venue(config)
    assert isinstance(venue, BinanceSpot)
    return venue


@pytest.mark.parametrize("environment", [Environment.TESTNET, Environment.DEMO])
async def test_a_position_is_entered_protected_and_stopped_in_both_practice_worlds(
    server, environment
):
    venue = our_venue(server, environment)
    ears = Ears(venue)
    try:
        assert venue.capabilities(SPOT).has_stop_market is False  # before its rules are known
        findings = await venue.preflight([SPOT])
        assert [each for each in findings if each.level is FindingLevel.FAILED] == []
        assert venue.capabilities(SPOT).has_stop_market is True
        await ears.until(EventKind.CONNECTED)
        entry = an_order("E0-0", symbol=SPOT, price="59900")
        assert await venue.submit(entry)
        server.world("binance").print(SPOT, "59890")
        fill = (await ears.until(EventKind.FILL, client_id=entry.client_id)).fill
        assert fill is not None
        assert (fill.fee_currency, str(fill.fee)) == ("BTC", "0.00001000")
        target = an_order("T0-0", symbol=SPOT, is_reducing=True, price="61000", size="0.00999")
        stop = an_order(
            "S0-0",
            symbol=SPOT,
            is_reducing=True,
            kind=OrderKind.STOP_MARKET,
            trigger="59000",
            size="0.00999",
        )
        assert await venue.submit_pair(target, stop)
        server.world("binance").print(SPOT, "58990")
        await ears.until(EventKind.FILL, client_id=stop.client_id)
        await ended(venue, stop, OrderStatus.FILLED)
        await ended(venue, target, OrderStatus.EXPIRED)
        assert [row.currency for row in await venue.balances()] == ["USDT"]
    finally:
        await ears.close()
        await venue.close()


async def test_our_adapter_knows_what_the_filters_and_the_money_refuse(server):
    venue = our_venue(server, Environment.TESTNET)
    cases = [
        (an_order("E0-0", symbol=SPOT, price="59900.001"), Reason.FILTER),
        (an_order("E0-1", symbol=SPOT, price="59900", size="5"), Reason.FUNDS),
        (an_order("E0-2", symbol=SPOT, price="400000"), Reason.FILTER),
    ]
    try:
        for request, reason in cases:
            problem = (await venue.submit(request)).problem
            assert problem is not None
            assert problem.reason is reason
    finally:
        await venue.close()


async def test_executions_are_read_whole_from_day_to_day(server):
    venue = our_venue(server, Environment.TESTNET)
    try:
        for number in range(3):
            assert await venue.submit(an_order(f"E{number}-0", symbol=SPOT, kind=OrderKind.MARKET))
        long_ago_us = await venue.now_us() - 5 * 86_400_000_000
        fills = await venue.fills(SPOT, since_us=long_ago_us)
        assert [fill.client_id[-4:] for fill in fills] == ["E0-0", "E1-0", "E2-0"]
    finally:
        await venue.close()


@pytest.mark.parametrize(
    ("kind", "legs"),
    [(FaultKind.DROP_AFTER, 2), (FaultKind.DROP_BEFORE, 0), (FaultKind.RESTART, 0)],
)
async def test_a_pair_whose_answer_is_lost_is_there_whole_or_not_at_all(server, kind, legs):
    venue = our_venue(server, Environment.TESTNET)
    try:
        entry = an_order("E0-0", symbol=SPOT, kind=OrderKind.MARKET)
        assert await venue.submit(entry)
        lost = FaultPlan(rates={kind: 1.0}, requests=frozenset({RequestKind.ORDER}), restart_s=0)
        server.set_faults(lost)
        pair = (
            an_order("T0-0", symbol=SPOT, is_reducing=True, price="61000", size="0.005"),
            an_order(
                "S0-0",
                symbol=SPOT,
                is_reducing=True,
                kind=OrderKind.STOP_MARKET,
                trigger="59000",
                size="0.005",
            ),
        )
        problem = (await venue.submit_pair(*pair)).problem
        assert problem is not None
        assert problem.kind is ProblemClass.UNKNOWN
        server.set_faults(FaultPlan())
        found = [await venue.order(SPOT, each.client_id, is_conditional=False) for each in pair]
        assert sum(order is not None for order in found) == legs
        # The same pair again is either the one that came through, or the first.
        again = (await venue.submit_pair(*pair)).problem
        assert (again is None) is (legs == 0)
        assert again is None or again.reason in (Reason.DUPLICATE, Reason.FUNDS)
        assert len(await venue.open_orders(SPOT)) == 2
    finally:
        await venue.close()
