"""Counting what a client asks for, over windows that begin on the clock's full minutes."""

from __future__ import annotations


class Window:
    """A count that begins again with every full span of time.

    Args:
        length_us: of the span, microseconds.
        most: that passes within it.
    """

    def __init__(self, length_us: int, most: int) -> None:
        self.length_us = length_us
        self.most = most
        self.used = 0
        self.busiest = 0
        self._number = -1

    def add(self, amount: int, *, at_us: int) -> bool:
        """Count an amount; False if that is more than passes (it counts all the same)."""
        number = at_us // self.length_us
        if number != self._number:
            self._number, self.used = number, 0
        self.used += amount
        self.busiest = max(self.busiest, self.used)
        return self.used <= self.most

    def wait_us(self, *, at_us: int) -> int:
        """Return how long until the next span begins."""
        return self.length_us - at_us % self.length_us
