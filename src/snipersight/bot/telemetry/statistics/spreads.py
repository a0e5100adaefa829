"""How planned rewards and results are spread."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from snipersight.bot.telemetry.statistics.columns import day_codes, is_closed
from snipersight.bot.telemetry.statistics.words import signed_r, too_few
from snipersight.domain.evidence_columns import EvidenceTable, Integers, Numbers
from snipersight.domain.statistics import ENOUGH, Enough, RDistribution, RiskRewards
from snipersight.domain.wording import multiple

_STEP: Final = 0.5  # R; width of a bin
_LOWEST, _HIGHEST = -3.0, 10.0  # what lies beyond goes into the outermost bins
_SHARES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)


def risk_rewards_of(table: EvidenceTable, *, enough: Enough = ENOUGH) -> RiskRewards:
    """Return the spread of what was planned, and of what came of the closed signals."""
    closed = is_closed(table)
    return RiskRewards(
        planned=_planned(table.risk_reward),
        realised=r_distribution_of(
            table.net_r[closed], decided_ms=table.decided_ms[closed], enough=enough
        ),
    )


def r_distribution_of(
    net_r: Numbers, *, decided_ms: Integers, enough: Enough = ENOUGH
) -> RDistribution:
    """Return the spread of results; what was counted is there however few they are.

    Args:
        net_r: results of closed signals, R.
        decided_ms: when each was decided.
        enough: below it there are no averages and no quantiles.
    """
    _, days = day_codes(decided_ms)
    missing = too_few(len(net_r), days, enough)
    if missing:
        return _distribution(net_r, has_estimates=False, sentence=missing)
    middle = signed_r(float(np.median(net_r)))
    low, high = (signed_r(float(value)) for value in np.quantile(net_r, (0.25, 0.75)))
    return _distribution(
        net_r,
        has_estimates=True,
        sentence=f"half of {len(net_r):,} results lie from {low} to {high}, the middle is {middle}",
    )


def _planned(risk_reward: Numbers) -> RDistribution:
    """Return the spread of planned rewards: facts of the plans, no estimate of anything."""
    known = risk_reward[np.isfinite(risk_reward)]
    if not len(known):
        return _distribution(known, has_estimates=False, sentence="no signal yet")
    middle, mean = multiple(float(np.median(known))), multiple(float(known.mean()))
    sentence = f"the average plan of {len(known):,} is for {mean}, the middle one for {middle}"
    return _distribution(known, has_estimates=True, sentence=sentence)


def _distribution(values: Numbers, *, has_estimates: bool, sentence: str) -> RDistribution:
    edges, counts = _bins(values)
    quantiles = np.quantile(values, _SHARES) if has_estimates else ()
    return RDistribution(
        n=len(values),
        edges=edges,
        counts=counts,
        quantiles=tuple(
            (share, float(value)) for share, value in zip(_SHARES, quantiles, strict=False)
        ),
        mean=float(values.mean()) if has_estimates else None,
        median=float(np.median(values)) if has_estimates else None,
        best=float(values.max()) if len(values) else None,
        worst=float(values.min()) if len(values) else None,
        sentence=sentence,
    )


def _bins(values: Numbers) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Return borders half an R apart around the values, and how many lie between them."""
    if not len(values):
        return (), ()
    held = np.clip(values, _LOWEST, _HIGHEST)
    low = math.floor(float(held.min()) / _STEP)
    high = max(low + 1, math.ceil(float(held.max()) / _STEP))
    edges = np.arange(low, high + 1) * _STEP
    counts, _ = np.histogram(held, bins=edges)
    return tuple(map(float, edges)), tuple(map(int, counts))
