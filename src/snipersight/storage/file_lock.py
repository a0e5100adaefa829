"""A lock file in which processes stand in line; the kernel frees it when its holder dies."""

from __future__ import annotations

import fcntl
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_OPEN: Final[weakref.WeakSet[FileLock]] = weakref.WeakSet()


class FileLock:
    """An exclusive lock between processes.

    SQLite alone would keep them apart, too, but its waiting is polling: under load the same one
    wins over and over.

    Args:
        path: of the lock file; created for its owner alone.

    Raises:
        OSError: it cannot be created or opened.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _OPEN.add(self)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the lock, however long that takes, and hold it."""
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _close_inherited() -> None:
    # A forked child shares the lock itself: it would hold it on after its parent was killed.
    for lock in list(_OPEN):
        lock.close()


os.register_at_fork(after_in_child=_close_inherited)
