"""What choosing brings in many orders of the days: purged combinatorial cross-validation.

The days are cut into parts; every two of them are once what is judged, and the others, less some days
beside each that is judged, are what the best run is chosen by. What was judged is put together to
whole histories, each day of which was chosen by other days (López de Prado, "Advances in Financial
Machine Learning", 2018, chapter 12). A walk forward is one history; these are nine.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.evidence_columns import Integers, Numbers
from snipersight.domain.timeframe import DAY_MS
from snipersight.engine.sweeping.choosing import days_within, sharpes
from snipersight.performance.series import ClosedTrades
from snipersight.performance.splits import (
    combination_paths,
    day_groups,
    purged_combinations,
)
from snipersight.performance.windows import Window

GROUPS: Final = 10
JUDGED: Final = 2  # groups at a time: 45 ways, each group in nine of them
_LEAST_DAYS: Final = 2  # of a group


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Histories:
    """What choosing brought in each of some whole histories.

    Args:
        sharpes: ratio a day of each.
        gains: what an account would have gained over all days, a fraction.
        ways: how often was chosen.
        purge_days: left out of what is chosen by, on both sides of what is judged.
    """

    sharpes: Numbers
    gains: Numbers
    ways: int
    purge_days: int

    @property
    def lost(self) -> int:
        """Return how many histories lost."""
        return int((self.gains < 0).sum())


def histories_of(returns: Numbers, days: Integers, *, purge_days: int) -> Histories | None:
    """Return what the best run by the other days brought, in each history.

    Args:
        returns: one row a run, one column a day.
        days: start of each day, milliseconds UTC, none missing.
        purge_days: as long as a trade lasts, so that none reaches from one side to the other.

    Returns:
        None for fewer than two runs, fewer than two days a part, or where so many days are left out
        that some choice has none to choose by.
    """
    if len(returns) < 2 or len(days) < GROUPS * _LEAST_DAYS:
        return None
    period = Window(int(days[0]), int(days[-1]) + DAY_MS)
    try:
        folds = purged_combinations(
            period, groups=GROUPS, test_groups=JUDGED, purge_ms=purge_days * DAY_MS
        )
    except ConfigInvalid:  # nothing is left to choose by
        return None
    parts = [days_within(days, (one,)) for one in day_groups(period, GROUPS)]
    paths = combination_paths(GROUPS, JUDGED)
    found = np.zeros((int(paths.max()) + 1, len(days)))
    for fold, groups, row in zip(folds, combinations(range(GROUPS), JUDGED), paths, strict=True):
        chosen = int(sharpes(returns[:, days_within(days, fold.train)]).argmax())
        for group, path in zip(groups, row, strict=True):
            found[path, parts[group]] = returns[chosen, parts[group]]
    return Histories(
        sharpes=sharpes(found),
        gains=np.prod(1.0 + found, axis=1) - 1.0,
        ways=len(folds),
        purge_days=purge_days,
    )


def longest_days(trades: ClosedTrades) -> int:
    """Return for how many days, rounded up, the longest of some trades was open."""
    longest_ms = int((trades.closed_ms - trades.opened_ms).max(initial=0))
    return -(-longest_ms // DAY_MS)
