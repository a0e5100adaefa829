"""Typed events: what happened in a scan, for whoever counts or follows it later."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from loguru import logger

from snipersight.bot.telemetry.log_files import LogFile
from snipersight.bot.telemetry.masking import mask_fields
from snipersight.bot.telemetry.times import zulu

if TYPE_CHECKING:
    from loguru import Record

EVENTS_FILE: Final = "events.jsonl"
_EVENT: Final = "_event"  # the finished line, on its way to the file
_OWNER: Final = "_event_sink"


class EventType(StrEnum):
    """What can happen."""

    SCAN_STARTED = "scan_started"
    SCAN_FINISHED = "scan_finished"
    SIGNAL_GENERATED = "signal_generated"
    SIGNAL_REJECTED = "signal_rejected"
    PLAN_DECLINED = "plan_declined"

    ORDER_SUBMITTED = "order_submitted"
    ORDER_ACCEPTED = "order_accepted"
    ORDER_FILLED = "order_filled"
    ORDER_CANCELLED = "order_cancelled"
    ORDER_REFUSED = "order_refused"
    ORDER_UNKNOWN = "order_unknown"
    STOP_PLACED = "stop_placed"
    POSITION_PROTECTED = "position_protected"
    POSITION_UNPROTECTED = "position_unprotected"  # part of it has lost its stop
    TARGET_HIT = "target_hit"
    STOP_MOVED = "stop_moved"
    POSITION_CLOSED = "position_closed"

    PLAN_ENTERED = "plan_entered"
    PLAN_CLOSED = "plan_closed"
    PLAN_MISSED = "plan_missed"
    PLAN_EXPIRED = "plan_expired"
    PLAN_INVALIDATED = "plan_invalidated"
    PLAN_UNKNOWN = "plan_unknown"

    BREAKER_TRIPPED = "breaker_tripped"
    BREAKER_RELEASED = "breaker_released"
    KILL = "kill"
    RECONCILIATION = "reconciliation"
    MESSAGE_SENT = "message_sent"
    MESSAGE_FAILED = "message_failed"

    DATA_QUALITY = "data_quality"
    OBSERVATION_MISSING = "observation_missing"
    STATE_UNAVAILABLE = "state_unavailable"
    CANDLE_GAP = "candle_gap"
    CANDLE_REVISED = "candle_revised"
    CANDLE_WITHDRAWN = "candle_withdrawn"
    CANDLE_WITHOUT_PRICE = "candle_without_price"
    HISTORY_NOT_SERVED = "history_not_served"
    INSTRUMENTS_SKIPPED = "instruments_skipped"
    CACHE_CORRUPT = "cache_corrupt"
    CACHE_UNAVAILABLE = "cache_unavailable"
    CLOCK_SKEW = "clock_skew"
    EVENTS_LOST = "events_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetryEvent:
    """One thing that happened.

    Args:
        event_type: what happened.
        at: when, with a time zone.
        fields: what belongs to it; their values must not be changed afterwards.
        key: names what happened once, whoever tells it again, `audit:main:17`; empty: nobody
            tells it again.

    Raises:
        ValueError: `at` carries no time zone.
    """

    event_type: EventType
    at: datetime
    fields: Mapping[str, object] = field(default_factory=dict)
    key: str = ""

    def __post_init__(self) -> None:
        """Refuse a time that could be anywhere."""
        if self.at.utcoffset() is None:
            raise ValueError(f"{self.event_type} at {self.at}: the time carries no zone")

    def to_json(self) -> str:
        """Return the event as one line of JSON, secrets masked."""
        head = {"event": self.event_type.value, "at": zulu(self.at)}
        body = {key: value for key, value in self.fields.items() if key not in head}
        return json.dumps({**head, **mask_fields(body)}, ensure_ascii=False, allow_nan=False)


class NullSink:
    """Takes events and forgets them: `ANALYTICS_ENABLED=false`, or a home without logs."""

    def emit(self, name: str, fields: Mapping[str, object]) -> None:
        """Forget one event."""


class JsonlSink:
    """Appends events to `events.jsonl`, one JSON object a line, rotating and private.

    When it cannot be written, that is said once on stderr: an event never stops a scan.
    Call `configure_logging` first; it closes every file that was open before.

    Args:
        folder: where the file lies; it must exist.
        clock_ms: the current time, milliseconds UTC.
    """

    def __init__(self, folder: Path, *, clock_ms: Callable[[], int]) -> None:
        self._clock_ms = clock_ms
        self._handler = logger.add(
            LogFile(folder / EVENTS_FILE),
            level=0,
            filter=lambda record: record["extra"].get(_OWNER) is self,
            format=_line_of,
            colorize=False,
            diagnose=False,
            backtrace=False,
        )

    def emit(self, name: str, fields: Mapping[str, object]) -> None:
        """Record an event under the current time.

        A name outside of `EventType` goes to the log instead, as an error with its fields.
        """
        try:
            event_type = EventType(name)
        except ValueError:
            logger.bind(**fields).error("event of unknown type {}", name)
            return
        at = datetime.fromtimestamp(self._clock_ms() / 1000, UTC)
        self.record(TelemetryEvent(event_type=event_type, at=at, fields=fields))

    def record(self, event: TelemetryEvent) -> None:
        """Append one event; the ordinary log gets it too."""
        bound = logger.bind(**{**event.fields, _OWNER: self, _EVENT: event})
        bound.info("{}", event.event_type.value)

    def close(self) -> None:
        """Close the file; events after it reach the log only."""
        logger.remove(self._handler)


def _line_of(record: Record) -> str:
    # The scan's id is bound to the task, not to the event, so it is added here.
    extra = record["extra"]
    event: TelemetryEvent = extra[_EVENT]
    context = {"context_id": extra["context_id"]} if "context_id" in extra else {}
    extra[_EVENT] = replace(event, fields={**context, **event.fields}).to_json()
    return f"{{extra[{_EVENT}]}}\n"
