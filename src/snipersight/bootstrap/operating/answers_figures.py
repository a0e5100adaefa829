"""Figures that the bot tells: losses and budget, and what signals have been worth."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from snipersight.bot.operator.facts import BudgetFacts, LossFacts, RiskFacts, StatsFacts
from snipersight.domain.evidence import EvidenceFilter, Origin
from snipersight.engine.usage import usage
from snipersight.risk.breakers.equity_marks import equity_of, losses, marked_equity, revalued
from snipersight.risk.manager import RiskStatus

if TYPE_CHECKING:
    from snipersight.bootstrap.findings import Findings
    from snipersight.domain.evidence import EvidenceStore

_ADJECTIVES: Final = {
    Origin.LIVE: "live",
    Origin.PRACTICE: "practice",
    Origin.REPLAY: "replayed",
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
        return StatsFacts(signals=0, origin="", sentences=())
    findings = find(evidence, EvidenceFilter())
    count = len(findings.table)
    if not count:
        return StatsFacts(signals=0, origin="", sentences=())
    origin = findings.wanted.origin
    return StatsFacts(
        signals=count,
        origin="" if origin is None else _ADJECTIVES[origin],
        sentences=tuple(one for one in _sentences(findings) if one),
    )


def _sentences(findings: Findings) -> Iterator[str]:
    view = findings.view
    yield view.expectancy().sentence
    yield view.hit_rate().sentence
    yield view.tier_comparison().sentence
    yield view.calibration.sentence
    yield from (alarm.sentence for alarm in view.alarms())
    yield from (drift.sentence for drift in view.drifts() if drift.is_drift)


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
