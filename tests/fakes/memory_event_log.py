"""A log of events in memory that keeps the promises of the port `EventLog`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from snipersight.domain.errors import StateUnavailable
from snipersight.domain.event_log import StoredEvent


@dataclass
class _Place:
    cursor: int = 0
    owner: str = ""
    until_us: int = 0


class MemoryEventLog:
    """Implements `EventLog` with lists; threads may share it.

    Args:
        clock_us: time that claims run out by, microseconds UTC; the system's if not given.

    Attributes:
        error: raised by every method while set, as by a store that cannot be used.
        events: everything stored, oldest first.
        commits: how many calls of `append` have stored something.
    """

    def __init__(self, *, clock_us: Callable[[], int] | None = None) -> None:
        self.error: StateUnavailable | None = None
        self.events: list[StoredEvent] = []
        self.commits = 0
        self._clock_us = clock_us or (lambda: time.time_ns() // 1000)
        self._places: dict[str, _Place] = {}
        self._keys: set[str] = set()
        self._lock = threading.Lock()

    def append(self, events: Sequence[StoredEvent]) -> int:
        """Store events, those with a known key excepted; return the seq of the newest."""
        with self._lock:
            self._ensure_usable()
            before = len(self.events)
            for event in events:
                self._store(event)
            self.commits += len(self.events) > before
            return len(self.events)

    def after(self, seq: int, *, limit: int) -> Sequence[StoredEvent]:
        """Return events behind a place, oldest first."""
        with self._lock:
            self._ensure_usable()
            return self.events[seq : seq + limit]

    def newest(self) -> int:
        """Return the seq of the newest event; 0 without any."""
        self._ensure_usable()
        return len(self.events)

    def cursor(self, exporter: str) -> int:
        """Return up to where an exporter has confirmed; 0 for a new one."""
        self._ensure_usable()
        return self._places.get(exporter, _Place()).cursor

    def claim(self, exporter: str, owner: str, *, for_us: int) -> bool:
        """Return whether `owner` may export now."""
        with self._lock:
            self._ensure_usable()
            place, now_us = self._places.setdefault(exporter, _Place()), self._clock_us()
            if place.owner not in ("", owner) and place.until_us > now_us:
                return False
            place.owner, place.until_us = owner, now_us + for_us
            return True

    def confirm(self, exporter: str, owner: str, seq: int) -> bool:
        """Move a cursor on, never back; False if the claim is not this owner's."""
        with self._lock:
            self._ensure_usable()
            place = self._places.get(exporter)
            if place is None or place.owner != owner:
                return False
            place.cursor = max(place.cursor, seq)
            return True

    def set_back(self, exporter: str, owner: str, seq: int) -> bool:
        """Move a cursor to an earlier place; False if the claim is not this owner's."""
        with self._lock:
            self._ensure_usable()
            place = self._places.get(exporter)
            if place is None or place.owner != owner or place.cursor <= seq:
                return False
            place.cursor = seq
            return True

    def is_claimed(self, exporter: str) -> bool:
        """Return whether anybody holds an unexpired claim."""
        with self._lock:
            self._ensure_usable()
            place = self._places.get(exporter, _Place())
            return place.owner != "" and place.until_us > self._clock_us()

    def release(self, exporter: str, owner: str) -> None:
        """Give a claim back; nothing happens if it is not this owner's."""
        with self._lock:
            self._ensure_usable()
            place = self._places.get(exporter)
            if place is not None and place.owner == owner:
                place.owner, place.until_us = "", 0

    def _store(self, event: StoredEvent) -> None:
        if event.key and event.key in self._keys:
            return
        self._keys.add(event.key)
        self.events.append(replace(event, seq=len(self.events) + 1))

    def _ensure_usable(self) -> None:
        if self.error is not None:
            raise self.error
