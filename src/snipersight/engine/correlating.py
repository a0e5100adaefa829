"""How the assets of plans and positions moved together lately, from the source's candles."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from snipersight.domain.errors import DataInvalid, VenueUnavailable
from snipersight.domain.observations import Correlations
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Currency, Symbol
from snipersight.engine.context import Ports, ScanContext
from snipersight.risk.exposure.correlation import Closes, correlate

RETURNS: Final = 180
MIN_OVERLAP: Final = 90
TIMEFRAME: Final = Timeframe.parse("4h")
WINDOW: Final = f"{RETURNS} returns of {TIMEFRAME}"
HISTORY_MS: Final = (RETURNS + 2) * TIMEFRAME.duration_ms
"""How far back correlations look from a scan's moment, a bar to spare."""

ReadCloses = Callable[[Symbol, ScanContext, Ports], Awaitable[Closes | None]]


async def correlations_of(
    markets: Mapping[Currency, Symbol],
    context: ScanContext,
    ports: Ports,
    *,
    read: ReadCloses | None = None,
) -> Correlations:
    """Return the correlations between assets; one whose candles cannot be read stays unknown.

    Args:
        markets: a market of each asset.
        context: the scan; nothing later than its moment is looked at.
        ports: source, sink and progress.
        read: reads the closes of one market; by request unless given.
    """
    read_one = read or read_closes
    slots = asyncio.Semaphore(max(1, context.request.workers))
    done = 0

    async def read_in_turn(symbol: Symbol) -> Closes | None:
        nonlocal done
        async with slots:
            closes = await read_one(symbol, context, ports)
        done += 1
        ports.progress("correlating", done, len(markets))
        return closes

    found = await asyncio.gather(*(read_in_turn(symbol) for symbol in markets.values()))
    known = {
        asset: closes for asset, closes in zip(markets, found, strict=True) if closes is not None
    }
    return await asyncio.to_thread(
        correlate, known, returns=RETURNS, min_overlap=MIN_OVERLAP, window=WINDOW
    )


async def read_closes(symbol: Symbol, context: ScanContext, ports: Ports) -> Closes | None:
    """Return a market's closes as of a scan's moment; None, and told, where they cannot be read."""
    start_ms = TIMEFRAME.floor(context.as_of_ms) - HISTORY_MS
    try:
        served = await ports.source.candles(
            symbol, TIMEFRAME, start_ms=start_ms, end_ms=context.as_of_ms
        )
    except (DataInvalid, VenueUnavailable) as error:
        ports.sink.emit("observation_missing", {"of": symbol, "what": str(error)})
        return None
    # Cut once more: no mistake of a source may let the gate see past the scan's moment.
    bars = served.known_at(context.as_of_ms)
    return Closes(open_times_ms=bars.open_time, prices=bars.close)
