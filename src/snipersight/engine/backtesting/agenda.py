"""What happens next in a backtest: moments in true time order, whatever the market."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from snipersight.domain.decision import Candidate
from snipersight.domain.ledger import EntryId
from snipersight.domain.units import Symbol
from snipersight.matching.outcomes.steps import TradeStep


class _Order(IntEnum):
    """What comes first at one moment: trades are brought there before plans are judged."""

    STEP = 0
    LOOK = 1


class Due(NamedTuple):
    """A step of a trade, or the end of the time in which it may be entered."""

    entry_id: EntryId
    version: int
    step: TradeStep | None


class _Item(NamedTuple):
    at_ms: int
    order: _Order
    symbol: Symbol
    number: int
    due: Due | None


@dataclass(slots=True)
class Moment:
    """Everything of one moment.

    Args:
        at_ms: milliseconds UTC.
        due: of trades, by symbol.
        looks: markets whose waiting plans are to be held against the bar that closed.
        candidates: what was decided, by symbol.
    """

    at_ms: int
    due: list[Due] = field(default_factory=list)
    looks: list[Symbol] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)


class Agenda:
    """Moments at which something can happen; every other bar is skipped.

    Args:
        candidates: of all markets; those of one market in the order of time.
    """

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._candidates = sorted(candidates, key=lambda one: (one.at_ms, one.symbol))
        self._next = 0
        self._items: list[_Item] = []
        self._number = 0

    def add(self, symbol: Symbol, at_ms: int, due: Due) -> None:
        """Let something of a trade be due."""
        self._push(at_ms, _Order.STEP, symbol, due)

    def look(self, symbol: Symbol, at_ms: int) -> None:
        """Let the waiting plans of a market be looked at."""
        self._push(at_ms, _Order.LOOK, symbol, None)

    @property
    def next_ms(self) -> int | None:
        """Return when the next moment is, milliseconds UTC; None at the end."""
        times = [one.at_ms for one in self._items[:1]]
        if self._next < len(self._candidates):
            times.append(self._candidates[self._next].at_ms)
        return min(times, default=None)

    def pop(self, at_ms: int) -> Moment:
        """Take out all that belongs to a moment; nothing may be due before it."""
        moment = Moment(at_ms)
        while self._items and self._items[0].at_ms == moment.at_ms:
            item = heapq.heappop(self._items)
            if item.due is None:
                moment.looks.append(item.symbol)
            else:
                moment.due.append(item.due)
        while self._next < len(self._candidates):
            candidate = self._candidates[self._next]
            if candidate.at_ms != moment.at_ms:
                break
            moment.candidates.append(candidate)
            self._next += 1
        return moment

    def _push(self, at_ms: int, order: _Order, symbol: Symbol, due: Due | None) -> None:
        heapq.heappush(self._items, _Item(at_ms, order, symbol, self._number, due))
        self._number += 1
