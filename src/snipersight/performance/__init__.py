"""What a run is worth: figures, their uncertainty, and a verdict. Pure functions of columns."""

from snipersight.performance.breakdown import Part, by_name, by_year, return_by_year
from snipersight.performance.comparison import (
    AgainstHolding,
    AgainstRandom,
    against_holding,
    against_random,
)
from snipersight.performance.costs import AtCosts, CostSensitivity, cost_sensitivity
from snipersight.performance.drawdowns import (
    Drawdown,
    deepest_drawdown,
    drawdown_by_day,
    drawdowns_of,
    longest_drawdown,
)
from snipersight.performance.intervals import (
    Interval,
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
from snipersight.performance.overfitting import Overfitting, measure_overfitting
from snipersight.performance.returns import daily_returns
from snipersight.performance.series import ClosedTrades, DailyEquity, pooled
from snipersight.performance.sharpe import (
    SharpeEstimate,
    deflated_sharpe,
    effective_trials,
    estimate_sharpe,
    expected_maximum_sharpe,
    minimum_track_record,
    probabilistic_sharpe,
)
from snipersight.performance.splits import (
    Fold,
    Window,
    combination_paths,
    judged_mask,
    purged_combinations,
    training_mask,
    walk_forward,
)
from snipersight.performance.trials import ONE_TRIAL, Trials, deflated_by, trials_of
from snipersight.performance.verdict import (
    Answer,
    Evidence,
    Finding,
    Reason,
    Rule,
    Verdict,
    reach_verdict,
)

__all__ = [
    "ONE_TRIAL",
    "AgainstHolding",
    "AgainstRandom",
    "Answer",
    "AtCosts",
    "ClosedTrades",
    "CostSensitivity",
    "DailyEquity",
    "Drawdown",
    "EquityMetrics",
    "Evidence",
    "Finding",
    "Fold",
    "Interval",
    "Overfitting",
    "Part",
    "Reason",
    "Rule",
    "SharpeEstimate",
    "TradeMetrics",
    "Trials",
    "Verdict",
    "Window",
    "against_holding",
    "against_random",
    "by_name",
    "by_year",
    "cagr_interval",
    "combination_paths",
    "cost_sensitivity",
    "daily_returns",
    "deepest_drawdown",
    "deflated_by",
    "deflated_sharpe",
    "drawdown_by_day",
    "drawdowns_of",
    "effective_trials",
    "estimate_sharpe",
    "expectancy_interval",
    "expected_maximum_sharpe",
    "judged_mask",
    "longest_drawdown",
    "measure_equity",
    "measure_overfitting",
    "measure_trades",
    "minimum_track_record",
    "pooled",
    "probabilistic_sharpe",
    "purged_combinations",
    "reach_verdict",
    "return_by_year",
    "sharpe_interval",
    "training_mask",
    "trials_of",
    "walk_forward",
]
