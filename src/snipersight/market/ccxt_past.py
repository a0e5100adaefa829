"""What a venue tells of the past besides candles: traded value, worked out, and funding rates."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from snipersight.domain.candles import Candles
from snipersight.domain.errors import DataInvalid, UnknownSymbol
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Symbol, exact

_VOLUME_TIMEFRAME: Final = Timeframe.parse("15m")  # a day of it is one short answer
_AT_ONCE: Final = 8
_PAGE: Final = 200  # the least that a venue of ours sends at once

ReadCandles = Callable[[Symbol, Timeframe, int, int], Awaitable[Candles]]
"""Reads bars: symbol, timeframe, start_ms, end_ms."""
FetchFunding = Callable[[int, int], Awaitable[Sequence[Mapping[str, Any]]]]
"""Fetches funding rates: since_ms, how many at most → rows of ccxt, oldest first."""


async def traded_before(
    symbols: Collection[Symbol], at_ms: int, read: ReadCandles
) -> dict[Symbol, Decimal]:
    """Return the value traded in the 24 hours before a moment, from candles of these hours.

    A symbol without a usable bar then is missing.

    Args:
        symbols: of the venue.
        at_ms: milliseconds UTC.
        read: reads candles.

    Raises:
        VenueUnavailable: the venue cannot be reached or limits our rate.
    """
    slots = asyncio.Semaphore(_AT_ONCE)

    async def traded(symbol: Symbol) -> tuple[Symbol, Decimal] | None:
        async with slots:
            try:
                bars = await read(symbol, _VOLUME_TIMEFRAME, at_ms - DAY_MS, at_ms)
            except (DataInvalid, UnknownSymbol):
                return None
        return symbol, exact(math.fsum(bars.close * bars.volume))

    found = await asyncio.gather(*(traded(symbol) for symbol in symbols))
    return dict(one for one in found if one is not None)


async def funding_between(
    start_ms: int, end_ms: int, fetch: FetchFunding
) -> list[tuple[int, float]]:
    """Return time and rate of every funding payment in a period, oldest first.

    Args:
        start_ms, end_ms: later than the one, not later than the other, milliseconds UTC.
        fetch: fetches a page.
    """
    found: dict[int, float] = {}
    since_ms = start_ms + 1
    while since_ms <= end_ms:
        rows = await fetch(since_ms, _PAGE)
        page = {
            int(row["timestamp"]): float(row["fundingRate"])
            for row in rows
            if row.get("timestamp") is not None and row.get("fundingRate") is not None
        }
        fresh = {time_ms: rate for time_ms, rate in page.items() if time_ms >= since_ms}
        if not fresh:
            break
        found.update(fresh)
        since_ms = max(fresh) + 1
    return sorted((time, rate) for time, rate in found.items() if time <= end_ms)
