"""Sinks around a sink: one names the scan in the log, one remembers what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from snipersight.bot.telemetry.events import EventType
from snipersight.bot.telemetry.logging import bind_context
from snipersight.domain.ports import EventSink


class ScanContextSink:
    """Puts the scan's `context_id` on every line logged from its start on, then hands events over.

    The id is bound to the task that announces the scan, and to the tasks it starts afterwards; the
    binding ends with the task.

    Args:
        inner: takes the events.
    """

    def __init__(self, inner: EventSink) -> None:
        self._inner = inner

    def emit(self, name: str, fields: Mapping[str, object]) -> None:
        """Hand one event over; `scan_started` names the scan first."""
        if name == EventType.SCAN_STARTED and "context_id" in fields:
            bind_context(str(fields["context_id"]))
        self._inner.emit(name, fields)


class CountingSink:
    """Counts events by name, for a summary at the end, and hands them over.

    Args:
        inner: takes the events.
    """

    def __init__(self, inner: EventSink) -> None:
        self._inner = inner
        self.counts: Counter[str] = Counter()

    def emit(self, name: str, fields: Mapping[str, object]) -> None:
        """Count one event and hand it over."""
        self.counts[name] += 1
        self._inner.emit(name, fields)
