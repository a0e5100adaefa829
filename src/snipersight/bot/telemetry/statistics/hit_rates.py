"""How often signals hit, of those that were entered and closed."""

from __future__ import annotations

from typing import Final

import numpy as np

from snipersight.bot.telemetry.statistics.columns import day_codes, is_closed
from snipersight.bot.telemetry.statistics.wilson import wilson_interval
from snipersight.bot.telemetry.statistics.words import rate_range, too_few
from snipersight.domain.evidence import OutcomeStatus
from snipersight.domain.evidence_columns import EvidenceTable, Integers, Mask, Numbers
from snipersight.domain.statistics import ENOUGH, Enough, HitRate
from snipersight.domain.wording import counted, percent

_OTHERS: Final[tuple[OutcomeStatus, ...]] = tuple(
    one for one in OutcomeStatus if one is not OutcomeStatus.CLOSED
)


def is_hit(table: EvidenceTable) -> Mask:
    """Return which signals hit: closed with a net R above zero."""
    return is_closed(table) & (table.net_r > 0)


def hit_rate_of(table: EvidenceTable, *, enough: Enough = ENOUGH) -> HitRate:
    """Return how often signals hit, with those beside it that neither hit nor missed.

    Args:
        table: the signals in question, whatever became of them.
        enough: below it there is no rate.
    """
    closed = is_closed(table)
    hit = is_hit(table)[closed].astype(np.float64)
    day, days = day_codes(table.decided_ms[closed])
    counts = table.status.counts()
    others = {one: counts.get(one.value, 0) for one in _OTHERS}
    missing = too_few(len(hit), days, enough)
    rate, low, high = (None, None, None) if missing else rate_with_interval(hit, day)
    return HitRate(
        hits=int(hit.sum()),
        closed=len(hit),
        days=days,
        open=others[OutcomeStatus.OPEN],
        waiting=others[OutcomeStatus.WAITING],
        missed=others[OutcomeStatus.MISSED],
        invalidated=others[OutcomeStatus.INVALIDATED],
        expired=others[OutcomeStatus.EXPIRED],
        unknown=others[OutcomeStatus.UNKNOWN],
        rate=rate,
        low=low,
        high=high,
        sentence=_sentence(missing, rate, low, high, len(hit)) + _beside(others),
    )


def rate_with_interval(hit: Numbers, day: Integers) -> tuple[float, float, float]:
    """Return a rate and its interval.

    The interval is Wilson's for as many observations as the signals are worth: those of one day
    move together (Kish's design effect from the spread between days). Where every day has one
    signal, that is Wilson's own. Without any spread (all hit, or none) a day counts as one, and so
    does a single day: there is no other to tell its spread by.

    Args:
        hit: 1 or 0 for each signal; at least one.
        day: number of its day.
    """
    rate = float(hit.mean())
    worth = _effective_count(hit, day, rate)
    low, high = wilson_interval(rate * worth, worth)
    # Rounding must not put the rate beside its own interval where nothing or all of it hit.
    return rate, min(low, rate), max(high, rate)


def _effective_count(hit: Numbers, day: Integers, rate: float) -> float:
    by_day = np.bincount(day, weights=hit - rate)
    spread = rate * (1 - rate) * len(hit)
    days = int((np.bincount(day) > 0).sum())
    if spread <= 0 or days == 1:
        return float(days)
    effect = max(1.0, float((by_day**2).sum()) / spread)
    return len(hit) / effect


def _sentence(
    missing: str, rate: float | None, low: float | None, high: float | None, closed: int
) -> str:
    if rate is None or low is None or high is None:
        return missing
    share, of = percent(rate, 0), counted(closed, "closed signal")
    return f"{share} of {of} hit ({rate_range(low, high)})"


def _beside(others: dict[OutcomeStatus, int]) -> str:
    """Return the signals that are not in the rate, as the end of a sentence."""
    told = [f"{count:,} {status.value}" for status, count in others.items() if count]
    return f"; beside them {', '.join(told)}" if told else ""
