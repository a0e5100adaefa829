"""What a plug-in prints: kept in a small file of its own, and never faster than we care to read."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

PER_SECOND: Final = 256 * 1024  # bytes; one that prints more waits until they are read
LARGEST_FILE: Final = 1024 * 1024
_CHUNK: Final = 64 * 1024


class PrintedOutput:
    """Reads what a plug-in prints and keeps the newest of it.

    A full disk or a folder that is gone loses what is printed and nothing else.

    Args:
        path: where it is kept; a second file beside it holds what came before.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._second = -1.0
        self._left = 0

    def may_read(self, now_s: float) -> bool:
        """Return whether this second has room for more."""
        if now_s - self._second >= 1.0:
            self._second, self._left = now_s, PER_SECOND
        return self._left > 0

    def read(self, descriptor: int) -> bool:
        """Keep what is there to read now; False once the other end is closed."""
        try:
            told = os.read(descriptor, min(_CHUNK, max(self._left, 1)))
        except BlockingIOError:
            return True
        self._left -= len(told)
        with suppress(OSError):
            self._keep(told)
        return bool(told)

    def _keep(self, told: bytes) -> None:
        if not told:
            return
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        file = os.open(self.path, flags, 0o600)
        try:
            os.write(file, told)
            is_full = os.fstat(file).st_size > LARGEST_FILE
        finally:
            os.close(file)
        if is_full:
            self.path.replace(self.path.with_suffix(".1.log"))
