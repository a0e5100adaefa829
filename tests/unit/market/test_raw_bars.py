from pathlib import Path

import numpy as np
import polars as pl
import pytest

from snipersight.domain.errors import DataInvalid
from snipersight.market.raw_bars import read_bars, read_times
from tests.unit.market.recordings import START_MS, rows


@pytest.mark.parametrize(
    "dtype", [pl.Int64, pl.Datetime("ms"), pl.Datetime("us", "UTC"), pl.Datetime("ns")], ids=str
)
def test_times_are_read_as_milliseconds_whatever_their_type(tmp_path: Path, dtype: pl.DataType):
    path = tmp_path / "BTCUSDT-5m.parquet"
    times = pl.col("timestamp").cast(pl.Datetime("ms"))
    whole = rows(3).with_columns(times.cast(dtype) if dtype != pl.Int64 else pl.col("timestamp"))
    if dtype == pl.Datetime("us", "UTC"):
        whole = rows(3).with_columns(times.dt.replace_time_zone("UTC").cast(dtype))
    whole.write_parquet(path)
    assert read_times(path).tolist() == [START_MS, START_MS + 300_000, START_MS + 600_000]


def test_only_the_rows_asked_for_are_read(tmp_path: Path):
    path = tmp_path / "BTCUSDT-5m.parquet"
    rows(10).write_parquet(path)
    bars = read_bars(path, first=3, count=2)
    assert bars.time.tolist() == [START_MS + 900_000, START_MS + 1_200_000]
    assert len(read_bars(path, first=9)) == 1


def test_a_missing_value_is_no_number(tmp_path: Path):
    path = tmp_path / "BTCUSDT-5m.parquet"
    rows(2).with_columns(close=pl.Series([None, 1.0])).write_parquet(path)
    assert np.isnan(read_bars(path).close[0])


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path):
    path = tmp_path / "BTCUSDT-5m.parquet"
    path.write_bytes(b"PAR1 not really")
    with pytest.raises(
        DataInvalid, match=r"not a readable Parquet file.*copy or download"
    ) as caught:
        read_bars(path)
    assert str(path) == caught.value.where


def test_a_truncated_file_is_refused(tmp_path: Path):
    path = tmp_path / "BTCUSDT-5m.parquet"
    rows(1000).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataInvalid, match="not a readable Parquet file"):
        read_times(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"drop": "volume"}, r"a column is missing.*volume"),
        ({"text": "close"}, "column close holds String"),
        ({"text": "timestamp"}, "column timestamp holds String"),
        ({"null": "timestamp"}, "row 2 has no timestamp"),
    ],
)
def test_another_layout_is_refused_with_the_way_to_import_it(
    tmp_path: Path, change: dict[str, str], message: str
):
    path = tmp_path / "BTCUSDT-5m.parquet"
    frame = rows(3)
    ((kind, name),) = change.items()
    if kind == "drop":
        frame = frame.drop(name)
    elif kind == "text":
        frame = frame.with_columns(pl.col(name).cast(pl.String))
    else:
        frame = frame.with_columns(pl.Series(name, [START_MS, None, START_MS]))
    frame.write_parquet(path)
    with pytest.raises(DataInvalid, match=message) as caught:
        read_bars(path)
    assert "snipersight data import" in caught.value.next_step
