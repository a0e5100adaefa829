"""The largest markets of every hour, so that a backtest looks at what a run would have."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snipersight.domain.timeframe import HOUR_MS
from snipersight.domain.units import Symbol

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlyUniverse:
    """Which markets were the largest, by what was known as each hour began.

    A run chooses the largest markets anew at the first close of an hour and keeps them until the
    next; trades of a market that is none of them any more are managed on.

    Args:
        first_hour: hours since 1970 that the first one began at.
        members: of each market whether it was one of them, hour after hour; one that never was is
            left out.
    """

    first_hour: int
    members: Mapping[Symbol, Mask]

    def holds(self, symbol: Symbol, at_ms: int) -> bool:
        """Return whether a market is one of them at a moment; never outside of the known hours."""
        mask, hour = self.members.get(symbol), at_ms // HOUR_MS - self.first_hour
        return mask is not None and 0 <= hour < len(mask) and bool(mask[hour])

    def held(self, symbol: Symbol, moments_ms: npt.NDArray[np.int64]) -> Mask:
        """Return whether a market is one of them at each of many moments."""
        return np.array([self.holds(symbol, one) for one in moments_ms.tolist()], dtype=np.bool_)

    @property
    def content_hash(self) -> str:
        """Return a name that two of the same hours and markets have in common."""
        digest = hashlib.sha256(str(self.first_hour).encode())
        for symbol, mask in sorted(self.members.items()):
            digest.update(f"|{symbol} {len(mask)} ".encode() + np.packbits(mask).tobytes())
        return digest.hexdigest()[:16]
