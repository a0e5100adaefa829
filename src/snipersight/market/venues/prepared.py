"""Which markets have the margin mode and leverage that was asked for, as far as that is certain."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from snipersight.domain.orders import VenuePosition
from snipersight.domain.timeframe import HOUR_MS
from snipersight.domain.units import Symbol
from snipersight.domain.venue import EventKind

_SURE_MS: Final = HOUR_MS


class PreparedMarkets:
    """What was set and confirmed, until anything gives reason to doubt it.

    It counts only while the account's stream is up, which tells of leverage that is set by hand,
    and for an hour. A stream that was down may have missed it: then nothing is remembered.

    Args:
        clock_ms: the time, milliseconds.
    """

    def __init__(self, clock_ms: Callable[[], int]) -> None:
        self._clock_ms: Final = clock_ms
        self._is_watched = False
        self._set: Final[dict[Symbol, tuple[Decimal, int]]] = {}
        self._told: Final[dict[Symbol, Decimal]] = {}

    def are_so(self, symbol: Symbol, leverage: Decimal) -> bool:
        """Return whether a market is certain to be isolated at this leverage."""
        known = self._set.get(symbol)
        if known is None or not self._is_watched:
            return False
        return known[0] == leverage and 0 <= self._clock_ms() - known[1] < _SURE_MS

    def begin(self, symbol: Symbol) -> None:
        """Take note that a market is about to be set."""
        self.doubt(symbol)
        self._told.pop(symbol, None)

    def done(self, symbol: Symbol, leverage: Decimal) -> None:
        """Remember that the venue confirmed both, if nothing else was told since `begin`."""
        if self._is_watched and self._told.get(symbol, leverage) == leverage:
            self._set[symbol] = leverage, self._clock_ms()

    def tell(self, symbol: Symbol, leverage: Decimal | None) -> None:
        """Compare with what the venue says a market's leverage is; None: it does not say."""
        if leverage is not None:
            self._told[symbol] = leverage
        known = self._set.get(symbol)
        if known is not None and known[0] != leverage:
            self.doubt(symbol)

    def compare(self, positions: Iterable[VenuePosition]) -> None:
        """Forget markets whose position shows something else."""
        for position in positions:
            if position.is_isolated is False:
                self.doubt(position.symbol)
            if position.leverage is not None:
                self.tell(position.symbol, position.leverage)

    def doubt(self, symbol: Symbol | None = None) -> None:
        """Forget a market; None: all of them."""
        if symbol is None:
            self._set.clear()
        else:
            self._set.pop(symbol, None)

    def hear(self, kind: EventKind) -> None:
        """Take note that the stream is up, or down; either way something may have been missed."""
        if kind in (EventKind.CONNECTED, EventKind.SILENT):
            self._is_watched = kind is EventKind.CONNECTED
            self.doubt()

    def unwatched(self) -> None:
        """Take note that nobody listens to the stream any more."""
        self.hear(EventKind.SILENT)
