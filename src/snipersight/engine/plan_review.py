"""Whether a plan that was judged earlier still stands, with its market observed anew."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from snipersight.domain.candles import utc_text
from snipersight.domain.decision import Candidate
from snipersight.domain.errors import NoData
from snipersight.domain.plan import TradePlan
from snipersight.domain.ports import CandleSource
from snipersight.engine.context import Ports
from snipersight.engine.core import Decided, step
from snipersight.engine.observing_stage import observe_markets
from snipersight.engine.report import ScanRequest
from snipersight.engine.scan import begin
from snipersight.planner.voids import VoidReason, bars_of, is_void

_WORDS: Final = {
    VoidReason.EXPIRED: "it expired unfilled",
    VoidReason.TARGET_TOUCHED: "price touched its first target before it was entered",
    VoidReason.STOP_TOUCHED: "price touched its stop",
    VoidReason.STRUCTURE_SHIFT: "structure shifted against it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What became of a plan until now.

    Args:
        as_of_ms: the moment looked from, milliseconds UTC.
        over: why it can no longer be traded; empty while it can.
    """

    as_of_ms: int
    over: str = ""


async def review_plan(plan: TradePlan, request: ScanRequest, ports: Ports) -> Review:
    """Follow a plan to now, and tell the gate what its market is like at this moment.

    Args:
        plan: judged earlier.
        request: its profile, and the moment to look from.
        ports: source, gate and account.

    Raises:
        StateUnavailable: the ledger cannot be used.
        UnknownSymbol: the source does not list the market.
        VenueUnavailable: a live source cannot be reached.
    """
    context = await begin(request, ports)
    over = await why_over(plan, ports.source, as_of_ms=context.as_of_ms)
    if over:
        return Review(as_of_ms=context.as_of_ms, over=over)
    alive = Candidate(
        symbol=plan.symbol,
        at_ms=_created_ms(plan),
        reason=None,
        setup_id=plan.setup_id,
        direction=plan.direction,
        plan=plan,
    )
    state, _commands = step(context.state, Decided(candidate=alive))
    instruments = await ports.source.instruments()
    observed = await observe_markets(replace(context, state=state, instruments=instruments), ports)
    if observed.unjudgeable is not None:
        raise observed.unjudgeable
    return Review(as_of_ms=context.as_of_ms)


async def why_over(plan: TradePlan, source: CandleSource, *, as_of_ms: int) -> str:
    """Return why an unfilled plan is over; empty while it is not.

    The bar in progress is not looked at, nor are shifts of structure.

    Args:
        plan: judged earlier.
        source: candles of its venue.
        as_of_ms: the moment looked from, milliseconds UTC.

    Raises:
        DataInvalid, UnknownSymbol, VenueUnavailable: as the source says.
    """
    expires_ms = int(plan.valid_until.timestamp() * 1000)
    if as_of_ms >= expires_ms:
        return f"{_WORDS[VoidReason.EXPIRED]} at {utc_text(expires_ms)}"
    created_ms = _created_ms(plan)
    try:
        candles = await source.candles(
            plan.symbol, plan.timeframe, start_ms=created_ms, end_ms=as_of_ms
        )
    except NoData:
        return ""  # no bar has closed since
    for bar in bars_of(candles, after_ms=created_ms):
        reason = is_void(plan, bar)
        if reason is not None:
            return f"{_WORDS[reason]}, by {utc_text(bar.closed_at_ms)}"
    return ""


def _created_ms(plan: TradePlan) -> int:
    return int(plan.created_at.timestamp() * 1000)
