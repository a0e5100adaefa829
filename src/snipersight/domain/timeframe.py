"""Timeframes: a duration and a calendar that says where bars begin.

Times are integer milliseconds UTC. A bar is named by its open time and is closed at
`open_time + duration_ms`. Weeks open on Monday, everything shorter on multiples of its duration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from snipersight.domain.errors import ConfigInvalid

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
WEEK_MS: Final = 7 * DAY_MS
_MONDAY_OFFSET_MS: Final = 4 * DAY_MS  # 1970-01-01 was a Thursday, so the first Monday is the 5th

_DURATIONS_MS: Final[dict[str, int]] = {
    "1m": MINUTE_MS,
    "3m": 3 * MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": HOUR_MS,
    "2h": 2 * HOUR_MS,
    "4h": 4 * HOUR_MS,
    "6h": 6 * HOUR_MS,
    "8h": 8 * HOUR_MS,
    "12h": 12 * HOUR_MS,
    "1d": DAY_MS,
    "1w": WEEK_MS,
}


@dataclass(frozen=True, slots=True, order=True)
class Timeframe:
    """A bar length with its calendar; ordered by duration.

    Args:
        duration_ms: length of one bar in milliseconds.
        name: the usual short name, `15m` or `1d`.
    """

    duration_ms: int
    name: str

    @classmethod
    def parse(cls, name: str) -> Timeframe:
        """Return the timeframe of a short name such as `15m`, `4h`, `1d`, `1w`.

        Raises:
            ConfigInvalid: the name is none of the supported ones.
        """
        duration = _DURATIONS_MS.get(name)
        if duration is None:
            known = ", ".join(_DURATIONS_MS)
            raise ConfigInvalid(f"unknown timeframe {name!r}", next_step=f"use one of {known}")
        return cls(duration, name)

    @property
    def offset_ms(self) -> int:
        """Return where the calendar's first bar opens, relative to the Unix epoch."""
        return _MONDAY_OFFSET_MS if self.duration_ms == WEEK_MS else 0

    def floor(self, time_ms: int) -> int:
        """Return the open time of the bar that contains `time_ms`."""
        return time_ms - (time_ms - self.offset_ms) % self.duration_ms

    def is_open_time(self, time_ms: int) -> bool:
        """Return whether a bar of this timeframe can open at `time_ms`."""
        return self.floor(time_ms) == time_ms

    def last_closed(self, time_ms: int) -> int:
        """Return the open time of the newest bar that is closed at `time_ms`."""
        return self.floor(time_ms) - self.duration_ms

    def divides(self, coarser: Timeframe) -> bool:
        """Return whether bars of `coarser` are made of whole bars of this timeframe."""
        whole = coarser.duration_ms % self.duration_ms == 0
        return whole and (coarser.offset_ms - self.offset_ms) % self.duration_ms == 0

    def __str__(self) -> str:
        """Return the short name."""
        return self.name


ALL_TIMEFRAMES: Final = tuple(Timeframe.parse(name) for name in _DURATIONS_MS)
