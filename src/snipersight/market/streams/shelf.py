"""The newest closed bars of one symbol and timeframe: a stretch of time without a hole."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import numpy as np

from snipersight.domain.candles import COLUMNS, Candles
from snipersight.market.streams.bars import Bar, StreamKey

KEPT_BARS: Final = 64  # a close needs the newest few; what is older is asked for


class Taken(Enum):
    """What a told bar was to the shelf."""

    JOINED = auto()  # follows the newest, or is the first
    KNOWN = auto()  # the same was told before, or it is older than what is kept
    AFTER_HOLE = auto()  # bars between are missing: what was kept before is dropped
    CONTRADICTED = auto()  # another bar was told for its time: nothing is kept any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A bar that was told otherwise than requests answer it; times and prices as in `Bar`.

    Args:
        told: by the stream.
        answered: to a request; None: there is no bar.
    """

    told: Bar
    answered: Bar | None


class Shelf:
    """Bars that are complete from `from_ms` up to `until_ms`, fewer than a bound.

    Args:
        key: whose.
        most: bars that are kept.

    Attributes:
        awaited_ms: the newest close that somebody has waited for here.
    """

    def __init__(self, key: StreamKey, *, most: int = KEPT_BARS) -> None:
        self._key = key
        self._step_ms = key.timeframe.duration_ms
        self._most = most
        self._bars: deque[Bar] = deque()
        self._unproven: set[int] = set()  # told, and not yet seen in an answer
        self.from_ms = 0
        self.awaited_ms = 0
        self.until_ms: int | None = None  # None: nothing is known

    @property
    def count(self) -> int:
        """Return the number of bars."""
        return len(self._bars)

    def reaches(self, end_ms: int) -> bool:
        """Return whether everything up to a moment is known."""
        return self.until_ms is not None and self.until_ms >= end_ms

    @property
    def unproven_from_ms(self) -> int | None:
        """Return when the oldest bar opens that no answer has confirmed; None without one."""
        return min(self._unproven, default=None)

    def unproven(self) -> Candles | None:
        """Return the newest bars from the oldest that no answer has confirmed; None without one."""
        from_ms = self.unproven_from_ms
        if from_ms is None or self.until_ms is None:
            return None
        return self.between(from_ms, self.until_ms)

    def take(self, bar: Bar) -> Taken:
        """Keep a closed bar that the stream told."""
        if self.until_ms is None or bar.open_ms > self.until_ms:
            taken = Taken.JOINED if self.until_ms is None else Taken.AFTER_HOLE
            self._start(bar.open_ms)
        elif bar.open_ms == self.until_ms:
            taken = Taken.JOINED
        else:
            return self._again(bar)
        self._bars.append(bar)
        self._unproven.add(bar.open_ms)
        self.until_ms = bar.open_ms + self._step_ms
        self._trim()
        return taken

    def learn(self, answer: Candles, *, start_ms: int) -> tuple[Difference, ...]:
        """Put in what a request answered; where the stream told otherwise, the answer holds.

        Args:
            answer: complete from `start_ms` up to its last close; at least one bar.
            start_ms: what was asked for, milliseconds UTC.
        """
        start_ms = self._key.timeframe.floor(start_ms + self._step_ms - 1)
        if len(answer) > self._most:
            answer = answer.slice(len(answer) - self._most, len(answer))
            start_ms = int(answer.open_time[0])
        bars, end_ms = _bars_of(answer), int(answer.close_time[-1])
        found = self._differences({bar.open_ms: bar for bar in bars}, start_ms, end_ms)
        if self.until_ms is None or start_ms > self.until_ms or end_ms < self.from_ms:
            if self.until_ms is None or end_ms > self.until_ms:
                self._start(start_ms)
                self._bars.extend(bars)
                self.until_ms = end_ms
        else:
            self._overlay(bars, start_ms, end_ms)
        self._trim()
        return found

    def denied(self) -> tuple[Difference, ...]:
        """Forget everything, since a request answered that there is no such bar."""
        judged = [bar for bar in self._bars if bar.open_ms in self._unproven]
        self.forget()
        return tuple(Difference(told=bar, answered=None) for bar in judged)

    def between(self, start_ms: int, end_ms: int) -> Candles | None:
        """Return the bars of a stretch as `Candles.between` cuts it.

        None unless every one of them is known and there is at least one.
        """
        first_ms = self._key.timeframe.floor(start_ms + self._step_ms - 1)
        last_ms = self._key.timeframe.floor(end_ms)
        if not self.reaches(last_ms) or first_ms < self.from_ms:
            return None
        bars = [bar for bar in self._bars if first_ms <= bar.open_ms < last_ms]
        return candles_of(self._key, bars) if bars else None

    def forget(self) -> None:
        """Know nothing any more."""
        self._start(0)
        self.until_ms = None

    def _again(self, bar: Bar) -> Taken:
        held = next((one for one in self._bars if one.open_ms == bar.open_ms), bar)
        if held == bar:
            return Taken.KNOWN
        self.forget()
        return Taken.CONTRADICTED

    def _differences(
        self, answered: dict[int, Bar], start_ms: int, end_ms: int
    ) -> tuple[Difference, ...]:
        judged = [bar for bar in self._bars if bar.open_ms in self._unproven]
        judged = [bar for bar in judged if start_ms <= bar.open_ms < end_ms]
        self._unproven.difference_update(bar.open_ms for bar in judged)
        return tuple(
            Difference(told=bar, answered=answered.get(bar.open_ms))
            for bar in judged
            if answered.get(bar.open_ms) != bar
        )

    def _overlay(self, bars: list[Bar], start_ms: int, end_ms: int) -> None:
        before = [bar for bar in self._bars if bar.open_ms < start_ms]
        after = [bar for bar in self._bars if bar.open_ms >= end_ms]
        self._bars = deque([*before, *bars, *after])
        self.from_ms = min(self.from_ms, start_ms)
        self.until_ms = max(self.until_ms or end_ms, end_ms)

    def _start(self, from_ms: int) -> None:
        self._bars.clear()
        self._unproven.clear()
        self.from_ms = from_ms

    def _trim(self) -> None:
        while len(self._bars) > self._most:
            gone = self._bars.popleft()
            self._unproven.discard(gone.open_ms)
            self.from_ms = gone.open_ms + self._step_ms


def candles_of(key: StreamKey, bars: list[Bar]) -> Candles:
    """Return bars as candles.

    Raises:
        DataInvalid: they break the contract of `Candles`.
    """
    table = np.array(bars, dtype=np.float64).reshape(len(bars), len(Bar._fields))
    columns = {name: table[:, index + 1] for index, name in enumerate(COLUMNS)}
    times = np.array([bar.open_ms for bar in bars], dtype=np.int64)
    return Candles(symbol=key.symbol, timeframe=key.timeframe, open_time=times, **columns)


def _bars_of(candles: Candles) -> list[Bar]:
    columns = (candles.open_time, *(getattr(candles, name) for name in COLUMNS))
    return [Bar(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
