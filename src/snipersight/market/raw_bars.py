"""Columns of a candle file as they are, valid or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from snipersight.domain.candles import COLUMNS, Candles, Floats, Times
from snipersight.domain.errors import DataInvalid
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol

if TYPE_CHECKING:
    import polars as pl

TIME_COLUMN: Final = "timestamp"
_LAYOUT: Final = f"{TIME_COLUMN} (integer milliseconds UTC or a date-time), {', '.join(COLUMNS)}"
_IMPORT: Final = "bring the file into the layout with `snipersight data import`"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawBars:
    """Bars nobody has checked yet; all columns have the same length.

    Args:
        time: open times, milliseconds UTC.
        open, high, low, close: quote per base unit.
        volume: base units.
    """

    time: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.time)

    @classmethod
    def empty(cls) -> RawBars:
        """Return no bars."""
        none = np.empty(0)
        times = np.empty(0, dtype=np.int64)
        return cls(time=times, open=none, high=none, low=none, close=none, volume=none)

    def column(self, name: str) -> Floats:
        """Return a value column by its name, `open` to `volume`."""
        values: Floats = getattr(self, name)
        return values

    def row(self, index: int) -> str:
        """Return one row's values for a message."""
        values = (f"{name[0].upper()} {float(self.column(name)[index])!r}" for name in COLUMNS)
        return " ".join(values)

    def candles(self, symbol: Symbol, timeframe: Timeframe) -> Candles:
        """Return the bars as checked candles.

        Raises:
            DataInvalid: the first violation of the contract.
        """
        columns: dict[str, Any] = {name: self.column(name) for name in COLUMNS}
        return Candles(symbol=symbol, timeframe=timeframe, open_time=self.time, **columns)


def read_times(path: Path) -> Times:
    """Return the open times of a Parquet candle file in milliseconds UTC, in file order.

    Raises:
        DataInvalid: the file cannot be read or does not have the layout.
    """
    return _times(_read(path, [TIME_COLUMN], 0, None), path)


def read_bars(path: Path, *, first: int = 0, count: int | None = None) -> RawBars:
    """Return rows of a Parquet candle file, `count` of them from row `first`, or all.

    Raises:
        DataInvalid: the file cannot be read or does not have the layout.
    """
    frame = _read(path, [TIME_COLUMN, *COLUMNS], first, count)
    columns = {name: _floats(frame, name, path) for name in COLUMNS}
    return RawBars(time=_times(frame, path), **columns)


def _read(path: Path, columns: Sequence[str], first: int, count: int | None) -> pl.DataFrame:
    import polars as pl

    try:
        frame = pl.scan_parquet(path, glob=False).select(columns).slice(first, count).collect()
    except pl.exceptions.ColumnNotFoundError as error:
        raise DataInvalid(
            f"a column is missing: {str(error).splitlines()[0]}; the layout is {_LAYOUT}",
            where=str(path),
            next_step=_IMPORT,
        ) from error
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataInvalid(
            f"not a readable Parquet file ({str(error).splitlines()[0]})",
            where=str(path),
            next_step="copy or download the file again",
        ) from error
    return frame


def _times(frame: pl.DataFrame, path: Path) -> Times:
    import polars as pl

    column = frame[TIME_COLUMN]
    if column.null_count():
        row = int(column.is_null().arg_max() or 0)
        raise DataInvalid(f"row {row + 1} has no timestamp", where=str(path), next_step=_IMPORT)
    if isinstance(column.dtype, pl.Datetime):
        column = column.dt.epoch("ms")
    elif not column.dtype.is_integer():
        raise _wrong_type(TIME_COLUMN, column.dtype, path)
    return column.cast(pl.Int64).to_numpy()


def _floats(frame: pl.DataFrame, name: str, path: Path) -> Floats:
    import polars as pl

    column = frame[name]
    if not column.dtype.is_numeric():
        raise _wrong_type(name, column.dtype, path)
    values: Floats = column.cast(pl.Float64).fill_null(np.nan).to_numpy()
    return values


def _wrong_type(name: str, dtype: object, path: Path) -> DataInvalid:
    return DataInvalid(
        f"column {name} holds {dtype}; the layout is {_LAYOUT}", where=str(path), next_step=_IMPORT
    )
