"""Properties of signals that vary less than they used to: something upstream may be stuck."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from snipersight.bot.telemetry.statistics.columns import Coded, by_profile, coded, day_codes, where
from snipersight.domain.evidence_columns import EvidenceTable, Integers, Numbers
from snipersight.domain.statistics import Alarm, AlarmKind
from snipersight.domain.wording import counted, percent

_FEATURES: Final = ("regime", "session", "tier", "direction", "leader", "score")
# These change with the hour or the market; a constant one was never read from either.
_MUST_VARY: Final = ("regime", "session", "score")
_NEWEST: Final = 20_000  # signals of a profile that are looked at
_WINDOW: Final = 50  # signals that are recent, and of each stretch of history beside them
_STRETCHES: Final = 10  # of history that an alarm needs
_LONGER: Final = 2.0  # times the longest run there was: what persists by nature raises no alarm
_DAYS: Final = 5  # that a run must last: many signals of one day share the hour and the market


def alarms_of(table: EvidenceTable) -> tuple[Alarm, ...]:
    """Return the properties of each profile's signals that are stuck or vary too little.

    Each is held against its own history, so that what lasts by nature (a regime) raises no alarm
    for lasting. Regime, session and score are told too if they have never varied at all.

    Args:
        table: signals of any verdict, oldest decision first.
    """
    return tuple(alarm for profile, own in by_profile(table) for alarm in _of_profile(profile, own))


def _of_profile(profile: str, table: EvidenceTable) -> Iterator[Alarm]:
    table = where(table, slice(-_NEWEST, None))
    day, _ = day_codes(table.decided_ms)
    for feature in _FEATURES:
        column = _scores(table.score) if feature == "score" else coded(getattr(table, feature))
        found = _stuck(profile, feature, column, day) or _low_entropy(profile, feature, column, day)
        if found is not None:
            yield found


def _scores(score: Numbers) -> Coded:
    values, codes = np.unique(np.round(score, 1), return_inverse=True)
    names = tuple(f"{value:.1f}" for value in values)
    return Coded(names=names, codes=codes.astype(np.int64))


def _stuck(profile: str, feature: str, column: Coded, day: Integers) -> Alarm | None:
    """Return the alarm for a run of one value that is twice as long as any before it."""
    if len(column.codes) < 2 * _WINDOW:
        return None
    runs = _run_lengths(column.codes)
    run = runs[-1]
    lasted = int(day[-1] - day[-run]) + 1
    if len(column.names) == 1:
        if feature not in _MUST_VARY or column.names == ("unknown",) or lasted < 2 * _DAYS:
            return None
        return _stuck_alarm(
            profile,
            feature,
            column.names[0],
            run=run,
            limit=2.0 * _WINDOW,
            beside="it never varied",
        )
    limit = max(float(_WINDOW), _LONGER * max(runs[:-1], default=0))
    if run <= limit or lasted < _DAYS:
        return None
    value = column.names[int(column.codes[-1])]
    longest = f"the longest run before was {max(runs[:-1]):,}"
    return _stuck_alarm(profile, feature, value, run=run, limit=limit, beside=longest)


def _stuck_alarm(
    profile: str, feature: str, value: str, *, run: int, limit: float, beside: str
) -> Alarm:
    return Alarm(
        profile=profile,
        feature=feature,
        kind=AlarmKind.STUCK,
        value=value,
        measured=float(run),
        limit=limit,
        sentence=f"{profile}: {feature} was {value} for the last {counted(run, 'signal')}; {beside}",
    )


def _run_lengths(codes: Integers) -> list[int]:
    """Return the lengths of runs of one value, in their order."""
    changes = np.flatnonzero(np.diff(codes)) + 1
    borders = np.concatenate([[0], changes, [len(codes)]])
    return [int(length) for length in np.diff(borders)]


def _low_entropy(profile: str, feature: str, column: Coded, day: Integers) -> Alarm | None:
    """Return the alarm for recent signals that vary less than half as much as they used to."""
    if feature == "score":
        return None  # nearly every score differs; what remains would be noise
    # Recent is at least some days long, and so is every stretch it is held against.
    window = max(_WINDOW, int((day > day[-1] - _DAYS).sum())) if len(day) else _WINDOW
    stretches = len(column.codes) // window
    if stretches <= _STRETCHES:
        return None
    cut = column.codes[len(column.codes) - stretches * window :].reshape(stretches, window)
    bits = [_entropy(row, len(column.names)) for row in cut]
    recent, before = bits[-1], bits[:-1]
    limit = min(*before, float(np.median(before)) / 2)
    if recent >= limit:
        return None
    counts = np.bincount(cut[-1])
    value, share = column.names[int(counts.argmax())], float(counts.max()) / window
    return Alarm(
        profile=profile,
        feature=feature,
        kind=AlarmKind.LOW_ENTROPY,
        value=value,
        measured=recent,
        limit=limit,
        sentence=(
            f"{profile}: {feature} hardly varies: {percent(share, 0)} of the last {window:,} "
            f"signals are {value} ({recent:.2f} bits, never below {min(before):.2f} before)"
        ),
    )


def _entropy(codes: Integers, names: int) -> float:
    """Return how much a column varies, bits; 0 for a constant one."""
    shares = np.bincount(codes, minlength=names) / len(codes)
    present = shares[shares > 0]
    return float(-(present * np.log2(present)).sum()) + 0.0
