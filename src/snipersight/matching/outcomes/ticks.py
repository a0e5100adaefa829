"""Prices on the venue's tick, in floats that name the same decimals as the venue's."""

from __future__ import annotations

import math

from snipersight.analysis.kernel import kernel
from snipersight.matching.outcomes.layout import Record

_SNAP = 1e-6  # of a tick: what floats lose, and no venue counts


@kernel
def tick_above(price: float, terms: Record) -> float:
    """Return the tick at a price or above it; the price itself where the tick is unknown."""
    if terms.tick <= 0.0:
        return price
    return _named(math.ceil(price / terms.tick - _SNAP), terms)


@kernel
def tick_below(price: float, terms: Record) -> float:
    """Return the tick at a price or below it; the price itself where the tick is unknown."""
    if terms.tick <= 0.0:
        return price
    return _named(math.floor(price / terms.tick + _SNAP), terms)


@kernel
def _named(ticks: float, terms: Record) -> float:
    # One division is rounded once: the float that is nearest to the decimal, as in the candles.
    if terms.ticks_per_unit > 0.0:
        return ticks / terms.ticks_per_unit
    return ticks * terms.tick
