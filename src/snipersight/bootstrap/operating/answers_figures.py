"""Figures that the bot tells: losses and budget, and what signals have been worth."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.operating.answers_worth import worth_sentences
from snipersight.bot.operator.facts import NO_STATS, BudgetFacts, LossFacts, RiskFacts, StatsFacts
from snipersight.domain.evidence import EvidenceFilter, Origin
from snipersight.engine.usage import usage
from snipersight.risk.breakers.equity_marks import equity_of, losses, marked_equity, revalued
from snipersight.risk.manager import RiskStatus

if TYPE_CHECKING:
    from snipersight.domain.evidence import EvidenceStore

_ADJECTIVES: Final = {
    Origin.LIVE: "live",
    Origin.PRACTICE: "practice",
    Origin.REPLAY: "replayed",
}
_BECAME: Final = {
    "closed": "closed",
    "open": "open",
    "waiting": "waiting",
    "missed": "missed",
    "invalidated": "void",
    "expired": "expired",
    "unknown": "unknown",
}
_ZERO: Final = Decimal(0)


def risk_facts(status: RiskStatus) -> RiskFacts:
    """Return losses and budget of a status, as of its moment."""
    rows = usage(status.entries, equity=marked_equity(status.standing), policy=status.policy)
    budgets = (
        BudgetFacts(name=one.of, amount=one.amount, limit=one.limit, is_count=one.is_count)
        for one in rows
    )
    return RiskFacts(status=status, losses=tuple(_losses(status)), budgets=tuple(budgets))


def stats_facts(evidence: EvidenceStore | None) -> StatsFacts:
    """Return what signals have been worth; those of one origin, live ones before others.

    Raises:
        StateUnavailable: the evidence cannot be read.
    """
    from snipersight.bootstrap.findings import find

    if evidence is None:
        return NO_STATS
    findings = find(evidence, EvidenceFilter())
    count = len(findings.table)
    if not count:
        return NO_STATS
    origin, rate = findings.wanted.origin, findings.view.hit_rate()
    became = ((name, getattr(rate, field)) for field, name in _BECAME.items())
    return StatsFacts(
        signals=rate.signals,
        refused=count - rate.signals,
        origin="" if origin is None else _ADJECTIVES[origin],
        became=tuple((name, number) for name, number in became if number),
        sentences=tuple(worth_sentences(findings.view)),
    )


def _losses(status: RiskStatus) -> Iterator[LossFacts]:
    policy, marks = status.policy, status.standing.marks
    # A new day or week begins with the last value that is known.
    now = (
        None
        if marks is None
        else losses(revalued(marks, equity=equity_of(marks), at_us=status.at_us))
    )
    daily, weekly, drawdown = (
        (_ZERO, _ZERO, _ZERO) if now is None else (now.daily, now.weekly, now.drawdown)
    )
    yield LossFacts(name="today", now=daily, limit=policy.max_daily_loss)
    yield LossFacts(name="this week", now=weekly, limit=policy.max_weekly_loss)
    yield LossFacts(name="from the high", now=drawdown, limit=policy.max_drawdown)
