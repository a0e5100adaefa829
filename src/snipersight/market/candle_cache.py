"""The local copy of a venue's closed bars: what was fetched once is not fetched again.

One Parquet file for each venue, symbol and timeframe. A file is replaced whole, under a lock that
other processes respect, so that two scanners add to one cache without losing or mixing bars. The
cache is a convenience: where it cannot be read or written the caller goes on without it, and is
told once.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from snipersight.domain.candles import COLUMNS, utc_text
from snipersight.domain.errors import DataInvalid
from snipersight.domain.ports import EventSink
from snipersight.market.candle_cache_bars import (
    HeldBars,
    Revision,
    no_candles,
    revisions,
    united_bars,
)
from snipersight.market.candle_cache_file import CacheKey, decode, encode, write_atomically

_LOCK_PATIENCE_S: Final = 10.0  # a merge holds the lock for milliseconds
_LOCK_PAUSE_S: Final = 0.02


class CandleCache:
    """Bars kept on disk between runs; methods block and may be called from any thread.

    Args:
        directory: where the files live, created when needed; None keeps nothing.
        events: is told `candle_revised`, `candle_withdrawn`, `cache_corrupt` and, once for each
            instance, `cache_unavailable`.
        clock: milliseconds UTC, names files that are moved aside.
    """

    def __init__(
        self, directory: Path | None, *, events: EventSink, clock: Callable[[], int]
    ) -> None:
        self._directory = directory
        self._events = events
        self._clock = clock
        self._is_reported = threading.Event()

    def load(self, key: CacheKey) -> HeldBars:
        """Return what is held; nothing if there is no file or it cannot be used.

        A damaged file is moved aside under a name that ends in `corrupt-<time>`, reported, and
        counts as absent.
        """
        if self._directory is None:
            return _nothing(key)
        path = self._directory / key.relative_path
        try:
            return _read(path, key)
        except OSError as error:
            self._report_unavailable(path, error)
        except DataInvalid:
            self._set_aside(path, key)
        return _nothing(key)

    def add(self, key: CacheKey, fresh: HeldBars) -> HeldBars:
        """Merge fresh bars into the file and return everything now held.

        A fresh bar replaces the held one; if it differs, that is reported as `candle_revised`. A
        held bar that the venue no longer shows is kept and reported as `candle_withdrawn`.
        """
        if self._directory is None:
            return fresh
        path = self._directory / key.relative_path
        try:
            with _locked(path):
                held = self._current(path, key)
                result = united_bars(held, fresh)
                write_atomically(path, encode(key, result))
        except OSError as error:
            self._report_unavailable(path, error)
            held = self.load(key)
            result = united_bars(held, fresh)
        for revision in revisions(held, fresh):
            self._report_revision(key, revision)
        return result

    def _current(self, path: Path, key: CacheKey) -> HeldBars:
        """Return the file's bars while its lock is held; a damaged file is moved aside."""
        try:
            return _read(path, key)
        except DataInvalid as error:
            self._move(path, error)
            return _nothing(key)

    def _set_aside(self, path: Path, key: CacheKey) -> None:
        # Another process may have replaced the damaged file since: look again under the lock.
        try:
            with _locked(path):
                self._current(path, key)
        except OSError as error:
            self._report_unavailable(path, error)

    def _move(self, path: Path, reason: DataInvalid) -> None:
        target = path.with_name(f"{path.name}.corrupt-{self._clock()}")
        path.replace(target)
        self._emit("cache_corrupt", {"path": path, "moved_to": target, "reason": str(reason)})

    def _report_unavailable(self, path: Path, error: OSError) -> None:
        if self._is_reported.is_set():
            return
        self._is_reported.set()
        self._emit("cache_unavailable", {"path": path, "reason": error.strerror or str(error)})

    def _report_revision(self, key: CacheKey, revision: Revision) -> None:
        fields: dict[str, object] = {
            "venue": key.venue,
            "symbol": key.symbol,
            "timeframe": key.timeframe.name,
            "time_ms": revision.time_ms,
            "time": utc_text(revision.time_ms),
            "old": dict(zip(COLUMNS, revision.old, strict=True)),
        }
        if revision.new is None:
            self._emit("candle_withdrawn", fields)
            return
        self._emit(
            "candle_revised", {**fields, "new": dict(zip(COLUMNS, revision.new, strict=True))}
        )

    def _emit(self, name: str, fields: Mapping[str, object]) -> None:
        shown = {k: str(v) if isinstance(v, Path) else v for k, v in fields.items()}
        self._events.emit(name, shown)


def _nothing(key: CacheKey) -> HeldBars:
    return HeldBars(candles=no_candles(key.symbol, key.timeframe), intervals=())


def _read(path: Path, key: CacheKey) -> HeldBars:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return _nothing(key)
    return decode(key, raw)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of one cache file against other threads and processes.

    The lock file stays: removing it would let two processes lock two files of one name.

    Raises:
        OSError: the directory cannot be written, or the lock was not free in time.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait_for_lock(descriptor, path)
        yield
    finally:
        os.close(descriptor)  # releases the lock


def _wait_for_lock(descriptor: int, path: Path) -> None:
    deadline = time.monotonic() + _LOCK_PATIENCE_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"another process has held the lock of {path.name} for too long"
                ) from None
            time.sleep(_LOCK_PAUSE_S)
        else:
            return
