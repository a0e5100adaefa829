"""Events of messages: what was delivered to a chat, and what was given up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from snipersight.bot.telemetry.audit_events import time_of
from snipersight.bot.telemetry.events import EventType, TelemetryEvent

_SHOWN: Final = 300  # characters of an error


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedMessage:
    """A message that nobody will try to deliver any more, unless a person says so.

    Args:
        item_id: of the delivery, or of a notice that could not be worded.
        attempts: how often it was tried.
        channel: where to; empty for a notice.
        is_sent: it was delivered.
        is_ambiguous: it may have been delivered more often than it should.
        waited_us: from being stored to its end.
        ended_us: microseconds UTC of the database.
        error: why it was given up; empty if it was not.
    """

    item_id: int
    attempts: int
    channel: str
    is_sent: bool
    is_ambiguous: bool
    waited_us: int
    ended_us: int
    error: str = ""


def message_event(message: EndedMessage) -> TelemetryEvent:
    """Return what became of a message; whom it went to is nobody else's business."""
    kind = EventType.MESSAGE_SENT if message.is_sent else EventType.MESSAGE_FAILED
    fields: dict[str, object] = {
        "item": message.item_id,
        "channel": message.channel or "none",
        "attempts": message.attempts,
        "waited_ms": message.waited_us // 1000,
    }
    if message.is_ambiguous:
        fields["is_ambiguous"] = True
    if not message.is_sent:
        fields["reason"] = message.error[:_SHOWN]
    # One that was given up may be tried again, and end again; a number may come again, too, once
    # the message that had it was pruned.
    key = f"message:{message.item_id}:{kind.value}:{message.ended_us}"
    return TelemetryEvent(event_type=kind, at=time_of(message.ended_us), fields=fields, key=key)
