"""Whether a run did better than doing nothing clever: holding, or entering at random."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from snipersight.domain.errors import DataInvalid
from snipersight.domain.evidence_columns import Numbers
from snipersight.performance.metrics import EquityMetrics, measure_equity
from snipersight.performance.returns import LEAST_SPREAD, YEAR_DAYS, daily_returns
from snipersight.performance.series import DailyEquity

# The deviation of a p-value that rests on 50 is a seventh of it.
_LEAST_AS_GOOD: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainstHolding:
    """A run beside buying on the first day and holding.

    Args:
        run, holding: figures of both over the same days.
        excess_return: total return of the run less that of holding, a fraction.
        information_ratio: mean over deviation of the daily differences, times √365; None where
            they do not differ.
        beta: how much of a day's return of holding the run takes part in; None where holding
            never moves.
        correlation: of daily returns; None where either never moves.
    """

    run: EquityMetrics
    holding: EquityMetrics
    excess_return: float
    information_ratio: float | None
    beta: float | None
    correlation: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainstRandom:
    """A run's figure among those of runs that enter at random under the same management.

    Args:
        measured: of the run.
        runs: how many random ones there are.
        at_least_as_good: of these, how many reach it.
        p_value: how likely a random run is to be that good, `(1 + at_least_as_good) / (1 + runs)`
            (Davison & Hinkley 1997, §4.2): never 0, and 1 without a random run.
        median: of the random runs; None without any.
    """

    measured: float
    runs: int
    at_least_as_good: int
    p_value: float
    median: float | None


def against_holding(run: DailyEquity, holding: DailyEquity) -> AgainstHolding:
    """Return a run beside buying and holding.

    Args:
        run: equity of the run.
        holding: value of what was bought on the first day, marked on the same days.

    Raises:
        DataInvalid: the two do not speak of the same days.
    """
    if not np.array_equal(run.mark_days, holding.mark_days):
        raise DataInvalid("the run and the holding to compare it with are not of the same days")
    ours, theirs = _same_length(daily_returns(run), daily_returns(holding))
    one, other = measure_equity(run), measure_equity(holding)
    return AgainstHolding(
        run=one,
        holding=other,
        excess_return=one.total_return - other.total_return,
        information_ratio=_information_ratio(ours - theirs),
        beta=_beta(ours, theirs),
        correlation=_correlation(ours, theirs),
    )


def against_random(measured: float, random_runs: Numbers) -> AgainstRandom:
    """Return how a run's figure ranks among those of random entries; higher is better.

    Args:
        measured: of the run, such as its expectancy in R.
        random_runs: the same figure of each random run; one that made no trade has 0.

    Raises:
        DataInvalid: a figure is not finite.
    """
    if not (math.isfinite(measured) and np.isfinite(random_runs).all()):
        raise DataInvalid("a result to be compared with random entries is not a finite number")
    reached = int((random_runs >= measured).sum())
    return AgainstRandom(
        measured=measured,
        runs=len(random_runs),
        at_least_as_good=reached,
        p_value=(1 + reached) / (1 + len(random_runs)),
        median=float(np.median(random_runs)) if len(random_runs) else None,
    )


def as_good_to_settle(runs: int, most_p_value: float) -> int:
    """Return how many random runs have to do as well before the others need not be made.

    By then the p-value of all of them lies above the limit whatever the others give, so that what
    is concluded is what all would conclude (a curtailed test), and the p-value of those that were
    made is that of a sequential Monte Carlo test (Besag & Clifford 1991, Biometrika 78).

    Args:
        runs: how many there would be.
        most_p_value: the limit, from 0 to 1.
    """
    return max(_LEAST_AS_GOOD, math.floor(most_p_value * (1 + runs)))


def settled_at(measured: float, random_runs: Numbers, as_good: int) -> int | None:
    """Return after how many random runs so many have done as well; None: they have not yet.

    Args:
        measured: of the run that they are compared with.
        random_runs: the same figure of each, in the order of their seeds.
        as_good: how many, at least 1.
    """
    reached = np.flatnonzero(random_runs >= measured)
    return int(reached[as_good - 1]) + 1 if len(reached) >= as_good else None


def _same_length(ours: Numbers, theirs: Numbers) -> tuple[Numbers, Numbers]:
    """Return both up to the day on which either was ruined."""
    length = min(len(ours), len(theirs))
    return ours[:length], theirs[:length]


def _information_ratio(differences: Numbers) -> float | None:
    if len(differences) < 2 or float(differences.std(ddof=1)) <= LEAST_SPREAD:
        return None
    return float(differences.mean() / differences.std(ddof=1)) * math.sqrt(YEAR_DAYS)


def _beta(ours: Numbers, theirs: Numbers) -> float | None:
    if len(theirs) < 2 or float(theirs.std()) <= LEAST_SPREAD:
        return None
    moves = theirs - theirs.mean()
    return float((moves @ ours) / (moves @ moves))


def _correlation(ours: Numbers, theirs: Numbers) -> float | None:
    beta = _beta(ours, theirs)
    if beta is None or float(ours.std()) <= LEAST_SPREAD:
        return None
    return beta * float(theirs.std()) / float(ours.std())
