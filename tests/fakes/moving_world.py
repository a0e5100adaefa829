"""A sandbox exchange whose time is put forward together with this process's, beside a command.

The command runs in the main thread and believes that days pass; a thread of its own serves the
venues, and another moves the time on, turn by turn of price, whenever the command has done its part.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

import time_machine

from snipersight.domain.orders import OrderKind, VenueOrder
from snipersight.domain.units import Symbol
from snipersight.sandbox import SyntheticMarket
from snipersight.sandbox.exchange import ExchangeSandbox, SandboxAccount, VenueWorld, scaled_clock
from snipersight.sandbox.exchange.prices import BuiltInPrices, PriceSource
from snipersight.storage import database_time
from tests.fakes.at_moment import statement_at

Value = TypeVar("Value")
_TURN_US: Final = 100_000_000  # the walk through a five-minute bar turns after each third of it
_BAR_MS: Final = 300_000
_FAR_MS: Final = 3_600_000
_QUIET_S: Final = 0.1
_SETTLING_S: Final = 10.0
_ACCOUNT: Final = "practice"


class MovingWorld:
    """A server in a thread of its own, and this process's time.

    Args:
        moment: at which both begin.
        seed: of the built-in market.
    """

    def __init__(self, moment: datetime, *, seed: int = 7) -> None:
        self._loop = asyncio.new_event_loop()
        self._moment = moment
        self._over = threading.Event()
        self._prices = BuiltInPrices(SyntheticMarket(seed))
        self.naked_s = 0.0  # longest that the mover waited for a stop
        clock = scaled_clock(1.0, start_us=int(moment.timestamp()) * 1_000_000)
        self.server = ExchangeSandbox(
            clock=clock,
            markets=SyntheticMarket(seed, clock=lambda: clock() // 1_000),
            accounts=[SandboxAccount(balances={"USDT": Decimal(10_000)})],
        )

    @contextmanager
    def running(self) -> Iterator[None]:
        """Serve, with this process and its databases at the same moment."""
        serving = threading.Thread(target=self._loop.run_forever, daemon=True)
        serving.start()
        self._await(self.server.__aenter__())  # before the journey: its certificate is of today
        held = database_time._STATEMENTS["sqlite"]
        at = datetime.fromtimestamp(self.server.clock() / 1_000_000, self._moment.tzinfo)
        database_time._STATEMENTS["sqlite"] = statement_at(at)
        try:
            with time_machine.travel(at, tick=True) as self._traveller:
                yield
        finally:
            database_time._STATEMENTS["sqlite"] = held
            self._await(self.server.__aexit__(None, None, None))
            self._loop.call_soon_threadsafe(self._loop.stop)
            serving.join()
            self._loop.close()

    @contextmanager
    def moving(self, venue: str) -> Iterator[None]:
        """Move the time on as soon as an order works at a venue, until everything is over."""
        mover = threading.Thread(target=self._move, args=(self.server.world(venue),), daemon=True)
        self._over.clear()
        mover.start()
        try:
            yield
        finally:
            self._over.set()
            mover.join()

    def _move(self, world: VenueWorld) -> None:
        known: object = None
        while not self._over.is_set():
            now = _orders(world), world.engine.positions(_ACCOUNT)
            if now != known:
                known = now
                self._settle(world)
            elif any(now):
                self._step(world)
            else:
                time.sleep(_QUIET_S)

    def _settle(self, world: VenueWorld) -> None:
        """Wait until stops cover exactly what is held and nobody asks for anything."""
        begun = time.monotonic()
        while not _is_covered(world) and time.monotonic() - begun < _SETTLING_S:
            time.sleep(0.005)
        self.naked_s = max(self.naked_s, time.monotonic() - begun)
        asked = -1
        while asked != (now := self._asked(world.name)):
            asked = now
            time.sleep(_QUIET_S)

    def _asked(self, venue: str) -> int:
        return sum(self.server.report()["venues"][venue]["requests"].values())

    def _step(self, world: VenueWorld) -> None:
        """Move on by one turn of price where an order may be reached, else as long as none is."""
        now_us = self.server.clock()
        at_us = max(now_us + _TURN_US, self._await(_untouched_us(world, self._prices, now_us)))
        self._traveller.shift((at_us - now_us) / 1_000_000)
        self._await(self.server.move_to(at_us))

    def _await(self, work: Coroutine[Any, Any, Value]) -> Value:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _orders(world: VenueWorld) -> tuple[VenueOrder, ...]:
    return world.engine.orders(_ACCOUNT)


async def _untouched_us(world: VenueWorld, source: PriceSource, now_us: int) -> int:
    """Return until when no order is reached, an hour from now at most."""
    end_ms = begin_ms = now_us // 1_000 // _BAR_MS * _BAR_MS
    prices = [one.trigger_price or one.price for one in _orders(world)]
    [symbol] = {one.symbol for one in _orders(world)}
    for bar in await source.bars(
        symbol, step_ms=_BAR_MS, start_ms=begin_ms, end_ms=begin_ms + _FAR_MS
    ):
        if any(price is not None and bar.low <= price <= bar.high for price in prices):
            break
        end_ms = bar.open_ms + _BAR_MS
    return end_ms * 1_000


def _is_covered(world: VenueWorld) -> bool:
    held = {one.symbol: one.size for one in world.engine.positions(_ACCOUNT)}
    stops: dict[Symbol, Decimal] = {}
    for order in _orders(world):
        if order.kind is OrderKind.STOP_MARKET:
            stops[order.symbol] = stops.get(order.symbol, Decimal(0)) + order.size
    return stops == held
