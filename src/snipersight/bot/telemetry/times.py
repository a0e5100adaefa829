"""Times as logs write them."""

from __future__ import annotations

from datetime import UTC, datetime


def zulu(time: datetime) -> str:
    """Return a zoned time in UTC with milliseconds: `2025-01-19T14:23:45.123Z`."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
