"""The events that wait for one plug-in: a bounded number, the oldest of which give way."""

from __future__ import annotations

import threading
from collections import deque

from snipersight.domain.hooks import HookEvent


class WaitingEvents:
    """A queue that never makes anybody wait; safe between threads.

    Args:
        most: how many may wait, at least 1.
    """

    def __init__(self, most: int) -> None:
        self._waiting: deque[HookEvent] = deque(maxlen=most)
        self._lock = threading.Lock()
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Return how many gave way so far."""
        return self._dropped

    def put(self, event: HookEvent) -> None:
        """Append an event."""
        with self._lock:
            self._dropped += len(self._waiting) == self._waiting.maxlen
            self._waiting.append(event)

    def take(self) -> HookEvent | None:
        """Return the oldest event and forget it; None if none waits."""
        with self._lock:
            return self._waiting.popleft() if self._waiting else None

    def clear(self) -> None:
        """Forget every event: nobody will take them."""
        with self._lock:
            self._waiting.clear()

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiting)
