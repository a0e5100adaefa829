"""Statistics in words: R with its sign, intervals, and what is missing."""

from __future__ import annotations

from snipersight.domain.statistics import Enough
from snipersight.domain.wording import MINUS, counted, percent


def signed_r(value: float) -> str:
    """Return a result in R with its sign: `+0.25R`, `−1,204.00R`, `0.00R`."""
    text = f"{abs(value):,.2f}R"
    if text == "0.00R":
        return text
    return f"{'+' if value > 0 else MINUS}{text}"


def r_range(low: float, high: float) -> str:
    """Return an interval of results: `−0.05R to +0.29R`."""
    return f"{signed_r(low)} to {signed_r(high)}"


def side_of(low: float, high: float) -> int:
    """Return on which side of zero an interval lies as it is shown: 1, −1, or 0 where it holds it."""
    return (round(low, 2) > 0) - (round(high, 2) < 0)


def rate_range(low: float, high: float) -> str:
    """Return an interval of rates: `31–52 %`."""
    return f"{low * 100:.0f}–{percent(high, 0)}"


def too_few(closed: int, days: int, enough: Enough) -> str:
    """Return what is missing: `too few to say: 7 closed, 30 needed`; empty where nothing is."""
    if closed < enough.closed:
        return f"too few to say: {closed:,} closed, {enough.closed:,} needed"
    if days < enough.days:
        on = counted(days, "day")
        return f"too few to say: {closed:,} closed on {on}, {counted(enough.days, 'day')} needed"
    return ""
