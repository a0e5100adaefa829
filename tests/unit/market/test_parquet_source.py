import time
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from snipersight.analysis.resampling import resample
from snipersight.domain.candles import COLUMNS
from snipersight.domain.errors import ConfigInvalid, DataInvalid, NoData, UnknownSymbol
from snipersight.domain.ports import CandleSource
from snipersight.domain.timeframe import DAY_MS, HOUR_MS, Timeframe
from snipersight.domain.units import Currency, Symbol
from snipersight.market.parquet_source import ParquetDirectory
from tests.unit.market.recordings import (
    OHLCV,
    RECORDED,
    SPOT_2024,
    START_MS,
    a_directory,
    changed,
    needs_recorded,
    recorded_candles,
    rows,
)

M5, M15, H1, H4 = (Timeframe.parse(name) for name in ("5m", "15m", "1h", "4h"))
BTC, ETH = Symbol("BTC/USDT"), Symbol("ETH/USDT")
USDT, EUR = Currency("USDT"), Currency("EUR")
STEP_MS = M5.duration_ms
AS_OF_MS = START_MS  # 2024-06-07
NAN = float("nan")


async def five_minutes(source: ParquetDirectory, symbol: Symbol = BTC):
    return await source.candles(symbol, M5, start_ms=0, end_ms=START_MS + DAY_MS)


async def test_it_is_a_candle_source(tmp_path: Path):
    source: CandleSource = ParquetDirectory(a_directory(tmp_path, BTCUSDT_5m=rows(12)))
    assert source.venue == "binance"
    assert await source.now_ms() == START_MS + HOUR_MS
    assert list(await source.instruments()) == [BTC]
    await source.close()


async def test_bars_open_from_the_start_and_are_closed_at_the_end(tmp_path: Path):
    source = ParquetDirectory(a_directory(tmp_path, BTCUSDT_5m=rows(12)))
    bars = await source.candles(BTC, M5, start_ms=START_MS + 1, end_ms=START_MS + 4 * STEP_MS - 1)
    assert bars.open_time.tolist() == [START_MS + STEP_MS, START_MS + 2 * STEP_MS]


async def test_a_native_file_is_preferred_to_resampling(tmp_path: Path):
    native = changed(rows(2, timeframe="15m"), 0, volume=99.0)
    source = ParquetDirectory(a_directory(tmp_path, BTCUSDT_5m=rows(12), BTCUSDT_15m=native))
    bars = await source.candles(BTC, M15, start_ms=0, end_ms=START_MS + HOUR_MS)
    assert bars.volume[0] == 99.0


async def test_where_the_native_file_has_nothing_the_finest_is_resampled(tmp_path: Path):
    late = rows(2, timeframe="1h", start_ms=START_MS + DAY_MS)
    source = ParquetDirectory(
        a_directory(
            tmp_path, BTCUSDT_5m=rows(12), BTCUSDT_15m=rows(4, timeframe="15m"), BTCUSDT_1h=late
        )
    )
    bars = await source.candles(BTC, H1, start_ms=0, end_ms=START_MS + HOUR_MS)
    assert bars.volume.tolist() == [24.0]  # twelve bars of 2; the 15-minute file would give 8


async def test_a_file_that_does_not_divide_the_timeframe_is_not_resampled(tmp_path: Path):
    source = ParquetDirectory(a_directory(tmp_path, BTCUSDT_4h=rows(3, timeframe="4h")))
    with pytest.raises(NoData, match=r"no 6h bar.*the files hold 4h from 2024-06-07T00:00:00Z"):
        await source.candles(BTC, Timeframe.parse("6h"), start_ms=0, end_ms=START_MS + DAY_MS)


@pytest.mark.parametrize("first", [0, 1, 11, 12, 13, 24, 25, 47])
async def test_resampled_bars_do_not_depend_on_the_window(tmp_path: Path, first: int):
    # Bars 12–14 are missing, so the second hour begins without its first bars.
    holed = rows(60).filter(~np.isin(np.arange(60), [12, 13, 14]))
    source = ParquetDirectory(a_directory(tmp_path, BTCUSDT_5m=holed))
    whole = await source.candles(BTC, H1, start_ms=0, end_ms=START_MS + DAY_MS)
    start_ms = START_MS + first * STEP_MS
    part = await source.candles(BTC, H1, start_ms=start_ms, end_ms=START_MS + DAY_MS)
    expected = whole.between(start_ms, START_MS + DAY_MS)
    assert part.open_time.tolist() == expected.open_time.tolist()
    assert all(np.array_equal(getattr(part, c), getattr(expected, c)) for c in COLUMNS)


async def test_an_incomplete_bucket_at_the_end_is_left_out(tmp_path: Path):
    source = ParquetDirectory(a_directory(tmp_path, BTCUSDT_5m=rows(23)))
    assert len(await source.candles(BTC, H1, start_ms=0, end_ms=START_MS + DAY_MS)) == 1


async def test_a_period_without_bars_is_no_data_and_says_what_there_is(tmp_path: Path):
    source = ParquetDirectory(a_directory(tmp_path, BTCUSDT_5m=rows(12)))
    with pytest.raises(
        NoData, match=r"no 5m bar.*5m from 2024-06-07T00:00:00Z to 2024-06-07T01:00"
    ):
        await source.candles(BTC, M5, start_ms=0, end_ms=START_MS)


async def test_an_unknown_symbol_names_its_neighbour(tmp_path: Path):
    source = ParquetDirectory(a_directory(tmp_path, BTCUSDT_5m=rows(3), ETHUSDT_5m=rows(3)))
    with pytest.raises(UnknownSymbol, match=r"did you mean ETH/USDT"):
        await five_minutes(source, Symbol("EHT/USDT"))


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        (r"not a number in row 8, 2024-06-07T00:35:00Z .*C nan", {"close": NAN}),
        (r"not a number in row 8", {"volume": None}),
        (r"non positive in row 8, .*L 0\.0", {"low": 0.0}),
        (r"non positive in row 8, .*L -5\.0", {"low": -5.0}),
        (r"high below body in row 8, .*H 1\.0", {"high": 1.0}),
        (r"low above body in row 8", {"low": 100.3}),
        (r"negative volume in row 8, .*V -1\.0", {"volume": -1.0}),
        (r"duplicate in row 8, 2024-06-07T00:30:00Z", {"timestamp": START_MS + 6 * STEP_MS}),
        (
            r"unsorted in row 8, 2024-06-07T00:02:30Z|off grid in row 8",
            {"timestamp": START_MS + 150_000},
        ),
        (r"off grid in row 8, 2024-06-07T00:36:00Z", {"timestamp": START_MS + 36 * 60_000}),
    ],
)
async def test_a_bad_file_is_refused_by_name_row_and_value_and_stops_nobody_else(
    tmp_path: Path, fault: str, change: dict[str, float | None]
):
    bad = changed(rows(12), 7, **change)
    source = ParquetDirectory(a_directory(tmp_path, BTCUSDT_5m=bad, ETHUSDT_5m=rows(12)))
    assert set(await source.instruments()) == {BTC, ETH}
    with pytest.raises(DataInvalid, match=fault) as caught:
        await five_minutes(source)
    assert caught.value.where.endswith("BTCUSDT-5m.parquet")
    assert "snipersight data check" in caught.value.next_step
    assert len(await five_minutes(source, ETH)) == 12
    assert await source.now_ms() == START_MS + HOUR_MS
    assert ETH in await source.quote_volumes([BTC, ETH], at_ms=START_MS + HOUR_MS)


async def test_the_row_is_counted_from_the_files_first_whatever_the_window(tmp_path: Path):
    source = ParquetDirectory(a_directory(tmp_path, BTCUSDT_5m=changed(rows(12), 7, close=NAN)))
    with pytest.raises(DataInvalid, match="row 8,"):
        await source.candles(BTC, M5, start_ms=START_MS + 5 * STEP_MS, end_ms=START_MS + HOUR_MS)


async def test_an_unreadable_file_stops_nobody_else(tmp_path: Path):
    directory = a_directory(tmp_path, ETHUSDT_5m=rows(12))
    (directory / "BTCUSDT-5m.parquet").write_bytes(b"nothing of the kind")
    source = ParquetDirectory(directory)
    assert set(await source.instruments()) == {BTC, ETH}
    with pytest.raises(DataInvalid, match="not a readable Parquet file"):
        await five_minutes(source)
    assert len(await five_minutes(source, ETH)) == 12


async def test_a_file_named_for_another_timeframe_is_refused(tmp_path: Path):
    source = ParquetDirectory(a_directory(tmp_path, BTCUSDT_15m=rows(12)))
    with pytest.raises(DataInvalid, match="off grid in row 2"):
        await source.candles(BTC, M15, start_ms=0, end_ms=START_MS + DAY_MS)


async def test_with_a_clock_a_forming_bar_is_left_out(tmp_path: Path):
    now_ms = START_MS + 11 * STEP_MS + 1
    source = ParquetDirectory(a_directory(tmp_path, BTCUSDT_5m=rows(12)), clock=lambda: now_ms)
    assert len(await five_minutes(source)) == 11
    assert await source.now_ms() == START_MS + 11 * STEP_MS


async def test_with_a_clock_a_bar_of_the_future_is_refused(tmp_path: Path):
    now_ms = START_MS + 10 * STEP_MS
    directory = a_directory(tmp_path, BTCUSDT_5m=rows(13), ETHUSDT_5m=rows(9))
    source = ParquetDirectory(directory, clock=lambda: now_ms)
    with pytest.raises(DataInvalid, match=r"row 12 opens in the future, 2024-06-07T00:55:00Z"):
        await five_minutes(source)
    assert await source.now_ms() == START_MS + 9 * STEP_MS


async def test_files_without_a_usable_bar_have_no_present(tmp_path: Path):
    source = ParquetDirectory(a_directory(tmp_path, BTCUSDT_5m=rows(0)))
    with pytest.raises(NoData, match="none of the files holds a usable bar"):
        await source.now_ms()


async def test_volume_is_that_of_the_bars_closed_in_the_day_before(tmp_path: Path):
    frame = rows(600)  # 50 hours
    source = ParquetDirectory(a_directory(tmp_path, BTCUSDT_5m=frame, ETHUSDT_5m=rows(1)))
    at_ms = START_MS + 40 * HOUR_MS + 60_000
    volumes = await source.quote_volumes([BTC, ETH, Symbol("XRP/USDT")], at_ms=at_ms)
    counted = frame[193:480]  # the bar that opened a minute short of 24 hours ago is not inside
    assert list(volumes) == [BTC]
    assert float(volumes[BTC]) == pytest.approx((counted["close"] * counted["volume"]).sum())


async def test_a_rate_is_one_for_the_same_currency_and_unknown_without_evidence(tmp_path: Path):
    source = ParquetDirectory(a_directory(tmp_path, BTCUSDT_5m=rows(12), BTCEUR_5m=rows(12)))
    at_ms = START_MS + HOUR_MS
    assert await source.quote_rate(USDT, USDT, at_ms=at_ms) == 1
    assert await source.quote_rate(EUR, USDT, at_ms=at_ms) is None
    assert await source.quote_rate(Currency("USD"), USDT, at_ms=at_ms) is None


async def test_a_rate_comes_from_a_recorded_pair_as_of_the_moment(tmp_path: Path):
    source = ParquetDirectory(a_directory(tmp_path, EURUSDT_5m=rows(12, price=1.25)))
    at_ms = START_MS + 2 * STEP_MS
    assert await source.quote_rate(EUR, USDT, at_ms=at_ms) == Decimal("1.27")
    assert await source.quote_rate(USDT, EUR, at_ms=at_ms) == 1 / Decimal("1.27")
    assert await source.quote_rate(EUR, USDT, at_ms=START_MS) is None
    assert await source.quote_rate(EUR, USDT, at_ms=START_MS + 3 * DAY_MS) is None


async def test_a_stated_rate_counts_where_none_is_recorded(tmp_path: Path):
    directory = a_directory(tmp_path, BTCEUR_5m=rows(3), name="bitvavo_spot_eur_test")
    source = ParquetDirectory(directory, rates={("EUR", "USDT"): Decimal("1.08")})
    assert await source.quote_rate(EUR, USDT, at_ms=START_MS) == Decimal("1.08")


def test_a_folder_that_names_no_venue_is_refused_with_what_to_write(tmp_path: Path):
    directory = a_directory(tmp_path, name="my_candles", BTCUSDT_5m=rows(3))
    with pytest.raises(
        ConfigInvalid, match=r"venue.*is not known.*instruments\.toml.*kind = .spot"
    ):
        ParquetDirectory(directory)


async def test_a_toml_beside_the_candles_names_venue_symbol_and_rules(tmp_path: Path):
    directory = a_directory(tmp_path, name="my_candles", XBTUSD_5m=rows(3))
    (directory / "instruments.toml").write_text(
        'venue = "kraken"\nkind = "spot"\nfees = { maker = "0.0016", taker = "0.0026" }\n'
        '[markets."BTC/USD"]\nfile = "XBTUSD"\ntick = "0.1"\nlot = "0.0001"\n'
    )
    source = ParquetDirectory(directory)
    instrument = (await source.instruments())[Symbol("BTC/USD")]
    assert (source.venue, instrument.venue, instrument.tick) == ("kraken", "kraken", None)
    assert "lot" not in instrument.missing()  # the cents of the test bars contradict the tick only
    assert instrument.fees is not None


async def test_a_file_that_names_no_known_market_is_ignored_with_a_reason(tmp_path: Path):
    source = ParquetDirectory(a_directory(tmp_path, BTCUSDT_5m=rows(3), FOOBAR_5m=rows(3)))
    assert list(await source.instruments()) == [BTC]
    ((name, reason),) = source.ignored
    assert name == "FOOBAR-5m.parquet"
    assert "ends with no known quote currency" in reason
    assert 'file = "FOOBAR"' in reason


def test_a_directory_whose_files_name_no_market_is_refused(tmp_path: Path):
    with pytest.raises(NoData, match=r"no candle file names a market \(FOOBAR ends with"):
        ParquetDirectory(a_directory(tmp_path, FOOBAR_5m=rows(3)))


def test_two_files_of_one_market_and_timeframe_are_refused(tmp_path: Path):
    directory = a_directory(tmp_path, BTCUSDT_5m=rows(3), BTCUSDT_5m_futures=rows(3))
    with pytest.raises(ConfigInvalid, match=r"BTCUSDT-5m.* and BTCUSDT-5m.* are both BTC/USDT 5m"):
        ParquetDirectory(directory)


def test_rules_of_another_venue_than_the_folders_are_refused(tmp_path: Path):
    rules = tmp_path / "mine.toml"
    rules.write_text('venue = "bybit"\nkind = "perpetual"')
    with pytest.raises(
        ConfigInvalid, match="rules are those of bybit, the folder's name says binance"
    ):
        ParquetDirectory(a_directory(tmp_path, BTCUSDT_5m=rows(3)), instruments=rules)


async def test_a_perpetual_folder_gives_perpetual_symbols(tmp_path: Path):
    directory = a_directory(tmp_path, name="binance_usdm_test", BTCUSDT_5m=rows(3))
    (symbol,) = await ParquetDirectory(directory).instruments()
    assert symbol == "BTC/USDT:USDT"


@needs_recorded
async def test_recorded_candles_are_the_files_rows():
    source = ParquetDirectory(SPOT_2024)
    bars = await source.candles(
        Symbol("PEPE/USDT"), M5, start_ms=AS_OF_MS - 100 * STEP_MS, end_ms=AS_OF_MS
    )
    whole = recorded_candles(SPOT_2024 / "PEPEUSDT-5m.parquet")
    expected = whole.between(AS_OF_MS - 100 * STEP_MS, AS_OF_MS)
    assert len(bars) == 100
    assert all(np.array_equal(getattr(bars, c), getattr(expected, c)) for c in COLUMNS)


@needs_recorded
async def test_a_recorded_window_resamples_like_the_whole_file():
    source = ParquetDirectory(SPOT_2024)
    bars = await source.candles(BTC, H4, start_ms=AS_OF_MS - 30 * DAY_MS + 1, end_ms=AS_OF_MS)
    whole = resample(recorded_candles(SPOT_2024 / "BTCUSDT-5m.parquet"), H4)
    expected = whole.between(AS_OF_MS - 30 * DAY_MS + 1, AS_OF_MS)
    assert len(bars) == 179
    assert all(np.array_equal(getattr(bars, c), getattr(expected, c)) for c in COLUMNS)


@needs_recorded
@pytest.mark.parametrize(
    "folder",
    [
        "a_permissive/binance_spot_5m_2024",
        "a_permissive/binance_usdm_1m_2025",
        "a_permissive/binance_usdm_spring2025",
        "a_permissive/bitvavo_spot_eur_1h",
        "b_gpl3/binance_spot_5m_2021",
        "b_gpl3/binance_spot_5m_2023_2025",
        "c_no_licence/binance_spot_1h_2019_2022",
        "c_no_licence/binance_usdm_1h_2023_2025",
        "c_no_licence/bybit_linear_5m_2025",
    ],
)
async def test_every_recorded_market_has_complete_rules_that_its_prices_bear_out(folder: str):
    for instrument in (await ParquetDirectory(OHLCV / folder).instruments()).values():
        assert instrument.missing() == ()
        assert instrument.min_notional
        assert "agrees with 4000 recorded prices" in instrument.source


@needs_recorded
async def test_ticks_are_those_of_the_moment_looked_at():
    ticks = {}
    for day in ("2024-03-01", "2024-06-07", "2024-08-30"):
        at_ms = int(np.datetime64(day).astype("datetime64[ms]").astype(np.int64))
        source = ParquetDirectory(SPOT_2024, rules_at_ms=at_ms)
        ticks[day] = (await source.instruments())[Symbol("LINK/USDT")].tick
    assert list(map(str, ticks.values())) == ["0.001", "0.001", "0.01"]


@needs_recorded
async def test_outdated_rules_of_a_recorded_exchange_info_are_noticed(tmp_path: Path):
    rules = RECORDED / "protocol" / "binance_spot_exchangeInfo_2021-08-26.json.gz"
    found = await ParquetDirectory(SPOT_2024, instruments=rules).instruments()
    doge, btc = found[Symbol("DOGE/USDT")], found[BTC]
    assert doge.tick is None
    assert "tick 0.0001 is contradicted" in doge.source
    assert btc.tick == Decimal("0.01")
    assert btc.fees is not None
    assert "2021-08-26" in btc.source


@needs_recorded
async def test_twenty_symbols_of_twenty_thousand_bars_are_read_quickly():
    source = ParquetDirectory(SPOT_2024)
    now_ms = await source.now_ms()
    started = time.perf_counter()
    for symbol in await source.instruments():
        bars = await source.candles(symbol, M5, start_ms=now_ms - 20_000 * STEP_MS, end_ms=now_ms)
        assert len(bars) == 20_000
    assert time.perf_counter() - started < 2.0  # 0.15 s on an idle core
