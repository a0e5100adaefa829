import gzip
import json
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from snipersight.domain.candles import utc_text
from snipersight.domain.errors import ConfigInvalid, DataInvalid
from snipersight.market.importing import ImportReport, import_file
from snipersight.market.quality import check_directory
from snipersight.market.raw_bars import RawBars, read_bars
from tests.unit.market.recordings import (
    RECORDED,
    START_MS,
    changed,
    csv_lines,
    needs_recorded,
    rows,
)

HEADER = "timestamp,open,high,low,close,volume"
STEP_MS = 300_000
DIRTY = RECORDED / "dirty"


def line(place: int, *, price: float = 100.0, volume: float = 2.0, time: object = None) -> str:
    moment = START_MS + STEP_MS * place if time is None else time
    return f"{moment},{price},{price + 0.5},{price - 0.5},{price + 0.25},{volume}"


def imported(
    tmp_path: Path, content: str | bytes, name: str = "in.csv", **options: object
) -> tuple[ImportReport, RawBars]:
    source = tmp_path / name
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    arguments = {"symbol": "BTC/USDT", "timeframe": "5m"} | options
    report = import_file(source, tmp_path / "out", **arguments)  # type: ignore[arg-type] # options by name
    return report, read_bars(Path(report.target))


def refused(
    tmp_path: Path, content: str | bytes, name: str = "in.csv", **options: object
) -> DataInvalid:
    with pytest.raises(DataInvalid) as caught:
        imported(tmp_path, content, name, **options)
    assert not list((tmp_path / "out").glob("*"))
    assert caught.value.where.endswith(name)
    assert caught.value.next_step
    return caught.value


@needs_recorded
def test_the_file_with_exchanged_volume_columns_is_put_right_from_the_hour_they_changed(
    tmp_path: Path,
):
    source = DIRTY / "btcusd_hourly_newest_first_swapped_volume.csv.gz"
    report = import_file(source, tmp_path, symbol="BTC/USD", timeframe="1h")
    bars = read_bars(Path(report.target))
    assert (report.rows_read, report.rows_written, report.missing_bars) == (1400, 1400, 0)
    exchanged, order = report.repairs
    assert exchanged.startswith(
        "base and quote volume were exchanged from 2020-09-09T14:00:00Z to 2020-10-12T08:00:00Z "
    )
    assert "(787 bars)" in exchanged
    assert order == "rows stood newest first; turned round"
    changed_at = int(np.searchsorted(bars.time, 1_602_489_600_000))
    assert bars.volume[changed_at : changed_at + 2].tolist() == [139.7, 403.96039655]
    assert bars.volume.max() < 10_000
    assert check_directory(tmp_path).is_usable


@needs_recorded
def test_the_file_with_a_junk_line_and_twelve_hour_times_is_read(tmp_path: Path):
    source = DIRTY / "coinbase_btcusd_1h_junk_first_line_ampm.csv.gz"
    report = import_file(source, tmp_path, symbol="BTC/USD")
    bars = read_bars(Path(report.target))
    assert (report.rows_written, str(report.timeframe)) == (2000, "1h")
    span = (utc_text(report.start_ms), utc_text(report.end_ms))
    assert span == ("2019-07-26T02:00:00Z", "2019-10-17T09:00:00Z")
    assert (bars.open[-1], bars.volume[-1]) == (8051.0, 61.25)
    text = "\n".join(report.assumptions)
    for part in (
        "line 1 above the header was skipped",
        "%I-%p",
        "as UTC",
        "timeframe 1h",
        "all 2000 rows",
    ):
        assert part in text


@needs_recorded
def test_a_dirty_file_is_refused_for_another_market(tmp_path: Path):
    with pytest.raises(DataInvalid, match="the file is of BTC/USD, not of ETH/USD"):
        import_file(
            DIRTY / "btcusd_hourly_newest_first_swapped_volume.csv.gz", tmp_path, symbol="ETH/USD"
        )


def test_values_are_written_bit_for_bit_in_our_layout(tmp_path: Path):
    text = csv_lines(HEADER, [f"{START_MS},0.1,0.30000000000000004,0.07,0.2,123456789.12345678"])
    report, bars = imported(tmp_path, text)
    assert Path(report.target).name == "BTCUSDT-5m.parquet"
    assert [bars.column(c)[0] for c in ("open", "high", "low", "close", "volume")] == [
        0.1, 0.30000000000000004, 0.07, 0.2, 123456789.12345678,
    ]  # fmt: skip
    schema = pl.read_parquet_schema(report.target)
    assert schema["timestamp"] == pl.Datetime("ms", "UTC")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["BTCUSDT-5m.parquet"]


@pytest.mark.parametrize(
    "header",
    [
        "time,Open,High,Low,Close,Volume",
        "Open Time,OPEN,HIGH,LOW,CLOSE,Volume BTC",
        "unix,open,high,low,close,base_volume",
        "date,o,h,l,c,v".replace("o,h,l,c", "open,high,low,close"),
    ],
)
def test_common_names_of_columns_are_understood(tmp_path: Path, header: str):
    assert imported(tmp_path, csv_lines(header, [line(0), line(1)]))[0].rows_written == 2


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_are_understood(tmp_path: Path, separator: str):
    text = csv_lines(HEADER, [line(0), line(1)]).replace(",", separator)
    assert imported(tmp_path, text)[0].rows_written == 2


def test_a_kline_file_without_header_is_read_as_such(tmp_path: Path):
    klines = [
        f"{(START_MS + STEP_MS * i) * 1000},100,101,99,100.5,2,{START_MS},201,10,1,100.5,0"
        for i in range(3)
    ]
    report, bars = imported(tmp_path, "\n".join(klines))
    assert bars.time[0] == START_MS
    assert "no header: twelve columns were taken as Binance's klines" in report.assumptions
    assert "epoch times read as microseconds" in report.assumptions
    assert "volume agrees with the quote volume in all 3 rows" in report.assumptions


def test_packed_files_are_read(tmp_path: Path):
    text = csv_lines(HEADER, [line(0), line(1)]).encode()
    assert imported(tmp_path, gzip.compress(text), "in.csv.gz")[0].rows_written == 2
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr("BTCUSDT-5m-2024.csv", text)
    content = (tmp_path / "in.zip").read_bytes()
    assert imported(tmp_path, content, "in.zip", overwrite=True)[0].rows_written == 2


def test_freqtrades_feather_and_json_are_read(tmp_path: Path):
    frame = rows(3).rename({"timestamp": "date"})
    frame = frame.with_columns(pl.col("date").cast(pl.Datetime("ms", "UTC")))
    frame.write_ipc(tmp_path / "src.feather")
    _, feather = imported(tmp_path, (tmp_path / "src.feather").read_bytes(), "in.feather")
    _, listed = imported(tmp_path, json.dumps(rows(3).rows()), "in.json", overwrite=True)
    for bars in (feather, listed):
        assert bars.time.tolist() == rows(3)["timestamp"].to_list()
        assert bars.close.tolist() == rows(3)["close"].to_list()


def test_our_own_parquet_is_read(tmp_path: Path):
    rows(3).write_parquet(tmp_path / "src.parquet")
    assert (
        imported(tmp_path, (tmp_path / "src.parquet").read_bytes(), "in.parquet")[0].rows_written
        == 3
    )


def test_rows_out_of_order_are_sorted_and_repeats_removed_and_both_reported(tmp_path: Path):
    report, bars = imported(
        tmp_path, csv_lines(HEADER, [line(0), line(2), line(1), line(1), line(3)])
    )
    assert bars.time.tolist() == [START_MS + STEP_MS * i for i in range(4)]
    assert report.rows_read == 5
    assert report.repairs == (
        "rows were not in order of time (first at line 4); sorted",
        "1 repeated identical rows removed, the first at 2024-06-07T00:05:00Z",
    )


def test_gaps_stay_and_are_counted(tmp_path: Path):
    report, _ = imported(tmp_path, csv_lines(HEADER, [line(0), line(1), line(5)]))
    assert report.missing_bars == 3


def test_a_forming_bar_is_left_out_and_a_future_one_refused(tmp_path: Path):
    text = csv_lines(HEADER, [line(0), line(1), line(2)])
    report, bars = imported(tmp_path, text, now_ms=START_MS + 3 * STEP_MS - 1)
    assert len(bars) == 2
    assert report.repairs == ("the bar of 2024-06-07T00:10:00Z was still forming; left out",)
    (tmp_path / "out" / "BTCUSDT-5m.parquet").unlink()
    error = refused(tmp_path, text, now_ms=START_MS + STEP_MS)
    assert "line 4 opens in the future" in error.what


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([line(0), line(1, price=0.2)], "non positive in line 3"),
        ([line(0), line(1, volume=-1)], "negative volume in line 3"),
        ([line(0), line(1).replace("100.5", "98")], "high below body in line 3"),
        ([line(0), line(1).replace(",2.0", ",")], "not a number in line 3"),
        ([line(0), line(1).replace("100.25", "n/a")], "line 3, column 'close': 'n/a' is no number"),
        ([line(0), line(1).replace("100.25", '"1,000.5"')], "line 3, column 'close': '1,000.5'"),
        (
            [line(0), line(1), line(1, volume=3)],
            "lines 3 and 4 contradict each other at 2024-06-07T00:05",
        ),
        ([line(0), line(1), line(2), line(3, time=START_MS + 16 * 60_000)], "off grid in line 5"),
        ([line(0), line(3), line(6)], "the file holds bars of 15m, not of 5m"),
        ([line(0, time="soon")], "line 2: 'soon' is no time"),
    ],
)
def test_rows_that_are_no_candles_are_refused_by_line_and_nothing_is_written(
    tmp_path: Path, lines: list[str], message: str
):
    assert message in refused(tmp_path, csv_lines(HEADER, lines)).what


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ("hello\nworld\n", "in.csv", "no header with open, high, low and close"),
        ("", "in.csv", "no header"),
        (HEADER + "\n", "in.csv", "holds no row"),
        ("1717718400000,1,2,3\n", "in.csv", "4 columns are neither 6 nor 12"),
        (HEADER.replace("volume", "amount") + "\n" + line(0), "in.csv", "base volume of BTC/USDT cannot be told"),
        (HEADER + ",base_volume\n" + line(0) + ",2", "in.csv", "cannot be told (candidates: volume, base_volume"),
        (HEADER.replace("timestamp", "when") + "\n" + line(0), "in.csv", "no column for time of opening"),
        (HEADER.replace("timestamp", "close_time") + "\n" + line(0), "in.csv", "no column for time of opening"),
        (b"\x1f\x8bnot gzip", "in.csv.gz", "cannot be read"),
        (b"PK not zip", "in.zip", "cannot be read"),
        (b"not arrow", "in.feather", "cannot be read"),
        (b"not parquet", "in.parquet", "cannot be read"),
        ("{", "in.json", "cannot be read"),
        ('{"a": 1}', "in.json", "is no list of rows"),
        ("x", "in.xlsx", "unknown kind of file"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_understood_is_refused(
    tmp_path: Path, content: str | bytes, name: str, message: str
):
    assert message in refused(tmp_path, content, name).what


def test_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(DataInvalid, match="cannot be read"):
        import_file(tmp_path / "nowhere.csv", tmp_path, symbol="BTC/USDT")


def test_a_step_that_is_no_timeframe_is_refused(tmp_path: Path):
    lines = [line(0, time=START_MS + 420_000 * i) for i in range(3)]
    assert (
        "step between rows is 420 seconds"
        in refused(tmp_path, csv_lines(HEADER, lines), timeframe=None).what
    )


def test_an_existing_file_is_replaced_only_when_allowed(tmp_path: Path):
    text = csv_lines(HEADER, [line(0), line(1)])
    imported(tmp_path, text)
    with pytest.raises(ConfigInvalid, match="exists already"):
        imported(tmp_path, csv_lines(HEADER, [line(0)]))
    assert imported(tmp_path, csv_lines(HEADER, [line(0)]), overwrite=True)[0].rows_written == 1


def test_a_target_that_cannot_be_written_is_an_error_without_leftovers(tmp_path: Path):
    (tmp_path / "out").write_text("a file where the directory should be")
    with pytest.raises(ConfigInvalid, match="cannot be written"):
        imported(tmp_path, csv_lines(HEADER, [line(0), line(1)]))


def test_a_stub_of_the_rules_is_written_only_when_asked_for_and_never_over_another(tmp_path: Path):
    text = csv_lines(HEADER, [line(0), line(1)])
    assert imported(tmp_path, text)[0].stub is None
    report, _ = imported(tmp_path, text, overwrite=True, stub_venue="kraken")
    stub = Path(str(report.stub))
    assert 'venue = "kraken"' in stub.read_text()
    assert imported(tmp_path, text, overwrite=True, stub_venue="other")[0].stub is None
    assert 'venue = "kraken"' in stub.read_text()


async def test_an_imported_directory_with_its_stub_can_be_read_back(tmp_path: Path):
    from snipersight.market.parquet_source import ParquetDirectory

    imported(tmp_path, csv_lines(HEADER, [line(0), line(1)]), stub_venue="kraken")
    (instrument,) = (await ParquetDirectory(tmp_path / "out").instruments()).values()
    assert (instrument.venue, instrument.symbol) == ("kraken", "BTC/USDT")
    assert instrument.missing() == ("tick", "lot", "fees")


def test_every_assumption_is_reported(tmp_path: Path):
    report, _ = imported(tmp_path, csv_lines(HEADER, [line(0), line(1)]), timeframe=None)
    assert report.assumptions == (
        "times in column 'timestamp' were taken as the opens of the bars",
        "epoch times read as milliseconds",
        "volume was taken as base units; the file has no quote volume to check it against",
        "timeframe 5m taken from the usual step between rows",
    )
    assert report.repairs == ()


def test_a_perpetual_is_written_under_its_pair(tmp_path: Path):
    frame = changed(rows(2), 0, volume=3.0)
    frame.write_parquet(tmp_path / "src.parquet")
    content = (tmp_path / "src.parquet").read_bytes()
    report, _ = imported(tmp_path, content, "in.parquet", symbol="1000PEPE/USDT:USDT")
    assert Path(report.target).name == "1000PEPEUSDT-5m.parquet"
