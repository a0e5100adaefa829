"""A stretch of time that a run, a fold or a figure is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.timeframe import DAY_MS


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A stretch of time.

    Args:
        start_ms, end_ms: UTC; the end lies outside it and after the start.

    Raises:
        ConfigInvalid: the end is not after the start.
    """

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if self.end_ms <= self.start_ms:
            raise ConfigInvalid(f"a window from {self.start_ms} to {self.end_ms} ms is empty")

    @property
    def days(self) -> float:
        """Return how many days it lasts."""
        return (self.end_ms - self.start_ms) / DAY_MS


def joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Return windows with those that overlap or touch made one, oldest first."""
    found: list[Window] = []
    for window in sorted(windows):
        if found and window.start_ms <= found[-1].end_ms:
            found[-1] = Window(found[-1].start_ms, max(window.end_ms, found[-1].end_ms))
        else:
            found.append(window)
    return tuple(found)
