"""Closed candles of one symbol and timeframe, as column arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from snipersight.domain.errors import DataInvalid
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

COLUMNS = ("open", "high", "low", "close", "volume")


def utc_text(time_ms: int) -> str:
    """Return a UTC time as `2024-06-07T00:00:00Z`."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candles:
    """Closed bars, oldest first, on the timeframe's grid; gaps are allowed, disorder is not.

    Args:
        symbol: ccxt's unified symbol.
        timeframe: length and calendar of the bars.
        open_time: int64, shape (n,), milliseconds UTC, strictly increasing.
        open, high, low, close: float64, shape (n,), quote per base unit, above 0.
        volume: float64, shape (n,), base units, at least 0.

    Raises:
        DataInvalid: the first violation found, with its time and value.
    """

    symbol: Symbol
    timeframe: Timeframe
    open_time: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def __post_init__(self) -> None:
        """Check the contract once and make the arrays read-only."""
        object.__setattr__(self, "open_time", _frozen(self.open_time, np.int64))
        for name in COLUMNS:
            object.__setattr__(self, name, _frozen(getattr(self, name), np.float64))
        problem = first_violation(self)
        if problem is not None:
            raise DataInvalid(problem, where=f"{self.symbol} {self.timeframe}")

    def __len__(self) -> int:
        """Return the number of bars."""
        return len(self.open_time)

    @property
    def close_time(self) -> Times:
        """Return when each bar closed (milliseconds UTC): the first moment it may be used."""
        return self.open_time + self.timeframe.duration_ms

    def closed_by(self, time_ms: int) -> int:
        """Return how many bars are closed at `time_ms`, without making their closes."""
        opened_ms = time_ms - self.timeframe.duration_ms
        return int(self.open_time.searchsorted(opened_ms, side="right"))

    def between(self, start_ms: int, end_ms: int) -> Candles:
        """Return the bars that open at or after `start_ms` and are closed at `end_ms`."""
        first = int(np.searchsorted(self.open_time, start_ms, side="left"))
        return self.slice(first, max(first, self.closed_by(end_ms)))

    def known_at(self, time_ms: int) -> Candles:
        """Return the bars that are closed at `time_ms`."""
        return self.slice(0, self.closed_by(time_ms))

    def slice(self, first: int, stop: int) -> Candles:
        """Return bars `first` up to but without `stop`; views, not copies."""
        part = slice(first, stop)
        columns = {name: getattr(self, name)[part] for name in COLUMNS}
        return Candles.checked_before(self.symbol, self.timeframe, self.open_time[part], columns)

    @classmethod
    def checked_before(
        cls, symbol: Symbol, timeframe: Timeframe, open_time: Times, columns: Mapping[str, Floats]
    ) -> Candles:
        """Return bars that are part of others, or join on to them: they are not checked again.

        Args:
            symbol, timeframe: theirs.
            open_time: one contiguous run, in order.
            columns: as long, one entry for each of `COLUMNS`; whoever holds an array that can be
                written never writes to these rows again.
        """
        bars = object.__new__(cls)
        object.__setattr__(bars, "symbol", symbol)
        object.__setattr__(bars, "timeframe", timeframe)
        object.__setattr__(bars, "open_time", _frozen(open_time, np.int64))
        for name in COLUMNS:
            object.__setattr__(bars, name, _frozen(columns[name], np.float64))
        return bars


def _frozen(values: npt.ArrayLike, dtype: type[np.generic]) -> npt.NDArray[np.generic]:
    array = np.ascontiguousarray(values, dtype=dtype)
    if array.flags.writeable:
        array = array.view()
        array.flags.writeable = False
    return array


def first_violation(candles: Candles) -> str | None:
    """Return what breaks the contract of `Candles` first, or None.

    Checks, in this order: equal lengths, order and uniqueness of times, the timeframe's grid,
    finite values, positive prices, high and low around open and close, volume at least 0.
    """
    sizes = {name: len(getattr(candles, name)) for name in COLUMNS}
    count = len(candles.open_time)
    if set(sizes.values()) != {count}:
        return f"columns differ in length: open_time {count}, {sizes}"
    if count == 0:
        return None
    return _time_violation(candles) or _value_violation(candles)


def _time_violation(candles: Candles) -> str | None:
    times = candles.open_time
    steps = np.diff(times)
    if (bad := _first(steps <= 0)) is not None:
        kind = "duplicate" if steps[bad] == 0 else "unsorted"
        return f"{kind} bar at {utc_text(int(times[bad + 1]))}"
    timeframe = candles.timeframe
    if (bad := _first((times - timeframe.offset_ms) % timeframe.duration_ms != 0)) is not None:
        return f"bar at {utc_text(int(times[bad]))} is not on the {timeframe} grid"
    return None


def _value_violation(candles: Candles) -> str | None:
    o, h, low, c, v = (getattr(candles, name) for name in COLUMNS)
    with np.errstate(invalid="ignore"):  # NaN compares false; the first row names it anyway
        faults = (
            ("NaN or infinite value", ~np.isfinite(o + h + low + c + v)),
            ("zero or negative price", np.minimum(np.minimum(o, c), low) <= 0),
            ("high below open, close or low", h < np.maximum(np.maximum(o, c), low)),
            ("low above open or close", low > np.minimum(o, c)),
            ("negative volume", v < 0),
        )
    for name, mask in faults:
        if (bad := _first(mask)) is not None:
            row = f"O {o[bad]} H {h[bad]} L {low[bad]} C {c[bad]} V {v[bad]}"
            return f"{name} at {utc_text(int(candles.open_time[bad]))} ({row})"
    return None


def _first(mask: npt.NDArray[np.bool_]) -> int | None:
    return int(np.argmax(mask)) if mask.any() else None
