"""Listens to a venue's stream: keeps what it tells until the next round, and wakes it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Final

from snipersight.domain.errors import SniperSightError
from snipersight.domain.orders import Fill, VenueOrder
from snipersight.domain.units import Symbol
from snipersight.domain.venue import EventKind, Venue, VenueEvent

_AGAIN_S: Final = 1.0  # before a stream that broke is opened again


class Ears:
    """What a stream has told since somebody last asked.

    Args:
        venue: whose stream.
    """

    def __init__(self, venue: Venue) -> None:
        self._venue: Final = venue
        self._woken: Final = asyncio.Event()
        self._orders: defaultdict[Symbol, list[VenueOrder]] = defaultdict(list)
        self._fills: defaultdict[Symbol, list[Fill]] = defaultdict(list)
        self._everything = True

    def wake(self) -> None:
        """Let whoever waits look at everything."""
        self._everything = True
        self._woken.set()

    def take_symbols(self) -> frozenset[Symbol] | None:
        """Return the markets that something was told of; None: everything is to be looked at."""
        symbols = frozenset((*self._orders, *self._fills))
        is_everything, self._everything = self._everything, False
        self._woken.clear()
        return None if is_everything else symbols

    def take(self, symbol: Symbol) -> tuple[tuple[VenueOrder, ...], tuple[Fill, ...]]:
        """Return what was told of a market since it was last taken, oldest first."""
        return tuple(self._orders.pop(symbol, ())), tuple(self._fills.pop(symbol, ()))

    async def wait(self, *, longest_s: float) -> None:
        """Return when something was told, or after a while."""
        try:
            async with asyncio.timeout(longest_s):
                await self._woken.wait()
        except TimeoutError:
            self._everything = True

    async def listen(self) -> None:
        """Listen until cancelled; a stream that breaks is opened again, and everything looked at."""
        while True:
            try:
                async for event in self._venue.events():
                    self.hear(event)
            except SniperSightError:
                self.wake()
            await asyncio.sleep(_AGAIN_S)

    def hear(self, event: VenueEvent) -> None:
        """Take note of one event."""
        if event.order is not None:
            self._orders[event.order.symbol].append(event.order)
        if event.fill is not None:
            self._fills[event.fill.symbol].append(event.fill)
        if event.kind in (EventKind.POSITION, EventKind.CONNECTED, EventKind.SILENT):
            self._everything = True
        self._woken.set()
