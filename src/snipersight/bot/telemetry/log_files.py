"""A file that lines are appended to: private, rotating, and never in the way of a command."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from snipersight.bot.telemetry.log_archive import Keeping, aside_name, tidy_in_background
from snipersight.bot.telemetry.private_files import private_opener

MOST_BYTES: Final = 10_000_000
RETRY_S: Final = 60.0

_told: set[str] = set()


class LogFile:
    """A sink of loguru's that lets a line go rather than the command, where it cannot be written.

    A full disk is said once on stderr, whichever file meets it first; the command goes on, and
    a minute later a line is tried again. Nothing is buffered, so that closing has nothing left to
    write. Several processes may append to one file, and each may put it aside.

    Args:
        path: the file; its folder must exist.
        most_bytes: before it grows beyond them it is put aside under the time in its name.
        keeping: how many files put aside stay, how long, and when they are compressed.
        gap_line: the line, without its end, that tells of so many lines lost; None: nothing does.
        clock_s: seconds that only grow.
    """

    def __init__(
        self,
        path: Path,
        *,
        most_bytes: int = MOST_BYTES,
        keeping: Keeping = Keeping(),  # noqa: B008 - frozen
        gap_line: Callable[[int], str] | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._name = str(path)
        self._most_bytes = most_bytes
        self._keeping = keeping
        self._gap_line = gap_line
        self._clock_s = clock_s
        self._file: int | None = None
        self._inode = 0
        self._lost = 0
        self._silent_until_s = 0.0
        self._is_torn = False

    def write(self, message: str) -> None:
        """Append one line; after a failure lines are dropped until it is time to try again."""
        if self._lost and self._clock_s() < self._silent_until_s:
            self._lost += 1
            return
        try:
            # Names of files and arguments may hold half surrogates, which no file takes.
            self._append(self._after_gap(message).encode(errors="replace"))
        except OSError as error:
            self._lost += 1
            self._silent_until_s = self._clock_s() + RETRY_S
            self.stop()
            _tell_once(error)
        else:
            self._lost = 0

    def stop(self) -> None:
        """Close the file; a second call does nothing."""
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):  # some file systems report only now what they lost
                os.close(file)

    def _after_gap(self, message: str) -> str:
        if not self._lost:
            return message
        told = "" if self._gap_line is None else f"{self._gap_line(self._lost)}\n"
        return ("\n" if self._is_torn else "") + told + message

    def _append(self, line: bytes) -> None:
        file, size = self._opened()
        if size and size + len(line) > self._most_bytes:
            self._put_aside()
            file, _size = self._opened()
        written = 0
        try:
            while written < len(line):
                written += os.write(file, line[written:])
        finally:
            # Half a line must not run into the next one.
            self._is_torn = 0 < written < len(line) or (self._is_torn and not written)

    def _opened(self) -> tuple[int, int]:
        """Return the file that has the name now, and its size in bytes."""
        if self._file is not None:
            found = self._found()
            if found is not None and found.st_ino == self._inode:
                return self._file, found.st_size
            self.stop()  # another process has put it aside
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._file = private_opener(self._name, flags)
        found = os.fstat(self._file)
        self._inode = found.st_ino
        tidy_in_background(self._path, self._keeping)
        return self._file, found.st_size

    def _found(self) -> os.stat_result | None:
        try:
            return os.stat(self._name)  # noqa: PTH116 - half the time of a Path's, at every line
        except FileNotFoundError:
            return None

    def _put_aside(self) -> None:
        """Give the full file another name, unless another process has done so or just does."""
        if self._file is not None:
            with contextlib.suppress(BlockingIOError, FileNotFoundError):
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if self._path.stat().st_ino == self._inode:
                    self._path.rename(aside_name(self._path))
        self.stop()


def tell_anew() -> None:
    """Let the next file that cannot be written be told of, for a process that begins again."""
    _told.clear()


def _tell_once(error: OSError) -> None:
    if _told:
        return
    reason = error.strerror or type(error).__name__
    _told.add(reason)
    with contextlib.suppress(OSError):  # stderr may lie on the same full disk
        print(  # noqa: T201 - the log is what failed
            f"warning: the log cannot be written: {reason}; this run goes on without it",
            file=sys.stderr,
        )
