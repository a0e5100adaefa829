"""What scores have meant: how often signals with such a score hit, and whether that is chance.

Two questions. Does a higher score hit more often? A rank test that treats the signals of a day as
one observation. And did what a score meant go on to hold? A fit may not answer that about the
signals it was fitted to: each part of the history is forecast from what had closed by then alone, and
the forecasts have to beat the hit rate of those days and to come true, wherever they lay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from snipersight.bot.telemetry.statistics.columns import day_codes, is_closed, where
from snipersight.bot.telemetry.statistics.hit_rates import is_hit, rate_with_interval
from snipersight.bot.telemetry.statistics.isotonic import curve_of, forecast
from snipersight.bot.telemetry.statistics.rank_test import rank_p_value
from snipersight.bot.telemetry.statistics.resampling import day_sums, intervals, resampled_means
from snipersight.bot.telemetry.statistics.words import rate_range, too_few
from snipersight.domain.evidence_columns import EvidenceTable, Integers, Numbers
from snipersight.domain.statistics import (
    ENOUGH,
    Calibration,
    CalibrationVerdict,
    Enough,
    ReliabilityBin,
)
from snipersight.domain.wording import counted, percent

_CHANCE: Final = 0.025  # one-sided: only a higher score hitting more often counts
_PARTS: Final = 5  # of the history; all but the first are forecast
_MOST_BINS: Final = 10
_CLOSE: Final = 0.10  # a forecast held if it was right to within ten points of a hundred
_THIRDS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Closed signals in the order of their decisions.

    Args:
        score: of each.
        hit: 1 or 0.
        day: number of its day, ascending.
        days: how many days there are.
        decided_ms, ended_ms: when each was decided, and closed.
    """

    score: Numbers
    hit: Numbers
    day: Integers
    days: int
    decided_ms: Integers
    ended_ms: Integers

    @classmethod
    def of(cls, table: EvidenceTable) -> Scored:
        """Return the closed signals of a table, oldest decision first."""
        rows = np.flatnonzero(is_closed(table) & np.isfinite(table.score))
        order = rows[np.argsort(table.decided_ms[rows], kind="stable")]
        closed = where(table, order)
        day, days = day_codes(closed.decided_ms)
        hit = is_hit(closed).astype(np.float64)
        return cls(
            score=closed.score,
            hit=hit,
            day=day,
            days=days,
            decided_ms=closed.decided_ms,
            ended_ms=closed.ended_ms,
        )


def calibration_of(table: EvidenceTable, *, enough: Enough = ENOUGH) -> Calibration:
    """Return what scores have meant.

    Args:
        table: the signals in question; those that are not closed play no part. Scores of
            different profiles are different scales: one profile makes the clearest answer.
        enough: below it nothing is said.
    """
    scored = Scored.of(table)
    # Forecasts need a day before the day they are made for.
    least = Enough(closed=enough.closed, days=max(2, enough.days))
    missing = too_few(len(scored.hit), scored.days, least)
    if missing:
        return _nothing(scored, f"too little evidence: {missing.removeprefix('too few to say: ')}")
    ahead = _forecasts(scored)
    p_value = rank_p_value(scored.score, scored.hit, scored.day, days=scored.days)
    verdict = _verdict(p_value, ahead)
    rate, low, high = rate_with_interval(scored.hit, scored.day)
    return Calibration(
        n=len(scored.hit),
        days=scored.days,
        hits=int(scored.hit.sum()),
        rate=rate,
        rate_low=low,
        rate_high=high,
        bins=reliability_bins(scored, enough=enough),
        curve=curve_of(scored.score, scored.hit),
        brier=None if ahead is None else _brier(ahead.forecast, ahead.hit),
        brier_of_base_rate=None if ahead is None else _brier(ahead.base, ahead.hit),
        p_value=p_value,
        verdict=verdict,
        sentence=_sentence(verdict, scored, rate, rate_range(low, high)),
    )


def reliability_bins(scored: Scored, *, enough: Enough) -> tuple[ReliabilityBin, ...]:
    """Return neighbouring scores together, about equally many in each bin, ascending.

    Args:
        scored: at least one signal.
        enough: what every bin has at least, if all of them have; equal scores are never parted,
            so a bin may have more.
    """
    wanted = min(_MOST_BINS, max(1, len(scored.score) // enough.closed))
    borders = np.unique(np.quantile(scored.score, np.arange(1, wanted) / wanted))
    place = np.searchsorted(borders, scored.score, side="right")
    place = _joined(place, scored.day, enough)
    return tuple(_bin(scored, np.flatnonzero(place == one)) for one in np.unique(place))


def _joined(place: Integers, day: Integers, enough: Enough) -> Integers:
    """Return the bins with those of too little joined to the one above (the highest to below)."""
    target = np.zeros(int(place.max()) + 1, dtype=np.int64)
    first = 0
    for one in range(len(target)):
        target[one] = first
        inside = (place >= first) & (place <= one)
        if _is_enough(day[inside], enough) and _is_enough(day[place > one], enough):
            first = one + 1
    return target[place]


def _is_enough(day: Integers, enough: Enough) -> bool:
    return enough.is_met_by(len(day), int((np.bincount(day) > 0).sum()))


def _bin(scored: Scored, rows: Integers) -> ReliabilityBin:
    score, hit = scored.score[rows], scored.hit[rows]
    rate, low, high = rate_with_interval(hit, scored.day[rows])
    return ReliabilityBin(
        low=float(score.min()),
        high=float(score.max()),
        mean_score=float(score.mean()),
        n=len(rows),
        hits=int(hit.sum()),
        rate=rate,
        rate_low=low,
        rate_high=high,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ahead:
    """Forecasts for signals from what was known before: by score, and by the hit rate alone."""

    forecast: Numbers
    base: Numbers
    hit: Numbers
    day: Integers


def _forecasts(scored: Scored) -> _Ahead | None:
    """Return forecasts for every part of the history but the first, each from what closed before.

    A signal that was decided earlier and is still open says nothing yet. None where nothing had
    closed before the last part began.
    """
    starts = _part_starts(scored.day)
    parts = [
        part
        for start, end in zip(starts, [*starts[1:], len(scored.hit)], strict=True)
        if (part := _forecast_part(scored, start, end)) is not None
    ]
    if not parts:
        return None
    return _Ahead(
        forecast=np.concatenate([part.forecast for part in parts]),
        base=np.concatenate([part.base for part in parts]),
        hit=np.concatenate([part.hit for part in parts]),
        day=np.concatenate([part.day for part in parts]),
    )


def _forecast_part(scored: Scored, start: int, end: int) -> _Ahead | None:
    had_closed = scored.ended_ms[:start] <= scored.decided_ms[start]
    if not had_closed.any():
        return None
    hits = scored.hit[:start][had_closed]
    curve = curve_of(scored.score[:start][had_closed], hits)
    return _Ahead(
        forecast=forecast(curve, scored.score[start:end]),
        base=np.full(end - start, hits.mean()),
        hit=scored.hit[start:end],
        day=scored.day[start:end],
    )


def _part_starts(day: Integers) -> list[int]:
    """Return the rows at which parts begin, first part left out: whole days, about equal counts."""
    wanted = np.arange(1, _PARTS) * len(day) // _PARTS
    rows = np.searchsorted(day, np.unique(day[wanted]), side="left")
    return [int(row) for row in rows if row] or [int(np.searchsorted(day, day[0], side="right"))]


def _brier(forecasts: Numbers, hit: Numbers) -> float:
    return float(np.mean((forecasts - hit) ** 2))


def _verdict(p_value: float, ahead: _Ahead | None) -> CalibrationVerdict:
    if p_value > _CHANCE:
        return CalibrationVerdict.NO_EVIDENCE
    if ahead is None:
        return CalibrationVerdict.INFORMATIVE
    helped = _brier(ahead.forecast, ahead.hit) < _brier(ahead.base, ahead.hit)
    is_held = helped and _held(ahead)
    return CalibrationVerdict.CALIBRATED if is_held else CalibrationVerdict.INFORMATIVE


def _held(ahead: _Ahead) -> bool:
    """Return whether forecasts were right to within ten points, low, middle and high ones alike.

    The whole interval of each difference has to be that close: too few signals hold nothing.
    """
    borders = np.quantile(ahead.forecast, np.arange(1, _THIRDS) / _THIRDS)
    third = np.searchsorted(borders, ahead.forecast, side="right").astype(np.int64)
    _, day = np.unique(ahead.day, return_inverse=True)
    sums = day_sums(ahead.hit - ahead.forecast, day, third, days=int(day.max()) + 1, groups=_THIRDS)
    low, high = intervals(resampled_means(sums), sums.days)
    there = sums.counts.sum(axis=0) > 0
    return bool(np.all((low[there] >= -_CLOSE) & (high[there] <= _CLOSE)))


def _nothing(scored: Scored, sentence: str) -> Calibration:
    return Calibration(
        n=len(scored.hit),
        days=scored.days,
        hits=int(scored.hit.sum()),
        rate=None,
        rate_low=None,
        rate_high=None,
        bins=(),
        curve=(),
        brier=None,
        brier_of_base_rate=None,
        p_value=None,
        verdict=CalibrationVerdict.TOO_LITTLE,
        sentence=sentence,
    )


def _sentence(verdict: CalibrationVerdict, scored: Scored, rate: float, reach: str) -> str:
    of = f"{counted(len(scored.hit), 'closed signal')} on {counted(scored.days, 'day')}"
    match verdict:
        case CalibrationVerdict.NO_EVIDENCE:
            return (
                f"no evidence that a higher score hits more often: {percent(rate, 0)} of {of} hit "
                f"({reach}), all scores together"
            )
        case CalibrationVerdict.INFORMATIVE:
            return (
                f"higher scores hit more often, over {of}; what exactly a score means has not "
                "held closely enough for later signals to be called a probability"
            )
        case _:
            return (
                f"higher scores hit more often, over {of}, and what a score meant held for later "
                "signals to within ten points"
            )
