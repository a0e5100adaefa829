"""Shifts of major structure that a waiting plan is held to, read anew from the candles."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument
from snipersight.domain.ports import CandleSource, PlanSource
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol


async def bars_since(
    source: CandleSource, symbol: Symbol, timeframe: Timeframe, since_ms: int, *, as_of_ms: int
) -> Candles:
    """Return the bars that are closed at `as_of_ms`, from the one before a moment on.

    Raises:
        NoData: there is none.
        DataInvalid, UnknownSymbol, VenueUnavailable: as the source says.
    """
    start_ms = timeframe.floor(since_ms) - timeframe.duration_ms
    served = await source.candles(symbol, timeframe, start_ms=start_ms, end_ms=as_of_ms)
    return served.known_at(as_of_ms)


async def shifts_before(
    source: CandleSource,
    plans: PlanSource,
    instrument: Instrument,
    moments_ms: Collection[int],
) -> Mapping[int, Direction]:
    """Return the shifts before each of some moments, as far back as a plan may wait.

    Args:
        source: candles.
        plans: of the profile whose structure is meant.
        instrument: the market.
        moments_ms: ends of the times that plans wait, at least one.

    Raises:
        NoData: there are no candles.
        DataInvalid, UnknownSymbol, VenueUnavailable: as the source says.
    """
    first_ms, last_ms = min(moments_ms), max(moments_ms)
    bars = {
        timeframe: await bars_since(
            source, instrument.symbol, timeframe, first_ms - warm_up_ms, as_of_ms=last_ms
        )
        for timeframe, warm_up_ms in plans.history.items()
    }
    # The leading market decides which setups become plans, not how structure shifts.
    feed = plans.open(instrument, None)
    found: dict[int, Direction] = {}
    for moment_ms in sorted(set(moments_ms)):
        feed.advance(bars, until_ms=moment_ms)
        found.update(feed.shifts())
    return found
