"""The state of a market, in the three words the specification uses."""

from __future__ import annotations

from enum import StrEnum


class Regime(StrEnum):
    """How a market moves: with direction, within bounds, or wildly."""

    TREND = "trend"
    RANGE = "range"
    VOLATILE = "volatile"
