"""One cache file: Parquet bytes that name themselves and betray every changed bit.

The file carries its key, its intervals and a SHA-256 over all of its own bytes in the Parquet
metadata. The digest is checked before the Parquet reader sees a byte: of damaged files that a
reader accepts, most hold other numbers, and a few crash it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from snipersight.domain.candles import COLUMNS, Candles
from snipersight.domain.errors import DataInvalid
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.market.candle_cache_bars import HeldBars
from snipersight.market.candle_cache_intervals import united

_FORMAT: Final = "1"
_DIGEST: Final = re.compile(rb"sha256:[0-9a-f]{64}")
_BLANK: Final = b"sha256:" + b"0" * 64


class CacheCorrupt(DataInvalid):
    """A cache file that is not what was written: refetch its bars."""


@dataclass(frozen=True, slots=True)
class CacheKey:
    """What one cache file holds."""

    venue: str
    symbol: Symbol
    timeframe: Timeframe

    @property
    def relative_path(self) -> Path:
        """Return `venue/BTC_USDT_USDT-5m.parquet`; a symbol's names hold no underscore."""
        name = re.sub("[/:]", "_", self.symbol)
        return Path(self.venue) / f"{name}-{self.timeframe}.parquet"


def encode(key: CacheKey, held: HeldBars) -> bytes:
    """Return the file's bytes."""
    import polars as pl

    columns = {name: getattr(held.candles, name) for name in COLUMNS}
    frame = pl.DataFrame({"timestamp": held.candles.open_time, **columns})
    metadata = {
        "snipersight_cache": json.dumps([_FORMAT, *_identity(key)]),
        "snipersight_intervals": json.dumps(held.intervals),
        "snipersight_digest": _BLANK.decode(),
    }
    buffer = io.BytesIO()
    frame.write_parquet(buffer, metadata=metadata)
    raw = buffer.getvalue()
    return raw.replace(_BLANK, _digest(raw))


def decode(key: CacheKey, raw: bytes) -> HeldBars:
    """Return what was written.

    Raises:
        CacheCorrupt: the bytes are damaged, or belong to another key or format.
    """
    import polars as pl

    found = _DIGEST.findall(raw)
    if len(found) != 1 or _digest(raw.replace(found[0], _BLANK)) != found[0]:
        raise CacheCorrupt("the bytes do not match their digest")
    metadata = pl.read_parquet_metadata(io.BytesIO(raw))
    if json.loads(metadata["snipersight_cache"]) != [_FORMAT, *_identity(key)]:
        raise CacheCorrupt(f"the file belongs to {metadata['snipersight_cache']}")
    frame = pl.read_parquet(io.BytesIO(raw))
    columns = {name: frame[name].to_numpy() for name in COLUMNS}
    candles = Candles(
        symbol=key.symbol,
        timeframe=key.timeframe,
        open_time=frame["timestamp"].to_numpy(),
        **columns,
    )
    pairs = json.loads(metadata["snipersight_intervals"])
    return HeldBars(candles=candles, intervals=united((start, end) for start, end in pairs))


def write_atomically(path: Path, raw: bytes) -> None:
    """Replace a file so that every reader, and a crash, finds the old bytes or the new ones.

    Call it with the file's lock held: temporary files of the same name are then leftovers of a
    process that was killed, and are removed.

    Raises:
        OSError: the directory is read-only or the disk is full; the old file is untouched.
    """
    for leftover in path.parent.glob(f".{path.name}.*.tmp"):
        leftover.unlink(missing_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        _write_synced(temporary, raw)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def _write_synced(path: Path, raw: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(directory: Path) -> None:
    # The rename itself is only durable once the directory is.
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(raw: bytes) -> bytes:
    return b"sha256:" + hashlib.sha256(raw).hexdigest().encode()


def _identity(key: CacheKey) -> tuple[str, str, str]:
    return key.venue, key.symbol, key.timeframe.name
