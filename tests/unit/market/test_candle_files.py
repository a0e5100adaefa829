from pathlib import Path

import pytest

from snipersight.domain.errors import ConfigInvalid, NoData
from snipersight.domain.instrument import MarketKind
from snipersight.market.candle_files import find_candle_files, venue_of_folder
from tests.unit.market.recordings import a_directory, rows


def test_candle_files_are_found_by_pair_and_timeframe(tmp_path: Path):
    directory = a_directory(
        tmp_path,
        ETHUSDT_5m=rows(1),
        BTCUSDT_1h=rows(1),
        BTCUSDT_5m=rows(1),
        XRPUSDT_5m_futures=rows(1),
    )
    found = find_candle_files(directory)
    assert [(file.pair, str(file.timeframe)) for file in found.files] == [
        ("BTCUSDT", "5m"), ("BTCUSDT", "1h"), ("ETHUSDT", "5m"), ("XRPUSDT", "5m"),
    ]  # fmt: skip
    assert found.ignored == ()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("BTCUSDT-8h-mark", "holds mark values"),
        ("BTCUSDT-8h-funding_rate", "holds funding rate values"),
        ("BTCUSDT-7m", "unknown timeframe '7m'"),
        ("BTCUSDT-5m-index", "unknown kind of file 'index'"),
        ("notes", "the name is not like"),
        ("btcusdt-5m", "the name is not like"),
    ],
)
def test_other_files_are_ignored_with_a_reason(tmp_path: Path, name: str, reason: str):
    directory = a_directory(tmp_path, BTCUSDT_5m=rows(1))
    rows(1).write_parquet(directory / f"{name}.parquet")
    ((ignored, why),) = find_candle_files(directory).ignored
    assert ignored == f"{name}.parquet"
    assert why.startswith(reason)


def test_a_missing_directory_is_an_error_that_says_what_to_name(tmp_path: Path):
    with pytest.raises(ConfigInvalid, match=r"no such directory.*BTCUSDT-5m\.parquet"):
        find_candle_files(tmp_path / "nowhere")


def test_an_empty_directory_is_an_error_that_says_what_to_add(tmp_path: Path):
    with pytest.raises(NoData, match=r"no candle file.*snipersight data import"):
        find_candle_files(tmp_path)


def test_a_directory_of_funding_rates_alone_says_what_it_saw(tmp_path: Path):
    directory = a_directory(tmp_path, BTCUSDT_8h_funding_rate=rows(1))
    (directory / "BTCUSDT-8h-funding-rate.parquet").rename(
        directory / "BTCUSDT-8h-funding_rate.parquet"
    )
    with pytest.raises(NoData, match="funding rate values"):
        find_candle_files(directory)


@pytest.mark.parametrize(
    ("folder", "market"),
    [
        ("binance_spot_5m_2024", ("binance", MarketKind.SPOT)),
        ("binance_usdm_1m_2025", ("binanceusdm", MarketKind.PERPETUAL)),
        ("bybit_linear_5m_2025", ("bybit", MarketKind.PERPETUAL)),
        ("bitvavo_spot_eur_1h", ("bitvavo", MarketKind.SPOT)),
        ("my_candles", None),
    ],
)
def test_a_folder_name_says_venue_and_kind(tmp_path: Path, folder: str, market: object):
    assert venue_of_folder(tmp_path / folder) == market
