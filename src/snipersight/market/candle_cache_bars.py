"""Bars that are held locally, and what fresh bars change about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from snipersight.domain.candles import COLUMNS, Candles, Floats
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.market.candle_cache_intervals import Interval, united


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBars:
    """Closed bars and the stretches of time they are complete for.

    Args:
        candles: the bars; every one lies inside an interval.
        intervals: stretches the venue has answered for, milliseconds UTC, oldest first.
    """

    candles: Candles
    intervals: tuple[Interval, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A closed bar that the venue now tells differently.

    Args:
        time_ms: its open time.
        old: open, high, low, close, volume as held.
        new: the same as told now; None if the venue leaves the bar out.
    """

    time_ms: int
    old: tuple[float, ...]
    new: tuple[float, ...] | None


def no_candles(symbol: Symbol, timeframe: Timeframe) -> Candles:
    """Return candles without a bar."""
    nothing = np.empty(0)
    return Candles(
        symbol=symbol,
        timeframe=timeframe,
        open_time=np.empty(0, dtype=np.int64),
        open=nothing,
        high=nothing,
        low=nothing,
        close=nothing,
        volume=nothing,
    )


def overlaid(held: Candles, fresh: Candles) -> Candles:
    """Return the bars of both, oldest first; where both have one, the fresh one."""
    times = np.concatenate([held.open_time, fresh.open_time])
    order = np.argsort(times, kind="stable")  # stable: a fresh bar follows the held one
    ordered = times[order]
    keep = order[np.append(ordered[1:] != ordered[:-1], True)] if len(ordered) else order
    columns = {
        name: np.concatenate([getattr(held, name), getattr(fresh, name)]) for name in COLUMNS
    }
    return Candles(
        symbol=held.symbol,
        timeframe=held.timeframe,
        open_time=times[keep],
        **{name: column[keep] for name, column in columns.items()},
    )


def united_bars(held: HeldBars, fresh: HeldBars) -> HeldBars:
    """Return the bars and intervals of both; the fresh bars win."""
    return HeldBars(
        candles=overlaid(held.candles, fresh.candles),
        intervals=united((*held.intervals, *fresh.intervals)),
    )


def revisions(held: HeldBars, fresh: HeldBars) -> Iterator[Revision]:
    """Yield every held bar that the fresh ones change or leave out, oldest first.

    Only bars inside the fresh intervals are judged: about the others nothing new was said.
    """
    times = held.candles.open_time
    asked = np.zeros(len(times), dtype=bool)
    for start, end in fresh.intervals:
        asked |= (times >= start) & (times < end)
    asked_rows = np.flatnonzero(asked)
    fresh_rows = np.searchsorted(fresh.candles.open_time, times[asked_rows])
    is_shown = np.isin(times[asked_rows], fresh.candles.open_time)
    old_bars, new_bars = _rows(held.candles), _rows(fresh.candles)
    is_changed = ~is_shown
    is_changed[is_shown] = np.any(
        old_bars[asked_rows[is_shown]] != new_bars[fresh_rows[is_shown]], axis=1
    )
    for index in np.flatnonzero(is_changed):
        shown = new_bars[fresh_rows[index]].tolist() if is_shown[index] else None
        yield Revision(
            time_ms=int(times[asked_rows[index]]),
            old=tuple(old_bars[asked_rows[index]].tolist()),
            new=None if shown is None else tuple(shown),
        )


def _rows(candles: Candles) -> Floats:
    return np.column_stack([getattr(candles, name) for name in COLUMNS])
