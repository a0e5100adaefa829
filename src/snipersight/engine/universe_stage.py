"""First stage: which markets are looked at, and which market leads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from snipersight.analysis.leader import LeaderTimeline
from snipersight.domain.candles import Candles, utc_text
from snipersight.domain.errors import DataInvalid, VenueUnavailable
from snipersight.domain.instrument import Instrument
from snipersight.domain.ports import LeaderContext
from snipersight.domain.timeframe import DAY_MS
from snipersight.domain.units import Currency, Symbol
from snipersight.engine.context import Ports, ScanContext
from snipersight.market.universe import is_ranked, select_universe

_LEADERS: Final = tuple(
    Symbol(name)
    for name in ("BTC/USDT", "BTC/USDT:USDT", "BTC/USDC", "BTC/USDC:USDC", "BTC/USD", "BTC/EUR")
)
_STALE_BARS: Final = 2  # a running bar is one bar old at most
NO_LEADER: Final = "this source lists no BTC market"


async def select_symbols(context: ScanContext, ports: Ports) -> ScanContext:
    """Read the source's instruments and choose the universe as it was known at that time."""
    instruments = await ports.source.instruments()
    request = context.request.symbols
    volumes: Mapping[Symbol, Decimal] = {}
    rates: Mapping[Currency, Decimal] = {}
    if is_ranked(request):
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
        rate = await known_rate(ports, quote, at_ms=at_ms)
        if rate is not None:
            rates[quote] = rate
    return rates


async def known_rate(ports: Ports, quote: Currency, *, at_ms: int) -> Decimal | None:
    """Return what one unit of a quote currency is worth in the account's, or None if unknown.

    A rate that cannot be read is unknown: it refuses what needs it and stops nothing else.
    """
    try:
        return await ports.source.quote_rate(quote, ports.account.currency, at_ms=at_ms)
    except (DataInvalid, VenueUnavailable) as error:
        fields = {"quote": quote, "account": ports.account.currency, "what": str(error)}
        ports.sink.emit("data_quality", fields)
        return None


async def read_leader(context: ScanContext, ports: Ports) -> ScanContext:
    """Read the leading market's bias timeframe; without one its state stays unknown."""
    timeline = LeaderTimeline(context.request.profile)
    symbol = leading_symbol(context.instruments)
    problem = NO_LEADER
    if symbol is not None:
        problem = await _follow_leader(timeline, symbol, context, ports)
    return led_by(context, symbol, timeline, problem=problem)


def led_by(
    context: ScanContext, symbol: Symbol | None, leader: LeaderContext, *, problem: str
) -> ScanContext:
    """Return the context with the leading market, warning of why its state is unknown, if it is."""
    warnings = context.warnings
    if problem:
        gates = "which refuses every other symbol where the profile asks for it"
        warnings += (f"BTC's state is unknown, {gates}: {problem}",)
    return replace(context, leader_symbol=symbol, leader=leader, warnings=warnings)


def leading_symbol(instruments: Mapping[Symbol, Instrument]) -> Symbol | None:
    """Return the market that leads all others; None where no BTC market is listed."""
    return next((name for name in _LEADERS if name in instruments), None)


async def _follow_leader(
    timeline: LeaderTimeline, symbol: Symbol, context: ScanContext, ports: Ports
) -> str:
    """Let the timeline read the leading market; return why its state is unknown now, if it is."""
    timeframe = context.request.profile.timeframe("bias")
    try:
        candles = await ports.source.candles(
            symbol, timeframe, start_ms=leader_start_ms(context, ports), end_ms=context.as_of_ms
        )
    except (DataInvalid, VenueUnavailable) as error:
        return str(error)
    timeline.advance(candles, until_ms=context.as_of_ms)
    known_ms = timeline.at(context.as_of_ms).known_at_ms
    return leader_problem(context, ports, candles, known_ms)


def leader_start_ms(context: ScanContext, ports: Ports, *, since_ms: int | None = None) -> int:
    """Return when the first bar opens that the leading market has to be read from.

    Args:
        context: the scan.
        ports: says how much history is needed.
        since_ms: decisions later than this are wanted, should it lie before the time that a plan
            may live.
    """
    timeframe = context.request.profile.timeframe("bias")
    decided_ms = context.as_of_ms
    if since_ms is not None:
        decided_ms = min(decided_ms, since_ms + context.valid_ms)
    return timeframe.floor(decided_ms - _warm_up_ms(context, ports)) - timeframe.duration_ms


def _warm_up_ms(context: ScanContext, ports: Ports) -> int:
    profile = context.request.profile
    timeframe = profile.timeframe("bias")
    return max(profile.history()[timeframe], ports.plans.history.get(timeframe, 0))


def leader_problem(
    context: ScanContext, ports: Ports, candles: Candles, known_ms: int | None
) -> str:
    """Return why the leading market's state is unknown now; empty where it is known.

    Args:
        context: the scan.
        ports: says how much history is needed.
        candles: of the leading market, at least one.
        known_ms: close of the bar that made its newest state known; None where none did.
    """
    if known_ms is None:
        first = utc_text(int(candles.open_time[0]))
        days = _warm_up_ms(context, ports) / DAY_MS
        return f"{candles.symbol} {candles.timeframe} begins {first} and needs {days:.0f} days"
    timeframe = candles.timeframe
    if timeframe.floor(context.as_of_ms) - known_ms >= _STALE_BARS * timeframe.duration_ms:
        return f"the newest {timeframe} bar of {candles.symbol} closed at {utc_text(known_ms)}"
    return ""


def is_leading(context: ScanContext, symbol: Symbol) -> bool:
    """Return whether a symbol's underlying is the leading asset itself."""
    return context.instruments[symbol].underlying == "BTC"
