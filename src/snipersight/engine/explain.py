"""Everything behind the verdict on one symbol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from snipersight.analysis.facts import Reading
from snipersight.domain.account import AccountState
from snipersight.domain.candles import utc_text
from snipersight.domain.decision import Approved, Candidate, Stage, TerminalReason
from snipersight.domain.errors import UnknownSymbol
from snipersight.domain.ports import CandleSource, EventSink, LeaderState, RiskGate
from snipersight.domain.units import Symbol, plain
from snipersight.engine.context import Ports, ScanContext
from snipersight.engine.report import ScanRequest
from snipersight.engine.scan import begin
from snipersight.engine.stages import STAGES
from snipersight.engine.universe_stage import is_leading
from snipersight.market.currencies import another_market
from snipersight.planner.smc_source import SmcPlanFeed, SmcPlanSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One symbol, with all that was seen and asked.

    Args:
        symbol, as_of_ms: what was looked at, and when.
        candidates: each with its checks and terminal reason, oldest first.
        approved: the gate's decision of those that were approved.
        readings: what each role (`trigger`, `zone`, `bias`) knows now.
        leader: BTC's state now; None for BTC itself.
        notes: what else the reader should know, one sentence each.
    """

    symbol: Symbol
    as_of_ms: int
    candidates: tuple[Candidate, ...]
    approved: tuple[Approved, ...]
    readings: Mapping[str, Reading]
    leader: LeaderState | None
    notes: tuple[str, ...]


async def explain_symbol(
    request: ScanRequest,
    symbol: Symbol,
    *,
    source: CandleSource,
    gate: RiskGate,
    account: AccountState,
    sink: EventSink,
) -> Explanation:
    """Run a scan over one symbol and keep everything that was seen on the way.

    Raises:
        UnknownSymbol: the source does not list the symbol.
        ConfigInvalid: the moment lies after the source's data.
        VenueUnavailable: the venue cannot be reached.
    """
    ports = Ports(
        source=source,
        plans=SmcPlanSource(request.profile),
        gate=gate,
        account=account,
        sink=sink,
        progress=lambda *_: None,
    )
    context = await begin(replace(request, symbols=symbol), ports)
    for _, stage in STAGES:
        context = await stage(context, ports)
    if symbol not in context.universe:
        reason = next((why for name, why in context.dropped if name == symbol), "not listed")
        listed = context.instruments
        raise UnknownSymbol(
            reason.partition(";")[0], where=symbol, next_step=another_market(symbol, listed)
        )
    return _explanation(context, symbol)


def _explanation(context: ScanContext, symbol: Symbol) -> Explanation:
    reading = context.readings[0]
    feed = reading.feed
    leads = is_leading(context, symbol) or context.leader is None
    return Explanation(
        symbol=symbol,
        as_of_ms=context.as_of_ms,
        candidates=_candidates(context),
        approved=context.approved,
        readings=feed.readings() if isinstance(feed, SmcPlanFeed) else {},
        leader=None if leads or context.leader is None else context.leader.at(context.as_of_ms),
        notes=_notes(context),
    )


def _candidates(context: ScanContext) -> tuple[Candidate, ...]:
    approved = [
        replace(
            context.state.waiting[decision.plan.setup_id],
            reason=TerminalReason(stage=Stage.APPROVED),
            detail=f"approved: {plain(decision.size)} at {plain(decision.plan.entry_near)}",
            checks=(
                *context.state.waiting[decision.plan.setup_id].checks,
                *decision.checks,
            ),
        )
        for decision in context.approved
    ]
    return tuple(sorted((*context.ended, *approved), key=lambda candidate: candidate.at_ms))


def _notes(context: ScanContext) -> tuple[str, ...]:
    oldest = utc_text(context.as_of_ms - context.valid_ms)
    window = f"decisions since {oldest} are shown: older plans have expired"
    return (window, *context.warnings)
