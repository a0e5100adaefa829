"""Round prices and times for the axes."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from snipersight.charts.wording import MONTHS
from snipersight.domain.timeframe import DAY_MS, HOUR_MS, MINUTE_MS, WEEK_MS

_STEPS_MS: Final = (
    *(minutes * MINUTE_MS for minutes in (5, 15, 30)),
    *(hours * HOUR_MS for hours in (1, 2, 4, 6, 12)),
    DAY_MS,
    2 * DAY_MS,
    3 * DAY_MS,
    WEEK_MS,
)
_STEPS_MONTHS: Final = (1, 3, 6, 12, 24, 60)
_MONTH_MS: Final = 30 * DAY_MS
_MONDAY_MS: Final = 4 * DAY_MS  # weeks are counted from a Monday


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeTick:
    """A bar that carries a label; `is_major` where a day, month or year begins."""

    index: int
    text: str
    is_major: bool


def price_ticks(low: float, high: float, *, most: int, decimals: int) -> tuple[float, ...]:
    """Return at most `most` round prices from `low` to `high`, on steps of 1, 2 or 5.

    Args:
        low, high: ends of the axis, `low` below `high`.
        most: largest number of prices, above 0.
        decimals: no step is finer than the last shown decimal.
    """
    rough = max((high - low) / most, 10.0**-decimals)
    power = 10.0 ** math.floor(math.log10(rough) + 1e-9)
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step), math.floor(high / step)
    return tuple(count * step for count in range(first, last + 1))


def time_ticks(times: list[int], *, slot_px: float, gap_px: float) -> tuple[TimeTick, ...]:
    """Return the bars at which a round period begins, at least `gap_px` apart.

    Args:
        times: open times of neighbouring bars, milliseconds UTC, increasing.
        slot_px: distance from bar to bar.
        gap_px: least distance from label to label.
    """
    if len(times) < 2:
        return ()
    duration = min(b - a for a, b in itertools.pairwise(times))
    step, months = _step_of(gap_px / slot_px * duration)
    ticks: list[TimeTick] = []
    shown = times[0]
    for index in range(1, len(times)):
        if _period(times[index], step, months) == _period(times[index - 1], step, months):
            continue
        if ticks and (index - ticks[-1].index) * slot_px < gap_px:
            continue
        text, is_major = _wording(shown, times[index], step_ms=step)
        ticks.append(TimeTick(index=index, text=text, is_major=is_major))
        shown = times[index]
    return tuple(ticks)


def _step_of(least_ms: float) -> tuple[int, int]:
    for step in _STEPS_MS:
        if step >= least_ms:
            return step, 0
    for months in _STEPS_MONTHS:
        if months * _MONTH_MS >= least_ms:
            return 0, months
    return 0, _STEPS_MONTHS[-1]


def _period(time_ms: int, step_ms: int, months: int) -> int:
    if months:
        time = _utc(time_ms)
        return (time.year * 12 + time.month - 1) // months
    return (time_ms - _MONDAY_MS) // step_ms


def _wording(before_ms: int, time_ms: int, *, step_ms: int) -> tuple[str, bool]:
    """Return the label of a time and whether it opens something larger than its neighbours.

    A step of 0 stands for months.
    """
    before, time = _utc(before_ms), _utc(time_ms)
    month = MONTHS[time.month - 1]
    if step_ms == 0:
        has_turned = time.year != before.year
        return (str(time.year), True) if has_turned else (month, False)
    if time.date() == before.date():
        return f"{time:%H:%M}", False
    return f"{time.day} {month}", step_ms < DAY_MS or time.month != before.month


def _utc(time_ms: int) -> datetime:
    return datetime.fromtimestamp(time_ms / 1000, UTC)
