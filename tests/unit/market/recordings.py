"""Where recorded market data lies, and small candle files written for a test."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import polars as pl
import pytest

from snipersight.domain.candles import Candles
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.market.raw_bars import read_bars

Test = TypeVar("Test", bound=Any)

RECORDED = Path(__file__).resolve().parents[3].parent / "shared" / "data"
OHLCV = RECORDED / "ohlcv"
SPOT_2024 = OHLCV / "a_permissive" / "binance_spot_5m_2024"
NATIVE_2024 = OHLCV / "a_permissive" / "binance_spot_native_tf_2024"

START_MS = 1_717_718_400_000  # 2024-06-07 00:00 UTC, a Friday


def needs_recorded(test: Test) -> Test:
    """Mark a test that reads recorded data; it is skipped where there is none."""
    absent = not OHLCV.is_dir()
    skipping = pytest.mark.skipif(absent, reason="recorded market data is absent (../shared/data)")
    marked: Test = pytest.mark.recorded(skipping(test))
    return marked


def recorded_candles(path: Path) -> Candles:
    """Return a recorded file as candles; symbol and timeframe come from its name."""
    pair, timeframe = path.stem.split("-")
    return read_bars(path).candles(
        Symbol(f"{pair.removesuffix('USDT')}/USDT"), Timeframe.parse(timeframe)
    )


def rows(
    count: int, *, timeframe: str = "5m", start_ms: int = START_MS, price: float = 100.0
) -> pl.DataFrame:
    """Return orderly bars that rise by one cent a bar, with a volume of 2 each."""
    step = Timeframe.parse(timeframe).duration_ms
    opens = price + np.arange(count) / 100
    return pl.DataFrame(
        {
            "timestamp": start_ms + step * np.arange(count),
            "open": opens,
            "high": opens + 0.5,
            "low": opens - 0.5,
            "close": opens + 0.01,
            "volume": np.full(count, 2.0),
        }
    )


def changed(frame: pl.DataFrame, row: int, **values: float | None) -> pl.DataFrame:
    """Return the frame with some values of one row replaced."""
    columns = []
    for name, value in values.items():
        column = frame[name].to_list()
        column[row] = value
        columns.append(pl.Series(name, column, dtype=frame[name].dtype))
    return frame.with_columns(columns)


def a_directory(base: Path, name: str = "binance_spot_test", **files: pl.DataFrame) -> Path:
    """Write `BTCUSDT_5m=frame` as `BTCUSDT-5m.parquet` into a new directory."""
    directory = base / name
    directory.mkdir(parents=True, exist_ok=True)
    for stem, frame in files.items():
        frame.write_parquet(directory / f"{stem.replace('_', '-')}.parquet")
    return directory


def csv_lines(header: str, lines: Sequence[str]) -> str:
    """Return a CSV text."""
    return "\n".join([header, *lines]) + "\n"
