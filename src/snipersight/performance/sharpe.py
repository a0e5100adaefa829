"""What a Sharpe ratio is worth: chance, length of the record, and the best of many trials.

Ratios here are per observation (a day), not annualised, and kurtosis is 3 for a normal distribution.
Sources: Bailey & López de Prado, "The Sharpe Ratio Efficient Frontier" (2012), and "The Deflated
Sharpe Ratio" (2014), whose numbers the tests reproduce.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from snipersight.domain.errors import DataInvalid
from snipersight.domain.evidence_columns import Numbers
from snipersight.performance.returns import LEAST_SPREAD, YEAR_DAYS

CONFIDENCE: Final = 0.95
_NORMAL: Final = NormalDist()
_EULER_MASCHERONI: Final = 0.5772156649015329


@dataclass(frozen=True, slots=True, kw_only=True)
class SharpeEstimate:
    """A Sharpe ratio with what its error depends on.

    Args:
        sharpe: mean over deviation of returns, per observation.
        observations: how many returns, at least 2.
        skew, kurtosis: of the returns; kurtosis is at least 1 + skew².

    Raises:
        DataInvalid: a number is not finite, or no returns have such moments.
    """

    sharpe: float
    observations: int
    skew: float = 0.0
    kurtosis: float = 3.0

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.sharpe, self.skew, self.kurtosis))):
            raise DataInvalid("a Sharpe ratio or its moments are not finite numbers")
        if self.observations < 2:
            raise DataInvalid(f"a Sharpe ratio of {self.observations} observations does not exist")
        if self.kurtosis < (1 + self.skew**2) * (1 - 1e-9):
            raise DataInvalid(f"no returns have skew {self.skew} and kurtosis {self.kurtosis}")

    @property
    def annual(self) -> float:
        """Return the ratio times √365, for daily observations."""
        return self.sharpe * math.sqrt(YEAR_DAYS)

    @property
    def error(self) -> float:
        """Return the standard error of the ratio (Mertens 2002), at least 0."""
        return math.sqrt(_spread(self) / (self.observations - 1))


def estimate_sharpe(returns: Numbers) -> SharpeEstimate | None:
    """Return the Sharpe ratio of returns; None for fewer than two, or ones that do not differ."""
    if len(returns) < 2 or float(returns.std(ddof=1)) <= LEAST_SPREAD:
        return None
    centred = returns - returns.mean()
    variance = float((centred**2).mean())
    return SharpeEstimate(
        sharpe=float(returns.mean()) / float(returns.std(ddof=1)),
        observations=len(returns),
        skew=float((centred**3).mean()) / variance**1.5,
        kurtosis=float((centred**4).mean()) / variance**2,
    )


def probabilistic_sharpe(estimate: SharpeEstimate, benchmark: float = 0.0) -> float:
    """Return with which confidence the true ratio is above a benchmark, 0 to 1.

    Args:
        estimate: what was measured.
        benchmark: ratio per observation.
    """
    excess = estimate.sharpe - benchmark
    if estimate.error == 0:
        return 0.5 if excess == 0 else float(excess > 0)
    return _NORMAL.cdf(excess / estimate.error)


def minimum_track_record(
    estimate: SharpeEstimate, benchmark: float = 0.0, *, confidence: float = CONFIDENCE
) -> float | None:
    """Return how many observations of this kind it takes to tell a ratio from a benchmark.

    Args:
        estimate: what was measured; how many observations it rests on plays no part.
        benchmark: ratio per observation.
        confidence: above 0.5 and below 1.

    Returns:
        None where the ratio is not above the benchmark: no number of them would do.
    """
    excess = estimate.sharpe - benchmark
    if excess <= 0:
        return None
    reach: float = _NORMAL.inv_cdf(confidence) / excess
    return 1.0 + _spread(estimate) * reach * reach


def expected_maximum_sharpe(variance: float, trials: float) -> float:
    """Return the highest ratio to be expected of trials none of which has an edge, per observation.

    Args:
        variance: of the ratios of the trials, at least 0.
        trials: how many independent ones, at least 1; one gives 0.

    Raises:
        DataInvalid: one of them is out of bounds.
    """
    if not (variance >= 0 and math.isfinite(variance) and trials >= 1):
        raise DataInvalid(f"{trials} trials with a variance of {variance} cannot be")
    # By extreme value theory; just above one trial the approximation would fall below zero.
    rarity, rarer = 1 - 1 / trials, 1 - 1 / (trials * math.e)
    if rarity <= 0:
        return 0.0
    expected = (1 - _EULER_MASCHERONI) * _NORMAL.inv_cdf(rarity)
    expected += _EULER_MASCHERONI * _NORMAL.inv_cdf(rarer)
    return math.sqrt(variance) * max(0.0, expected)


def deflated_sharpe(estimate: SharpeEstimate, *, variance: float, trials: float) -> float:
    """Return with which confidence a ratio is above the best that trials without an edge give.

    Args:
        estimate: of the trial that was chosen.
        variance: of the ratios of all trials, per observation.
        trials: how many were made.

    Raises:
        DataInvalid: `variance` or `trials` is out of bounds.
    """
    return probabilistic_sharpe(estimate, expected_maximum_sharpe(variance, trials))


def effective_trials(returns: Numbers) -> float:
    """Return how many independent trials correlated ones amount to, 1 to their number.

    `ρ + (1 − ρ) N` with the average correlation ρ (Bailey & López de Prado 2014), from 0 to 1.

    Args:
        returns: one row a trial, one column a day. Trials that never vary correlate with none.
    """
    count, days = returns.shape
    if count < 2 or days < 2:
        return float(max(count, 1))
    centred = returns - returns.mean(axis=1, keepdims=True)
    norm = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    unit = np.divide(centred, norm, out=np.zeros_like(centred), where=norm > LEAST_SPREAD)
    pairs = float((unit.sum(axis=0) ** 2).sum()) - float((unit**2).sum())
    correlation = min(1.0, max(0.0, pairs / (count * (count - 1))))
    return float(correlation + (1 - correlation) * count)


def _spread(estimate: SharpeEstimate) -> float:
    sharpe = estimate.sharpe
    spread = 1 - estimate.skew * sharpe + (estimate.kurtosis - 1) / 4 * sharpe**2
    return max(0.0, spread)  # it is none below zero but for rounding
