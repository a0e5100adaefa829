"""Second stage: read each symbol's candles and let the plan source decide at their closes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from snipersight.domain.candles import Candles, utc_text
from snipersight.domain.decision import Candidate, Stage, TerminalReason
from snipersight.domain.errors import DataInvalid, NoData, SniperSightError, VenueUnavailable
from snipersight.domain.ports import PlanFeed
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Symbol
from snipersight.engine.context import Ports, ScanContext, SymbolReading
from snipersight.engine.universe_stage import is_leading

_STALE_BARS = 2  # a venue may publish a bar late; two are missing only when something is wrong


async def read_symbols(context: ScanContext, ports: Ports) -> ScanContext:
    """Read every symbol of the universe; one that cannot be read never stops the others.

    Raises:
        VenueUnavailable: the venue answered for no symbol at all.
    """
    slots = asyncio.Semaphore(max(1, context.request.workers))
    done = 0

    async def read(symbol: Symbol) -> SymbolReading:
        nonlocal done
        async with slots:
            reading = await read_symbol(context, ports, symbol)
        done += 1
        ports.progress("reading", done, len(context.universe))
        return reading

    readings = await asyncio.gather(*(read(symbol) for symbol in context.universe))
    require_some(readings)
    return replace(context, readings=tuple(readings))


def require_some(readings: Sequence[SymbolReading]) -> None:
    """Require that the venue answered for some symbol: else there is no answer about any market.

    Raises:
        VenueUnavailable: it failed for every one.
    """
    errors = [reading.error for reading in readings]
    outages = [error for error in errors if isinstance(error, VenueUnavailable)]
    if outages and len(outages) == len(readings):
        first = outages[0]
        what = f"none of {len(readings)} symbols could be read; the first said: {first.what}"
        raise VenueUnavailable(what, where=first.where, next_step=first.next_step) from first


async def read_symbol(context: ScanContext, ports: Ports, symbol: Symbol) -> SymbolReading:
    """Return one symbol's reading, or the reason why there is none."""
    try:
        bars = await load_bars(context, ports, symbol)
        stale = staleness(context, {each: int(bars[each].close_time[-1]) for each in bars})
        if stale:
            return unreadable(context, ports, symbol, Stage.STALE, DataInvalid(stale))
        return await asyncio.to_thread(decide, context, ports, symbol, bars)
    except (DataInvalid, VenueUnavailable) as error:
        return unreadable(context, ports, symbol, Stage.NO_DATA, error)


async def load_bars(
    context: ScanContext, ports: Ports, symbol: Symbol, *, since_ms: int | None = None
) -> dict[Timeframe, Candles]:
    """Return the bars of every timeframe the plan source needs, with their whole warm-up.

    Args:
        context: the scan.
        ports: source and plans.
        symbol: the market.
        since_ms: decisions later than this are wanted, should it lie before the time that a plan
            may live.
    """
    bars = {}
    for timeframe, start in starts_of(context, ports, since_ms=since_ms).items():
        served = await ports.source.candles(
            symbol, timeframe, start_ms=start, end_ms=context.as_of_ms
        )
        # Cut once more: no mistake of a source may let the scan see past its moment.
        bars[timeframe] = served.known_at(context.as_of_ms)
        if len(bars[timeframe]) == 0:
            raise NoData("no closed bar", where=f"{symbol} {timeframe}")
    return bars


def starts_of(
    context: ScanContext, ports: Ports, *, since_ms: int | None = None
) -> dict[Timeframe, int]:
    """Return when the first bar opens that a timeframe has to be read from, milliseconds UTC."""
    decided_ms = context.as_of_ms
    if since_ms is not None:
        decided_ms = min(decided_ms, since_ms + context.valid_ms)
    return {
        timeframe: timeframe.floor(decided_ms - warm_up_ms) - timeframe.duration_ms
        for timeframe, warm_up_ms in ports.plans.history.items()
    }


def staleness(context: ScanContext, newest_ms: Mapping[Timeframe, int]) -> str:
    """Return which timeframe lags behind the scan's moment; empty where none does.

    Args:
        context: the scan.
        newest_ms: close of the newest bar of each timeframe, milliseconds UTC.
    """
    for timeframe, newest in sorted(newest_ms.items()):
        late = (timeframe.floor(context.as_of_ms) - newest) // timeframe.duration_ms
        if late >= _STALE_BARS:
            return (
                f"the newest {timeframe} bar closed at {utc_text(newest)}, "
                f"{late} bars before {utc_text(context.as_of_ms)}"
            )
    return ""


def unreadable(
    context: ScanContext, ports: Ports, symbol: Symbol, stage: Stage, error: SniperSightError
) -> SymbolReading:
    """Return and tell that nothing can be said about a symbol, and why."""
    ports.sink.emit("data_quality", {"symbol": symbol, "stage": stage.value, "what": str(error)})
    candidate = Candidate(
        symbol=symbol,
        at_ms=context.as_of_ms,
        reason=TerminalReason(stage=stage),
        detail=str(error),
    )
    return SymbolReading(symbol=symbol, candidates=(candidate,), error=error)


def decide(
    context: ScanContext, ports: Ports, symbol: Symbol, bars: Mapping[Timeframe, Candles]
) -> SymbolReading:
    """Return what the symbol's closes decided while their plans may still live."""
    leader = None if is_leading(context, symbol) else context.leader
    feed = ports.plans.open(context.instruments[symbol], leader)
    decided = feed.advance(bars, until_ms=context.as_of_ms)
    return reading_of(context, ports, symbol, feed=feed, decided=decided, bars=bars)


def reading_of(
    context: ScanContext,
    ports: Ports,
    symbol: Symbol,
    *,
    feed: PlanFeed,
    decided: Iterable[Candidate],
    bars: Mapping[Timeframe, Candles],
) -> SymbolReading:
    """Return what a feed that has come to the scan's moment says of its symbol.

    Args:
        context: the scan.
        ports: says how much history is needed, and is told where there is too little.
        symbol: the symbol.
        feed: has read all bars.
        decided: what it decided, at least within the time that a plan may live; oldest first.
        bars: of the trigger timeframe, as far back as a plan may live; of every timeframe, from
            the beginning of the history, where the feed is not warm.
    """
    if not feed.is_warm:
        error = DataInvalid(_too_short(ports, bars))
        return unreadable(context, ports, symbol, Stage.NO_DATA, error)
    trigger = bars[context.trigger]
    # A plan as old as it may become cannot be entered any more: the next bar closes too late.
    expired_ms = context.as_of_ms - context.valid_ms
    recent = tuple(candidate for candidate in decided if candidate.at_ms > expired_ms)
    return SymbolReading(
        symbol=symbol,
        candidates=recent or (_nothing(symbol, trigger, feed),),
        trigger=trigger,
        feed=feed,
        regime=feed.regime,
    )


def _nothing(symbol: Symbol, trigger: Candles, feed: PlanFeed) -> Candidate:
    return Candidate(
        symbol=symbol,
        at_ms=int(trigger.close_time[-1]),
        reason=TerminalReason(stage=Stage.NO_SETUP),
        detail=feed.outlook(),
    )


def _too_short(ports: Ports, bars: Mapping[Timeframe, Candles]) -> str:
    needs = []
    for timeframe, candles in sorted(bars.items()):
        first = utc_text(int(candles.open_time[0]))
        days = ports.plans.history[timeframe] / DAY_MS
        needs.append(f"{timeframe} begins {first} and needs {days:.0f} days")
    return "too little history: " + "; ".join(needs)
