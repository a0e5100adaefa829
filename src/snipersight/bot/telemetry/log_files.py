"""A file that lines are appended to: private, rotating, and never in the way of a command."""

from __future__ import annotations

import contextlib
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from snipersight.bot.telemetry.private_files import private_opener

MOST_BYTES: Final = 10_000_000
KEPT_FILES: Final = 10

_told: set[str] = set()


class LogFile:
    """A sink of loguru's that gives up on its file once it cannot be written.

    A full disk is said once on stderr, whichever file meets it first; the command goes on without
    its log. Nothing is buffered, so that closing has nothing left to write.

    Args:
        path: the file; its folder must exist.
        most_bytes: before it grows beyond them it is put aside under the time in its name.
        kept: how many files put aside stay; the oldest go.
    """

    def __init__(self, path: Path, *, most_bytes: int = MOST_BYTES, kept: int = KEPT_FILES) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._kept = kept
        self._file: int | None = None
        self._is_given_up = False

    def write(self, message: str) -> None:
        """Append one line; after a failure lines are dropped."""
        if self._is_given_up:
            return
        try:
            self._append(message.encode())
        except OSError as error:
            self._is_given_up = True
            self.stop()
            _tell_once(error)

    def stop(self) -> None:
        """Close the file; a second call does nothing."""
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):  # some file systems report only now what they lost
                os.close(file)

    def _append(self, line: bytes) -> None:
        file = self._opened()
        size = os.fstat(file).st_size
        if size and size + len(line) > self._most_bytes:
            self.stop()
            self._put_aside()
            file = self._opened()
        while line:
            line = line[os.write(file, line) :]

    def _opened(self) -> int:
        if self._file is None:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            self._file = private_opener(str(self._path), flags)
        return self._file

    def _put_aside(self) -> None:
        stem, suffix = self._path.stem, self._path.suffix
        time = datetime.now(UTC).strftime("%Y-%m-%d_%H-%M-%S_%f")
        with contextlib.suppress(FileNotFoundError):  # another process was quicker
            self._path.rename(self._path.with_name(f"{stem}.{time}{suffix}"))
        aside = sorted(self._path.parent.glob(f"{stem}.*{suffix}"))
        for old in aside[: max(0, len(aside) - self._kept)]:
            old.unlink(missing_ok=True)


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
