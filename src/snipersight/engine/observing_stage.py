"""Fourth stage: observe the markets that plans and positions trade in, for the risk gate."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from snipersight.domain.errors import DataInvalid, StateUnavailable, VenueUnavailable
from snipersight.domain.instrument import Instrument, parse_symbol, underlying_of
from snipersight.domain.observations import Correlations, MarketFacts, Observations
from snipersight.domain.units import Currency, Symbol
from snipersight.engine.context import Ports, ScanContext
from snipersight.engine.core import ranked
from snipersight.engine.correlating import ReadCloses, correlations_of
from snipersight.engine.universe_stage import known_rate

T = TypeVar("T")


async def observe_markets(
    context: ScanContext, ports: Ports, *, read_closes: ReadCloses | None = None
) -> ScanContext:
    """Tell the gate what is known of every market that a plan or a position trades in.

    What cannot be read stays unknown, and unknown approves nothing. A ledger that cannot be used
    is said; every plan is refused then, and the rest of the scan goes on.

    Args:
        context: the scan, with its plans.
        ports: source and gate.
        read_closes: reads what correlations look at; by request unless given.
    """
    try:
        held = await asyncio.to_thread(ports.gate.held)
        observations = await _observe(context, ports, held, read_closes)
        account = await asyncio.to_thread(ports.gate.observe, observations)
    except StateUnavailable as error:
        ports.sink.emit("state_unavailable", {"what": str(error)})
        warning = f"no plan is approved, the ledger cannot be used: {error}"
        return replace(context, unjudgeable=error, warnings=(*context.warnings, warning))
    return replace(context, account=account)


async def _observe(
    context: ScanContext,
    ports: Ports,
    held: Iterable[tuple[str, Symbol]],
    read_closes: ReadCloses | None,
) -> Observations:
    claims = tuple(held)
    symbols = _observable(context, ports, claims)
    traded = {*symbols, *(symbol for _venue, symbol in claims)}
    assets = frozenset(underlying_of(parse_symbol(symbol)[0])[0] for symbol in traded)
    return Observations(
        venue=ports.source.venue,
        as_of_ms=context.as_of_ms,
        markets=await _markets(context, ports, symbols),
        correlations=await _correlations(
            assets, _markets_for(context, assets, symbols), context, ports, read=read_closes
        ),
        clock_skew_ms=await _or_none(ports, "clock", ports.source.clock_skew_ms),
    )


def _observable(
    context: ScanContext, ports: Ports, held: Iterable[tuple[str, Symbol]]
) -> tuple[Symbol, ...]:
    """Return the markets of plans and positions that this source lists, sorted."""
    planned = {plan.symbol for plan in ranked(context.state)}
    own = {symbol for venue, symbol in held if venue == ports.source.venue}
    return tuple(sorted(symbol for symbol in planned | own if symbol in context.instruments))


async def _markets(
    context: ScanContext, ports: Ports, symbols: tuple[Symbol, ...]
) -> Mapping[Symbol, MarketFacts]:
    rules = {symbol: context.instruments[symbol] for symbol in symbols}
    quotes = sorted({instrument.quote for instrument in rules.values()})
    rates = {quote: await known_rate(ports, quote, at_ms=context.as_of_ms) for quote in quotes}
    volumes = await _volumes(context, ports, symbols)
    slots = asyncio.Semaphore(max(1, context.request.workers))
    done = 0

    async def facts(instrument: Instrument) -> MarketFacts:
        nonlocal done
        symbol = instrument.symbol
        async with slots:
            reference = await _or_none(
                ports,
                symbol,
                lambda: ports.source.reference_price(symbol, at_ms=context.as_of_ms),
            )
        done += 1
        ports.progress("observing", done, len(symbols))
        return MarketFacts(
            instrument=instrument,
            quote_rate=rates[instrument.quote],
            reference=reference,
            quote_volume=volumes.get(symbol),
        )

    found = await asyncio.gather(*(facts(instrument) for instrument in rules.values()))
    return dict(zip(rules, found, strict=True))


async def _volumes(
    context: ScanContext, ports: Ports, symbols: tuple[Symbol, ...]
) -> Mapping[Symbol, Decimal]:
    if not symbols:
        return {}
    found = await _or_none(
        ports,
        "volumes",
        lambda: ports.source.quote_volumes(symbols, at_ms=context.as_of_ms),
    )
    return found or {}


async def _correlations(
    assets: frozenset[Currency],
    markets: Mapping[Currency, Symbol],
    context: ScanContext,
    ports: Ports,
    *,
    read: ReadCloses | None,
) -> Correlations:
    """Return how the assets move together; one alone needs no answer."""
    if len(assets) < 2:
        return Correlations()
    return await correlations_of(markets, context, ports, read=read)


def _markets_for(
    context: ScanContext, assets: frozenset[Currency], symbols: tuple[Symbol, ...]
) -> Mapping[Currency, Symbol]:
    """Return a market of each asset: one that is observed, else any that the source lists.

    A position on another venue moves as its asset does here.
    """
    chosen: dict[Currency, Symbol] = {}
    for symbol in (*symbols, *sorted(context.instruments)):
        asset = context.instruments[symbol].underlying
        if asset in assets:
            chosen.setdefault(asset, symbol)
    return dict(sorted(chosen.items()))


async def _or_none(ports: Ports, what: str, ask: Callable[[], Awaitable[T | None]]) -> T | None:
    """Return the answer, or None where it cannot be had: that is told and stops nothing else."""
    try:
        return await ask()
    except (DataInvalid, VenueUnavailable) as error:
        ports.sink.emit("observation_missing", {"of": what, "what": str(error)})
        return None
