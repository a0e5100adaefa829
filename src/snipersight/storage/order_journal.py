"""The fallback journal: a small file for what must be on the disk while the store is not writable.

The file has its room, all zeros, beforehand, so that what protects a position can be written to a
full disk too. One record a line: canonical JSON, a tab, its checksum. Reading ends at the first
zero.
"""

from __future__ import annotations

import errno
import json
import os
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from snipersight.domain.errors import StateUnavailable
from snipersight.risk.audit.chain import canonical
from snipersight.storage.file_lock import FileLock

RESERVED_BYTES: Final = 1 << 18  # some two hundred orders; beyond them it grows
_FILE_MODE: Final = 0o600
_END: Final = b"\0"


class OrderJournal:
    """Records that wait for the store; several threads and processes may share the file.

    Args:
        path: of the file; created for its owner alone, its folder is not.

    Raises:
        StateUnavailable: the file cannot be created, or the disk has no room for it.
    """

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        self._thread: Final = threading.Lock()
        with self._told():
            self._lock: Final = FileLock(path.with_name(path.name + ".lock"))
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FILE_MODE)
            size = os.fstat(self._file).st_size
            # Written, not only allocated: what is written over them later changes no metadata.
            os.pwrite(self._file, _END * max(RESERVED_BYTES - size, 0), size)
            os.fsync(self._file)
            _sync_folder(path.parent)

    def append(self, record: Mapping[str, object]) -> None:
        """Add a record; it is on the disk when this returns.

        Args:
            record: values of JSON, as in an audit body.

        Raises:
            StateUnavailable: it could not be written, and is not there.
            TypeError: it holds what canonical JSON does not.
        """
        text = canonical(dict(record)).encode()
        line = b"%b\t%08x\n" % (text, zlib.crc32(text))
        with self._alone():
            held = self._read()
            end = sum(len(one) + 1 for one in _lines(held))
            # What a torn write left behind the last whole line must not follow this one.
            left = len(held.rstrip(_END)) - end - len(line)
            os.pwrite(self._file, line + _END * max(left, 0), end)
            os.fdatasync(self._file)

    def pending(self) -> tuple[Mapping[str, object], ...]:
        """Return what was appended and not cleared, oldest first; a torn last line was never there.

        Raises:
            StateUnavailable: the file cannot be read, or is damaged before its last line.
        """
        with self._alone():
            held = self._read()
        records = []
        for number, line in enumerate(_lines(held), start=1):
            record = _record(line)
            if record is None:
                raise self._damaged(number)
            records.append(record)
        return tuple(records)

    def clear(self, known: int) -> bool:
        """Forget every record: the store has them.

        Args:
            known: how many there are; where another process has added one, nothing is forgotten.

        Returns:
            Whether it was done.

        Raises:
            StateUnavailable: it could not be written; what was there may be read once more.
        """
        with self._alone():
            held = self._read()
            if len(_lines(held)) > known:
                return False
            used = len(held.rstrip(_END))
            if used:
                os.pwrite(self._file, _END * used, 0)
                os.fdatasync(self._file)
            return True

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
            self._lock.close()

    def _read(self) -> bytes:
        return os.pread(self._file, os.fstat(self._file).st_size, 0)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._thread, self._told():
            if self._file < 0:
                raise OSError(errno.EBADF, "it was closed")
            with self._lock.held():
                yield

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise StateUnavailable(
                f"the fallback journal of orders cannot be used: {reason}",
                where=str(self._path),
                next_step="give the disk some room and yourself the right to write the file",
            ) from error

    def _damaged(self, line: int) -> StateUnavailable:
        return StateUnavailable(
            f"the fallback journal of orders is damaged in line {line}",
            where=str(self._path),
            next_step="run `snipersight reconcile` to see what is at the venue, then move the "
            "file away",
        )


def _lines(held: bytes) -> list[bytes]:
    """Return the lines that were written, without a last one that was not written whole."""
    lines = held.partition(_END)[0].split(b"\n")
    unended = lines.pop()
    if lines and not unended and _record(lines[-1]) is None:
        lines.pop()
    return lines


def _record(line: bytes) -> Mapping[str, object] | None:
    """Return the record of a line; None if it is not one that was written whole."""
    text, tab, checksum = line.rpartition(b"\t")
    if not tab or checksum != b"%08x" % zlib.crc32(text):
        return None
    record = json.loads(text)
    return record if isinstance(record, dict) else None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
