"""What Binance spot tells everybody."""

from typing import Any

import pytest

from tests.fakes.spot_desk import BUY, SpotDesk

BTC = {"symbol": "BTCUSDT"}
ETH = "ETH/USDT"


@pytest.fixture
def desk() -> SpotDesk:
    return SpotDesk()


def filters_of(market: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["filterType"]: each for each in market["filters"]}


async def test_markets_carry_the_rules_that_orders_are_held_to(desk):
    told = await desk.ask("GET", "/api/v3/exchangeInfo", BTC)
    (market,) = told["symbols"]
    filters = filters_of(market)
    assert filters["PRICE_FILTER"]["tickSize"] == "0.01000000"
    assert filters["LOT_SIZE"]["stepSize"] == "0.00001000"
    assert filters["NOTIONAL"]["minNotional"] == "5.00000000"
    assert filters["MAX_NUM_ALGO_ORDERS"]["maxNumAlgoOrders"] == 5
    assert filters["MAX_NUM_ORDERS"]["maxNumOrders"] == 200
    assert filters["PERCENT_PRICE_BY_SIDE"]["askMultiplierDown"] == "0.2"
    assert {"STOP_LOSS", "LIMIT_MAKER"} <= set(market["orderTypes"])
    assert market["ocoAllowed"] is True
    assert [each["limit"] for each in told["rateLimits"]] == [6_000, 100, 200_000]
    assert len((await desk.ask("GET", "/api/v3/exchangeInfo"))["symbols"]) > 20


async def test_prices_of_one_market_of_several_and_of_all_that_have_one(desk):
    desk.world.print(ETH, "3000")
    assert await desk.ask("GET", "/api/v3/ticker/price", BTC) == {
        "symbol": "BTCUSDT",
        "price": "60000.00000000",
    }
    for path in ("ticker/price", "ticker/bookTicker", "ticker/24hr"):
        asked = {"symbols": '["ETHUSDT"]'}
        (eth,) = await desk.ask("GET", f"/api/v3/{path}", asked)
        assert eth["symbol"] == "ETHUSDT"
        every = await desk.ask("GET", f"/api/v3/{path}")
        assert {each["symbol"] for each in every} == {"BTCUSDT", "ETHUSDT"}


async def test_the_day_goes_from_its_first_price_through_its_extremes(desk):
    for price in ("60600", "59400", "60300"):
        desk.print(price)
    day = await desk.ask("GET", "/api/v3/ticker/24hr", BTC)
    assert (day["openPrice"], day["highPrice"], day["lowPrice"]) == ("60000", "60600", "59400")
    assert (day["lastPrice"], day["priceChange"], day["priceChangePercent"]) == (
        "60300",
        "300",
        "0.500",
    )
    assert float(day["bidPrice"]) < 60_300 < float(day["askPrice"])


async def test_candles_and_book_stand_around_the_last_price(desk):
    desk.print("60100")
    rows = await desk.ask("GET", "/api/v3/klines", {**BTC, "interval": "1m"})
    assert rows[-1][1:5] == ["60000", "60100", "60000", "60100"]
    book = await desk.ask("GET", "/api/v3/depth", {**BTC, "limit": "5"})
    assert len(book["bids"]) == len(book["asks"]) == 5
    assert float(book["bids"][0][0]) < 60_100 < float(book["asks"][0][0])


async def test_what_is_not_held_is_left_out_when_asked(desk):
    await desk.place(BUY)
    await desk.place(BUY, side="SELL", quantity="0.00999")
    assert set(await desk.balances()) == {"BTC", "USDT"}
    body = await desk.ask("GET", "/api/v3/account", {"omitZeroBalances": "true"})
    assert [row["asset"] for row in body["balances"]] == ["USDT"]
