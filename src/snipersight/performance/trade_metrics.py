"""What the closed trades amount to: how often they pay, how much, and how much of the time."""

from __future__ import annotations

from typing import Final

import numpy as np

from snipersight.domain.evidence_columns import Integers
from snipersight.domain.timeframe import DAY_MS
from snipersight.performance.returns import YEAR_DAYS
from snipersight.performance.series import ClosedTrades, DailyEquity
from snipersight.performance.windows import Window

BASIS_POINTS: Final = 10_000


def profit_factor(trades: ClosedTrades) -> float | None:
    """Return what the winners brought over what the losers cost, both net; None without a loser."""
    lost = -float(trades.result[trades.result < 0].sum())
    won = float(trades.result[trades.result > 0].sum())
    return won / lost if lost > 0 else None


def expectancy_r(trades: ClosedTrades) -> float | None:
    """Return the average net result of a trade in R; None without a trade."""
    return float(trades.result_r.mean()) if len(trades) else None


def hit_rate(trades: ClosedTrades) -> float | None:
    """Return the share of trades with a net result above zero, 0 to 1; None without a trade."""
    return float((trades.result > 0).mean()) if len(trades) else None


def exposure(trades: ClosedTrades, period: Window) -> float:
    """Return the share of a period during which at least one trade was open, 0 to 1.

    Args:
        trades: what lies outside the period does not count.
        period: of the run.
    """
    order = np.argsort(trades.opened_ms, kind="stable")
    opened = np.clip(trades.opened_ms[order], period.start_ms, period.end_ms)
    closed = np.clip(trades.closed_ms[order], period.start_ms, period.end_ms)
    if not len(opened):
        return 0.0
    # What every earlier trade already covers is counted once.
    covered = np.maximum.accumulate(np.concatenate(([period.start_ms], closed[:-1])))
    held = np.maximum(0, closed - np.maximum(opened, covered))
    return float(held.sum()) / (period.end_ms - period.start_ms)


def turnover(trades: ClosedTrades, equity: DailyEquity) -> float | None:
    """Return how many times a year the average equity was traded, entries and exits counted.

    Returns:
        None where average equity is zero or less.
    """
    average = float(equity.marks.mean())
    years = equity.period.days / YEAR_DAYS
    return float(trades.traded.sum()) / average / years if average > 0 else None


def cost_bp(trades: ClosedTrades) -> float | None:
    """Return the costs in basis points of what was traded; None without a trade."""
    traded = float(trades.traded.sum())
    return float(trades.costs.sum()) / traded * BASIS_POINTS if traded > 0 else None


def trade_days(trades: ClosedTrades) -> Integers:
    """Return the different days (UTC) on which trades were opened, days since 1970, ascending."""
    return np.unique(trades.opened_ms // DAY_MS)
