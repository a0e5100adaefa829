"""A backtest with everything that tells whether its result means anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from snipersight.domain.evidence import OutcomeStatus
from snipersight.domain.evidence_columns import Names
from snipersight.engine.backtesting.holding import holding_equity
from snipersight.engine.backtesting.marking import Closes
from snipersight.engine.backtesting.measuring import closed_trades, equity_of
from snipersight.engine.backtesting.results import BacktestResult
from snipersight.performance.breakdown import Part, by_name, by_year
from snipersight.performance.comparison import (
    AgainstHolding,
    AgainstRandom,
    against_holding,
    against_random,
)
from snipersight.performance.costs import CostSensitivity, cost_sensitivity
from snipersight.performance.intervals import (
    cagr_interval,
    expectancy_interval,
    sharpe_interval,
)
from snipersight.performance.metrics import (
    EquityMetrics,
    TradeMetrics,
    measure_equity,
    measure_trades,
)
from snipersight.performance.percentiles import Interval
from snipersight.performance.series import ClosedTrades, DailyEquity
from snipersight.performance.trials import ONE_TRIAL, Trials
from snipersight.performance.verdict import Evidence, Verdict, reach_verdict

NO_RUNS: Final[npt.NDArray[np.float64]] = np.zeros(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """Where figures lie with 95 % confidence, resampled by days; None: too little to say."""

    sharpe: Interval | None
    cagr: Interval | None
    expectancy_r: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What a backtest shows.

    Args:
        result: the backtest.
        equity: its figures day by day.
        trades: those of its closed trades.
        ranges: where some of them lie.
        holding: beside buying and holding all markets; None where that is not defined.
        random: beside random entries; None where there were no such runs.
        random_expectancies: average net R of each of them.
        costs: what other costs would have left; None without a closed trade.
        years, regimes: the same by when and in which regime a trade was decided.
        trials: made on the way to it.
        out_of_sample: closed trades of days that nothing was chosen by.
        verdict: edge shown, not shown, or too little data.
    """

    result: BacktestResult
    equity: EquityMetrics
    trades: TradeMetrics
    ranges: Ranges
    holding: AgainstHolding | None
    random: AgainstRandom | None
    random_expectancies: npt.NDArray[np.float64]
    costs: CostSensitivity | None
    years: tuple[Part, ...]
    regimes: tuple[Part, ...]
    trials: Trials
    out_of_sample: int
    verdict: Verdict


def studied(
    result: BacktestResult,
    closes: Closes,
    *,
    out_of_sample: ClosedTrades,
    random_expectancies: npt.NDArray[np.float64] = NO_RUNS,
    trials: Trials = ONE_TRIAL,
) -> Study:
    """Return what a backtest shows.

    Args:
        result: the backtest.
        closes: of its markets.
        out_of_sample: trades of days that nothing was chosen by, its own or those of a walk.
        random_expectancies: average net R of each run with random entries.
        trials: every run that was made on these candles, this one among them.
    """
    equity, trades = equity_of(result), closed_trades(result)
    held, measured = holding_equity(result, closes), measure_trades(trades, equity)
    return Study(
        result=result,
        equity=measure_equity(equity),
        trades=measured,
        ranges=_ranges(equity, trades),
        holding=None if held is None else against_holding(equity, held),
        random=_random(measured, random_expectancies),
        random_expectancies=random_expectancies,
        costs=cost_sensitivity(trades) if len(trades) else None,
        years=by_year(trades, equity.period),
        regimes=by_name(trades, _regimes(result), equity.period),
        trials=trials,
        out_of_sample=len(out_of_sample),
        verdict=reach_verdict(
            Evidence(
                equity=equity,
                trades=trades,
                trials=trials,
                random_expectancies=random_expectancies,
                out_of_sample=out_of_sample,
            )
        ),
    )


def _ranges(equity: DailyEquity, trades: ClosedTrades) -> Ranges:
    return Ranges(
        sharpe=sharpe_interval(equity),
        cagr=cagr_interval(equity),
        expectancy_r=expectancy_interval(trades, equity.period),
    )


def _random(trades: TradeMetrics, runs: npt.NDArray[np.float64]) -> AgainstRandom | None:
    if trades.expectancy_r is None or not len(runs):
        return None
    return against_random(trades.expectancy_r, runs)


def _regimes(result: BacktestResult) -> Names:
    """Return the regime of each closed trade's decision, in the order of `closed_trades`."""
    closed = (one for one in result.trades if one.outcome.status is OutcomeStatus.CLOSED)
    return Names.of(one.plan.regime.value for one in closed)
