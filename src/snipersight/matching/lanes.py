"""Waiting orders of one market and one kind, the one that price reaches first in front."""

from __future__ import annotations

from decimal import Decimal
from heapq import heapify, heappop, heappush
from typing import Final, Protocol

_FEW: Final = 64  # dead entries that are not worth a clean-up


class Waiting(Protocol):
    """What can wait in a lane: an order, or the liquidation of a position."""

    lane: Lane | None


class Lane:
    """A priority queue by price, then by number; taking something out costs nothing at once.

    Args:
        falls: whether what is highest is reached first (price falls to it).
        is_strict: whether price must go beyond (a resting limit) or only reach it (a trigger).
        by_mark: whether the mark price counts, not the last.
    """

    __slots__ = ("_dead", "_serial", "by_mark", "falls", "heap", "is_strict")

    def __init__(self, *, falls: bool, is_strict: bool, by_mark: bool = False) -> None:
        self.falls = falls
        self.is_strict = is_strict
        self.by_mark = by_mark
        self.heap: list[tuple[Decimal, int, int, Waiting]] = []
        self._dead = 0
        self._serial = 0  # items are never compared

    def push(self, price: Decimal, number: int, item: Waiting) -> None:
        """Let an item wait for a price; `number` breaks ties, the lower one is served first."""
        item.lane = self
        self._serial += 1
        heappush(self.heap, (-price if self.falls else price, number, self._serial, item))

    def drop(self, item: Waiting) -> None:
        """Forget an item that waits here."""
        item.lane = None
        self._dead += 1
        if self._dead > _FEW and self._dead * 2 > len(self.heap):
            self.heap = [entry for entry in self.heap if entry[3].lane is self]
            heapify(self.heap)
            self._dead = 0

    def take_first(self) -> None:
        """Take out the item that `first_due` has just returned; it may be pushed again."""
        heappop(self.heap)[3].lane = None

    def first_due(self, price: Decimal) -> Waiting | None:
        """Return the item that this price reaches first; None if it reaches none."""
        heap = self.heap
        if not heap:
            return None
        bound = -price if self.falls else price
        while heap:
            key, _, _, item = heap[0]
            if key > bound or (self.is_strict and key == bound):
                return None
            if item.lane is self:
                return item
            heappop(heap)
            self._dead -= 1
        return None
