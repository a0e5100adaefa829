"""Whether a profile's signals differ now from its own history by more than chance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from snipersight.bot.telemetry.statistics.columns import (
    DAY_MS,
    by_profile,
    day_codes,
    is_approved,
    is_closed,
    where,
)
from snipersight.bot.telemetry.statistics.hit_rates import is_hit
from snipersight.domain.direction import Direction
from snipersight.domain.evidence_columns import EvidenceTable, Integers, Numbers
from snipersight.domain.statistics import ENOUGH, Drift, Enough
from snipersight.domain.wording import short_number
from snipersight.performance.student_t import t_tail

RECENT_DAYS: Final = 28
_ROUNDING: Final = 1e-9  # of a value
_CHANCE: Final = 0.05  # for all measures of a profile together


def drifts_of(
    table: EvidenceTable, *, recent_days: int = RECENT_DAYS, enough: Enough = ENOUGH
) -> tuple[Drift, ...]:
    """Return for each profile and measure whether recent signals differ from all before them.

    Days are compared, not signals: those of one day move together (Welch's test on averages
    with the spread between days). Corrected after Holm for how many measures of the profile were
    looked at: of twenty profiles in which nothing changed, one will show something.

    Args:
        table: signals; scores, planned rewards and sides are told of all, results of the
            approved and closed ones.
        recent_days: how far back recent goes from the newest decision of the profile.
        enough: below it a part is not compared.
    """
    found: list[Drift] = []
    for profile, own in by_profile(table):
        found += _of_profile(profile, own, recent_days, enough)
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Values of one part of a history.

    `n` values on `days` days; `variance` of the average, from the spread between days.
    """

    n: int
    days: int
    mean: float | None
    variance: float

    @classmethod
    def of(cls, values: Numbers, decided_ms: Integers) -> _Part:
        if not len(values):
            return cls(n=0, days=0, mean=None, variance=0.0)
        day, days = day_codes(decided_ms)
        mean = float(values.mean())
        by_day = np.bincount(day, weights=values - mean)
        correction = days / (days - 1) if days > 1 else 0.0
        variance = correction * float((by_day**2).sum()) / len(values) ** 2
        return cls(n=len(values), days=days, mean=mean, variance=variance)


def _of_profile(
    profile: str, table: EvidenceTable, recent_days: int, enough: Enough
) -> list[Drift]:
    since = int(table.decided_ms.max()) - recent_days * DAY_MS
    pairs = {}
    for metric, (values, decided_ms) in _measures(table).items():
        is_recent = decided_ms > since
        pairs[metric] = (
            _Part.of(values[is_recent], decided_ms[is_recent]),
            _Part.of(values[~is_recent], decided_ms[~is_recent]),
        )
    chances = {
        metric: chance
        for metric, (recent, before) in pairs.items()
        if (chance := _chance(recent, before, enough)) is not None
    }
    corrected = _holm(chances)
    return [
        _drift(profile, metric, recent, before, corrected.get(metric))
        for metric, (recent, before) in pairs.items()
    ]


def _measures(table: EvidenceTable) -> Mapping[str, tuple[Numbers, Integers]]:
    """Return the measures of a profile with when each value was decided."""
    all_of_it = table.decided_ms
    closed = where(table, is_closed(table) & is_approved(table))
    costs = closed.fees_r + closed.slippage_r + closed.funding_r
    return {
        "score": (table.score, all_of_it),
        "planned reward to risk": (table.risk_reward, all_of_it),
        "share of longs": (_share(table.direction.equal(Direction.LONG.value)), all_of_it),
        "share approved": (_share(is_approved(table)), all_of_it),
        "hit rate": (_share(is_hit(closed)), closed.decided_ms),
        "net R": (closed.net_r, closed.decided_ms),
        "costs in R": (costs, closed.decided_ms),
    }


def _share(mask: Sequence[bool] | np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Numbers:
    return np.asarray(mask, dtype=np.float64)


def _chance(recent: _Part, before: _Part, enough: Enough) -> float | None:
    """Return how often chance alone would make two parts differ as much; None: too little."""
    is_enough = all(enough.is_met_by(part.n, part.days) for part in (recent, before))
    if not is_enough or recent.mean is None or before.mean is None:
        return None
    spread = recent.variance + before.variance
    apart = recent.mean - before.mean
    # What is constant differs by the rounding of its sums, and so does its spread.
    if abs(apart) <= _ROUNDING * max(abs(recent.mean), abs(before.mean)):
        return 1.0
    if spread <= 0:
        return 0.0
    freedom = spread**2 / sum(
        part.variance**2 / (part.days - 1) for part in (recent, before) if part.days > 1
    )
    return 2 * t_tail(abs(apart) / math.sqrt(spread), freedom)


def _holm(chances: Mapping[str, float]) -> dict[str, float]:
    """Return the chances corrected for how many there are (Holm 1979)."""
    corrected: dict[str, float] = {}
    largest = 0.0
    ordered = sorted(chances.items(), key=lambda pair: pair[1])
    for place, (metric, chance) in enumerate(ordered):
        largest = max(largest, min(1.0, chance * (len(ordered) - place)))
        corrected[metric] = largest
    return corrected


def _drift(profile: str, metric: str, recent: _Part, before: _Part, chance: float | None) -> Drift:
    is_drift = chance is not None and chance <= _CHANCE
    return Drift(
        profile=profile,
        metric=metric,
        recent=recent.mean,
        before=before.mean,
        recent_n=recent.n,
        before_n=before.n,
        p_value=chance,
        is_drift=is_drift,
        sentence=_sentence(f"{profile}: {metric}", recent, before, chance),
    )


def _sentence(what: str, recent: _Part, before: _Part, chance: float | None) -> str:
    if chance is None or recent.mean is None or before.mean is None:
        counts = f"{recent.n:,} recent values on {recent.days:,} days, {before.n:,} before"
        return f"{what} cannot be compared with its history yet: {counts}"
    numbers = f"{_rounded(recent.mean)} now, {_rounded(before.mean)} before"
    if chance <= _CHANCE:
        return f"{what} has changed: {numbers} (by chance {chance:.2g})"
    return f"{what} shows no change that chance does not explain: {numbers}"


def _rounded(value: float) -> str:
    return short_number(float(f"{value:.3g}"))
