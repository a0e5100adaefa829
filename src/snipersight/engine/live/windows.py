"""The newest closed bars of one market and timeframe: they come at one end and go at the other."""

from __future__ import annotations

from typing import Final

import numpy as np

from snipersight.domain.candles import COLUMNS, Candles, Floats, Times

_SPARE_BARS: Final = 256  # that many can come before the window is copied


class BarWindow:
    """Closed bars without copying the old ones for every new one.

    What was handed out never changes: bars are written behind it, and a full window moves on to
    new memory.

    Args:
        candles: what it begins with, at least one bar.
    """

    def __init__(self, candles: Candles) -> None:
        self.symbol, self.timeframe = candles.symbol, candles.timeframe
        self._first, self._stop = 0, 0
        self._times: Times = np.empty(0, np.int64)
        self._values: Floats = np.empty((len(COLUMNS), 0))
        self._append(candles)

    def __len__(self) -> int:
        """Return the number of bars."""
        return self._stop - self._first

    @property
    def first_ms(self) -> int:
        """Return when the oldest bar opens, milliseconds UTC."""
        return int(self._times[self._first])

    @property
    def newest_ms(self) -> int:
        """Return when the newest bar closed, milliseconds UTC."""
        return int(self._times[self._stop - 1]) + self.timeframe.duration_ms

    def extend(self, served: Candles, *, from_ms: int) -> int | None:
        """Take the bars that are new; those held already must be served as they were.

        Args:
            served: every bar that opens at or after `from_ms`, as it is told now.
            from_ms: milliseconds UTC.

        Returns:
            When the first bar opens that is told otherwise now, has been withdrawn, or has come
            into a hole; nothing is taken then. None where all agree.
        """
        since_ms = max(from_ms, self.first_ms)  # what was forgotten is not missed
        served = served.slice(int(np.searchsorted(served.open_time, since_ms)), len(served))
        first = self._first + int(np.searchsorted(self._held, since_ms, side="left"))
        known = self._stop - first
        behind = int(np.searchsorted(served.open_time, self._times[self._stop - 1], side="right"))
        told = served.slice(0, behind)
        if behind != known or not self._is_same(told, first):
            return self._first_difference(told, first)
        self._append(served.slice(behind, len(served)))
        return None

    def forget(self, before_ms: int) -> None:
        """Let go of the bars that open before a moment; the newest stays."""
        count = int(np.searchsorted(self._held, before_ms, side="left"))
        self._first += min(count, len(self) - 1)

    def candles(self, *, after_ms: int | None = None) -> Candles:
        """Return the bars that close after a moment; all of them unless it is given."""
        first = self._first
        if after_ms is not None:
            opened_ms = after_ms - self.timeframe.duration_ms
            first += int(np.searchsorted(self._held, opened_ms, side="right"))
        part = slice(first, self._stop)
        columns = {name: self._values[row, part] for row, name in enumerate(COLUMNS)}
        return Candles.checked_before(self.symbol, self.timeframe, self._times[part], columns)

    def whole(self, *, start_ms: int, end_ms: int) -> Candles | None:
        """Return the bars that open at or after one moment and are closed at another.

        None unless every bar of the stretch is held; none at all where it has room for none.
        """
        step_ms = self.timeframe.duration_ms
        first_ms = self.timeframe.floor(start_ms + step_ms - 1)
        room = max(0, (self.timeframe.floor(end_ms) - first_ms) // step_ms)
        # All of them at once: another thread may forget some meanwhile.
        found = self.candles().between(start_ms, end_ms)
        return found if len(found) == room else None

    def oldest_hole_ms(self, since_ms: int) -> int | None:
        """Return when the first missing bar after a moment would open; None where none is."""
        first = int(np.searchsorted(self._held, since_ms, side="left"))
        steps = np.diff(self._held[first:])
        wide = steps > self.timeframe.duration_ms
        if not wide.any():
            return None
        return int(self._held[first + int(np.argmax(wide))]) + self.timeframe.duration_ms

    @property
    def _held(self) -> Times:
        return self._times[self._first : self._stop]

    def _is_same(self, told: Candles, first: int) -> bool:
        part = slice(first, self._stop)
        return np.array_equal(told.open_time, self._times[part]) and all(
            np.array_equal(getattr(told, name), self._values[row, part])
            for row, name in enumerate(COLUMNS)
        )

    def _first_difference(self, told: Candles, first: int) -> int:
        held = _rows(self._times[first : self._stop], self._values[:, first : self._stop])
        now = _rows(told.open_time, np.array([getattr(told, name) for name in COLUMNS]))
        return min(time for time, _values in held ^ now)

    def _append(self, candles: Candles) -> None:
        count = len(candles)
        if self._stop + count > len(self._times):
            self._move(count + _SPARE_BARS)
        part = slice(self._stop, self._stop + count)
        self._times[part] = candles.open_time
        for row, name in enumerate(COLUMNS):
            self._values[row, part] = getattr(candles, name)
        self._stop += count

    def _move(self, room: int) -> None:
        kept = slice(self._first, self._stop)
        count = len(self)
        times = np.empty(count + room, np.int64)
        values = np.empty((len(COLUMNS), count + room))
        times[:count], values[:, :count] = self._times[kept], self._values[:, kept]
        self._times, self._values = times, values
        self._first, self._stop = 0, count


def _rows(times: Times, values: Floats) -> set[tuple[int, tuple[float, ...]]]:
    columns = [tuple(bar) for bar in values.T.tolist()]
    return set(zip(times.tolist(), columns, strict=True))
