"""Listens to a venue's stream: keeps what it tells until the next round, and wakes it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection
from contextlib import suppress
from typing import Final

from snipersight.domain.orders import Fill, VenueOrder
from snipersight.domain.units import Symbol
from snipersight.domain.venue import EventKind, Venue, VenueEvent

_AGAIN_S: Final = 1.0  # before a stream that broke is opened again


class Ears:
    """What a stream has told since somebody last asked.

    Args:
        venue: whose stream.

    Attributes:
        is_up: whether the stream tells what happens.
        broke: what broke the stream last, until somebody has told of it; None: nothing.
    """

    def __init__(self, venue: Venue) -> None:
        self._venue: Final = venue
        self._news: Final = asyncio.Event()
        self._everything: Final = asyncio.Event()
        self._orders: defaultdict[Symbol, list[VenueOrder]] = defaultdict(list)
        self._fills: defaultdict[Symbol, list[Fill]] = defaultdict(list)
        self._reminders: Final[dict[Symbol, asyncio.TimerHandle]] = {}
        self._due: Final[set[Symbol]] = set()
        self.is_up = False
        self.broke: Exception | None = None

    def remind(self, symbol: Symbol, *, after_s: float) -> None:
        """Count a market as told of after a while, unless it is to be anyway before."""
        if symbol not in self._reminders:
            loop = asyncio.get_running_loop()
            self._reminders[symbol] = loop.call_later(after_s, self._remind_now, symbol)

    def mention(self, symbol: Symbol) -> None:
        """Count a market as told of now."""
        self._due.add(symbol)
        self._news.set()

    def wake(self) -> None:
        """Let whoever waits look at everything."""
        self._everything.set()

    def symbols(self) -> frozenset[Symbol]:
        """Return the markets that something was told of and nobody has taken yet."""
        return frozenset((*self._orders, *self._fills, *self._due))

    def is_due(self, symbol: Symbol) -> bool:
        """Return whether a market is to be looked at whatever the stream told of it."""
        return symbol in self._due

    def take(self, symbol: Symbol) -> tuple[tuple[VenueOrder, ...], tuple[Fill, ...]]:
        """Return what was told of a market since it was last taken, oldest first."""
        self._due.discard(symbol)
        return tuple(self._orders.pop(symbol, ())), tuple(self._fills.pop(symbol, ()))

    async def news(self, *, besides: Collection[Symbol] = ()) -> frozenset[Symbol]:
        """Return the markets that something was told of, once something is; or none after a nudge.

        Args:
            besides: markets that are left out: somebody looks after them already.
        """
        if not self.symbols().difference(besides):
            self._news.clear()
            await self._news.wait()
        return self.symbols().difference(besides)

    def nudge(self) -> None:
        """Let whoever waits for news go on without any."""
        self._news.set()

    async def everything(self, *, longest_s: float) -> bool:
        """Return once everything is to be looked at: True if it was asked for, or after a while."""
        with suppress(TimeoutError):
            async with asyncio.timeout(longest_s):
                await self._everything.wait()
        is_asked = self._everything.is_set()
        self._everything.clear()
        return is_asked

    async def listen(self) -> None:
        """Listen until cancelled; a stream that breaks is opened again, and everything looked at."""
        while True:
            try:
                async for event in self._venue.events():
                    self.hear(event)
            except Exception as error:  # noqa: BLE001  one odd message must not end the watch
                self.broke = error
                self.wake()
            finally:
                self.is_up = False
            await asyncio.sleep(_AGAIN_S)

    def hear(self, event: VenueEvent) -> None:
        """Take note of one event."""
        if event.order is not None:
            self._orders[event.order.symbol].append(event.order)
        if event.fill is not None:
            self._fills[event.fill.symbol].append(event.fill)
        if event.kind in (EventKind.CONNECTED, EventKind.SILENT):
            self.is_up = event.kind is EventKind.CONNECTED
            self._everything.set()
        elif event.symbol is not None:
            self._due.add(event.symbol)
        elif event.kind is EventKind.POSITION:
            self._everything.set()
        self._news.set()

    def _remind_now(self, symbol: Symbol) -> None:
        self._reminders.pop(symbol, None)
        self.mention(symbol)
