"""Where 95 % of resampled figures lie, for however few observations.

Percentiles, taken further out for few observations (Hesterberg 2015, expanded percentile interval:
plain ones are too narrow by what Student's t is wider than the normal distribution).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from snipersight.domain.evidence_columns import Numbers
from snipersight.performance.student_t import normal_tail, t_distance

_TAIL: Final = 0.025  # on each side


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a figure lies with 95 % confidence.

    Args:
        low, high: its ends; both finite, `low` at most `high`.
    """

    low: float
    high: float


def interval_of(resampled: Numbers, *, units: float) -> Interval | None:
    """Return where the middle 95 % of resampled figures lie.

    Args:
        resampled: one a history; NaN where a history has none.
        units: how many independent observations the figure rests on.

    Returns:
        None where no history has a figure, or one has no finite one.
    """
    known = resampled[~np.isnan(resampled)]
    if not len(known) or not np.isfinite(known).all():
        return None
    tail = expanded_tail(units)
    low, high = np.quantile(known, (tail, 1 - tail))
    return Interval(float(low), float(high))


def expanded_tail(units: float) -> float:
    """Return which share of resampled figures to leave out on each side, below 2.5 %.

    Args:
        units: how many independent observations the figure rests on; fewer than 2 count as 2.
    """
    count = max(units, 2.0)
    return normal_tail(math.sqrt(count / (count - 1)) * t_distance(_TAIL, count - 1))
