"""When a running bot looks at its markets: at each close of the profile's trigger timeframe."""

from __future__ import annotations

from typing import Final

from snipersight.domain.timeframe import Timeframe

# An exchange publishes a bar some moments after its close.
PUBLISHED_MS: Final = 1_500


class Closes:
    """The closes of a timeframe, each taken up once.

    Args:
        timeframe: whose bars close.
        scanned_ms: the close that was scanned last, milliseconds UTC; None: none was.
    """

    def __init__(self, timeframe: Timeframe, *, scanned_ms: int | None = None) -> None:
        self._timeframe: Final = timeframe
        self._scanned_ms = scanned_ms
        self._begun_ms = 0

    @property
    def scanned_ms(self) -> int | None:
        """Return the close that was scanned last; None before the first one."""
        return self._scanned_ms

    def due(self, now_ms: int) -> int | None:
        """Return the newest close, if it was not scanned yet; a clock set back repeats none.

        What was begun is not left for an earlier one either.
        """
        newest_ms = max(self._timeframe.floor(now_ms), self._begun_ms)
        if self._scanned_ms is not None and newest_ms <= self._scanned_ms:
            return None
        self._begun_ms = newest_ms
        return newest_ms

    def next_ms(self, now_ms: int) -> int:
        """Return when the next bar closes, milliseconds UTC."""
        after_ms = now_ms if self._scanned_ms is None else max(now_ms, self._scanned_ms)
        return self._timeframe.floor(after_ms) + self._timeframe.duration_ms

    def done(self, close_ms: int) -> None:
        """Take note that a close was scanned."""
        self._scanned_ms = close_ms

    def again(self) -> None:
        """Let the newest close be due once more: there is more to scan than there was."""
        self._scanned_ms = None
