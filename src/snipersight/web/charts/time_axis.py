"""Where moments lie on the axis of a chart: bars by number, and room for what comes after them."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from snipersight.bootstrap.dashboard.views import ChartView


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAxis:
    """The bars of a chart and the empty places right of them; without a bar it is empty.

    Args:
        closes_ms: when each bar closed, milliseconds UTC, oldest first.
        bar_ms: length of a bar.
        room: how many places are free right of the newest bar.
    """

    closes_ms: tuple[int, ...]
    bar_ms: int
    room: int

    def __bool__(self) -> bool:
        """Return whether there is any bar."""
        return bool(self.closes_ms)

    @property
    def last(self) -> int:
        """Return the number of the last place, the free ones included."""
        return len(self.closes_ms) - 1 + self.room

    @property
    def names(self) -> list[str]:
        """Return the open time of every place as text, milliseconds UTC."""
        opens = [close - self.bar_ms for close in self.closes_ms]
        free = (
            [opens[-1] + number * self.bar_ms for number in range(1, self.room + 1)]
            if opens
            else []
        )
        return [str(open_ms) for open_ms in (*opens, *free)]

    def bar_of(self, at_ms: int) -> int:
        """Return the number of the bar that a moment lies in, its close included; within the bars."""
        return min(bisect_left(self.closes_ms, at_ms), len(self.closes_ms) - 1)


def time_axis(view: ChartView, *, room: int) -> TimeAxis:
    """Return the axis of some bars."""
    closes = tuple(open_ms + view.bar_ms for open_ms in view.open_ms)
    return TimeAxis(closes_ms=closes, bar_ms=view.bar_ms, room=room)
