"""Writing imported candles: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from snipersight.domain.candles import COLUMNS
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.timeframe import Timeframe
from snipersight.market.raw_bars import TIME_COLUMN, RawBars
from snipersight.market.rule_books import BOOK_NAME

_STUB: Final = """\
# What the venue allows and charges. Look the values up there and remove the number signs;
# without tick, lot and fees no trade is planned.
venue = "{venue}"
kind = "{kind}"
# as_of = 2024-09-05
# fees = {{ maker = "0.001", taker = "0.001" }}

[markets."{symbol}"]
file = "{pair}"
# tick = "0.01"
# lot = "0.00001"
# min_notional = "5"
"""


def write_bars(
    bars: RawBars, out_dir: Path, *, symbol: str, timeframe: Timeframe, overwrite: bool
) -> Path:
    """Write bars as `BTCUSDT-5m.parquet` and return the path; a crash leaves no half file.

    Raises:
        ConfigInvalid: the file exists and may not be replaced, or cannot be written.
    """
    import polars as pl

    target = out_dir / f"{_pair(symbol)}-{timeframe}.parquet"
    if target.exists() and not overwrite:
        raise ConfigInvalid(
            "exists already", where=str(target), next_step="allow overwriting or move it away"
        )
    columns = {TIME_COLUMN: bars.time, **{name: bars.column(name) for name in COLUMNS}}
    moment = pl.col(TIME_COLUMN).cast(pl.Datetime("ms", "UTC"))
    frame = pl.DataFrame(columns).with_columns(moment)
    write_whole(target, lambda path: frame.write_parquet(path, compression="zstd"))
    return target


def write_stub(out_dir: Path, *, symbol: str, venue: str) -> Path | None:
    """Write an `instruments.toml` to be filled in, and return its path; None if one exists.

    Raises:
        ConfigInvalid: it cannot be written.
    """
    target = out_dir / BOOK_NAME
    if target.exists():
        return None
    kind = parse_symbol(symbol)[2]
    text = _STUB.format(venue=venue, kind=kind, symbol=symbol, pair=_pair(symbol))
    write_whole(target, lambda path: path.write_text(text, encoding="utf-8"))
    return target


def _pair(symbol: str) -> str:
    base, quote, _ = parse_symbol(symbol)
    return f"{base}{quote}"


def write_whole(target: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its target, flush it to the disk, then rename it over the target.

    Readers see the old file or the new one, never a part; a failure leaves the old one.

    Args:
        target: the file to make or replace.
        write: writes the content to the path it is given.

    Raises:
        ConfigInvalid: the directory or file cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        os.close(handle)
        temporary = Path(name)
        try:
            write(temporary)
            _flush(temporary)
            temporary.chmod(0o644)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigInvalid(
            f"cannot be written ({error.strerror or error})",
            where=str(target),
            next_step="name a directory that can be written to",
        ) from error


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
