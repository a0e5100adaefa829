"""Extremes of the previous session, day, week and month (UTC, weeks from Monday).

A session is a third of a day: crypto never closes, and 00, 08 and 16 o'clock UTC part Asia, Europe
and America without a clock change; perpetuals settle their funding then.

A period counts only if the series saw it from its beginning; its extremes become pools when the
first bar of the next period arrives. They belong to the series, not to a machine: their memory is
two periods, so the start law holds with that much warm-up.
"""

from __future__ import annotations

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.layout import CALENDAR_KINDS, FIRST_CALENDAR, Record

_SESSION_MS = 28_800_000
_DAY_MS = 86_400_000


@kernel
def month_of(day: int) -> int:
    """Return the running number of the month of a day since 1970-01-01.

    Civil-from-days arithmetic on the 400-year cycle of the Gregorian calendar, which starts
    its years in March so that leap days come last.
    """
    shifted = day + 719_468
    era = shifted // 146_097
    day_of_era = shifted - era * 146_097
    year = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year + year // 4 - year // 100)
    march_month = (5 * day_of_year + 2) // 153
    return (era * 400 + year) * 12 + march_month


@kernel
def period_of(kind: int, time_ms: int) -> int:
    """Return the running number of the session (0), day (1), week (2) or month (3) that contains a time."""
    day = time_ms // _DAY_MS
    if kind <= 1:
        return day if kind == 1 else time_ms // _SESSION_MS
    return (day + 3) // 7 if kind == 2 else month_of(day)


@kernel
def step_calendar(st: Record, n: int) -> None:
    """Close finished periods into pools and take bar `n` into the running ones."""
    t = view.time(st.bars, n)
    for kind in range(CALENDAR_KINDS):
        if not st.rules.calendar[kind]:
            continue
        running = st.calendar[kind]
        period = period_of(kind, t)
        if period != running.period:
            _close_period(st, running, kind, period)
            _open_period(st, running, kind, period, n)
        for side in range(2):
            price = st.now[side].high
            if price > running.price[side]:
                running.price[side], running.at[side], running.at_ms[side] = price, n, t


@kernel
def _open_period(st: Record, running: Record, kind: int, period: int, n: int) -> None:
    t = view.time(st.bars, n)
    # Whole if its first bar is here: the bar before belongs to the period before, or the bar
    # opens exactly where the period does.
    running.whole = n > 0 or period_of(kind, t - 1) != period
    running.period = period
    for side in range(2):
        running.price[side] = st.now[side].high
        running.at[side], running.at_ms[side] = n, t


@kernel
def _close_period(st: Record, running: Record, kind: int, period: int) -> None:
    # After an outage of a whole period there is no previous one: an older one in its place would
    # make the memory longer than two periods.
    is_previous = running.period == period - 1
    for side in range(2):
        pool = st.calendar_pools[side, kind]
        pool.live = is_previous and running.whole
        pool.price, pool.at, pool.at_ms = running.price[side], running.at[side], running.at_ms[side]
        pool.reached, pool.kind, pool.touches = pool.price, kind + FIRST_CALENDAR, 1
