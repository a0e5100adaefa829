"""The live source's markets, volumes, rates and reference prices."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from snipersight.domain.instrument import Fees, MarketKind
from snipersight.domain.units import Currency, Symbol
from tests.fakes.ccxt_bench import BTC, BTC_PERP, STEP, T0, VENUES, Bench, rows
from tests.fakes.exchange_server import spot_market


# Instruments, volumes, rates -------------------------------------------------------------------
async def test_a_spot_instrument_carries_the_venues_rules(bench):
    async with bench.source() as source:
        found = (await source.instruments())[BTC]
    assert (found.venue, found.kind, found.base, found.quote) == (
        "binance",
        MarketKind.SPOT,
        "BTC",
        "USDT",
    )
    assert (found.tick, found.lot) == (Decimal("0.01"), Decimal("0.00001"))
    assert (found.min_size, found.max_size) == (Decimal("0.00001"), Decimal(9000))
    assert (found.max_market_size, found.min_notional) == (Decimal(120), Decimal(5))
    assert found.fees == Fees(maker=Decimal("0.001"), taker=Decimal("0.001"))


async def test_a_perpetual_with_a_multiplier_counts_towards_its_asset(bench):
    async with bench.source("binanceusdm") as source:
        found = (await source.instruments())[Symbol("1000PEPE/USDT:USDT")]
    assert (found.underlying, found.kind) == ("PEPE", MarketKind.PERPETUAL)
    assert found.fees == Fees(maker=Decimal("0.0002"), taker=Decimal("0.0005"))


async def test_bybit_lists_spot_and_perpetuals(bench):
    async with bench.source("bybit") as source:
        found = await source.instruments()
    assert {symbol: item.kind for symbol, item in found.items()} == {
        BTC: MarketKind.SPOT,
        BTC_PERP: MarketKind.PERPETUAL,
    }


async def test_inactive_and_unreadable_markets_are_left_out_and_the_latter_counted(bench):
    bench.server.spot += [spot_market("OLD", status="BREAK"), spot_market("币安")]
    async with bench.source() as source:
        found = await source.instruments()
    assert set(found) == {BTC, Symbol("ETH/USDT"), Symbol("BTC/EUR")}
    (told,) = bench.events.named("instruments_skipped")
    assert (told["count"], told["examples"]) == (1, ("币安/USDT",))


async def test_the_market_list_is_fetched_again_after_an_hour(bench):
    async with bench.source() as source:
        await source.instruments()
        bench.server.spot.append(spot_market("NEW"))
        assert Symbol("NEW/USDT") not in await source.instruments()
        bench.server.now_ms += 3_600_001
        assert Symbol("NEW/USDT") in await source.instruments()


@pytest.mark.parametrize(("exchange", "symbol", "host", "call"), VENUES)
async def test_volumes_come_from_the_tickers_in_quote_currency(bench, exchange, symbol, host, call):
    bench.server.quote_volumes = {"BTCUSDT": 1234.5}
    async with bench.source(exchange) as source:
        found = await source.quote_volumes(
            [symbol, Symbol("NO/PE")], at_ms=bench.server.now_ms - 60_000
        )
    assert found == {symbol: Decimal("1234.5")}


async def test_volumes_of_the_past_are_those_of_that_day_and_not_of_today(bench):
    bench.server.quote_volumes = {"BTCUSDT": 1234.5}
    quarter = 3 * STEP
    bars = [[T0 + i * quarter, 100.0, 300.0, 50.0, 200.0, 1.5] for i in range(16)]
    bench.server.put_bars("BTCUSDT", "15m", bars)
    async with bench.source() as source:
        found = await source.quote_volumes(
            [BTC, Symbol("ETH/USDT"), Symbol("NO/PE")], at_ms=T0 + 8 * quarter
        )
    assert found == {BTC: Decimal(2400)}  # eight closed bars of 200 × 1.5; ETH had none


@pytest.fixture
def rates(bench: Bench) -> Callable[[str, str], Awaitable[Decimal | None]]:
    hour = 12 * STEP
    bench.server.put_bars(
        "BTCUSDT", "1h", [[T0 + i * hour, 100.0, 300.0, 50.0, 200.0 + i, 1.0] for i in range(5)]
    )

    async def rate(quote: str, account: str) -> Decimal | None:
        async with bench.source() as source:
            at_ms = T0 + 3 * hour + 5
            return await source.quote_rate(Currency(quote), Currency(account), at_ms=at_ms)

    return rate


async def test_a_currency_is_worth_one_of_itself_without_a_request(bench, rates):
    assert await rates("USDT", "USDT") == 1
    assert bench.server.seen == []


async def test_a_direct_pair_gives_the_last_closed_close(rates):
    assert await rates("BTC", "USDT") == Decimal(202)


async def test_an_inverse_pair_gives_the_reciprocal(rates):
    assert await rates("USDT", "BTC") == 1 / Decimal(202)


async def test_a_rate_nobody_quotes_is_unknown(rates):
    assert await rates("USDT", "USD") is None


async def test_a_pair_without_bars_then_is_unknown(rates):
    assert await rates("BTC", "EUR") is None


async def test_a_reference_price_is_asked_for_anew_and_its_bar_is_closed(bench):
    minute = 60_000
    now_ms = bench.server.now_ms
    bench.server.put_bars("BTCUSDT", "1m", rows(240, 253, step=minute))
    async with bench.source() as source:
        first = await source.reference_price(BTC, at_ms=now_ms)
        bench.server.now_ms += minute
        later = await source.reference_price(BTC, at_ms=now_ms + minute)
        known = await source.reference_price(BTC, at_ms=now_ms)
    assert first is not None
    assert later is not None
    assert (first.price, first.at_ms) == (Decimal(350), T0 + 250 * minute)
    assert (later.price, later.at_ms) == (Decimal(351), T0 + 251 * minute)
    assert known == first
    assert bench.server.count("klines") == 3


async def test_a_market_without_a_recent_trade_has_no_reference_price(bench):
    async with bench.source() as source:
        assert await source.reference_price(BTC, at_ms=bench.server.now_ms) is None
