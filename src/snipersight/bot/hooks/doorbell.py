"""Wakes a thread that waits on pipes."""

from __future__ import annotations

import os
import threading
from contextlib import suppress


class Doorbell:
    """A pipe that carries no content; safe between threads, and harmless once closed."""

    def __init__(self) -> None:
        self._inner, self._outer = os.pipe()
        os.set_blocking(self._inner, False)
        os.set_blocking(self._outer, False)
        # A descriptor that is closed may be somebody else's a moment later.
        self._lock = threading.Lock()

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._inner

    def ring(self) -> None:
        """Wake whoever waits, now or when they next wait; never waits itself."""
        with self._lock:
            if self._outer >= 0:
                with suppress(BlockingIOError):  # it rings already
                    os.write(self._outer, b"!")

    def answer(self) -> None:
        """Stop the ringing."""
        with suppress(BlockingIOError):
            os.read(self._inner, 65_536)

    def close(self) -> None:
        """Ring never again; for the thread that waits, as its last act."""
        with self._lock:
            os.close(self._inner)
            os.close(self._outer)
            self._inner = self._outer = -1
