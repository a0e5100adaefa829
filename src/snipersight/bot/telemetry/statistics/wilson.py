"""How far a rate can be from what was counted."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

Z_95: Final = NormalDist().inv_cdf(0.975)


def wilson_interval(hits: float, count: float) -> tuple[float, float]:
    """Return the 95 % interval of a rate after Wilson (1927), which holds for few observations too.

    Args:
        hits: how often it happened, 0 to `count`.
        count: of how many, above 0. Neither need be whole: observations that move together
            count for less than one each.
    """
    rate, squared = hits / count, Z_95 * Z_95
    centre = rate + squared / (2 * count)
    spread = Z_95 * math.sqrt(rate * (1 - rate) / count + squared / (4 * count * count))
    scale = 1 + squared / count
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
