"""What lies between those that tell events and the one thread that stores them: bounded, in order.

A full buffer holds its callers back as long as the storing thread gets on, so that nothing is lost
to haste. Once it does not, callers are let go and what they bring is counted as lost.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from snipersight.bot.telemetry.events import TelemetryEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Events that nobody could take.

    Args:
        count: how many.
        first, last: times of the earliest and the latest.
    """

    count: int
    first: datetime
    last: datetime

    def with_one_at(self, at: datetime) -> Loss:
        """Return the loss with one more event."""
        first, last = min(self.first, at), max(self.last, at)
        return Loss(count=self.count + 1, first=first, last=last)


class EventBuffer:
    """A first-in-first-out buffer of events for many callers and one taker.

    Each event that is taken in has a position: 1, 2, 3 … . Those taken out count against the
    capacity until `settled`, so that no more than `capacity` are ever held.

    Args:
        capacity: events held at most.
        batch: events that are taken out together at most.
        patience_s: how long the taker may stand still before callers wait for it no more.
        linger_s: how long a first event waits for company, unless somebody waits for it.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        *,
        capacity: int,
        batch: int,
        patience_s: float,
        linger_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._capacity = capacity
        self._batch = batch
        self._patience_s = patience_s
        self._linger_s = linger_s
        self._clock = clock
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)
        self._room = threading.Condition(self._lock)
        self._stored = threading.Condition(self._lock)
        self._waiting: deque[TelemetryEvent] = deque()
        self._is_closed = False
        self._moved_at = clock()
        self._urgent = 0  # somebody waits for this position
        self._positions = 0
        self._out = 0  # positions taken out
        self._settled = 0
        self._loss: Loss | None = None

    @property
    def positions(self) -> int:
        """Return how many events were taken in."""
        return self._positions

    @property
    def settled_to(self) -> int:
        """Return the position up to which all is stored."""
        return self._settled

    def put(self, event: TelemetryEvent) -> int:
        """Take one event in and return its position; 0 if it is lost.

        Blocks while the buffer is full and the taker gets on.
        """
        with self._lock:
            if self._is_closed or not self._has_room():
                self._lose(event)
                return 0
            if self._positions == self._settled:
                self._moved_at = self._clock()  # nobody could get on before
            self._waiting.append(event)
            self._positions += 1
            if len(self._waiting) in (1, self._batch):
                self._work.notify()
            return self._positions

    def take(self) -> Sequence[TelemetryEvent]:
        """Wait for events and return the oldest; none once the buffer is closed and empty.

        The events of the call before must be settled.
        """
        with self._lock:
            self._work.wait_for(lambda: self._waiting or self._is_closed)
            self._work.wait_for(self._need_not_linger, self._linger_s)
            count = min(len(self._waiting), self._batch)
            self._moved_at = self._clock()
            self._out += count
            return [self._waiting.popleft() for _ in range(count)]

    def settle(self) -> None:
        """Note that everything taken out is stored."""
        with self._lock:
            self._settled = self._out
            self._moved_at = self._clock()
            self._room.notify_all()
            self._stored.notify_all()

    def wait_until_stored(self, position: int, timeout_s: float) -> bool:
        """Return whether everything up to a position is stored, once it is or time is over."""
        with self._lock:
            if self._settled < position:
                self._urgent = max(self._urgent, position)
                self._work.notify()
            return self._stored.wait_for(lambda: self._settled >= position, timeout_s)

    def close(self) -> None:
        """Take in nothing more; what is held is still given out."""
        with self._lock:
            self._is_closed = True
            self._work.notify_all()
            self._room.notify_all()

    def loss(self) -> Loss | None:
        """Return what was lost and is not noted yet."""
        return self._loss

    def note_loss(self, noted: Loss) -> None:
        """Forget a loss that was noted; what was lost since stays."""
        with self._lock:
            held = self._loss
            if held is None or held.count <= noted.count:
                self._loss = None
            else:
                left = held.count - noted.count
                self._loss = Loss(count=left, first=noted.last, last=held.last)

    def _has_room(self) -> bool:
        while self._positions - self._settled >= self._capacity:
            left_s = self._moved_at + self._patience_s - self._clock()
            if left_s <= 0 or self._is_closed:
                return False
            self._room.wait(left_s)
        return not self._is_closed

    def _lose(self, event: TelemetryEvent) -> None:
        if self._loss is None:
            self._loss = Loss(count=1, first=event.at, last=event.at)
        else:
            self._loss = self._loss.with_one_at(event.at)

    def _need_not_linger(self) -> bool:
        is_urgent = self._urgent > self._out
        return is_urgent or self._is_closed or len(self._waiting) >= self._batch
