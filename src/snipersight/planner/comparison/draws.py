"""Chance without a random source: numbers that follow from a seed, a symbol and a time alone.

Splitmix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators") read as a
counter: the number at a time is that place of the sequence its key begins. It needs no state, so
that bars may come in any portions, and no other market changes it.
"""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
import numpy.typing as npt

from snipersight.domain.candles import Floats, Times
from snipersight.domain.units import Symbol

Words = npt.NDArray[np.uint64]

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_MIXERS: Final = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
_LAST_SHIFT: Final = np.uint64(31)
_SPARE_BITS: Final = np.uint64(11)  # a float holds 53 of 64
_UNIT: Final = 2.0**-53


class Draws:
    """One stream of numbers of one market.

    Args:
        seed: another one gives another sequence.
        symbol: of the market.
        purpose: what is drawn; streams of other purposes are independent of it.
    """

    def __init__(self, seed: int, symbol: Symbol, purpose: str) -> None:
        digest = hashlib.sha256(f"{seed}|{symbol}|{purpose}".encode()).digest()
        self._key = np.uint64(int.from_bytes(digest[:8]))

    def at(self, times_ms: Times) -> Floats:
        """Return the numbers of some times, uniform in [0, 1), shape as given."""
        words = splitmix64(self._key, times_ms.astype(np.uint64))
        return (words >> _SPARE_BITS).astype(np.float64) * _UNIT


def splitmix64(key: np.uint64, places: Words) -> Words:
    """Return the numbers at some places (from 1 on) of the sequence that a key seeds."""
    words: Words = key + places * _GOLDEN
    for shift, factor in _MIXERS:
        words = (words ^ (words >> shift)) * factor
    return words ^ (words >> _LAST_SHIFT)
