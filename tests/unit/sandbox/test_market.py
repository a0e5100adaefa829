"""The built-in market as a candle source: the same bars for everybody, and honest refusals."""

import asyncio
import hashlib
import os
import subprocess
import sys
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.analysis.resampling import resample
from snipersight.domain.candles import COLUMNS, Candles
from snipersight.domain.errors import NoData, UnknownSymbol
from snipersight.domain.ports import CandleSource
from snipersight.domain.timeframe import ALL_TIMEFRAMES, DAY_MS, HOUR_MS, MINUTE_MS, Timeframe
from snipersight.domain.units import Currency, Symbol
from snipersight.sandbox import SyntheticMarket
from snipersight.sandbox.market import END_MS, FIRST_MS
from snipersight.sandbox.market_listing import listings

NOON_MS = 1_717_761_600_000  # 2024-06-07 12:00
BTC, PEPE = Symbol("BTC/USDT"), Symbol("PEPE/USDT")
EUR, USDT = Currency("EUR"), Currency("USDT")
M5 = Timeframe.parse("5m")
COARSER = [timeframe for timeframe in ALL_TIMEFRAMES if M5.divides(timeframe)]


def a_market(seed: int = 7, *, now_ms: int = NOON_MS) -> SyntheticMarket:
    return SyntheticMarket(seed, clock=lambda: now_ms)


MARKET = a_market()


async def bars(
    market: SyntheticMarket = MARKET,
    symbol: str = BTC,
    timeframe: Timeframe = M5,
    *,
    days: float = 2.0,
    end_ms: int = NOON_MS,
) -> Candles:
    start_ms = end_ms - int(days * DAY_MS)
    return await market.candles(Symbol(symbol), timeframe, start_ms=start_ms, end_ms=end_ms)


def digest(candles: Candles) -> str:
    columns = [candles.open_time, *(getattr(candles, name) for name in COLUMNS)]
    return hashlib.sha256(b"".join(column.tobytes() for column in columns)).hexdigest()


def assert_same(left: Candles, right: Candles) -> None:
    assert left.symbol == right.symbol
    assert left.timeframe == right.timeframe
    for name in ("open_time", *COLUMNS):
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name), err_msg=name)


async def test_it_is_a_candle_source_named_sandbox():
    source: CandleSource = a_market()
    assert source.venue == "sandbox"
    assert await source.now_ms() == NOON_MS


async def test_its_present_ends_with_the_supported_years():
    assert await a_market(now_ms=END_MS + DAY_MS).now_ms() == END_MS


@settings(max_examples=60, deadline=None)
@given(
    offset_minutes=st.integers(0, 40 * 24 * 60),
    length_minutes=st.integers(0, 20 * 24 * 60),
    timeframe=st.sampled_from(COARSER),
    symbol=st.sampled_from(["BTC/USDT", "1000PEPE/USDT:USDT", "BTC/EUR"]),
)
async def test_any_window_is_a_slice_of_a_larger_one(
    offset_minutes, length_minutes, timeframe, symbol
):
    whole = await bars(symbol=symbol, timeframe=timeframe, days=62)
    start_ms = NOON_MS - 60 * DAY_MS + offset_minutes * MINUTE_MS
    end_ms = start_ms + length_minutes * MINUTE_MS
    expected = whole.between(start_ms, end_ms)
    fresh = a_market()
    if len(expected) == 0:
        with pytest.raises(NoData):
            await fresh.candles(Symbol(symbol), timeframe, start_ms=start_ms, end_ms=end_ms)
        return
    window = await fresh.candles(Symbol(symbol), timeframe, start_ms=start_ms, end_ms=end_ms)
    assert_same(window, expected)


async def test_bars_do_not_depend_on_what_was_asked_before():
    market = a_market()
    for years in (9, 3, 12):
        await bars(market, PEPE, end_ms=FIRST_MS + years * 365 * DAY_MS)
    assert_same(await bars(market, PEPE), await bars(a_market(), PEPE))


async def test_forgetting_changes_nothing():
    market = a_market()
    before = digest(await bars(market))
    await market.close()
    assert digest(await bars(market)) == before


async def test_a_window_has_the_bytes_it_always_had():
    got = digest(await bars(days=20))
    assert got == "ea448928979d7f04007aaf1b4fb9b3e5f181fd33502b2517b787573acc3093bf"


def test_another_process_sees_the_same_bars():
    program = (
        "import asyncio\n"
        "from snipersight.domain.timeframe import Timeframe\n"
        "from snipersight.sandbox import SyntheticMarket\n"
        f"ask = SyntheticMarket(7, clock=lambda: 0).candles('{PEPE}', Timeframe.parse('5m'),\n"
        f"    start_ms={NOON_MS - DAY_MS}, end_ms={NOON_MS})\n"
        "bars = asyncio.run(ask)\n"
        "print(bars.close.tobytes().hex() + bars.volume.tobytes().hex())\n"
    )
    here = asyncio.run(bars(symbol=PEPE, days=1))
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == here.close.tobytes().hex() + here.volume.tobytes().hex()


async def test_another_seed_is_another_market():
    seven, eight = await bars(), await bars(a_market(8))
    assert abs(np.corrcoef(np.diff(seven.close), np.diff(eight.close))[0, 1]) < 0.2


@pytest.mark.parametrize("timeframe", COARSER, ids=str)
async def test_coarser_bars_equal_resampled_ones(timeframe):
    days = 40.3  # ends within a bucket of every timeframe, across chunks
    fine = await bars(symbol=PEPE, days=days)
    got = await bars(symbol=PEPE, timeframe=timeframe, days=days)
    assert_same(got, resample(fine, timeframe))


async def test_only_bars_within_the_period_and_closed_at_its_end_are_returned():
    hour = Timeframe.parse("1h")
    got = await MARKET.candles(BTC, hour, start_ms=NOON_MS + 1, end_ms=NOON_MS + 4 * HOUR_MS - 1)
    assert got.open_time.tolist() == [NOON_MS + HOUR_MS, NOON_MS + 2 * HOUR_MS]


async def test_every_bar_opens_where_the_last_one_closed_even_between_chunks():
    for symbol in ("BTC/USDT", "SOL/USDT:USDT", "BTC/EUR", "BTCUP/USDT"):
        got = await bars(symbol=symbol, days=140)  # two blocks, nine chunks
        np.testing.assert_array_equal(got.open[1:], got.close[:-1])


async def test_prices_lie_on_the_tick_and_volumes_on_the_lot():
    for symbol, listing in listings().items():
        got = await bars(symbol=symbol, days=0.5)
        for name in COLUMNS:
            step = listing.lot if name == "volume" else listing.tick
            counts = [Decimal(repr(value)) / step for value in getattr(got, name).tolist()]
            assert all(count == count.to_integral_value() for count in counts), (symbol, name)
            assert min(counts) >= 1, (symbol, name)


@pytest.mark.parametrize("at_ms", [FIRST_MS + DAY_MS, END_MS], ids=["first day", "last day"])
async def test_every_market_has_valid_bars_at_both_ends_of_the_years(at_ms):
    for symbol in await MARKET.instruments():
        assert len(await bars(symbol=symbol, days=1, end_ms=at_ms)) == 288


async def test_a_period_that_reaches_beyond_the_years_gives_the_part_inside():
    day = Timeframe.parse("1d")
    got = await MARKET.candles(BTC, day, start_ms=0, end_ms=FIRST_MS + 3 * DAY_MS)
    assert got.open_time.tolist() == [FIRST_MS + n * DAY_MS for n in range(3)]


@pytest.mark.parametrize(
    ("start_ms", "end_ms"),
    [
        (FIRST_MS - 9 * DAY_MS, FIRST_MS),
        (END_MS, END_MS + DAY_MS),
        (NOON_MS, NOON_MS),
        (NOON_MS, NOON_MS - DAY_MS),
        (NOON_MS + 1, NOON_MS + 9 * MINUTE_MS),
        (10**17, 10**18),
    ],
)
async def test_a_period_without_a_bar_is_no_data_that_names_the_years(start_ms, end_ms):
    with pytest.raises(NoData, match="2015-01-01T00:00:00Z to 2041-01-01T00:00:00Z"):
        await MARKET.candles(BTC, M5, start_ms=start_ms, end_ms=end_ms)


async def test_minutes_are_refused_with_the_finest_timeframe():
    with pytest.raises(NoData, match="no 1m candles, the finest are 5m"):
        await bars(timeframe=Timeframe.parse("1m"))


@pytest.mark.parametrize(
    ("asked", "near"),
    [("BTC/USD", "BTC/USDT"), ("eth/usdt", "ETH/USDT"), ("1000PEPE/USDT", "PEPE")],
)
async def test_an_unknown_symbol_is_answered_with_near_matches(asked, near):
    with pytest.raises(UnknownSymbol, match=near):
        await bars(symbol=asked)


async def test_an_unknown_symbol_without_neighbours_says_how_many_are_listed():
    with pytest.raises(UnknownSymbol, match="46 markets are listed"):
        await bars(symbol="§")


async def test_quote_volume_is_the_value_of_the_bars_closed_in_the_last_day():
    at_ms = NOON_MS + 7 * MINUTE_MS
    volumes = await MARKET.quote_volumes([BTC, Symbol("NO/SUCH")], at_ms=at_ms)
    day = await MARKET.candles(BTC, M5, start_ms=at_ms - DAY_MS, end_ms=at_ms)
    assert len(day) == 287  # the bar that was open a day ago and the one open now do not count
    assert volumes.keys() == {BTC}
    assert float(volumes[BTC]) == pytest.approx(float((day.close * day.volume).sum()), abs=0.01)


async def test_quote_volume_is_missing_outside_the_years():
    assert await MARKET.quote_volumes([BTC], at_ms=FIRST_MS) == {}
    assert await MARKET.quote_volumes([BTC], at_ms=END_MS + 2 * DAY_MS) == {}


async def test_the_most_traded_coins_lead_the_ranking_without_a_fixed_order():
    instruments = await MARKET.instruments()
    orders = set()
    for week in range(10):
        volumes = await MARKET.quote_volumes(list(instruments), at_ms=NOON_MS + 7 * week * DAY_MS)
        ranked = sorted(volumes, key=lambda symbol: -volumes[symbol])
        assert "BTC/USDT:USDT" in ranked[:4]
        assert "ETH/USDT:USDT" in ranked[:6]
        orders.add(tuple(ranked[:10]))
    assert len(orders) > 5


async def test_quote_rates_are_one_or_the_last_eur_close_or_unknown():
    at_ms = NOON_MS + MINUTE_MS
    eur = await bars(symbol="EUR/USDT", days=1)
    last = Decimal(repr(float(eur.close[-1])))
    assert await MARKET.quote_rate(USDT, USDT, at_ms=at_ms) == 1
    assert await MARKET.quote_rate(EUR, USDT, at_ms=at_ms) == last
    assert await MARKET.quote_rate(USDT, EUR, at_ms=at_ms) == round(1 / last, 8)
    assert await MARKET.quote_rate(Currency("USD"), USDT, at_ms=at_ms) is None
    assert await MARKET.quote_rate(EUR, USDT, at_ms=FIRST_MS - 1) is None
    assert await MARKET.quote_rate(EUR, USDT, at_ms=END_MS + 2 * DAY_MS) is None
