"""How far a figure can be from what was measured: 95 % intervals by the stationary bootstrap."""

from __future__ import annotations

import math

import numpy as np

from snipersight.domain.evidence_columns import Numbers
from snipersight.domain.timeframe import DAY_MS
from snipersight.performance.percentiles import Interval, interval_of
from snipersight.performance.returns import LEAST_SPREAD, YEAR_DAYS, daily_returns
from snipersight.performance.series import ClosedTrades, DailyEquity
from snipersight.performance.stationary import optimal_block_length, resampled_sums
from snipersight.performance.windows import Window


def sharpe_interval(equity: DailyEquity) -> Interval | None:
    """Return the interval of the annualised Sharpe ratio; None where there is no ratio."""
    returns = daily_returns(equity)
    if len(returns) < 2 or float(returns.std()) <= LEAST_SPREAD:
        return None
    length = block_length_of(returns)
    days = len(returns)
    average = float(returns.mean())
    centred = returns - average
    totals = resampled_sums(np.column_stack((centred, centred**2)), block_length=length) / days
    spread = np.sqrt(np.maximum(0.0, totals[:, 1] - totals[:, 0] ** 2) * days / (days - 1))
    means = average + totals[:, 0]
    ratios = np.divide(means, spread, out=np.full_like(means, np.nan), where=spread > LEAST_SPREAD)
    return interval_of(ratios * math.sqrt(YEAR_DAYS), units=days / length)


def cagr_interval(equity: DailyEquity) -> Interval | None:
    """Return the interval of the compound annual growth rate.

    Returns:
        None for fewer than two days, after ruin, and where a year's growth knows no number.
    """
    returns = daily_returns(equity)
    if len(returns) < 2 or float(returns.min()) <= -1.0:
        return None
    growth = np.log1p(returns)
    length = block_length_of(growth)
    totals = resampled_sums(growth[:, None], block_length=length)[:, 0]
    with np.errstate(over="ignore"):
        rates = np.expm1(totals * YEAR_DAYS / len(growth))
    return interval_of(rates, units=len(growth) / length)


def expectancy_interval(
    trades: ClosedTrades, period: Window, *, block_length: int | None = None
) -> Interval | None:
    """Return the interval of the average net R of a trade.

    Days of the period are drawn, each with all the trades that opened on it: trades of one day
    move together, and so do those of days that follow one another.

    Args:
        trades: those opened outside the period do not count.
        period: of the run; days without a trade are part of it.
        block_length: mean length of a block, days; None: the best for these trades.

    Returns:
        None with trades on fewer than two days.
    """
    by_day = results_by_day(trades, period)
    traded_days = int((by_day[:, 1] > 0).sum())
    if traded_days < 2:
        return None
    length = block_length or expectancy_block_length(by_day)
    totals = resampled_sums(by_day, block_length=length)
    has_trades = totals[:, 1] > 0
    averages = totals[has_trades, 0] / totals[has_trades, 1]
    return interval_of(averages, units=traded_days / length)


def results_by_day(trades: ClosedTrades, period: Window) -> Numbers:
    """Return net R and number of the trades that opened on each day of a period, a row a day."""
    first = period.start_ms // DAY_MS
    days = -(-period.end_ms // DAY_MS) - first
    day = trades.opened_ms // DAY_MS - first
    within = (day >= 0) & (day < days)
    total = np.bincount(day[within], weights=trades.result_r[within], minlength=days)
    count = np.bincount(day[within], minlength=days)
    return np.column_stack((total, count)).astype(np.float64)


def expectancy_block_length(by_day: Numbers) -> int:
    """Return the best mean block length for an average of results, days.

    Args:
        by_day: net R and number of trades, a row a day, at least one trade.
    """
    # What each day adds to the error of the average: its results less what as many would bring.
    average = by_day[:, 0].sum() / by_day[:, 1].sum()
    return block_length_of(by_day[:, 0] - average * by_day[:, 1])


def block_length_of(values: Numbers) -> int:
    """Return the best mean block length of a daily series in whole days, rounded up."""
    return math.ceil(optimal_block_length(values))
