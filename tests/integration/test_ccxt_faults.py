"""The live source and a venue in trouble: repeated, told, or left alone."""

from __future__ import annotations

import asyncio
import json

import pytest

from snipersight.domain.candles import Candles
from snipersight.domain.errors import DataInvalid, UnknownSymbol, VenueUnavailable
from snipersight.domain.units import Symbol
from tests.fakes.ccxt_bench import BTC, BTC_PERP, DROPPED, FIVE, STEP, T0, VENUES, numbers
from tests.fakes.exchange_server import Answer, spot_market

# Faults ----------------------------------------------------------------------------------------
TRUNCATED = Answer(keep_fraction=0.6)
ERROR_500 = Answer(status=500, body='{"code": -1000, "msg": "internal"}')
GATEWAY = Answer(status=502, body="<html>bad gateway</html>")
PORTAL = Answer(body="<html>please log in</html>")
BUSY = Answer(body='{"retCode": 10016, "retMsg": "Server error.", "result": {}}')


@pytest.mark.parametrize("fault", [TRUNCATED, ERROR_500, GATEWAY, PORTAL])
@pytest.mark.parametrize(("exchange", "symbol", "host", "call"), VENUES[:3])
async def test_a_passing_fault_is_repeated_and_invisible(
    bench, exchange, symbol, host, call, fault
):
    bench.server.fail_next(call, fault, fault)
    assert numbers(await bench.fetch(symbol, bars=50, exchange=exchange)) == list(range(50))
    assert bench.slept == [0.25, 0.5]


@pytest.mark.parametrize("fault", [TRUNCATED, ERROR_500, GATEWAY, PORTAL])
@pytest.mark.parametrize(("exchange", "symbol", "host", "call"), VENUES[:3])
async def test_a_lasting_fault_is_the_venue_unavailable_after_four_attempts(
    bench, exchange, symbol, host, call, fault
):
    bench.server.fail_always(call, fault)
    with pytest.raises(VenueUnavailable) as raised:
        await bench.fetch(symbol, bars=50, exchange=exchange)
    assert bench.server.count(call) == 4
    assert raised.value.where == f"{exchange} {symbol} 5m"
    assert raised.value.next_step
    assert "?" not in raised.value.what
    assert raised.value.__cause__ is not None


async def test_a_dropped_connection_is_repeated_and_then_the_venue_unreachable(bench):
    bench.server.fail_next("klines", DROPPED, DROPPED)  # the HTTP client repeats one by itself
    assert len(await bench.fetch(bars=20)) == 20
    assert bench.slept == [0.25]
    bench.server.fail_always("klines", DROPPED)
    with pytest.raises(VenueUnavailable, match="binance is unreachable"):
        await bench.fetch(bars=50)


async def test_a_truncated_market_list_is_no_empty_market(bench):
    bench.server.fail_always("instruments-info", TRUNCATED)
    async with bench.source("bybit") as source:
        with pytest.raises(VenueUnavailable, match="cannot be read"):
            await source.instruments()


async def test_bybits_server_error_in_a_good_answer_is_repeated(bench):
    bench.server.fail_next("kline", BUSY)
    assert len(await bench.fetch(BTC_PERP, bars=50, exchange="bybit")) == 50


async def test_a_refused_connection_is_the_venue_unreachable(bench):
    bench.server.is_listening = False
    with pytest.raises(VenueUnavailable, match="binance is unreachable") as raised:
        await bench.fetch(bars=50)
    assert "check the network" in raised.value.next_step
    assert len(bench.slept) == 3


async def test_a_slow_answer_runs_into_the_timeout(bench):
    bench.server.fail_always("klines", Answer(delay_s=1.0))
    with pytest.raises(VenueUnavailable, match="did not answer in time"):
        await bench.fetch(bars=50, timeout_ms=60)


async def test_retry_after_is_obeyed(bench):
    limited = Answer(status=429, body='{"code": -1003}', headers={"Retry-After": "7"})
    bench.server.fail_next("klines", limited)
    assert len(await bench.fetch(bars=50)) == 50
    assert [round(seconds) for seconds in bench.slept] == [7]


async def test_a_long_retry_after_is_told_and_not_sat_out(bench):
    limited = Answer(status=429, body='{"code": -1003}', headers={"Retry-After": "600"})
    bench.server.fail_always("klines", limited)
    with pytest.raises(VenueUnavailable, match="limits our request rate") as raised:
        await bench.fetch(bars=50)
    assert "600 s" in raised.value.next_step
    assert bench.server.count("klines") == 1
    assert bench.slept == []


async def test_a_rate_limit_without_a_time_is_repeated_with_growing_pauses(bench):
    bench.server.fail_always("klines", Answer(status=429, body='{"code": -1003}'))
    with pytest.raises(VenueUnavailable, match="limits our request rate"):
        await bench.fetch(bars=50)
    assert bench.slept == [0.25, 0.5, 1.0]


async def test_a_ban_stops_every_request_at_once(bench):
    until = bench.server.now_ms + 300_000
    body = json.dumps({"code": -1003, "msg": f"Way too much; IP banned until {until}."})
    bench.server.fail_always("klines", Answer(status=418, body=body))
    async with bench.source() as source:
        for symbol in (BTC, Symbol("ETH/USDT")):
            with pytest.raises(VenueUnavailable, match="has banned this address") as raised:
                await source.candles(symbol, FIVE, start_ms=T0, end_ms=T0 + STEP)
            assert "300 s" in raised.value.next_step
    assert bench.server.count("klines") == 1
    assert bench.slept == []


async def test_a_refused_location_is_told_and_not_repeated(bench):
    body = '{"code": 0, "msg": "Service unavailable from a restricted location"}'
    bench.server.fail_always("exchangeInfo", Answer(status=451, body=body))
    async with bench.source() as source:
        with pytest.raises(VenueUnavailable, match="refuses public requests from here"):
            await source.instruments()
    assert bench.server.count("exchangeInfo") == 1


async def test_an_unknown_symbol_names_near_ones_and_is_not_asked_for(bench):
    with pytest.raises(UnknownSymbol) as raised:
        await bench.fetch(Symbol("BTC/USTD"), bars=50)
    assert "BTC/USDT" in raised.value.next_step
    assert bench.server.count("klines") == 0


async def test_a_symbol_delisted_since_the_market_list_is_unknown(bench):
    async with bench.source() as source:
        await source.instruments()
        bench.server.spot = [spot_market("ETH")]
        with pytest.raises(UnknownSymbol, match="does not know the symbol"):
            await source.candles(BTC, FIVE, start_ms=T0, end_ms=T0 + 50 * STEP)
    assert bench.server.count("klines") == 1


async def test_one_bad_symbol_does_not_stop_the_others(bench):
    bench.server.put_bars("ETHUSDT", "5m", [[T0, 1.0, 0.5, 0.7, 1.0, 1.0]])
    async with bench.source() as source:
        wanted = [BTC, Symbol("ETH/USDT"), Symbol("NO/PE")]
        found = await asyncio.gather(
            *(source.candles(s, FIVE, start_ms=T0, end_ms=T0 + 50 * STEP) for s in wanted),
            return_exceptions=True,
        )
    assert [type(item) for item in found] == [Candles, DataInvalid, UnknownSymbol]
