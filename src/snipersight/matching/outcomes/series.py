"""The bars that signals of one symbol are followed on: the finest there are, oldest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid
from snipersight.matching.outcomes.layout import BAR, Array

Times = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_MIRRORED: Final = {"open": "open", "high": "low", "low": "high", "close": "close"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Bars of one symbol, oldest first, as each side sees them; see `Series.of`.

    Args:
        bars: `layout.BAR` with prices as they are, without an overlap.
        mirrored: the same for a short: prices negated, high and low exchanged.
    """

    bars: Array
    mirrored: Array

    @classmethod
    def of(cls, bars: Array) -> Series:
        """Return the series of bars with prices as they are, which may not be changed any more."""
        seen = bars.copy()
        for name, source in _MIRRORED.items():
            seen[name] = -bars[source]
        for one in (bars, seen):  # for kernels, read-only bars are of a type of their own
            one.flags.writeable = False
        return cls(bars=bars, mirrored=seen)

    @property
    def open_ms(self) -> Times:
        """Return when each bar opened, milliseconds UTC."""
        found: Times = self.bars["open_ms"]
        return found

    def closed_by(self, until_ms: int) -> Series:
        """Return the bars closed by a moment; itself where all of them are."""
        count = int(np.searchsorted(self.bars["close_ms"], until_ms, side="right"))
        if count == len(self.bars):
            return self
        return Series(bars=self.bars[:count], mirrored=self.mirrored[:count])

    def seen_by(self, side: Direction) -> Array:
        """Return the bars as a side sees them."""
        return self.bars if side is Direction.LONG else self.mirrored


def series_of(candles: Candles, finer: Candles | None, *, until_ms: int | None) -> Series:
    """Return the bars closed by a moment, finer ones in the place of each coarse bar they cover.

    A coarse bar stands where its finer ones are not complete, and finer ones alone where it is
    missing. What is open of the newest coarse bar is left out: later bars then change nothing.

    Args:
        candles: closed bars.
        finer: closed bars of a part of the same period; None: there are none.
        until_ms: later closes do not count; None: all do.

    Raises:
        DataInvalid: the finer bars are another symbol's, or do not divide the coarse ones.
    """
    coarse = _bars_of(candles, until_ms)
    if finer is None:
        return Series.of(coarse)
    _require_finer(candles, finer)
    fine = _bars_of(finer, until_ms)
    is_covered, is_used = _merged(coarse, fine, candles)
    bars = np.concatenate((coarse[~is_covered], fine[is_used]))
    return Series.of(bars[np.argsort(bars["open_ms"], kind="stable")])


class ShiftTimes:
    """When structure shifted against each side, put in order once for all signals that ask.

    Args:
        shifts: shifts of major structure by the close that revealed them; None: there are none.
    """

    def __init__(self, shifts: Mapping[int, Direction] | None) -> None:
        self._shifts = shifts or {}
        self._against: dict[Direction, Times] = {}

    def against(self, direction: Direction) -> Times:
        """Return when structure shifted against a side, oldest first."""
        if direction not in self._against:
            other = direction.opposite
            times = sorted(at_ms for at_ms, side in self._shifts.items() if side is other)
            self._against[direction] = np.array(times, dtype=np.int64)
        return self._against[direction]


def _bars_of(candles: Candles, until_ms: int | None) -> Array:
    closed = candles.close_time
    count = len(closed)
    if until_ms is not None:
        count = int(np.searchsorted(closed, until_ms, side="right"))
    bars = np.empty(count, dtype=BAR)
    bars["open_ms"], bars["close_ms"] = candles.open_time[:count], closed[:count]
    for name in ("open", "high", "low", "close"):
        bars[name] = getattr(candles, name)[:count]
    return bars


def _merged(coarse: Array, fine: Array, candles: Candles) -> tuple[Mask, Mask]:
    """Return which coarse bars finer ones take the place of, and which finer bars count."""
    length_ms, offset_ms = candles.timeframe.duration_ms, candles.timeframe.offset_ms
    if len(fine) == 0:
        return np.zeros(len(coarse), dtype=np.bool_), np.zeros(0, dtype=np.bool_)
    slots = fine["open_ms"] - (fine["open_ms"] - offset_ms) % length_ms
    whole = length_ms // int(fine["close_ms"][0] - fine["open_ms"][0])
    present, place, counts = np.unique(slots, return_inverse=True, return_counts=True)
    is_complete = counts == whole
    newest_ms = max(int(fine["close_ms"][-1]), int(coarse["close_ms"][-1]) if len(coarse) else 0)
    is_alone = ~np.isin(present, coarse["open_ms"]) & (present + length_ms <= newest_ms)
    is_covered = np.isin(coarse["open_ms"], present[is_complete])
    return is_covered, (is_complete | is_alone)[place]


def _require_finer(candles: Candles, finer: Candles) -> None:
    lengths = candles.timeframe.duration_ms, finer.timeframe.duration_ms
    if candles.symbol != finer.symbol:
        raise DataInvalid(f"finer candles are {finer.symbol}'s", where=candles.symbol)
    if lengths[1] >= lengths[0] or lengths[0] % lengths[1]:
        raise DataInvalid(
            f"candles of {finer.timeframe} do not divide those of {candles.timeframe}",
            where=candles.symbol,
        )
