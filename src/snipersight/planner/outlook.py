"""What a market without a setup is waiting for, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from snipersight.analysis.facts import Pool, Reading
from snipersight.domain.direction import Direction
from snipersight.domain.profile import Profile
from snipersight.domain.units import exact, plain

_TRENDS: Final = {-1: "down", 0: "undecided", 1: "up"}


def describe_outlook(readings: Mapping[str, Reading], profile: Profile) -> str:
    """Return the trend and regime now and the liquidity a sweep would have to take.

    Args:
        readings: by role; a role without enough history is missing.
        profile: for the timeframes' names.
    """
    if len(readings) < len(("trigger", "zone", "bias")):
        known = ", ".join(readings) or "no role"
        return f"too little history: {known} may speak, bias, zone and trigger must"
    trigger, zone, bias = readings["trigger"], readings["zone"], readings["bias"]
    regime = zone.regime.value if zone.regime else "unknown"
    return (
        f"no sweep with a shift in the last {profile.setup.valid_bars} bars of "
        f"{trigger.timeframe}; {bias.timeframe} structure {_TRENDS[bias.swing_trend]}, "
        f"{zone.timeframe} regime {regime}; {_liquidity(trigger)}"
    )


def _liquidity(reading: Reading) -> str:
    above = [pool for pool in reading.pools if pool.side is Direction.LONG]
    below = [pool for pool in reading.pools if pool.side is Direction.SHORT]
    parts = []
    if above:
        parts.append("above: " + _name(min(above, key=lambda pool: pool.price)))
    if below:
        parts.append("below: " + _name(max(below, key=lambda pool: pool.price)))
    return "nearest liquidity " + ", ".join(parts) if parts else "no liquidity level stands"


def _name(pool: Pool) -> str:
    return f"{pool.kind.label(pool.side)} {plain(exact(pool.price))}"
