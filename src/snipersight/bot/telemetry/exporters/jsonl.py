"""The exporter `jsonl`: one JSON object a line in `events.jsonl`, each event once, rotating, private.

A line carries the event's `seq`. Processes that append at the same time wait for each other. After
a crash the place is found again in the file itself, so that its lines and the log's cursor cannot
contradict each other: half a line is cut, and what is there already is not written again.
"""

from __future__ import annotations

import fcntl
import gzip
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from snipersight.bot.telemetry.exporters.port import ExportFailed
from snipersight.bot.telemetry.log_archive import Keeping, aside_name, put_aside, tidy_in_background
from snipersight.bot.telemetry.private_files import private_opener
from snipersight.domain.event_log import StoredEvent

EVENTS_FILE: Final = "events.jsonl"
MOST_BYTES: Final = 10_000_000
_BLOCK: Final = 65_536
_HEAD: Final = b'{"seq": '


class JsonlExporter:
    """Appends events to a file of its own.

    Args:
        folder: where the file lies; it must exist.
        most_bytes: before it grows beyond them it is put aside under the time in its name.
        keeping: what becomes of files put aside.
    """

    name = "jsonl"
    most = 1_000

    def __init__(
        self,
        folder: Path,
        *,
        most_bytes: int = MOST_BYTES,
        keeping: Keeping = Keeping(),  # noqa: B008 - frozen
    ) -> None:
        self._path = folder / EVENTS_FILE
        self._most_bytes = most_bytes
        self._keeping = keeping

    def export(self, events: Sequence[StoredEvent]) -> None:
        """Append events that the file does not hold yet; they survive a power failure.

        Raises:
            ExportFailed: the file cannot be written.
        """
        try:
            while True:
                with self._locked() as file:
                    if file is not None:
                        self._append(file, events)
                        return
        except OSError as error:
            raise ExportFailed(
                f"events cannot be written: {error.strerror or type(error).__name__}",
                where=str(self._path),
                next_step="make room, or make the folder writable",
            ) from error

    def close(self) -> None:
        """Do nothing: no file stays open."""

    @contextmanager
    def _locked(self) -> Iterator[int | None]:
        """Hold the file that has the name; None if it was put aside meanwhile."""
        file = private_opener(str(self._path), os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if os.fstat(file).st_ino == self._path.stat().st_ino:
                    yield file
                    return
            yield None
        finally:
            os.close(file)

    def _append(self, file: int, events: Sequence[StoredEvent]) -> None:
        size = _cut_half_line(file)
        lines = self._unwritten(file, size, events)
        if not lines:
            return
        content = b"".join(lines)
        _write(file, content)
        os.fsync(file)
        if size + len(content) > self._most_bytes:
            self._put_aside()

    def _unwritten(self, file: int, size: int, events: Sequence[StoredEvent]) -> list[bytes]:
        lines = [line_of(event) for event in events]
        last = _seq_of(_last_line(file, size)) if size else self._last_aside()
        if last < events[0].seq:
            return lines
        # A crash came between writing and confirming, or the log has begun anew and counts from 1.
        written = self._written(set(lines), since=events[0].seq)
        return [line for line in lines if line not in written]

    def _written(self, wanted: set[bytes], *, since: int) -> set[bytes]:
        """Return which of the wanted lines are in the files, looked for from the newest back."""
        written: set[bytes] = set()
        for path in (self._path, *reversed(put_aside(self._path))):
            first = 0
            for line in _lines_in(path):
                first = first or _seq_of(line)
                if line in wanted:
                    written.add(line)
            if 0 < first <= since:
                break
        return written

    def _last_aside(self) -> int:
        last = b""
        for path in put_aside(self._path)[-1:]:
            for line in _lines_in(path):
                last = line
        return _seq_of(last)

    def _put_aside(self) -> None:
        self._path.rename(aside_name(self._path))
        tidy_in_background(self._path, self._keeping)


def line_of(event: StoredEvent) -> bytes:
    """Return an event as a line of the file: its body, and its `seq` before it."""
    return _HEAD + f"{event.seq}, {event.body[1:]}\n".encode()


def _write(file: int, content: bytes) -> None:
    before = os.fstat(file).st_size
    try:
        while content:
            content = content[os.write(file, content) :]
    except OSError:
        os.ftruncate(file, before)  # whoever reads the file meets whole lines
        raise


def _cut_half_line(file: int) -> int:
    """Cut what stands behind the last end of a line and return the size that is left."""
    size = os.fstat(file).st_size
    whole = _end_of_lines(file, size)
    if whole < size:
        os.ftruncate(file, whole)
    return whole


def _end_of_lines(file: int, before: int) -> int:
    """Return the place behind the last end of a line before a place; 0 if there is none."""
    while before > 0:
        start = max(0, before - _BLOCK)
        block = os.pread(file, before - start, start)
        if (at := block.rfind(b"\n")) >= 0:
            return start + at + 1
        before = start
    return 0


def _last_line(file: int, size: int) -> bytes:
    start = _end_of_lines(file, size - 1)
    return os.pread(file, size - start, start)


def _seq_of(line: bytes) -> int:
    """Return the seq of a line; 0 for one that is not ours."""
    digits = line.removeprefix(_HEAD).partition(b",")[0]
    return int(digits) if line.startswith(_HEAD) and digits.isdigit() else 0


def _lines_in(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield from file
    except (FileNotFoundError, gzip.BadGzipFile, EOFError, zlib.error):
        return  # it is just being compressed, was removed by its owner, or is damaged
