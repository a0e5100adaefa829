"""Files of candles as tables of named columns, whatever layout they have."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from snipersight.domain.errors import DataInvalid

if TYPE_CHECKING:
    import polars as pl

_LOOKED_AT_LINES: Final = 20
_KLINE_COLUMNS: Final = (
    "open_time open high low close volume close_time quote_volume count "
    "taker_buy_volume taker_buy_quote_volume ignore"
).split(" ")
_PLAIN_COLUMNS: Final = _KLINE_COLUMNS[:6]
_KINDS: Final = ".csv, .csv.gz, .zip (one CSV inside), .feather, .json, .json.gz or .parquet"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """Rows of a file under normalised column names (lower case, words joined by `_`).

    Args:
        frame: text columns from CSV, typed ones from other formats.
        first_line: line or row of the file the first row stands in, from 1.
        notes: what was assumed to read it.
    """

    frame: pl.DataFrame
    first_line: int
    notes: tuple[str, ...]


def normalised(name: str) -> str:
    """Return a column name in lower case with words joined by `_`: `Volume BTC` → `volume_btc`."""
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")


def read_table(path: Path) -> Table:
    """Return the table in a CSV (also gzipped or zipped), Feather, JSON or Parquet file.

    CSV may have junk lines above its header, or no header at all: then six columns are time,
    open, high, low, close, volume, and twelve are Binance's klines. JSON holds a list of rows as
    freqtrade and ccxt write them, or of objects.

    Raises:
        DataInvalid: the file cannot be read or its columns cannot be told.
    """
    name = path.name.lower()
    reader = next((read for ending, read in _READERS.items() if name.endswith(ending)), None)
    if reader is None:
        raise DataInvalid("unknown kind of file", where=str(path), next_step=f"give {_KINDS}")
    import polars as pl

    broken = (
        OSError,
        EOFError,
        zlib.error,
        zipfile.BadZipFile,
        ValueError,
        pl.exceptions.PolarsError,
    )
    try:
        table = reader(path)
    except broken as error:
        raise DataInvalid(
            f"cannot be read ({str(error).splitlines()[0] if str(error) else type(error).__name__})",
            where=str(path),
            next_step="download or export it again",
        ) from error
    if len(table.frame) == 0:
        raise DataInvalid("holds no row", where=str(path), next_step="export it again")
    return table


def _read_csv(path: Path) -> Table:
    return _csv_table(path.read_bytes(), path)


def _read_gzipped_csv(path: Path) -> Table:
    return _csv_table(gzip.decompress(path.read_bytes()), path)


def _read_zipped_csv(path: Path) -> Table:
    with zipfile.ZipFile(path) as archive:
        members = [name for name in archive.namelist() if name.lower().endswith(".csv")]
        if len(members) != 1:
            raise DataInvalid(
                f"holds {len(members)} CSV files, not one",
                where=str(path),
                next_step="unpack it and import each file",
            )
        return _csv_table(archive.read(members[0]), path)


def _csv_table(data: bytes, path: Path) -> Table:
    import polars as pl

    text = data.removeprefix(b"\xef\xbb\xbf")
    head = text[:20_000].decode("utf-8", "replace").splitlines()[:_LOOKED_AT_LINES]
    separator = max(",;\t", key=lambda char: sum(line.count(char) for line in head))
    rows = [row for line in head for row in csv.reader([line], delimiter=separator)]
    skipped, names, notes = _header(rows, path)
    frame = pl.read_csv(
        io.BytesIO(text),
        has_header=False,
        skip_rows=skipped,
        new_columns=names,
        infer_schema=False,
        separator=separator,
        encoding="utf8-lossy",
        raise_if_empty=False,
    )
    return Table(frame=frame, first_line=skipped + 1, notes=notes)


def _header(rows: Sequence[Sequence[str]], path: Path) -> tuple[int, list[str], tuple[str, ...]]:
    """Return how many lines go before the data, the column names and what was assumed."""
    for index, row in enumerate(rows):
        names = [normalised(cell) for cell in row]
        if {"open", "high", "low", "close"} <= set(names):
            above = "".join(
                f"; line {i + 1} above the header was skipped: {','.join(rows[i])!r}"
                for i in range(index)
            )
            return index + 1, names, (above.removeprefix("; "),) if above else ()
    if rows and rows[0] and all(_is_number(cell) for cell in rows[0]):
        return 0, *_unnamed(len(rows[0]), path)
    raise DataInvalid(
        f"no header with open, high, low and close in the first {len(rows)} lines",
        where=str(path),
        next_step="add a header line such as timestamp,open,high,low,close,volume",
    )


def _unnamed(count: int, path: Path) -> tuple[list[str], tuple[str, ...]]:
    if count == len(_PLAIN_COLUMNS):
        columns = _PLAIN_COLUMNS
        note = "no header: six columns were taken as time, open, high, low, close, volume"
    elif count == len(_KLINE_COLUMNS):
        columns = _KLINE_COLUMNS
        note = "no header: twelve columns were taken as Binance's klines"
    else:
        raise DataInvalid(
            f"no header, and {count} columns are neither 6 nor 12",
            where=str(path),
            next_step="add a header line such as timestamp,open,high,low,close,volume",
        )
    return list(columns), (note,)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _read_feather(path: Path) -> Table:
    import polars as pl

    return _typed(pl.read_ipc(path))


def _read_parquet(path: Path) -> Table:
    import polars as pl

    return _typed(pl.read_parquet(path, glob=False))


def _typed(frame: pl.DataFrame) -> Table:
    frame = frame.rename({name: normalised(name) for name in frame.columns})
    return Table(frame=frame, first_line=1, notes=())


def _read_json(path: Path) -> Table:
    return _json_table(path.read_bytes(), path)


def _read_gzipped_json(path: Path) -> Table:
    return _json_table(gzip.decompress(path.read_bytes()), path)


def _json_table(data: bytes, path: Path) -> Table:
    import polars as pl

    rows: Any = json.loads(data)
    if isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows):
        return _typed(pl.DataFrame(rows, infer_schema_length=None))
    if not (isinstance(rows, list) and rows and all(isinstance(row, list) for row in rows)):
        raise DataInvalid(
            "is no list of rows", where=str(path), next_step="export [[time, open, …], …]"
        )
    names, notes = _unnamed(len(rows[0]), path)
    frame = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
    return Table(frame=frame, first_line=1, notes=notes)


_READERS: Final[Mapping[str, Callable[[Path], Table]]] = MappingProxyType(
    {
        ".csv": _read_csv,
        ".csv.gz": _read_gzipped_csv,
        ".zip": _read_zipped_csv,
        ".feather": _read_feather,
        ".json": _read_json,
        ".json.gz": _read_gzipped_json,
        ".parquet": _read_parquet,
    }
)
