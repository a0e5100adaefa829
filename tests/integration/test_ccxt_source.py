"""The live source against a loopback exchange, through an unmodified ccxt client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from snipersight.domain.candles import Candles
from snipersight.domain.errors import (
    ConfigInvalid,
    DataInvalid,
    NoData,
    UnknownSymbol,
    VenueUnavailable,
)
from snipersight.domain.instrument import Fees, MarketKind
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Currency, Symbol
from snipersight.market.ccxt_source import CcxtSource
from tests.fakes.events import RecordingEvents
from tests.fakes.exchange_server import (
    BYBIT_HOST,
    SPOT_HOST,
    USDM_HOST,
    Answer,
    ExchangeServer,
    bybit_market,
    spot_market,
    usdm_market,
)

FIVE = Timeframe.parse("5m")
STEP = FIVE.duration_ms
T0 = 1_699_920_000_000  # 2023-11-14 00:00 UTC
BTC, BTC_PERP = Symbol("BTC/USDT"), Symbol("BTC/USDT:USDT")

VENUES = [
    ("binance", BTC, SPOT_HOST, "klines"),
    ("binanceusdm", BTC_PERP, USDM_HOST, "klines"),
    ("bybit", BTC, BYBIT_HOST, "kline"),
    ("bybit", BTC_PERP, BYBIT_HOST, "kline"),
]


def rows(first: int, stop: int, *, step: int = STEP, lift: float = 0.0) -> list[list[Any]]:
    """Bars number `first` up to `stop` since T0; each has prices of its own."""
    return [
        [T0 + i * step, 100 + i + lift, 102 + i + lift, 99.5 + i, 101 + i + lift, 1.5 + i]
        for i in range(first, stop)
    ]


class Bench:
    """A server, what was noticed, and sources that share a cache."""

    def __init__(self, server: ExchangeServer, cache_dir: Path) -> None:
        self.server = server
        self.cache_dir = cache_dir
        self.events = RecordingEvents()
        self.slept: list[float] = []
        self.local_skew_ms = 0

    @asynccontextmanager
    async def source(self, exchange: str = "binance", **changes: Any) -> AsyncIterator[CcxtSource]:
        options: dict[str, Any] = {
            "cache_dir": self.cache_dir,
            "clock": lambda: self.server.now_ms + self.local_skew_ms,
            "events": self.events,
            "session_factory": self.server.session,
            "sleep": self._sleep,
            "chance": lambda: 0.0,
        }
        async with CcxtSource(exchange, **{**options, **changes}) as source:
            yield source

    async def fetch(
        self, symbol: Symbol = BTC, *, bars: int, exchange: str = "binance", **changes: Any
    ) -> Candles:
        """Fetch bars from T0 with a new source, as a new run of the program would."""
        async with self.source(exchange, **changes) as source:
            return await source.candles(symbol, FIVE, start_ms=T0, end_ms=T0 + bars * STEP)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
async def bench(tmp_path):
    async with ExchangeServer(now_ms=T0 + 50 * STEP + 7_000) as server:
        server.spot = [spot_market("BTC"), spot_market("ETH"), spot_market("BTC", "EUR")]
        server.usdm = [usdm_market("BTC"), usdm_market("1000PEPE")]
        server.bybit = {
            "spot": [bybit_market("BTC", kind="spot")],
            "linear": [bybit_market("BTC", kind="linear")],
        }
        server.put_bars("BTCUSDT", "5m", rows(0, 51))  # the last one is forming
        yield Bench(server, tmp_path)
        assert server.refused_hosts == set()


def numbers(candles: Candles) -> list[int]:
    return [(int(time) - T0) // STEP for time in candles.open_time]


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


async def test_an_earlier_start_fetches_only_what_lies_before(bench):
    async with bench.source() as source:
        await source.candles(BTC, FIVE, start_ms=T0 + 30 * STEP, end_ms=T0 + 50 * STEP)
        bench.server.seen.clear()
        candles = await source.candles(BTC, FIVE, start_ms=T0, end_ms=T0 + 50 * STEP)
    (request,) = [seen for seen in bench.server.seen if "klines" in seen.path]
    assert (int(request.query["startTime"]), request.query["limit"]) == (T0, "30")
    assert numbers(candles) == list(range(50))


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


async def test_a_bar_the_venue_revised_later_is_replaced_and_told(bench):
    await bench.fetch(bars=40)
    bench.server.put_bars("BTCUSDT", "5m", rows(38, 39, lift=0.25))
    candles = await bench.fetch(bars=45)
    assert candles.close[38] == 139.25
    (told,) = bench.events.named("candle_revised")
    assert (told["symbol"], told["time_ms"]) == ("BTC/USDT", T0 + 38 * STEP)
    assert told["old"]["close"], told["new"]["close"] == (139.0, 139.25)


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


# Faults ----------------------------------------------------------------------------------------

TRUNCATED = Answer(keep_fraction=0.6)
ERROR_500 = Answer(status=500, body='{"code": -1000, "msg": "internal"}')
GATEWAY = Answer(status=502, body="<html>bad gateway</html>")
PORTAL = Answer(body="<html>please log in</html>")
DROPPED = Answer(is_dropped=True)
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


async def test_volumes_of_the_past_are_refused_rather_than_guessed(bench):
    async with bench.source() as source:
        with pytest.raises(NoData) as raised:
            await source.quote_volumes([BTC], at_ms=bench.server.now_ms - 3_600_000)
    assert raised.value.next_step == "name the symbols or use recorded data"


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


async def test_prices_survive_the_way_through_client_and_cache_bit_for_bit(bench):
    row = [T0, 0.1 + 0.2, 1e-8 * 33_333_333, 0.00001234, 0.30000000000000001, 1 / 3]
    row[2] = 0.5
    bench.server.put_bars("ETHUSDT", "5m", [row, *rows(1, 3)])
    await bench.fetch(Symbol("ETH/USDT"), bars=3)
    candles = await bench.fetch(Symbol("ETH/USDT"), bars=3)
    got = [float(getattr(candles, name)[0]) for name in ("open", "high", "low", "close", "volume")]
    assert np.array_equal(got, row[1:])


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


async def test_the_clocks_difference_is_what_the_venue_tells(bench):
    bench.local_skew_ms = -90_000
    async with bench.source() as source:
        assert await source.clock_skew_ms() == pytest.approx(90_000, abs=100)
