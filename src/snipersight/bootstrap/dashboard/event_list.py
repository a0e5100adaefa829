"""Stored events, newest first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.dashboard.views_signals import EventFilter, EventPage, EventRow
from snipersight.storage.telemetry.event_listing import list_events

if TYPE_CHECKING:
    from snipersight.bootstrap.dashboard.store import DashboardStore
    from snipersight.domain.event_log import StoredEvent

MOST: Final = 500
_HEAD: Final = frozenset(("event", "at"))


def event_page(store: DashboardStore, wanted: EventFilter) -> EventPage:
    """Return events that are wanted; see `DashboardReader.events`."""
    telemetry, read_ms = store.telemetry(), store.clock() // 1000
    if telemetry is None:
        return EventPage(rows=(), next_before_seq=None, read_ms=read_ms)
    limit = min(max(wanted.limit, 1), MOST)
    found = list_events(
        telemetry.database,
        types=wanted.types,
        text=wanted.text.strip(),
        before_seq=wanted.before_seq,
        limit=limit + 1,
    )
    shown = found[:limit]
    return EventPage(
        rows=tuple(map(event_row, shown)),
        next_before_seq=shown[-1].seq if len(found) > limit else None,
        read_ms=read_ms,
    )


def event_row(event: StoredEvent) -> EventRow:
    """Return an event as lists show it; a body that is no JSON is shown as it is."""
    try:
        held = json.loads(event.body)
    except ValueError:
        held = None
    fields = held if isinstance(held, dict) else {"body": event.body}
    return EventRow(
        seq=event.seq,
        event_type=event.event_type,
        at_ms=event.at_us // 1000,
        fields={name: value for name, value in fields.items() if name not in _HEAD},
    )
