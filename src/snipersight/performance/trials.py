"""How many times somebody tried before this result was chosen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from snipersight.domain.errors import DataInvalid
from snipersight.domain.evidence_columns import Numbers
from snipersight.performance.sharpe import SharpeEstimate, deflated_sharpe, estimate_sharpe


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trials:
    """The trials made on the way to a result, the chosen one among them.

    Args:
        count: how many were made, at least 1.
        sharpes: ratios per day of those whose ratio is known, at most `count`.

    Raises:
        DataInvalid: there are more ratios than trials, or one is not finite.
    """

    count: int
    sharpes: Numbers

    def __post_init__(self) -> None:
        if self.count < 1 or len(self.sharpes) > self.count:
            raise DataInvalid(f"{self.count} trials cannot have {len(self.sharpes)} Sharpe ratios")
        if not np.isfinite(self.sharpes).all():
            raise DataInvalid("the Sharpe ratio of a trial is not a finite number")

    def variance(self, observations: int) -> float:
        """Return the variance of their ratios.

        Args:
            observations: days of a trial. Where fewer than two ratios are known, the variance is
                that of ratios without an edge, `1 / (observations − 1)`.
        """
        if len(self.sharpes) < 2:
            return 1.0 / (observations - 1)
        return float(self.sharpes.var(ddof=1))


ONE_TRIAL = Trials(count=1, sharpes=np.zeros(0))


def trials_of(returns: Numbers) -> Trials:
    """Return the trials of a sweep; one that never varied has a ratio of 0.

    Args:
        returns: one row a trial, at least one; one column a day.
    """
    estimates = [estimate_sharpe(row) for row in returns]
    sharpes = [0.0 if one is None else one.sharpe for one in estimates]
    return Trials(count=len(sharpes), sharpes=np.array(sharpes, dtype=np.float64))


def deflated_by(trials: Trials, estimate: SharpeEstimate) -> float:
    """Return the deflated Sharpe ratio of the chosen trial, 0 to 1."""
    variance = trials.variance(estimate.observations)
    return deflated_sharpe(estimate, variance=variance, trials=trials.count)
