"""What signals can be grouped by; apart from the groups, so that a command can name it cheaply."""

from __future__ import annotations

from enum import StrEnum


class GroupBy(StrEnum):
    """What signals can be grouped by besides their factors."""

    PROFILE = "profile"
    SYMBOL = "symbol"
    SESSION = "session"
    DIRECTION = "direction"
    REGIME = "regime"
    TIER = "tier"
    TIMEFRAME = "timeframe"
    LEADER = "leader"
    HOUR = "hour"
