"""What a factor sees and says: the common ground of the `factors_*` modules.

Every factor is a function of `Evidence` that returns an `Opinion` of 0 to 1: graded, monotone in
what it measures, and the same for mirrored and for scaled prices. So only differences of prices
are used, in the trade's direction and in ATR; never a percentage of price.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from snipersight.analysis.entry_zone import EntryZone
from snipersight.analysis.facts import Reading, Setup, SetupContext
from snipersight.analysis.momentum import Momentum
from snipersight.domain.direction import Direction
from snipersight.domain.ports import LeaderState
from snipersight.domain.profile import Profile
from snipersight.domain.quick import quick


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything a factor may look at, as known at the decision.

    Args:
        context: the setup and the readings of the three roles.
        zone: where it is entered.
        momentum: of the trigger timeframe; None with too little history.
        leader: BTC's state; None for BTC itself.
        profile: thresholds.
    """

    context: SetupContext
    zone: EntryZone
    momentum: Momentum | None
    leader: LeaderState | None
    profile: Profile

    @property
    def setup(self) -> Setup:
        """Return the setup."""
        return self.context.setup

    @property
    def direction(self) -> Direction:
        """Return the side of the setup."""
        return self.context.setup.direction

    def gain(self, price: float, *, start: float) -> float:
        """Return how far `price` lies from `start` in the trade's favour, in quote currency."""
        return self.direction.sign * (price - start)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one factor makes of the evidence.

    Args:
        value: 0 (not at all) to 1 (fully).
        sentence: the reason with its numbers.
        price: the level it refers to, or None.
    """

    value: float
    sentence: str
    price: float | None = None


def ramp(measured: float, *, none_at: float, full_at: float) -> float:
    """Return 0 up to `none_at`, 1 from `full_at`, straight between; 0 if it is not a number."""
    if math.isnan(measured):
        return 0.0
    return min(max((measured - none_at) / (full_at - none_at), 0.0), 1.0)


def trend_strength(reading: Reading, direction: Direction) -> float:
    """Return how firmly a reading's structure points one way, 0 (not at all) to 1.

    Swing structure counts most, internal structure and ADX add to it; without swing structure
    internal structure alone is worth 0.3; against it nothing is.
    """
    swing, internal = (t * direction.sign for t in (reading.swing_trend, reading.internal_trend))
    if swing < 0:
        return 0.0
    if swing == 0:
        return 0.3 if internal > 0 else 0.0
    return 0.6 + 0.2 * (internal > 0) + 0.2 * ramp(reading.adx, none_at=15, full_at=35)
