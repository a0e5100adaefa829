"""The words of a message about a plan, worked out before a template arranges them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.bot.notifications.wording.evidence import evidence_line
from snipersight.bot.notifications.wording.numbers import (
    PriceWords,
    money,
    reward,
    signed_multiple,
    signed_points,
)
from snipersight.bot.notifications.wording.told import Told
from snipersight.domain.channels import ChatRole
from snipersight.domain.confluence import Factor
from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import plain
from snipersight.domain.wording import measure, minute, percent, share, signed_percent, size_text

EMOJI: Final[Mapping[Direction, str]] = {Direction.LONG: "🟢", Direction.SHORT: "🔴"}
_AGAINST: Final = {Direction.LONG: "bearish", Direction.SHORT: "bullish"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetWords:
    """One exit: its place, price, R and the share of the position that it closes."""

    place: str
    price: str
    multiple: str
    share: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorWords:
    """One reason: a mark, the sentence and its points."""

    mark: str
    sentence: str
    points: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWords:
    """One failed check: its code, what was measured, the limit, and both in words."""

    code: str
    measured: str
    limit: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskWords:
    """What is at stake; empty texts are not shown.

    Args:
        percent, leverage: of an approval.
        amount, size, notional, margin: of an approval, in a private chat alone.
        reward: reward to risk, `1:2.13`.
    """

    reward: str
    percent: str = ""
    leverage: str = ""
    amount: str = ""
    size: str = ""
    notional: str = ""
    margin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalWords:
    """Everything the template of a signal inserts, as text.

    Args:
        is_refused: the gate said no.
        failed: why; empty in a public chat, which the account's limits do not concern.
        conflicts: what speaks against the trade; `reasons` holds the other factors.
        against: the word for structure that has turned.
    """

    emoji: str
    direction: str
    symbol: str
    score: str
    tier: str
    trade_type: str
    venue: str
    market: str
    timeframe: str
    regime: str
    is_practice: bool
    is_refused: bool
    failed: tuple[CheckWords, ...]
    aggressive: str
    conservative: str
    last: str
    distance: str
    stop: str
    stop_distance: str
    stop_rationale: str
    targets: tuple[TargetWords, ...]
    risk: RiskWords
    valid_until: str
    against: str
    reasons: tuple[FactorWords, ...]
    conflicts: tuple[FactorWords, ...]
    rationale: str
    evidence: str


def signal_words(told: Told, role: ChatRole) -> SignalWords:
    """Return the texts of a message about a plan.

    Args:
        told: its facts.
        role: who reads it; a public chat gets no amount of the account.
    """
    plan, words = told.plan, told.words
    factors = plan.confluence.factors
    return SignalWords(
        emoji=EMOJI[plan.direction],
        direction=plan.direction.value,
        symbol=told.symbol,
        score=f"{plan.confluence.score:.1f}",
        tier=plan.confluence.tier.value,
        trade_type=plan.trade_type.value.capitalize(),
        venue=plan.venue,
        market=plan.market.value,
        timeframe=plan.timeframe.name,
        regime=plan.regime.value,
        is_practice=told.is_practice,
        is_refused=told.refused is not None,
        failed=_failed(told, role),
        aggressive=words.zone(plan.entry_near, plan.entry_mid),
        conservative=words.zone(plan.entry_mid, plan.entry_far),
        last=words.price(told.last_price),
        distance=distance_words(plan, told.last_price),
        stop=words.price(plan.stop_loss.price),
        stop_distance=signed_percent((plan.stop_loss.price - plan.entry_near) / plan.entry_near),
        stop_rationale=plan.stop_loss.rationale,
        targets=_targets(plan, words),
        risk=risk_words(told, role),
        valid_until=f"{minute(plan.valid_until)} UTC",
        against=_AGAINST[plan.direction],
        reasons=_reasons(factors),
        conflicts=tuple(_factor("✗", factor) for factor in plan.confluence.conflicts),
        rationale=plan.rationale,
        evidence=evidence_line(told.signal.evidence if told.signal else ""),
    )


def risk_words(told: Told, role: ChatRole) -> RiskWords:
    """Return what is at stake, in a public chat without amounts."""
    ratio, approval = reward(told.plan.risk_reward), told.approved
    if approval is None:
        return RiskWords(reward=ratio)
    at_risk, leverage = percent(approval.risk_fraction), f"{plain(approval.leverage)}x"
    if role is not ChatRole.PRIVATE:
        return RiskWords(reward=ratio, percent=at_risk, leverage=leverage)
    return RiskWords(
        reward=ratio,
        percent=at_risk,
        leverage=leverage,
        amount=money(approval.risk, told.currency),
        size=f"{size_text(approval.size)} {told.base}",
        notional=money(approval.notional, told.quote),
        margin=money(approval.margin, told.quote),
    )


def distance_words(plan: TradePlan, last: Decimal) -> str:
    """Return where a price is: `in the zone`, `0.71 % above the zone`, `1.20 % below the zone`."""
    low, high = sorted((plan.entry_near, plan.entry_far))
    if low <= last <= high:
        return "in the zone"
    if last > high:
        return f"{percent((last - high) / last)} above the zone"
    return f"{percent((low - last) / last)} below the zone" if last > 0 else "below the zone"


def _targets(plan: TradePlan, words: PriceWords) -> tuple[TargetWords, ...]:
    return tuple(
        TargetWords(
            place=str(place),
            price=words.price(target.price),
            multiple=signed_multiple(target.r_multiple),
            share=share(target.fraction),
        )
        for place, target in enumerate(plan.targets, start=1)
    )


def _reasons(factors: tuple[Factor, ...]) -> tuple[FactorWords, ...]:
    """Return what speaks for the trade, then what adds nothing."""
    supporting = [_factor("✓", factor) for factor in factors if factor.contribution > 0]
    silent = [_factor("○", factor) for factor in factors if factor.contribution == 0]
    return (*supporting, *silent)


def _factor(mark: str, factor: Factor) -> FactorWords:
    points = signed_points(factor.contribution)
    return FactorWords(mark=mark, sentence=factor.sentence, points=points)


def _failed(told: Told, role: ChatRole) -> tuple[CheckWords, ...]:
    if told.refused is None or role is not ChatRole.PRIVATE:
        return ()
    return tuple(map(_check, told.refused.failed))


def _check(check: Check) -> CheckWords:
    return CheckWords(
        code=check.code,
        measured=measure(check.measured),
        limit=measure(check.limit),
        sentence=check.sentence,
    )
