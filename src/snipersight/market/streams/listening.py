"""Which series are listened to, on which lines, and what they have told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

from snipersight.domain.errors import DataInvalid, SniperSightError
from snipersight.market.streams.background import Background
from snipersight.market.streams.bars import Bar, CandleLines, StreamKey
from snipersight.market.streams.keeping import LineEvents, LineKeeper
from snipersight.market.streams.line_plan import planned_lines
from snipersight.market.streams.reporting import StreamReport
from snipersight.market.streams.shelf import Shelf, Taken, candles_of
from snipersight.market.streams.waiting import Arrivals

_SPARE_LINES: Final = 4  # so many more than needed, and all lines are laid anew


class Listening:
    """The lines of a venue and a shelf for each series.

    Args:
        lines: how to listen; None: nothing is heard, and that is told once.
        background: runs the lines.
        arrivals: is told how far each series is known.
        report: is told what happens to lines and of bars that cannot be used.
        clock: our time, milliseconds UTC.
        sleep: waits for real seconds.
        chance: a random number from 0 to 1.
        on_up: is called with the series of a line that stands.
    """

    def __init__(
        self,
        lines: CandleLines | None,
        *,
        background: Background,
        arrivals: Arrivals,
        report: StreamReport,
        clock: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]],
        chance: Callable[[], float],
        on_up: Callable[[Sequence[StreamKey]], None],
    ) -> None:
        self._lines = lines
        self._background = background
        self._arrivals = arrivals
        self._report = report
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._on_up = on_up
        self._shelves: dict[StreamKey, Shelf] = {}
        self._keepers: dict[StreamKey, LineKeeper] = {}
        self._ends: dict[LineKeeper, Callable[[], object]] = {}
        self._fallen: set[LineKeeper] = set()
        self._has_told_absence = False

    def watch(self, keys: Iterable[StreamKey]) -> None:
        """Listen to these series and no others; what is known of those that stay is kept."""
        wanted = frozenset(keys)
        lines = self._lines
        if lines is None:
            self._tell_absence(len(wanted))
            return
        served = frozenset(key for key in wanted if lines.serves(key.timeframe))
        self._leave(frozenset(self._shelves) - served)
        fresh = served - frozenset(self._shelves)
        self._shelves.update({key: Shelf(key) for key in fresh})
        needed = len(planned_lines(served, most=lines.limits.keys))
        self._open(lines, fresh)
        if len(self._ends) > needed + _SPARE_LINES:
            self._lay_anew(lines)

    def shelf(self, key: StreamKey) -> Shelf | None:
        """Return what is known of a series; None if it is not listened to."""
        return self._shelves.get(key)

    def shelves(self) -> tuple[tuple[StreamKey, Shelf], ...]:
        """Return every series that is listened to."""
        return tuple(self._shelves.items())

    def is_heard(self, key: StreamKey) -> bool:
        """Return whether the line of a series stands."""
        keeper = self._keepers.get(key)
        return keeper is not None and keeper.is_up

    def _tell_absence(self, count: int) -> None:
        if not self._has_told_absence and count:
            self._has_told_absence = True
            self._report.unavailable(count)

    def _open(self, lines: CandleLines, keys: Iterable[StreamKey]) -> None:
        events = LineEvents(closed=self._closed, up=self._up, down=self._down)
        for some in planned_lines(keys, most=lines.limits.keys):
            keeper = LineKeeper(lines, some, events=events, sleep=self._sleep, chance=self._chance)
            self._keepers.update(dict.fromkeys(some, keeper))
            self._ends[keeper] = self._background.start(keeper.keep()).cancel

    def _leave(self, gone: frozenset[StreamKey]) -> None:
        for key in gone:
            del self._shelves[key], self._keepers[key]
        for keeper in tuple(self._ends):
            keeper.leave(gone)
            if not keeper.keys:
                self._end(keeper)

    def _lay_anew(self, lines: CandleLines) -> None:
        for keeper in tuple(self._ends):
            self._end(keeper)
        self._keepers.clear()
        self._open(lines, self._shelves)

    def _end(self, keeper: LineKeeper) -> None:
        self._ends.pop(keeper)()
        self._fallen.discard(keeper)

    def _up(self, keeper: LineKeeper) -> None:
        if keeper in self._fallen:
            self._fallen.discard(keeper)
            self._report.up(keeper.keys)
        self._on_up(keeper.keys)

    def _down(self, keeper: LineKeeper, error: SniperSightError) -> None:
        self._fallen.add(keeper)
        self._report.down(keeper.keys, error)

    def _closed(self, key: StreamKey, bar: Bar) -> None:
        shelf = self._shelves.get(key)
        if shelf is None or not self._is_usable(key, bar):
            return
        if shelf.take(bar) is Taken.CONTRADICTED:
            self._report.contradicted(key, bar)
        elif shelf.until_ms is not None:
            self._arrivals.note(key, shelf.until_ms)

    def _is_usable(self, key: StreamKey, bar: Bar) -> bool:
        # By more than a bar ahead of us: a venue's clock that is right cannot call it closed.
        if bar.open_ms > self._clock():
            self._report.unusable(key, bar, "the stream calls a bar closed that is yet to come")
            return False
        try:
            candles_of(key, [bar])
        except DataInvalid as error:
            self._report.unusable(key, bar, error.what)
            return False
        return True
