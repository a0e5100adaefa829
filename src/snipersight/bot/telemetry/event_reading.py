"""Looks back over the stored events: the newest of some kinds, since some time."""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from snipersight.domain.event_log import EventLog, StoredEvent

_PAGE: Final = 1_000


def newest_events(
    log: EventLog,
    *,
    limit: int,
    types: Container[str] | None = None,
    since_us: int | None = None,
) -> list[StoredEvent]:
    """Return the newest events that match, oldest first.

    Args:
        log: where they are.
        limit: how many at most.
        types: of these kinds; None: of all.
        since_us: at or after this, microseconds UTC; None: any time. Events are stored soon after
            they happen: a thousand in a row from before it end the search.

    Raises:
        StateUnavailable: the log cannot be read.
    """
    found: list[StoredEvent] = []
    end = log.newest()
    while end > 0 and len(found) < limit:
        start = max(0, end - _PAGE)
        page = [event for event in log.after(start, limit=end - start) if event.seq <= end]
        end = start
        recent = [event for event in page if since_us is None or event.at_us >= since_us]
        if page and not recent:
            break
        found[:0] = [event for event in recent if types is None or event.event_type in types]
    return found[-limit:]
