"""The texts of one ranked plan, worked out once for table, cards and Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from snipersight.domain import wording as texts
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import MarketKind, parse_symbol
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import plain

if TYPE_CHECKING:
    from snipersight.engine.report import RankedPlan

MARKET_WORDS: Final = {MarketKind.SPOT: "spot", MarketKind.PERPETUAL: "perp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """Every cell of one plan as text; prices carry the tick's decimals."""

    rank: str
    plan_id: str
    tier: str
    score: str
    symbol: str
    market: str
    direction: Direction
    status: str
    entry_near: str
    entry_far: str
    last: str
    distance: str
    stop: str
    stop_distance: str
    targets: tuple[tuple[str, str, str], ...]  # price, R, share
    risk_reward: str
    size: str
    notional: str
    margin: str
    leverage: str
    risk: str
    risk_percent: str
    valid_until: str


def view_of(ranked: RankedPlan, *, currency: str) -> PlanView:
    """Return the texts of a plan.

    Args:
        ranked: the plan with its decision.
        currency: account currency, in which risk is told.
    """
    plan, decision = ranked.plan, ranked.decision
    decimals = texts.decimals_of((*prices_of(plan), ranked.last_price))
    base, quote, _kind = parse_symbol(plan.symbol)
    return PlanView(
        rank=str(ranked.rank),
        plan_id=plan.plan_id,
        tier=plan.confluence.tier.value,
        score=f"{plan.confluence.score:.1f}",
        symbol=plan.symbol,
        market=MARKET_WORDS[plan.market],
        direction=plan.direction,
        status=ranked.status,
        entry_near=texts.price_text(plan.entry_near, decimals),
        entry_far=texts.price_text(plan.entry_far, decimals),
        last=texts.price_text(ranked.last_price, decimals),
        distance=texts.signed_percent(ranked.distance_fraction),
        stop=texts.price_text(plan.stop_loss.price, decimals),
        stop_distance=texts.signed_percent(stop_fraction(plan)),
        targets=tuple(
            (
                texts.price_text(target.price, decimals),
                texts.multiple(target.r_multiple),
                texts.share(target.fraction),
            )
            for target in plan.targets
        ),
        risk_reward=texts.multiple(plan.risk_reward),
        size=f"{texts.size_text(decision.size)} {base}",
        notional=f"{texts.amount_text(decision.notional)} {quote}",
        margin=f"{texts.amount_text(decision.margin)} {quote}",
        leverage=f"{plain(decision.leverage)}x",
        risk=f"{texts.amount_text(decision.risk)} {currency}",
        risk_percent=texts.percent(decision.risk_fraction),
        valid_until=texts.minute(plan.valid_until),
    )


def prices_of(plan: TradePlan) -> tuple[Decimal, ...]:
    """Return the prices a plan trades at."""
    entries = (plan.entry_near, plan.entry_far, plan.stop_loss.price)
    return (*entries, *(target.price for target in plan.targets))


def stop_fraction(plan: TradePlan) -> Decimal:
    """Return the signed distance from the near edge to the stop as a fraction of the near edge."""
    return (plan.stop_loss.price - plan.entry_near) / plan.entry_near
