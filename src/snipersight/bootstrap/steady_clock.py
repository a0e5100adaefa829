"""A clock to measure pauses and deadlines by: it goes on where the system's time is set back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from snipersight.domain.store import Clock


class SteadyClock:
    """The system's time, microseconds UTC, that never runs back and never stands still.

    Set back by an hour, the system's time would have every pause and deadline last an hour longer:
    a position would lie naked for so long. This one follows it forward alone, and runs on by what
    has truly passed while it lies behind.

    Args:
        system_us: the system's time, microseconds UTC.
        passed_ns: what only grows, nanoseconds.
    """

    def __init__(
        self, system_us: Clock, *, passed_ns: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._system_us: Final = system_us
        self._passed_ns: Final = passed_ns
        self._lock: Final = threading.Lock()
        self._offset_us = system_us() - passed_ns() // 1000

    def __call__(self) -> int:
        """Return the time."""
        with self._lock:
            passed_us = self._passed_ns() // 1000
            self._offset_us = max(self._offset_us, self._system_us() - passed_us)
            return passed_us + self._offset_us
