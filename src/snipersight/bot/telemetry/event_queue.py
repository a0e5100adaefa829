"""The queue that every event goes through: quick for the caller, durable a moment later.

`emit` hands an event to one writer thread, which masks it, writes it as JSON and stores it together
with what has come meanwhile. Memory is bounded. A store that fails is tried again; callers are held
up for a moment at most, and what could not be kept is counted, said, and recorded as `events_lost`
once the store works again.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from loguru import logger

from snipersight.bot.telemetry.event_buffer import EventBuffer, Loss
from snipersight.bot.telemetry.event_writer import EventWriter
from snipersight.bot.telemetry.events import EventType, TelemetryEvent
from snipersight.bot.telemetry.logging import current_context, log_structured
from snipersight.domain.errors import SniperSightError
from snipersight.domain.event_log import EventLog

CAPACITY: Final = 10_000
BATCH: Final = 1_000
PATIENCE_S: Final = 2.0
LINGER_S: Final = 0.01
CLOSE_S: Final = 2.0
KEY_FIELD: Final = "event_key"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EVENTS: Final = ("events were", "event was")


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a caller holds who wants to know when an event is durable."""

    _buffer: EventBuffer
    position: int

    @property
    def is_lost(self) -> bool:
        """Return whether the event was not taken in."""
        return self.position == 0

    def wait(self, timeout_s: float) -> bool:
        """Return whether the event is stored, once it is or time is over."""
        return not self.is_lost and self._buffer.wait_until_stored(self.position, timeout_s)


class EventQueue:
    """A sink that stores events in an `EventLog`; every method may be called by any thread.

    The writer thread starts with the first event. Times may step back: the order of events is that
    of storing.

    Args:
        log: where events are stored.
        capacity: events held in memory at most.
        batch: events stored in one commit at most.
        patience_s: how long a full queue holds its callers while the store does not get on.
        linger_s: how long an event waits for others to be stored with.
        clock_us: the time, microseconds UTC.
        echo: told each event on the writer thread before it is stored; None: nobody.
        warn: told what a person should know; the log by default, which shows it on stderr.

    Raises:
        RuntimeError: from `emit` and `submit`, in a process that was forked from the queue's own.
    """

    def __init__(
        self,
        log: EventLog,
        *,
        capacity: int = CAPACITY,
        batch: int = BATCH,
        patience_s: float = PATIENCE_S,
        linger_s: float = LINGER_S,
        clock_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        echo: Callable[[TelemetryEvent], None] | None = None,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        self._buffer = EventBuffer(
            capacity=capacity,
            batch=min(batch, capacity),
            patience_s=patience_s,
            linger_s=linger_s,
        )
        self._clock_us = clock_us
        self._echo = echo
        self._warn = warn or _warn
        self._hopeless = threading.Event()
        self._writer = EventWriter(log, pause=self._pause, on_trouble=self._trouble)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._owner = os.getpid()
        self._is_troubled = False
        self._has_told_loss = False
        self._is_closed = False
        self._trouble_text = ""

    def emit(self, name: str, fields: Mapping[str, object]) -> None:
        """Take one event, which happened now; it is stored soon afterwards.

        The values of `fields` must not be changed afterwards. A field `event_key` becomes the key
        of the event. A name outside of `EventType` goes to the log instead, as an error.
        """
        try:
            event_type = EventType(name)
        except ValueError:
            logger.bind(**fields).error("event of unknown type {}", name)
            return
        held, context = dict(fields), current_context()
        key = str(held.pop(KEY_FIELD, ""))
        if context is not None and "context_id" not in held:
            held = {"context_id": context, **held}
        at = _EPOCH + timedelta(microseconds=self._clock_us())
        self._put(TelemetryEvent(event_type=event_type, at=at, fields=held, key=key))

    def submit(self, event: TelemetryEvent) -> Ticket:
        """Take an event that says itself when it happened; the ticket tells when it is durable."""
        return Ticket(self._buffer, self._put(event))

    def flush(self, timeout_s: float) -> bool:
        """Return whether everything told so far is stored, once it is or time is over."""
        return self._buffer.wait_until_stored(self._buffer.positions, timeout_s)

    def close(self, timeout_s: float = CLOSE_S) -> int:
        """Store what is held and end; return how many events are not known to be stored.

        Events that come later are lost. A second call does nothing more.

        Args:
            timeout_s: how long the store may take.
        """
        self._ensure_ours()
        self._buffer.close()
        if self._thread is not None:
            self._thread.join(timeout_s)
            self._hopeless.set()
        unsettled = self._buffer.positions - self._buffer.settled_to
        lost = self._buffer.loss()
        missing = unsettled + (0 if lost is None else lost.count)
        if missing and not self._is_closed:
            self._warn(f"{missing:,} {_EVENTS[missing == 1]} not stored{self._why()}")
        self._is_closed = True
        return missing

    def _put(self, event: TelemetryEvent) -> int:
        self._ensure_ours()
        if self._thread is None:
            self._start()
        position = self._buffer.put(event)
        if not position and not self._has_told_loss:
            self._has_told_loss = True
            self._warn(f"events are being lost{self._why()}")
        return position

    def _ensure_ours(self) -> None:
        if os.getpid() != self._owner:
            raise RuntimeError("a queue of events must be opened by the process that uses it")

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="snipersight-events", daemon=True)
                thread.start()
                self._thread = thread

    def _run(self) -> None:
        try:
            self._store_all()
        except Exception as error:  # noqa: BLE001 - whoever tells events must not wait for nobody
            self._trouble(error)
            self._warn(f"events are not stored any more{self._why()}")
            self._buffer.close()

    def _store_all(self) -> None:
        while events := self._buffer.take():
            self._tell(events)
            if not self._writer.store(events):
                return
            self._buffer.settle()
            self._is_troubled = False
            self._record_loss()

    def _tell(self, events: Sequence[TelemetryEvent]) -> None:
        if self._echo is None:
            return
        for event in events:
            try:
                self._echo(event)
            except Exception as error:  # noqa: BLE001 - who listens must not end the thread
                logger.warning("an event could not be echoed: {}", type(error).__name__)

    def _record_loss(self) -> None:
        """Store what was lost as one event; the store works again."""
        loss = self._buffer.loss()
        if loss is not None and self._writer.store([_event_of(loss)]):
            self._buffer.note_loss(loss)
            self._has_told_loss = False
            logger.info("events are stored again; {} were lost", loss.count)

    def _pause(self, seconds: float) -> bool:
        return not self._hopeless.wait(seconds)

    def _trouble(self, error: Exception) -> None:
        self._trouble_text = str(error) if isinstance(error, SniperSightError) else repr(error)
        if not self._is_troubled:
            self._is_troubled = True
            logger.info("events cannot be stored and are tried again: {}", self._trouble_text)

    def _why(self) -> str:
        return f": {self._trouble_text}" if self._trouble_text else ""


def _event_of(loss: Loss) -> TelemetryEvent:
    fields = {"count": loss.count, "first": loss.first.isoformat(), "last": loss.last.isoformat()}
    return TelemetryEvent(event_type=EventType.EVENTS_LOST, at=loss.last, fields=fields)


def _warn(text: str) -> None:
    log_structured(text, level="WARNING", stage="telemetry")
