"""A backtest's result as the columns that performance is measured on."""

from __future__ import annotations

import numpy as np

from snipersight.domain.evidence import OutcomeStatus
from snipersight.domain.evidence_columns import Names
from snipersight.engine.backtesting.results import BacktestResult, BacktestTrade
from snipersight.performance.series import ClosedTrades, DailyEquity


def equity_of(result: BacktestResult) -> DailyEquity:
    """Return the account day by day, from its starting balance on."""
    daily = result.daily
    return DailyEquity(
        days=daily.days_ms, equity=daily.equity, opening=float(result.starting_balance)
    )


def closed_trades(result: BacktestResult) -> ClosedTrades:
    """Return the trades that were entered and closed, oldest approval first.

    Results and costs are in account currency; what one R was is the risk that was approved.
    """
    trades = [one for one in result.trades if one.outcome.status is OutcomeStatus.CLOSED]
    return ClosedTrades(
        result=np.array([float(one.result) for one in trades]),
        risk=np.array([float(one.risk) for one in trades]),
        costs=np.array([_costs(one) for one in trades]),
        traded=np.array([_traded(one) for one in trades]),
        opened_ms=np.array([one.outcome.entered_ms for one in trades], dtype=np.int64),
        closed_ms=np.array([one.outcome.ended_ms for one in trades], dtype=np.int64),
        symbol=Names.of(str(one.plan.symbol) for one in trades),
    )


def _scale(trade: BacktestTrade) -> float:
    return float(trade.staged.whole) * float(trade.entry.quote_rate)


def _costs(trade: BacktestTrade) -> float:
    return _scale(trade) * sum(one.fees + one.slippage + one.funding for one in trade.steps)


def _traded(trade: BacktestTrade) -> float:
    return _scale(trade) * sum(one.entry_value + one.proceeds for one in trade.steps)
