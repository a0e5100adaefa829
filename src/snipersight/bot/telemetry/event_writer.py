"""Brings events into the log, each once: masked and written as JSON, tried again until it works."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from snipersight.bot.telemetry.events import TelemetryEvent
from snipersight.domain.errors import OutcomeUnknown
from snipersight.domain.event_log import EventLog, StoredEvent

FIRST_PAUSE_S: Final = 0.05
LONGEST_PAUSE_S: Final = 1.0
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_PAGE: Final = 1_000
# A claim of this name that nobody holds: giving it back stands in line behind what is being stored.
_BARRIER: Final = "barrier"


class EventWriter:
    """Stores batches of events; a store that fails is tried again after growing pauses.

    Args:
        log: where to.
        pause: waits for some seconds; False if there is no point in trying again.
        on_trouble: told what a failed attempt raised.
    """

    def __init__(
        self,
        log: EventLog,
        *,
        pause: Callable[[float], bool],
        on_trouble: Callable[[Exception], None],
    ) -> None:
        self._log = log
        self._pause = pause
        self._on_trouble = on_trouble
        self._newest: int | None = None
        self._is_unsettled = False

    def store(self, events: Sequence[TelemetryEvent]) -> bool:
        """Return whether the events are stored; False once there is no point in trying again."""
        batch = [stored_form(event) for event in events]
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                self._append(batch)
                return True
            except Exception as error:  # noqa: BLE001 - the thread lives on, whatever a store raises
                self._is_unsettled |= isinstance(error, OutcomeUnknown)
                self._on_trouble(error)
            if not self._pause(pause_s):
                return False
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _append(self, batch: list[StoredEvent]) -> None:
        if self._newest is None:
            self._newest = self._log.newest()
        if self._is_unsettled:
            batch = self._missing(batch, after=self._newest)
            self._is_unsettled = False
        if batch:
            self._newest = self._log.append(batch)

    def _missing(self, batch: list[StoredEvent], *, after: int) -> list[StoredEvent]:
        """Return what of a batch is not in the log, after an attempt that nobody saw the end of."""
        self._log.release(_BARRIER, _BARRIER)
        found: Counter[tuple[int, str]] = Counter()
        while page := self._log.after(after, limit=_PAGE):
            found.update((event.at_us, event.body) for event in page)
            after = page[-1].seq
        missing = []
        for event in batch:
            place = (event.at_us, event.body)
            if found[place]:
                found[place] -= 1
            else:
                missing.append(event)
        return missing


def stored_form(event: TelemetryEvent) -> StoredEvent:
    """Return an event as it is stored: one line of JSON, secrets masked.

    Fields that cannot be written are named by what is wrong with them: nobody is there any more
    who could be told.
    """
    try:
        body = event.to_json()
    except Exception as error:  # noqa: BLE001 - a field's own code may raise anything
        fields = {"unwritable": type(error).__name__}
        body = TelemetryEvent(event_type=event.event_type, at=event.at, fields=fields).to_json()
    return StoredEvent(
        seq=0,
        event_type=event.event_type.value,
        at_us=(event.at - _EPOCH) // _MICROSECOND,
        body=_clean(body),
        key=_clean(event.key),
    )


def _clean(text: str) -> str:
    """Return a text that every store takes: no half surrogates, no NUL."""
    return text.encode(errors="replace").decode().replace("\0", "")
