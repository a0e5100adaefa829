"""The price a plan is held against: the newest known one, and never a later one."""

from decimal import Decimal
from pathlib import Path

import pytest

from snipersight.domain.errors import DataInvalid, UnknownSymbol
from snipersight.domain.timeframe import DAY_MS, HOUR_MS, Timeframe
from snipersight.domain.units import Symbol
from snipersight.market.ccxt_reference import reference_of, reference_span
from snipersight.market.parquet_source import ParquetDirectory
from snipersight.sandbox.market import FIRST_MS, SyntheticMarket
from tests.unit.market.recordings import START_MS, a_directory, changed, rows

BTC = Symbol("BTC/USDT")
M1, M5, H1 = (Timeframe.parse(name) for name in ("1m", "5m", "1h"))
STEP_MS = M5.duration_ms


async def test_a_recording_gives_the_newest_close_known_then(tmp_path: Path):
    source = ParquetDirectory(a_directory(tmp_path, BTCUSDT_5m=rows(12, price=100.0)))
    found = await source.reference_price(BTC, at_ms=START_MS + 3 * STEP_MS + 1)
    bars = await source.candles(BTC, M5, start_ms=START_MS, end_ms=START_MS + 3 * STEP_MS)
    assert found is not None
    assert found.price == Decimal(repr(float(bars.close[-1])))
    assert (found.at_ms, found.step_ms) == (START_MS + 3 * STEP_MS, STEP_MS)
    assert await source.clock_skew_ms() == 0


async def test_of_two_files_the_one_that_goes_on_longer_gives_the_price(tmp_path: Path):
    hours = rows(4, timeframe="1h", price=500.0)
    source = ParquetDirectory(
        a_directory(tmp_path, BTCUSDT_5m=rows(12, price=100.0), BTCUSDT_1h=hours)
    )
    late = await source.reference_price(BTC, at_ms=START_MS + 3 * HOUR_MS)
    assert late is not None
    assert (late.at_ms, late.step_ms) == (START_MS + 3 * HOUR_MS, HOUR_MS)
    early = await source.reference_price(BTC, at_ms=START_MS + HOUR_MS)
    assert early is not None
    assert early.step_ms == STEP_MS  # both closed then: the shorter bar says it more precisely


async def test_before_the_first_bar_and_long_after_the_last_there_is_no_price(tmp_path: Path):
    source = ParquetDirectory(a_directory(tmp_path, BTCUSDT_5m=rows(12)))
    assert await source.reference_price(BTC, at_ms=START_MS) is None
    assert await source.reference_price(BTC, at_ms=START_MS + 3 * DAY_MS) is None
    with pytest.raises(UnknownSymbol):
        await source.reference_price(Symbol("ETH/USDT"), at_ms=START_MS + DAY_MS)


async def test_a_bar_that_is_none_gives_no_price(tmp_path: Path):
    broken = changed(rows(12), 11, close=float("nan"))
    source = ParquetDirectory(a_directory(tmp_path, BTCUSDT_5m=broken))
    with pytest.raises(DataInvalid):
        await source.reference_price(BTC, at_ms=START_MS + HOUR_MS)


async def test_the_built_in_market_gives_the_last_closed_bar():
    market = SyntheticMarket()
    at_ms = 1_717_761_600_000 + 2 * 60_000
    found = await market.reference_price(BTC, at_ms=at_ms)
    bars = await market.candles(BTC, M5, start_ms=at_ms - HOUR_MS, end_ms=at_ms)
    assert found is not None
    assert found.price == Decimal(repr(float(bars.close[-1])))
    assert found.at_ms == int(bars.close_time[-1])
    assert await market.clock_skew_ms() == 0
    assert await market.reference_price(BTC, at_ms=FIRST_MS) is None
    with pytest.raises(UnknownSymbol):
        await market.reference_price(Symbol("BTC/XXX"), at_ms=at_ms)


def live_rows(first_ms: int, closes: list[float | None]) -> list[list[float | None]]:
    return [
        [first_ms + n * 60_000, close, close, close, close, 1.0] for n, close in enumerate(closes)
    ]


def test_the_forming_bar_of_a_venue_is_no_reference():
    first_ms, bars = reference_span(M1, START_MS + 90_000)
    assert first_ms + bars * 60_000 == START_MS + 60_000
    served = live_rows(START_MS - 60_000, [1.0, 2.0, 3.0])
    found = reference_of(served, symbol=BTC, timeframe=M1, at_ms=START_MS + 90_000, venue="x")
    assert found is not None
    assert found.price == Decimal(2)
    assert (found.at_ms, found.source) == (START_MS + 60_000, "x 1m close")


def test_bars_without_trades_give_no_reference():
    served = live_rows(START_MS - 60_000, [None, None])
    assert reference_of(served, symbol=BTC, timeframe=M1, at_ms=START_MS, venue="x") is None


def test_a_venue_of_long_bars_is_asked_for_a_few_of_them():
    first_ms, bars = reference_span(H1, START_MS)
    assert (first_ms, bars) == (START_MS - 3 * HOUR_MS, 3)
