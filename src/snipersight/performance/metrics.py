"""The figures of one run, from its daily marked equity and its closed trades."""

from __future__ import annotations

from dataclasses import dataclass

from snipersight.performance.drawdowns import Drawdown, deepest_drawdown, longest_drawdown
from snipersight.performance.returns import (
    annual_sharpe,
    annual_sortino,
    cagr,
    calmar,
    daily_returns,
    total_return,
)
from snipersight.performance.series import ClosedTrades, DailyEquity
from snipersight.performance.trade_metrics import (
    cost_bp,
    expectancy_r,
    exposure,
    hit_rate,
    profit_factor,
    trade_days,
    turnover,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityMetrics:
    """What daily equity says; None where a figure is not defined.

    Args:
        days: that have a return.
        total_return, cagr: fractions.
        sharpe, sortino, calmar: annualised, on 365 days.
        deepest, longest: drawdowns; None without any.
    """

    days: int
    total_return: float
    cagr: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    deepest: Drawdown | None
    longest: Drawdown | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeMetrics:
    """What closed trades say; None where a figure is not defined.

    Args:
        trades, days: how many, opened on how many days.
        result: sum, net of costs, account currency.
        expectancy_r: average net R.
        hit_rate: share with a net result above zero.
        profit_factor: what winners brought over what losers cost.
        exposure: share of the time with a position.
        turnover: times a year that average equity was traded.
        costs: paid in all, account currency.
        cost_bp: the same in basis points of what was traded.
    """

    trades: int
    days: int
    result: float
    expectancy_r: float | None
    hit_rate: float | None
    profit_factor: float | None
    exposure: float
    turnover: float | None
    costs: float
    cost_bp: float | None


def measure_equity(equity: DailyEquity) -> EquityMetrics:
    """Return the figures of daily equity, such as that of a run or of buying and holding."""
    returns = daily_returns(equity)
    return EquityMetrics(
        days=len(returns),
        total_return=total_return(equity),
        cagr=cagr(equity),
        sharpe=annual_sharpe(returns),
        sortino=annual_sortino(returns),
        calmar=calmar(equity),
        deepest=deepest_drawdown(equity),
        longest=longest_drawdown(equity),
    )


def measure_trades(trades: ClosedTrades, equity: DailyEquity) -> TradeMetrics:
    """Return the figures of the trades that a run closed.

    Args:
        trades: of the run.
        equity: of the run; it gives the period and the size of the account.
    """
    return TradeMetrics(
        trades=len(trades),
        days=len(trade_days(trades)),
        result=float(trades.result.sum()),
        expectancy_r=expectancy_r(trades),
        hit_rate=hit_rate(trades),
        profit_factor=profit_factor(trades),
        exposure=exposure(trades, equity.period),
        turnover=turnover(trades, equity),
        costs=float(trades.costs.sum()),
        cost_bp=cost_bp(trades),
    )
