"""Stop-hunts: spikes through an old extreme that close back.

Where a slot's high came near yesterday's high, or the high of the half day before, without
reaching it, the bar that came nearest may be stretched through the level. Most often, not always,
a slot is picked that ends well away from the level, so a reversal frequently follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from snipersight.domain.candles import Floats
from snipersight.sandbox.market_noise import Integers, Words, uniform

_SLOT_BARS: Final = 48
_DAY_SLOTS: Final = 6
_NEAR: Final = 0.40  # how close the slot must have come, in slot moves
_AWAY: Final = 0.40  # a slot that ends this far from its extreme reversed
_CHANCE_REVERSED: Final = 0.62
_CHANCE_OTHERWISE: Final = 0.30
_LOOKBACK_SLOTS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spikes:
    """Where spikes go: bar, the tip they reach, the level they pierce, and their room."""

    bar: Integers
    tip: Floats
    level: Floats
    room: Floats


def add_hunts(
    word: Words, *, level: Floats, highs: Floats, lows: Floats, slot_sigma: Floats
) -> None:
    """Add spikes to a path in place, everywhere but in its first day.

    Args:
        word: shape (n / 48,), a random word for each four-hour slot.
        level: shape (n + 1,), log price at the first open and at each close.
        highs, lows: shape (n,), log extremes of each bar.
        slot_sigma: shape (n / 48,), expected move of each four-hour slot.

    A slot's first and last bars stay as they are, so chunks still join.
    """
    upwards = uniform(word, 0) < 0.5
    up = _find(word, highs, level[1:], slot_sigma, wanted=upwards)
    down = _find(word, -lows, -level[1:], slot_sigma, wanted=~upwards)
    closes = level[1:]
    _stretch(up, closes, highs, sign=1.0)
    _stretch(down, closes, lows, sign=-1.0)
    np.maximum(highs, np.maximum(level[:-1], closes), out=highs)
    np.minimum(lows, np.minimum(level[:-1], closes), out=lows)


def _find(
    word: Words,
    highs: Floats,
    closes: Floats,
    slot_sigma: Floats,
    *,
    wanted: npt.NDArray[np.bool_],
) -> _Spikes:
    by_slot = highs.reshape(-1, _SLOT_BARS)
    nearest = by_slot.argmax(axis=1)
    top = by_slot.max(axis=1)
    target = np.where(uniform(word, 1) < 0.55, _day_level(top), _recent_level(top))
    room = target - top
    reversed_after = top - closes[_SLOT_BARS - 1 :: _SLOT_BARS] > _AWAY * slot_sigma
    chance = np.where(reversed_after, _CHANCE_REVERSED, _CHANCE_OTHERWISE)
    picked = wanted & (room > 0) & (room < _NEAR * slot_sigma) & (uniform(word, 2) < chance)
    picked &= (nearest >= 2) & (nearest <= _SLOT_BARS - 4)
    slot = np.flatnonzero(picked)
    # Squared: most spikes are shallow.
    depth = slot_sigma * (0.06 + 0.45 * uniform(word, 3) ** 2)
    return _Spikes(
        bar=slot * _SLOT_BARS + nearest[slot],
        tip=(target + depth)[slot],
        level=target[slot],
        room=(room + depth)[slot],
    )


def _day_level(top: Floats) -> Floats:
    """Return the day before's high for each slot; unreachable in the first day."""
    days = top.reshape(-1, _DAY_SLOTS).max(axis=1)
    return np.repeat(np.concatenate(([np.inf], days[:-1])), _DAY_SLOTS)


def _recent_level(top: Floats) -> Floats:
    """Return the high of the slots just before each slot; unreachable in the first day."""
    level = np.full(len(top), np.inf)
    count = len(top) - _DAY_SLOTS
    parts = [top[_DAY_SLOTS - back :][:count] for back in range(1, _LOOKBACK_SLOTS + 1)]
    level[_DAY_SLOTS:] = np.max(parts, axis=0)
    return level


def _stretch(spikes: _Spikes, closes: Floats, extremes: Floats, *, sign: float) -> None:
    """Lift the bars around each spike a little and its own extreme to the tip."""
    bar, room = spikes.bar, spikes.room
    ceiling = sign * (spikes.level - 0.1 * room)
    lifted = closes[bar] + sign * 0.25 * room
    closes[bar] = np.minimum(lifted, ceiling) if sign > 0 else np.maximum(lifted, ceiling)
    closes[bar - 1] += sign * 0.30 * room
    closes[bar + 1] += sign * 0.08 * room
    extremes[bar] = sign * spikes.tip
