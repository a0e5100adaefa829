"""Typed events: what happened, for whoever counts or follows it later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from loguru import logger

from snipersight.bot.telemetry.masking import mask_fields
from snipersight.bot.telemetry.times import zulu


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
    STREAM_DOWN = "stream_down"
    STREAM_UP = "stream_up"
    STREAM_UNAVAILABLE = "stream_unavailable"
    EVENTS_LOST = "events_lost"
    HOOK_TROUBLE = "hook_trouble"


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
    """Takes events and forgets them: `ANALYTICS_ENABLED=false`."""

    def emit(self, name: str, fields: Mapping[str, object]) -> None:
        """Forget one event."""


class LogSink:
    """Takes events into the log alone, where no store keeps them."""

    def emit(self, name: str, fields: Mapping[str, object]) -> None:
        """Log one event under its name."""
        logger.bind(**fields).info("{}", name)


def log_event(event: TelemetryEvent) -> None:
    """Write an event into the log: its type, and its fields."""
    logger.bind(**event.fields).info("{}", event.event_type.value)
