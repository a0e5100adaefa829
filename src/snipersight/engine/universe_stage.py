"""First stage: which markets are looked at, and which market leads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from snipersight.analysis.leader import LeaderTimeline
from snipersight.domain.candles import utc_text
from snipersight.domain.errors import DataInvalid
from snipersight.domain.instrument import Instrument
from snipersight.domain.units import Currency, Symbol
from snipersight.engine.context import Ports, ScanContext
from snipersight.market.universe import select_universe

_LEADERS: Final = tuple(
    Symbol(name)
    for name in ("BTC/USDT", "BTC/USDT:USDT", "BTC/USDC", "BTC/USDC:USDC", "BTC/USD", "BTC/EUR")
)


async def select_symbols(context: ScanContext, ports: Ports) -> ScanContext:
    """Read the source's instruments and choose the universe as it was known at that time."""
    instruments = await ports.source.instruments()
    request = context.request.symbols
    volumes: Mapping[Symbol, Decimal] = {}
    rates: Mapping[Currency, Decimal] = {}
    if request.lower().startswith("top"):
        volumes = await ports.source.quote_volumes(list(instruments), at_ms=context.as_of_ms)
        rates = await _rates(instruments, ports, context.as_of_ms)
    universe = select_universe(
        request,
        instruments=instruments,
        volumes=volumes,
        watchlists=context.request.watchlists,
        rates=rates,
    )
    return replace(
        context,
        instruments=instruments,
        universe=universe.symbols,
        dropped=universe.dropped,
    )


async def _rates(
    instruments: Mapping[Symbol, Instrument], ports: Ports, at_ms: int
) -> Mapping[Currency, Decimal]:
    """Return what each quote currency is worth in the account's, where that is known."""
    rates = {}
    for quote in sorted({instrument.quote for instrument in instruments.values()}):
        rate = await ports.source.quote_rate(quote, ports.account.currency, at_ms=at_ms)
        if rate is not None:
            rates[quote] = rate
    return rates


async def read_leader(context: ScanContext, ports: Ports) -> ScanContext:
    """Read the leading market's bias timeframe; without one its state stays unknown."""
    profile = context.request.profile
    timeline = LeaderTimeline(profile)
    symbol = next((name for name in _LEADERS if name in context.instruments), None)
    if symbol is None:
        warning = "no BTC market in this source: its state is unknown, which gates other symbols"
        return replace(context, leader=timeline, warnings=(*context.warnings, warning))
    timeframe = profile.timeframe("bias")
    start = timeframe.floor(context.as_of_ms - ports.plans.history[timeframe])
    try:
        candles = await ports.source.candles(
            symbol, timeframe, start_ms=start, end_ms=context.as_of_ms
        )
    except DataInvalid as error:
        warning = f"BTC's state is unknown: {error}"
        return replace(context, leader=timeline, warnings=(*context.warnings, warning))
    timeline.advance(candles, until_ms=context.as_of_ms)
    return replace(context, leader_symbol=symbol, leader=timeline, warnings=context.warnings)


def is_leading(context: ScanContext, symbol: Symbol) -> bool:
    """Return whether a symbol's underlying is the leading asset itself."""
    return context.instruments[symbol].underlying == "BTC"


def describe_moment(context: ScanContext) -> str:
    """Return the scan's moment for messages."""
    return utc_text(context.as_of_ms)
