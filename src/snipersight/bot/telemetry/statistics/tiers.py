"""Whether one tier does better than another, net of costs, and how sure that is."""

from __future__ import annotations

import numpy as np

from snipersight.bot.telemetry.statistics.columns import is_approved
from snipersight.bot.telemetry.statistics.expectancies import expectancies_of
from snipersight.bot.telemetry.statistics.words import r_range, side_of, signed_r
from snipersight.domain.evidence_columns import EvidenceTable
from snipersight.domain.statistics import ENOUGH, Enough, Expectancy, TierComparison
from snipersight.domain.wording import percent


def compare_tiers(
    table: EvidenceTable, *, better: str = "A", worse: str = "C", enough: Enough = ENOUGH
) -> TierComparison:
    """Return whether approved signals of one tier bring more than those of another.

    Args:
        table: signals; those that are not approved and closed play no part.
        better, worse: the tiers; the first is expected to do better.
        enough: below it a tier has no average.
    """
    group = np.full(len(table), -1, dtype=np.int64)
    approved = is_approved(table)
    for place, tier in enumerate((better, worse)):
        group[approved & table.tier.equal(tier)] = place
    found = expectancies_of(table, group, 2, enough=enough)
    first, second = found.each
    apart = found.difference(0, 1)
    difference, low, high, probability = apart if apart is not None else (None,) * 4
    return TierComparison(
        better=better,
        worse=worse,
        better_expectancy=first,
        worse_expectancy=second,
        difference=difference,
        low=low,
        high=high,
        probability=probability,
        sentence=_sentence(better, worse, (first, second), apart),
    )


def _sentence(
    better: str,
    worse: str,
    sides: tuple[Expectancy, Expectancy],
    apart: tuple[float, float, float, float] | None,
) -> str:
    if apart is None:
        missing = [
            f"{tier}-tier: {side.sentence}"
            for tier, side in zip((better, worse), sides, strict=True)
            if side.mean_r is None
        ]
        return "; ".join(missing)
    difference, low, high, probability = apart
    by = f"{signed_r(difference)} a closed signal, net of costs ({r_range(low, high)})"
    lies = side_of(low, high)
    if lies > 0:
        sure = _sureness(probability)
        return f"{better}-tier signals do better than {worse}-tier: {by}; {sure} sure"
    if lies < 0:
        sure = _sureness(1 - probability)
        return f"{better}-tier signals do worse than {worse}-tier: {by}; {sure} sure"
    # No probability here: what the interval leaves open, a high one beside it would close again.
    return (
        f"the evidence does not say whether {better}-tier signals do better than {worse}-tier: {by}"
    )


def _sureness(probability: float) -> str:
    """Return a probability in percent; resampling knows nothing beyond 99 in 100."""
    return "more than 99 %" if probability > 0.99 else percent(probability, 0)
