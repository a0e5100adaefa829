"""The slow story of a price factor: where it stands every four hours, and in which regime.

A factor is measured in its own average daily moves, so one number scales it to any asset. Time is
cut into blocks of 64 days. A block begins and ends on anchors (slow noise that reverts over
years, which keeps prices in a sane band), and what lies between is simulated from the block's
own random words and bent to meet the far anchor. Any block can therefore be built alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from snipersight.domain.candles import Floats
from snipersight.domain.regime import Regime
from snipersight.sandbox.market_noise import (
    Words,
    field,
    growth,
    heavy_table,
    octaves,
    stream,
    uniform,
    words,
)

SLOTS_PER_DAY: Final = 6
BLOCK_SLOTS: Final = 64 * SLOTS_PER_DAY
REGIMES: Final = (Regime.TREND, Regime.RANGE, Regime.VOLATILE)

_ANCHOR_WAVES: Final = ((1, 4.0), (4, 6.0), (16, 8.0))  # blocks, average daily moves
_VOLATILITY_WAVES: Final = ((4, 0.25), (14, 0.25), (48, 0.25), (200, 0.25))  # slots, log-deviation
_SLOT_MOVE: Final = 0.345  # average daily moves a slot; measured, so that a day's deviation is 1
# Percent by UTC hour: moves are largest where London and New York overlap.
_HOUR_ACTIVITY: Final = (
    *(95, 95, 85, 80, 75, 75, 85, 105, 115, 105, 95, 95),
    *(115, 145, 150, 140, 120, 105, 100, 95, 90, 80, 75, 80),
)
_WEEKEND: Final = 0.72

Codes = npt.NDArray[np.int8]


def day_activity(steps_per_hour: int) -> Floats:
    """Return how large moves are through a UTC day, relative to its root mean square."""
    hours = np.array((*_HOUR_ACTIVITY, _HOUR_ACTIVITY[0])) / 100.0
    fraction = (np.arange(steps_per_hour) + 0.5) / steps_per_hour
    profile = (hours[:-1, None] + np.diff(hours)[:, None] * fraction).ravel()
    return profile / float(np.sqrt(np.cumsum(profile * profile)[-1] / len(profile)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """Consecutive four-hour slots of one factor, in average daily moves.

    Args:
        level: shape (n + 1,), where the factor stands at each slot's beginning and at the end.
        sigma: shape (n,), expected size of the slot's move.
        regime: shape (n,), index into `REGIMES`.
    """

    level: Floats
    sigma: Floats
    regime: Codes


def build_block(key: np.uint64, block: int) -> Skeleton:
    """Return the 384 slots of one block of a factor."""
    first = block * BLOCK_SLOTS
    index = np.arange(first, first + BLOCK_SLOTS, dtype=np.int64)
    moves, regime = _simulate(words(key ^ stream("story"), first, BLOCK_SLOTS))
    sigma = _calm_sigma(key, index)
    steps = moves * sigma
    anchors = octaves(key ^ stream("anchor"), np.array([block, block + 1]), _ANCHOR_WAVES)
    missing = float(anchors[1] - anchors[0] - np.cumsum(steps)[-1])
    steps += sigma * (missing / float(np.cumsum(sigma)[-1]))
    level = float(anchors[0]) + np.concatenate(([0.0], np.cumsum(steps)))
    level[-1] = anchors[1]  # the next block begins exactly here
    return Skeleton(level=level, sigma=sigma * _LIVELINESS[regime], regime=regime)


def _calm_sigma(key: np.uint64, index: npt.NDArray[np.int64]) -> Floats:
    """Return the size of a slot's move before its regime: clusters, time of day, weekend."""
    clusters = growth(octaves(key ^ stream("volatility"), index, _VOLATILITY_WAVES))
    activity = day_activity(1).reshape(SLOTS_PER_DAY, -1)
    by_slot = np.sqrt((activity * activity).mean(axis=1))
    weekday = (index // SLOTS_PER_DAY + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0
    weekend = np.where(weekday >= 5, _WEEKEND, 1.0)
    sigma: Floats = _SLOT_MOVE * clusters * weekend * by_slot[index % SLOTS_PER_DAY]
    return sigma


_LIVELINESS: Final = np.array([0.95, 0.85, 1.75])  # of intraday noise, by regime
# Regime, chance per episode in 1,000, shortest and longest episode in slots.
_EPISODES: Final = ((0, 460, 9, 60), (1, 400, 12, 78), (2, 140, 4, 16))


def _simulate(word: Words) -> tuple[Floats, Codes]:
    """Return the slots' moves, as multiples of their sigma, and their regimes."""
    shocks = heavy_table()[field(word, 0)]
    chance, length, lean = (uniform(word, number).tolist() for number in (1, 2, 3))
    moves = np.empty(len(word))
    regime = np.empty(len(word), dtype=np.int8)
    start = 0
    while start < len(word):
        code, count = _episode(chance[start], length[start])
        part = slice(start, min(start + count, len(word)))
        regime[part] = code
        moves[part] = _MOVES[code](shocks[part], lean[part])
        start = part.stop
    return moves, regime


def _episode(chance: float, length: float) -> tuple[int, int]:
    drawn = chance * 1000
    for code, share, shortest, longest in _EPISODES:
        if drawn < share:
            # Squared: most episodes are short, some last for weeks.
            return code, shortest + int(length * length * (longest - shortest + 1))
        drawn -= share
    raise AssertionError("the shares sum to 1,000")


def _trend(shocks: Floats, lean: list[float]) -> Floats:
    """Return legs with the trend, each followed by a shorter and slower pullback."""
    direction = 1.0 if lean[0] < 0.5 else -1.0
    drift = np.empty(len(shocks))
    start, with_trend = 0, True
    while start < len(shocks):
        shortest, spread, pace = (2, 6, 0.55) if with_trend else (1, 4, -0.5)
        stop = start + shortest + int(lean[start] * spread)
        drift[start:stop] = direction * pace
        start, with_trend = stop, not with_trend
    return drift + 0.85 * shocks


def _range(shocks: Floats, lean: list[float]) -> Floats:
    """Return moves that are pulled back towards where the episode began."""
    pull = 0.10 + 0.12 * lean[0]
    moves, offset = [], 0.0
    for shock in shocks.tolist():
        moves.append(0.85 * shock - pull * offset)
        offset += moves[-1]
    return np.array(moves)


def _volatile(shocks: Floats, lean: list[float]) -> Floats:
    """Return large moves without a plan."""
    del lean
    return 1.75 * shocks


_MOVES: Final = (_trend, _range, _volatile)
