"""What must hold before the first order: every question, whatever became of the one before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import TYPE_CHECKING, Final

from snipersight.domain.errors import SniperSightError
from snipersight.domain.units import Symbol, plain
from snipersight.domain.venue import Environment, Finding, FindingLevel

if TYPE_CHECKING:
    from snipersight.market.venues.base import CcxtVenue

_OK, _WARNING, _FAILED = FindingLevel.OK, FindingLevel.WARNING, FindingLevel.FAILED
_NOTED_SKEW_MS: Final = 1_000
_LARGEST_SKEW_MS: Final = 30_000


async def run_preflight(venue: CcxtVenue, symbols: Collection[Symbol]) -> tuple[Finding, ...]:
    """Return every finding; a question that fails is a finding too."""
    questions: tuple[tuple[str, Callable[[], Awaitable[tuple[Finding, ...]]]], ...] = (
        ("clock", lambda: _clock(venue)),
        ("filters", lambda: _filters(venue, symbols)),
        ("permissions", lambda: _permissions(venue)),
        ("position_mode", venue.mode_findings),
        ("balances", lambda: _balances(venue)),
        ("foreign", lambda: _foreign(venue)),
    )
    findings = [_host(venue)]
    for name, question in questions:
        findings.extend(await _asked(name, question))
    return tuple(findings)


async def _asked(
    name: str, question: Callable[[], Awaitable[tuple[Finding, ...]]]
) -> tuple[Finding, ...]:
    try:
        return await question()
    except SniperSightError as error:
        return (Finding(name=name, level=_FAILED, sentence=str(error)),)


def _host(venue: CcxtVenue) -> Finding:
    hosts = ", ".join(sorted(venue.config.hosts))
    gateway = venue.config.gateway
    through = f", answered by {gateway.host}:{gateway.port}" if gateway is not None else ""
    return Finding(
        name="host", level=_OK, sentence=f"{venue.name} {venue.environment}: {hosts}{through}"
    )


async def _clock(venue: CcxtVenue) -> tuple[Finding, ...]:
    venue.time.doubt()
    await venue.now_us()
    skew_ms = abs(venue.time.ahead_ms)
    # A request takes real time, of which a stand-in's fast clock shows more.
    scale = max(1.0, venue.config.time_scale)
    level = _OK if skew_ms <= _NOTED_SKEW_MS * scale else _WARNING
    sentence = f"our clock and the venue's differ by {skew_ms / 1000:.1f} s"
    if skew_ms > _LARGEST_SKEW_MS * scale:
        level = _FAILED
    if level is not _OK:
        sentence += "; requests are corrected by it, candles are not: set this machine's clock"
    return (Finding(name="clock", level=level, sentence=sentence),)


async def _filters(venue: CcxtVenue, symbols: Collection[Symbol]) -> tuple[Finding, ...]:
    listed = await venue.instruments()
    unlisted = sorted(symbol for symbol in symbols if symbol not in listed)
    unclear = sorted(s for s in symbols if s in listed and listed[s].missing())
    if unlisted or unclear:
        names = ", ".join([*unlisted, *unclear])
        return (
            Finding(
                name="filters",
                level=_FAILED,
                sentence=f"no market, or no tick, lot or fee is known for {names}: leave them out",
            ),
        )
    sentence = f"rules of {len(listed)} markets are known"
    return (Finding(name="filters", level=_OK, sentence=sentence),)


async def _permissions(venue: CcxtVenue) -> tuple[Finding, ...]:
    if venue.environment is not Environment.LIVE:
        return (
            Finding(
                name="permissions",
                level=FindingLevel.SKIPPED,
                sentence=f"{venue.name} {venue.environment} does not tell what a key may do",
            ),
        )
    return await venue.key_findings()


async def _balances(venue: CcxtVenue) -> tuple[Finding, ...]:
    held = [balance for balance in await venue.balances() if balance.total > 0]
    if not held:
        return (
            Finding(name="balances", level=_FAILED, sentence="the account is empty: fund it first"),
        )
    shown = ", ".join(f"{plain(b.total)} {b.currency}" for b in held[:5])
    more = f" and {len(held) - 5} more" if len(held) > 5 else ""
    return (Finding(name="balances", level=_OK, sentence=f"the account holds {shown}{more}"),)


async def _foreign(venue: CcxtVenue) -> tuple[Finding, ...]:
    orders = [order for order in await venue.open_orders() if not venue.is_ours(order.client_id)]
    positions = await venue.positions()
    if not orders and not positions:
        return (
            Finding(name="foreign", level=_OK, sentence="no position, and no order but our own"),
        )
    symbols = sorted({o.symbol for o in orders} | {p.symbol for p in positions})
    return (
        Finding(
            name="foreign",
            level=_WARNING,
            sentence=(
                f"{len(orders)} open orders are not ours and {len(positions)} positions are open "
                f"({', '.join(symbols[:5])}): what is not ours is never touched, and blocks "
                "entries in its market"
            ),
        ),
    )
