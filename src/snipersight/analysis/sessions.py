"""Trading sessions and kill zones, in the local time of the city that makes them.

Hours are half-open, [start, end), on the city's own weekdays, and move with its clock: London
opens an hour earlier in UTC from the last Sunday of March, New York from the second one.

| Window | City | Local time |
|---|---|---|
| Asia session | Tokyo | 09:00-18:00 |
| London session | London | 08:00-17:00 |
| New York session | New York | 08:00-17:00 |
| London open kill zone | London | 07:00-10:00 |
| New York open kill zone | New York | 07:00-10:00 |
| London close kill zone | London | 15:00-17:00 |
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

_SATURDAY: Final = 5


class Session(StrEnum):
    """When a financial centre is at work; several may be at once."""

    ASIA = "Asia"
    LONDON = "London"
    NEW_YORK = "New York"


class KillZone(StrEnum):
    """The hours in which most sweeps and reversals happen."""

    LONDON_OPEN = "London open"
    NEW_YORK_OPEN = "New York open"
    LONDON_CLOSE = "London close"


@dataclass(frozen=True, slots=True)
class _Window:
    city: str
    start: time
    end: time

    def contains(self, moment: datetime) -> bool:
        local = moment.astimezone(_zone(self.city))
        return local.weekday() < _SATURDAY and self.start <= local.time() < self.end


@cache
def _zone(city: str) -> ZoneInfo:
    return ZoneInfo(city)


_TOKYO, _LONDON, _NEW_YORK = "Asia/Tokyo", "Europe/London", "America/New_York"

_SESSIONS: Final = {
    Session.ASIA: _Window(_TOKYO, time(9), time(18)),
    Session.LONDON: _Window(_LONDON, time(8), time(17)),
    Session.NEW_YORK: _Window(_NEW_YORK, time(8), time(17)),
}
_KILL_ZONES: Final = {
    KillZone.LONDON_OPEN: _Window(_LONDON, time(7), time(10)),
    KillZone.NEW_YORK_OPEN: _Window(_NEW_YORK, time(7), time(10)),
    KillZone.LONDON_CLOSE: _Window(_LONDON, time(15), time(17)),
}


def sessions_at(time_ms: int) -> frozenset[Session]:
    """Return the sessions that are open at a moment (milliseconds UTC); empty at weekends."""
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return frozenset(name for name, window in _SESSIONS.items() if window.contains(moment))


def kill_zones_at(time_ms: int) -> frozenset[KillZone]:
    """Return the kill zones a moment (milliseconds UTC) lies in; empty at weekends."""
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return frozenset(name for name, window in _KILL_ZONES.items() if window.contains(moment))
