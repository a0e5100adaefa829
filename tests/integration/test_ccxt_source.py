"""The live source against a loopback exchange, through an unmodified ccxt client."""

from __future__ import annotations

import pytest

from snipersight.domain.errors import ConfigInvalid, DataInvalid, NoData, VenueUnavailable
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.market.ccxt_source import CcxtSource
from tests.fakes.ccxt_bench import BTC, DROPPED, FIVE, STEP, T0, VENUES, numbers, rows


@pytest.mark.parametrize(("exchange", "symbol", "host", "call"), VENUES)
async def test_each_venue_serves_its_closed_bars_and_only_its_host_is_contacted(
    bench, exchange, symbol, host, call
):
    bench.server.paging = "window" if exchange == "bybit" else "forward"
    candles = await bench.fetch(symbol, bars=60, exchange=exchange)
    assert numbers(candles) == list(range(50))
    assert candles.close[3] == 104.0
    assert candles.volume[3] == 4.5
    assert {request.host for request in bench.server.seen} == {host}
    assert bench.server.count(call) == 1


async def test_the_unmodified_client_asks_for_public_calls_only(bench):
    await bench.fetch(bars=50)
    calls = {request.path for request in bench.server.seen}
    assert calls == {"/api/v3/exchangeInfo", "/api/v3/time", "/api/v3/klines"}


async def test_a_forming_bar_is_left_out_and_comes_once_it_is_closed(bench):
    eth = Symbol("ETH/USDT")
    # The gap leaves room in the venue's answer, so that the forming bar is in it.
    bench.server.put_bars("ETHUSDT", "5m", rows(0, 10) + rows(30, 51))
    assert numbers(await bench.fetch(eth, bars=60))[-1] == 49
    bench.server.now_ms = T0 + 51 * STEP
    bench.server.put_bars("ETHUSDT", "5m", rows(50, 51, lift=0.25))
    candles = await bench.fetch(eth, bars=60)
    assert (numbers(candles)[-1], candles.close[-1]) == (50, 151.25)
    assert bench.events.events == []


async def test_a_fast_local_clock_lets_no_forming_bar_in(bench):
    bench.local_skew_ms = 20 * 60_000
    assert numbers(await bench.fetch(bars=60))[-1] == 49
    assert bench.events.named("clock_skew") == [
        {"venue": "binance", "venue_minus_local_ms": -20 * 60_000}
    ]


async def test_a_slow_local_clock_is_believed(bench):
    bench.local_skew_ms = -20 * 60_000
    assert numbers(await bench.fetch(bars=60))[-1] == 45


async def test_long_histories_come_page_by_page_and_once(bench):
    bench.server.put_bars("BTCUSDT", "5m", rows(0, 2501))
    bench.server.now_ms = T0 + 2500 * STEP
    candles = await bench.fetch(bars=2500)
    assert numbers(candles) == list(range(2500))
    assert bench.server.count("klines") == 3


async def test_a_venue_that_sends_fewer_bars_than_asked_is_asked_on(bench):
    bench.server.most_rows = 20
    assert numbers(await bench.fetch(bars=50)) == list(range(50))
    assert bench.server.count("klines") == 3


async def test_a_venue_that_cuts_the_older_end_of_a_window_is_asked_for_it(bench):
    bench.server.paging, bench.server.most_rows = "newest_in_window", 20
    assert numbers(await bench.fetch(bars=50)) == list(range(50))
    assert bench.events.events == []


async def test_a_venue_that_serves_recent_bars_only_is_told_and_claims_no_gap(bench):
    bench.server.paging, bench.server.most_rows = "newest", 20
    candles = await bench.fetch(bars=50)
    assert numbers(candles) == list(range(31, 50))
    (told,) = bench.events.named("history_not_served")
    assert (told["start"], told["end"]) == ("2023-11-14T00:00:00Z", "2023-11-14T02:35:00Z")
    assert bench.events.named("candle_gap") == []


@pytest.mark.parametrize("paging", ["forward", "window"])
async def test_a_gap_at_the_venue_stays_a_gap_and_is_not_fetched_again(bench, paging):
    bench.server.paging = paging
    kept = rows(0, 10) + rows(30, 51)
    bench.server.put_bars("ETHUSDT", "5m", kept)
    eth = Symbol("ETH/USDT")
    expected = [*range(10), *range(30, 50)]
    assert numbers(await bench.fetch(eth, bars=50)) == expected
    first = bench.server.count("klines")
    assert numbers(await bench.fetch(eth, bars=50)) == expected
    assert bench.server.count("klines") == first


@pytest.mark.parametrize("paging", ["forward", "window"])
async def test_a_young_listing_costs_few_requests_and_its_past_is_known_to_be_empty(bench, paging):
    born = 60_000  # bars after T0: about 208 days
    day = 288
    bench.server.paging = paging
    bench.server.now_ms = T0 + (born + 100) * STEP
    bench.server.put_bars("ETHUSDT", "5m", rows(born, born + 100))
    bench.server.put_bars("ETHUSDT", "1d", rows(born // day, born // day + 2, step=day * STEP))
    eth = Symbol("ETH/USDT")
    assert numbers(await bench.fetch(eth, bars=born + 100)) == list(range(born, born + 100))
    assert bench.server.count("klines") <= 5
    first = bench.server.count("klines")
    await bench.fetch(eth, bars=born + 100)
    assert bench.server.count("klines") == first


async def test_rows_in_any_order_and_repeated_rows_count_once(bench):
    shuffled = [*reversed(rows(0, 51)), *rows(5, 9)]
    bench.server.send_rows("BTCUSDT", "5m", shuffled)
    assert numbers(await bench.fetch(bars=60)) == list(range(50))


async def test_two_different_bars_for_one_time_are_refused(bench):
    bench.server.send_rows("BTCUSDT", "5m", rows(0, 51) + rows(5, 6, lift=0.5))
    with pytest.raises(DataInvalid, match="two different bars at 2023-11-14T00:25:00Z"):
        await bench.fetch(bars=60)


async def test_a_row_without_any_price_is_a_gap_and_told(bench):
    bench.server.put_bars("BTCUSDT", "5m", [[T0 + 4 * STEP, None, None, None, None, 0.0]])
    assert 4 not in numbers(await bench.fetch(bars=50))
    assert bench.events.names == ["candle_without_price"]


@pytest.mark.parametrize("column", [1, 2, 4, 5])
@pytest.mark.parametrize("value", [None, float("nan")])
async def test_a_row_with_one_value_missing_is_refused_and_not_cached(bench, column, value):
    broken = rows(4, 5)[0]
    broken[column] = value
    bench.server.put_bars("BTCUSDT", "5m", [broken])
    with pytest.raises(DataInvalid, match=r"NaN or infinite value at 2023-11-14T00:20:00Z"):
        await bench.fetch(bars=50)
    assert list(bench.cache_dir.rglob("*.parquet")) == []


async def test_a_bar_that_is_high_below_low_is_refused(bench):
    bench.server.put_bars("BTCUSDT", "5m", [[T0, 100.0, 90.0, 95.0, 99.0, 1.0]])
    with pytest.raises(DataInvalid, match="high below"):
        await bench.fetch(bars=50)


async def test_a_timeframe_the_venue_lacks_is_resampled_from_a_finer_one(bench):
    hours = Timeframe.parse("1h")
    async with bench.source() as source:
        source._client.timeframes = frozenset({"1m", "5m"})
        candles = await source.candles(BTC, hours, start_ms=T0 + 1, end_ms=T0 + 50 * STEP)
    assert [int(time) for time in candles.open_time] == [T0 + h * 12 * STEP for h in (1, 2, 3)]
    assert candles.open.tolist() == [112.0, 124.0, 136.0]
    assert candles.close.tolist() == [124.0, 136.0, 148.0]


async def test_a_resampled_bar_does_not_depend_on_where_the_period_begins(bench):
    hours, hour = Timeframe.parse("1h"), 12 * STEP
    eth = Symbol("ETH/USDT")
    bench.server.put_bars("ETHUSDT", "5m", rows(0, 12) + rows(13, 50))
    async with bench.source() as source:
        source._client.timeframes = frozenset({"5m"})
        for start in (T0, T0 + hour):
            candles = await source.candles(eth, hours, start_ms=start, end_ms=T0 + 2 * hour)
            assert (int(candles.open_time[-1]), candles.open[-1]) == (T0 + hour, 113.0)


async def test_a_timeframe_that_nothing_served_divides_is_refused(bench):
    async with bench.source() as source:
        source._client.timeframes = frozenset({"1h"})
        with pytest.raises(ConfigInvalid, match="serves no candles that make 5m bars"):
            await source.candles(BTC, FIVE, start_ms=T0, end_ms=T0 + 50 * STEP)


async def test_a_period_without_bars_is_no_data(bench):
    with pytest.raises(NoData, match="no closed bar"):
        await bench.fetch(Symbol("ETH/USDT"), bars=50)


# Construction and closing ----------------------------------------------------------------------
def test_an_unknown_exchange_names_near_ones(tmp_path):
    with pytest.raises(ConfigInvalid, match="unknown exchange 'binnace'") as raised:
        CcxtSource("binnace", cache_dir=tmp_path, clock=lambda: T0)
    assert "binance" in raised.value.next_step


async def test_now_is_the_earlier_clock(bench):
    bench.local_skew_ms = 5_000
    async with bench.source() as source:
        assert await source.now_ms() == bench.server.now_ms


@pytest.mark.parametrize("is_failing", [False, True])
async def test_the_session_is_closed_whatever_happened(bench, is_failing):
    sessions = []

    def factory():
        sessions.append(bench.server.session())
        return sessions[-1]

    if is_failing:
        bench.server.fail_always("exchangeInfo", DROPPED)
        with pytest.raises(VenueUnavailable):
            await bench.fetch(bars=50, session_factory=factory)
    else:
        await bench.fetch(bars=50, session_factory=factory)
    assert [session.closed for session in sessions] == [True]


async def test_the_clocks_difference_is_what_the_venue_tells(bench):
    bench.local_skew_ms = -90_000
    async with bench.source() as source:
        assert await source.clock_skew_ms() == pytest.approx(90_000, abs=100)
