"""How far losses and budgets are from their limits, for whoever shows them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from snipersight.domain.standing import EquityMarks
from snipersight.engine.usage import Used, usage
from snipersight.risk.breakers.equity_marks import equity_of, losses, marked_equity, revalued
from snipersight.risk.manager import RiskStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One loss against its limit, both as fractions."""

    name: str
    now: Decimal
    limit: Decimal


def losses_of(status: RiskStatus) -> tuple[Loss, ...]:
    """Return today's and this week's loss and the drawdown, as of now."""
    policy, marks = status.policy, _marks_now(status)
    now = None if marks is None else losses(marks)
    zero = Decimal(0)
    return (
        Loss(name="today", now=now.daily if now else zero, limit=policy.max_daily_loss),
        Loss(name="this week", now=now.weekly if now else zero, limit=policy.max_weekly_loss),
        Loss(name="from the high", now=now.drawdown if now else zero, limit=policy.max_drawdown),
    )


def usage_of(status: RiskStatus) -> tuple[Used, ...]:
    """Return how much of each limit is taken, of the equity known last."""
    return usage(status.entries, equity=marked_equity(status.standing), policy=status.policy)


def _marks_now(status: RiskStatus) -> EquityMarks | None:
    """Return the marks as they are now: a new day or week begins with the last value known."""
    marks = status.standing.marks
    if marks is None:
        return None
    return revalued(marks, equity=equity_of(marks), at_us=status.at_us)
