"""Quiet hours: the part of a day, by the clock on the wall, in which nothing rings."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from snipersight.domain.channels import Chat, QuietHours
from snipersight.domain.notices import Alert, Notice, Severity, SignalEvent, SignalUpdate


def is_quiet(hours: QuietHours, *, at_us: int) -> bool:
    """Return whether a moment lies in quiet hours.

    The moment is turned into local wall time, which every moment has exactly once: an hour that a
    change of clocks repeats is quiet both times, and one that it skips is never reached.

    Args:
        hours: `begin` belongs to them, `end` does not; equal ones mean none.
        at_us: microseconds UTC.

    Raises:
        ZoneInfoNotFoundError: there is no such time zone.
    """
    zone = ZoneInfo(hours.timezone)
    seconds, microseconds = divmod(at_us, 1_000_000)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)
    wall = moment.astimezone(zone).time()
    if hours.begin <= hours.end:
        return hours.begin <= wall < hours.end
    return wall >= hours.begin or wall < hours.end


def is_silent(chat: Chat, notice: Notice, *, at_us: int) -> bool:
    """Return whether a message arrives without a sound.

    A price that nears a zone is always told quietly; a critical alert always rings.

    Args:
        chat: with its quiet hours, if any.
        notice: what is told.
        at_us: when it is told, microseconds UTC.
    """
    if isinstance(notice, Alert) and notice.severity is Severity.CRITICAL:
        return False
    if isinstance(notice, SignalUpdate) and notice.event is SignalEvent.APPROACHING:
        return True
    return chat.quiet_hours is not None and is_quiet(chat.quiet_hours, at_us=at_us)
