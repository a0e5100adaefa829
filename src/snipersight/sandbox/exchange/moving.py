"""Moving the venues' time on, so that nothing that waits for a price misses it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from typing import Final

from snipersight.domain.errors import ConfigInvalid
from snipersight.sandbox.exchange.clock import MovableClock
from snipersight.sandbox.exchange.world import VenueWorld

# The walk through a five-minute bar turns after each third of it.
_STEP_US: Final = 100_000_000
_MOST_US: Final = 31 * 86_400_000_000


async def move_on(clock: MovableClock, worlds: Collection[VenueWorld], *, to_us: int) -> None:
    """Let time pass up to a moment, with every turn of price that an order could be waiting for.

    Args:
        clock: of all the worlds.
        worlds: markets where an order or a position waits get each turn between, others that
            were ever asked for get the last price.
        to_us: the moment, microseconds UTC.

    Raises:
        ConfigInvalid: it is not later than the clock, or more than 31 days later.
    """
    now_us = clock()
    if not now_us < to_us <= now_us + _MOST_US:
        raise ConfigInvalid(
            "the clock moves forward only, and by 31 days at most",
            where="sandbox exchange",
            next_step="name a later moment, not later than that",
        )
    for at_us in _turns(now_us, to_us):
        clock.reach(at_us)
        for world in worlds:
            await world.freshen(world.waiting())
        await asyncio.sleep(0)  # streams tell of it in between
    clock.reach(to_us)
    for world in worlds:
        await world.freshen(world.watched())


def _turns(begin_us: int, end_us: int) -> Iterator[int]:
    """Yield the moments between at which the walk may turn."""
    yield from range((begin_us // _STEP_US + 1) * _STEP_US, end_us, _STEP_US)
