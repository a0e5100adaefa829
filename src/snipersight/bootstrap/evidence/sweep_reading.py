"""What a sweep says, in sentences: the same for the terminal, the page and the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from snipersight.domain.wording import MINUS, counted, minute_of, percent, signed_percent
from snipersight.performance.trade_metrics import expectancy_r

if TYPE_CHECKING:
    from snipersight.bootstrap.evidence.sweep import Swept
    from snipersight.bootstrap.evidence.sweep_campaign import Trial

# Of a run, as they are kept; which of them a backtest made besides plays no part here.
FIGURES: Final = (
    "total_return",
    "cagr",
    "sharpe",
    "sortino",
    "calmar",
    "deepest_drawdown",
    "trades",
    "expectancy_r",
    "hit_rate",
    "profit_factor",
    "cost_bp",
)
YEAR_DAYS: Final = 365
_COIN: Final = 0.5  # the best of one half is then in the other as often above the middle as below


def title_of(swept: Swept) -> str:
    """Return what a sweep is about."""
    axes, made = swept.request.variants.space.axes, len(swept.made)
    name = swept.request.recorded.profile.name
    markets = counted(len(swept.judged.study.result.markets), "market")
    return f"Sweep of {name}: {counted(made, 'run')} over {counted(len(axes), 'parameter')} on {markets}"


def about(swept: Swept) -> tuple[str, ...]:
    """Return the lines below the title."""
    space, period = swept.request.variants.space, swept.period
    span = f"{minute_of(period.start_ms)} to {minute_of(period.end_ms)} UTC"
    whole = counted(len(space), "combination")
    tried = f"{swept.request.search.value} search, {len(swept.trials):,} of {whole}"
    lines = [f"{span}; {tried}", "net of fees, slippage and funding"]
    if swept.reused:
        lines.append(
            f"{counted(swept.reused, 'run')} had been made before and were taken as they are"
        )
    if swept.failed:
        lines.append(f"{counted(len(swept.failed), 'run')} failed and say nothing")
    return tuple(lines)


def answers(swept: Swept) -> tuple[tuple[str, str], ...]:
    """Return questions and sentences, the most important first."""
    return (
        ("Does the best one show an edge?", swept.judged.study.verdict.sentence),
        ("What did choosing bring on days it had not seen?", _walked(swept)),
        ("And in other orders of the days?", _histories(swept)),
        ("Is the best one best by luck?", _luck(swept)),
        (
            "Which one is it?",
            f"The one with {values_text(swept, swept.best)}: highest Sharpe ratio of all days",
        ),
    )


def values_text(swept: Swept, trial: Trial) -> str:
    """Return the values of a trial: `planner.min_rr=2, setup.valid_bars=24`."""
    return ", ".join(swept.request.variants.names(trial.choice))


def _walked(swept: Swept) -> str:
    folds = swept.judged.folds
    if not folds:
        return "The period is too short to choose by some of its days and judge by others."
    gain = float(np.prod([1 + one.test_return for one in folds])) - 1
    middle = float(np.prod([1 + one.middle_return for one in folds])) - 1
    average = expectancy_r(swept.judged.walked)
    traded = "no trade closed" if average is None else f"{average:+.2f}R a trade".replace("-", "−")
    beaten = float(np.mean([one.better for one in folds]))
    return (
        f"Chosen anew in each of {counted(len(folds), 'window')} by the days before: "
        f"{signed_percent(gain)} in all, {traded}; the middle run came to "
        f"{signed_percent(middle)}, and {percent(beaten, 0)} of the others were beaten"
    )


def _histories(swept: Swept) -> str:
    found = swept.judged.histories
    if found is None:
        return "That takes at least two runs, and days enough beside the longest trade."
    low, middle, high = (
        f"{value * YEAR_DAYS**0.5:.2f}".replace("-", MINUS)
        for value in np.quantile(found.sharpes, (0.0, 0.5, 1.0))
    )
    lost = "none of them lost" if not found.lost else f"{found.lost:,} of them lost"
    return (
        f"In {len(found.sharpes):,} histories put together from days that had not chosen, by "
        f"{found.ways:,} ways to choose, Sharpe ratios are {low} to {high}, {middle} in the middle; "
        f"{lost}; the longest trade, {counted(found.purge_days, 'day')}, reaches from none to another"
    )


def _luck(swept: Swept) -> str:
    luck = swept.judged.luck
    if luck is None:
        return "That takes at least two runs and eight days."
    found = (
        f"In {percent(luck.probability, 0)} of {luck.halves:,} ways to halve the days, the best of "
        "one half was no better than the middle one in the other"
    )
    if luck.probability >= _COIN:
        return f"{found}: choosing among these values says nothing; prefer what many of them share"
    return f"{found}, and in {percent(luck.loss_probability, 0)} it lost there"
