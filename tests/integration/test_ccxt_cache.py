"""The live source and its cache: what is held is not asked for again, and comes back as it was."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from snipersight.domain.errors import VenueUnavailable
from snipersight.domain.units import Symbol
from tests.fakes.ccxt_bench import BTC, FIVE, STEP, T0, numbers, rows
from tests.fakes.exchange_server import Answer


async def read(source, *, bars: int):
    return await source.candles(BTC, FIVE, start_ms=T0, end_ms=T0 + bars * STEP)


async def test_a_second_run_asks_for_nothing_that_is_held(bench):
    await bench.fetch(bars=50)
    first = bench.server.count("klines")
    assert numbers(await bench.fetch(bars=50)) == list(range(50))
    assert bench.server.count("klines") == first


async def test_a_later_run_fetches_only_the_tail_and_the_three_newest_held_bars(bench):
    await bench.fetch(bars=40)
    bench.server.seen.clear()
    assert numbers(await bench.fetch(bars=50)) == list(range(50))
    (request,) = [seen for seen in bench.server.seen if "klines" in seen.path]
    assert int(request.query["startTime"]) == T0 + 37 * STEP
    assert request.query["limit"] == "13"


async def test_bars_that_a_stream_told_last_are_not_asked_for_after_a_restart(bench):
    whole = await bench.fetch(bars=44, cache_dir=None)
    async with bench.source() as source:
        await read(source, bars=40)
        assert await source.keep(whole.slice(40, 43))
    bench.server.seen.clear()
    assert numbers(await bench.fetch(bars=43)) == list(range(43))
    assert bench.server.count("klines") == 0


async def test_what_a_stream_told_wrong_is_put_right_by_the_next_update(bench):
    whole = await bench.fetch(bars=43, cache_dir=None)
    told = whole.slice(40, 43)
    async with bench.source() as source:
        await read(source, bars=40)
        assert await source.keep(replace(told, close=told.close + 0.25, high=told.high + 0.25))
    assert np.array_equal((await bench.fetch(bars=44)).close[:43], whole.close)
    assert len(bench.events.named("candle_revised")) == 3


async def test_what_several_starts_in_a_row_told_wrong_is_put_right_too(bench):
    whole = await bench.fetch(bars=45, cache_dir=None)
    await bench.fetch(bars=39)
    wrong = replace(whole, close=whole.close + 0.25, high=whole.high + 0.25)
    for bars in range(40, 45):  # each ends before the venue has confirmed its bar
        async with bench.source() as source:
            await read(source, bars=bars)
            await source.keep(wrong.slice(bars, bars + 1))
    assert np.array_equal((await bench.fetch(bars=46)).close[:45], whole.close)


async def test_more_than_the_next_update_compares_or_what_does_not_join_is_not_kept(bench):
    whole = await bench.fetch(bars=50, cache_dir=None)
    async with bench.source() as source:
        await read(source, bars=40)
        assert not await source.keep(whole.slice(40, 44))
        assert not await source.keep(whole.slice(41, 43))
        assert not await source.keep(whole.slice(40, 40))


async def test_an_earlier_start_fetches_only_what_lies_before(bench):
    async with bench.source() as source:
        await source.candles(BTC, FIVE, start_ms=T0 + 30 * STEP, end_ms=T0 + 50 * STEP)
        bench.server.seen.clear()
        candles = await source.candles(BTC, FIVE, start_ms=T0, end_ms=T0 + 50 * STEP)
    (request,) = [seen for seen in bench.server.seen if "klines" in seen.path]
    assert (int(request.query["startTime"]), request.query["limit"]) == (T0, "30")
    assert numbers(candles) == list(range(50))


async def test_a_bar_the_venue_revised_later_is_replaced_and_told(bench):
    await bench.fetch(bars=40)
    bench.server.put_bars("BTCUSDT", "5m", rows(38, 39, lift=0.25))
    candles = await bench.fetch(bars=45)
    assert candles.close[38] == 139.25
    (told,) = bench.events.named("candle_revised")
    assert (told["symbol"], told["time_ms"]) == ("BTC/USDT", T0 + 38 * STEP)
    assert told["old"]["close"], told["new"]["close"] == (139.0, 139.25)


async def test_the_same_bars_asked_for_at_once_are_fetched_once(bench):
    async with bench.source() as source:
        found = await asyncio.gather(
            *(source.candles(BTC, FIVE, start_ms=T0, end_ms=T0 + 50 * STEP) for _ in range(5))
        )
    assert {len(candles) for candles in found} == {50}
    assert bench.server.count("klines") == 1
    assert bench.server.count("exchangeInfo") == 1


async def test_bars_fetched_before_a_failure_are_kept(bench):
    bench.server.put_bars("BTCUSDT", "5m", rows(0, 2501))
    bench.server.now_ms = T0 + 2500 * STEP
    bench.server.fail_next("klines", Answer(), Answer(), *[Answer(status=500, body="{}")] * 4)
    with pytest.raises(VenueUnavailable):
        await bench.fetch(bars=2500)
    bench.server.seen.clear()
    assert numbers(await bench.fetch(bars=2500)) == list(range(2500))
    assert bench.server.count("klines") == 1


async def test_a_corrupt_cache_file_is_moved_aside_told_and_fetched_again(bench):
    await bench.fetch(bars=50)
    (path,) = bench.cache_dir.rglob("*.parquet")
    path.write_bytes(path.read_bytes()[:100])
    assert numbers(await bench.fetch(bars=50)) == list(range(50))
    assert bench.events.names == ["cache_corrupt"]
    assert bench.server.count("klines") == 2


async def test_a_cache_that_cannot_be_written_costs_only_the_copy(bench):
    bench.cache_dir = bench.cache_dir / "file"
    bench.cache_dir.write_text("in the way")
    assert numbers(await bench.fetch(bars=50)) == list(range(50))
    assert bench.events.names == ["cache_unavailable"]


async def test_without_a_cache_every_run_fetches(bench):
    await bench.fetch(bars=50, cache_dir=None)
    await bench.fetch(bars=50, cache_dir=None)
    assert bench.server.count("klines") == 2


async def test_prices_survive_the_way_through_client_and_cache_bit_for_bit(bench):
    row = [T0, 0.1 + 0.2, 1e-8 * 33_333_333, 0.00001234, 0.30000000000000001, 1 / 3]
    row[2] = 0.5
    bench.server.put_bars("ETHUSDT", "5m", [row, *rows(1, 3)])
    await bench.fetch(Symbol("ETH/USDT"), bars=3)
    candles = await bench.fetch(Symbol("ETH/USDT"), bars=3)
    got = [float(getattr(candles, name)[0]) for name in ("open", "high", "low", "close", "volume")]
    assert np.array_equal(got, row[1:])
