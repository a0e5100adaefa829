"""Daily returns, and what they amount to in a year.

Crypto markets trade every day: a year is 365 of them. The rate of a riskless investment is taken
as zero. Whatever is not defined for the returns at hand is None, never infinite.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from snipersight.domain.evidence_columns import Numbers
from snipersight.performance.drawdowns import deepest_drawdown
from snipersight.performance.series import DailyEquity

YEAR_DAYS: Final = 365
LEAST_SPREAD: Final = 1e-12  # what floats leave of returns that are all the same


def daily_returns(equity: DailyEquity) -> Numbers:
    """Return the simple return of each day, a fraction of the mark before.

    The day of ruin returns −1 and is the last.
    """
    marks = _until_ruin(equity)
    return np.asarray(marks[1:] / marks[:-1] - 1.0, dtype=np.float64)


def total_return(equity: DailyEquity) -> float:
    """Return by what fraction equity grew from its opening to its last mark; −1 is ruin."""
    marks = _until_ruin(equity)
    return float(marks[-1] / marks[0]) - 1.0


def cagr(equity: DailyEquity) -> float | None:
    """Return the compound annual growth rate, a fraction; −1 after ruin.

    `(last / opening) ** (365 / days) − 1`. Less than a year is extrapolated to one, which says
    little about a short run; None without a day, and where the extrapolation knows no number.
    """
    days = len(equity.marks) - 1
    growth = total_return(equity) + 1.0
    if days < 1:
        return None
    return annual_growth(math.log(growth), days) if growth > 0 else -1.0


def annual_growth(log_growth: float, days: int) -> float | None:
    """Return the growth of a year from the logarithm of the growth of some days."""
    try:
        return math.expm1(log_growth * YEAR_DAYS / days)
    except OverflowError:
        return None


def annual_sharpe(returns: Numbers) -> float | None:
    """Return the annualised Sharpe ratio (Sharpe 1994): mean over deviation, times √365.

    Args:
        returns: of days. The deviation is the sample's (n − 1).

    Returns:
        None for fewer than two days, or returns that do not differ.
    """
    if len(returns) < 2:
        return None
    deviation = float(returns.std(ddof=1))
    if deviation <= LEAST_SPREAD:
        return None
    return float(returns.mean()) / deviation * math.sqrt(YEAR_DAYS)


def annual_sortino(returns: Numbers) -> float | None:
    """Return the annualised Sortino ratio (Sortino & Price 1994) with a target of zero.

    Mean over downside deviation, times √365; the downside is the root mean square of what lies
    below zero over all days, those above it counting as zero.

    Returns:
        None for fewer than two days, or no day below zero.
    """
    if len(returns) < 2:
        return None
    downside = math.sqrt(float((np.minimum(returns, 0.0) ** 2).mean()))
    if downside <= LEAST_SPREAD:
        return None
    return float(returns.mean()) / downside * math.sqrt(YEAR_DAYS)


def calmar(equity: DailyEquity) -> float | None:
    """Return the Calmar ratio (Young 1991): annual growth over the depth of the worst drawdown.

    It is taken over the whole period, whatever its length.

    Returns:
        None without a drawdown, or where growth is None.
    """
    growth, worst = cagr(equity), deepest_drawdown(equity)
    if growth is None or worst is None:
        return None
    return growth / worst.depth


def _until_ruin(equity: DailyEquity) -> Numbers:
    """Return the marks up to the first at zero or less, which counts as zero."""
    marks = equity.marks
    ruined = np.flatnonzero(marks <= 0)
    if not len(ruined):
        return marks
    return np.append(marks[: ruined[0]], 0.0)
