"""Coarser bars from finer ones, equal to the exchange's own bars to the last bit."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from snipersight.domain.candles import Candles, Floats, Times
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.timeframe import Timeframe

_Indices = npt.NDArray[np.intp]
_Integers = npt.NDArray[np.int64]

_MAX_PLACES: Final = 8  # exchanges publish volumes as decimals with at most this many places
_EXACT_INTEGERS: Final = 2.0**53  # float64 holds every integer up to here


def resample(candles: Candles, timeframe: Timeframe) -> Candles:
    """Return the closed bars of a coarser timeframe.

    Volume is the exact sum of the decimal volumes, rounded to float64 once, so that it equals
    the exchange's own figure; a bar whose volumes have more than 8 decimal places sums them as
    binary fractions, also rounded once. Each bar depends on its own fine bars alone: bars that
    arrive later never change it.

    Args:
        candles: closed bars of the finer timeframe.
        timeframe: a multiple of the candles' timeframe; weeks open on Monday.

    Returns:
        One bar per bucket, oldest first; the candles themselves if the timeframe is theirs.
        The first bucket is left out if the data does not begin at its open. The last one is left
        out until it is closed: its final fine bar is there, or a later bucket has begun.

    Missing data: a bucket in between is built from the fine bars it has, as the exchange builds
    its own bar from the trades it had; a bucket without any fine bar does not exist.

    Raises:
        ConfigInvalid: the timeframe is not made of whole bars of the candles' timeframe.
    """
    if timeframe == candles.timeframe:
        return candles
    if not candles.timeframe.divides(timeframe):
        raise ConfigInvalid(
            f"{timeframe} bars cannot be made of {candles.timeframe} bars",
            where=candles.symbol,
            next_step=f"provide candles of {timeframe} or of a timeframe that divides it",
        )
    return _aggregate(_without_partial_ends(candles, timeframe), timeframe)


def _bucket_opens(times: Times, timeframe: Timeframe) -> Times:
    return times - (times - timeframe.offset_ms) % timeframe.duration_ms


def _without_partial_ends(candles: Candles, timeframe: Timeframe) -> Candles:
    if len(candles) == 0:
        return candles
    opens = _bucket_opens(candles.open_time, timeframe)
    first, stop = 0, len(candles)
    if candles.open_time[0] != opens[0]:
        first = int(np.searchsorted(opens, opens[0], side="right"))
    if candles.close_time[-1] != opens[-1] + timeframe.duration_ms:
        stop = int(np.searchsorted(opens, opens[-1], side="left"))
    return candles.slice(first, max(first, stop))


def _aggregate(candles: Candles, timeframe: Timeframe) -> Candles:
    opens = _bucket_opens(candles.open_time, timeframe)
    first = np.flatnonzero(np.diff(opens, prepend=opens[:1] - 1))
    last = np.append(first, len(opens))[1:] - 1
    return Candles(
        symbol=candles.symbol,
        timeframe=timeframe,
        open_time=opens[first],
        open=candles.open[first],
        high=_reduced(np.maximum, candles.high, first),
        low=_reduced(np.minimum, candles.low, first),
        close=candles.close[last],
        volume=_exact_sums(candles.volume, first),
    )


def _reduced(function: np.ufunc, values: Floats, first: _Indices) -> Floats:
    # reduceat refuses empty input
    return np.asarray(function.reduceat(values, first)) if len(first) else values[:0]


def _exact_sums(values: Floats, first: _Indices) -> Floats:
    """Return the sum of each run of values that begins at `first`, rounded once."""
    if len(first) == 0:
        return values[:0]
    places = np.maximum.reduceat(_decimal_places(values), first)
    counts = np.diff(np.append(first, len(values)))
    scale = 10.0 ** np.minimum(places, _MAX_PLACES)
    sums = np.add.reduceat(values, first)
    # The margin below 2**53 covers the rounding of the estimate itself.
    is_exact = (places <= _MAX_PLACES) & (sums * scale < 0.99 * _EXACT_INTEGERS)
    units = np.rint(values * np.repeat(np.where(is_exact, scale, 0.0), counts))
    sums = np.add.reduceat(units.astype(np.int64), first) / scale
    for run in np.flatnonzero(~is_exact):
        sums[run] = math.fsum(values[first[run] : first[run] + counts[run]])
    return sums


def _decimal_places(values: Floats) -> _Integers:
    """Return how many decimal places name each value exactly; one too many if none do."""
    places = np.full(len(values), _MAX_PLACES + 1, dtype=np.int64)
    rest = np.arange(len(values))
    for count in range(_MAX_PLACES + 1):
        scale = 10.0**count
        is_named = np.rint(values[rest] * scale) / scale == values[rest]
        places[rest[is_named]] = count
        rest = rest[~is_named]
        if len(rest) == 0:
            break
    return places
