"""One chart as a worker process is asked for it, and what it needs of the settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartTask:
    """What is to be read, with every name understood.

    Args:
        home: the home folder.
        venue, symbol, timeframe: of the market.
        profile: by whose thresholds facts are read; None: none are.
        until_ms: no bar that closes later; None: up to `now_ms`.
        now_ms: the present of the market, milliseconds UTC.
        bars: how many at most.
        seed, markets: of the built-in market.
    """

    home: Path
    venue: str
    symbol: Symbol
    timeframe: Timeframe
    profile: Profile | None
    until_ms: int | None
    now_ms: int
    bars: int
    seed: int = 7
    markets: int | None = None
