"""Structure: closes beyond swings (initial, BOS) and beyond the protected level (CHoCH).

A break's leg runs from its *far* extreme, the opposite extreme between the broken level's bar and
the break (both included, of equal ones the last), to the breaking close. That extreme becomes the
protected level of the new trend. Only the last confirmed swing can be broken; once broken, the next
one must be confirmed first. Against the trend only the protected level counts: a swing on the way
to it that is closed through is no longer unbroken, but breaks nothing.
"""

from __future__ import annotations

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.layout import Array, Record
from snipersight.analysis.smc.log import FAILED_BREAK_FACT, SHIFT_FACT, emit

NO_BREAK, INITIAL, BOS, CHOCH = -1, 0, 1, 2


@kernel
def watch_level(level: Record, bars: Array, price: float, at: int, n: int, side: int) -> None:
    """Make `price`, formed at bar `at`, the level to be broken, with its far extreme up to `n`."""
    level.live, level.price, level.at = 1, price, at
    level.far, level.far_at = view.low(bars, at, side), at
    for i in range(at + 1, n + 1):
        _extend(level, view.low(bars, i, side), i)


@kernel
def _extend(level: Record, low: float, n: int) -> None:
    if low <= level.far:  # of equal extremes the leg starts from the last one
        level.far, level.far_at = low, n


@kernel
def step_structure(st: Record, log: Record, m: int, n: int, strength: int) -> int:
    """Judge bar `n`'s close; return the side that broke (its leg is in `legs`), or -1."""
    rules, trend = st.rules, st.trends[m, strength]
    _expire(st, m, n, strength)
    guard = st.guards[m, strength]
    if guard.live:
        _extend(guard, st.now[_guard_side(trend)].low, n)
    _check_failure(st, log, m, n, strength, view.time(st.bars, n) + rules.duration_ms)
    broke = -1
    for side in range(2):
        level = st.levels[m, strength, side]
        if level.live:
            _extend(level, st.now[side].low, n)
    for side in range(2):
        kind = _break_kind(st, m, n, strength, side)
        if kind != NO_BREAK:
            _take(st, log, m, n, strength, side, kind)
            broke = side
        level = st.levels[m, strength, side]
        if level.live and st.now[side].close > level.price:
            level.live = 0  # closed through inside a leg: no event, but no longer unbroken
    return broke


@kernel
def _guard_side(trend: Record) -> int:
    """Return the side whose close beyond the guard turns the trend."""
    return 1 if trend.trend > 0 else 0


@kernel
def _expire(st: Record, m: int, n: int, strength: int) -> None:
    limit = st.rules.level_max_age
    trend = st.trends[m, strength]
    if trend.trend != 0 and n - trend.broken_at > limit:
        trend.trend = 0
        trend.watch_side = -1
        st.guards[m, strength].live = 0
    for side in range(2):
        level = st.levels[m, strength, side]
        if level.live and n - level.at > limit:
            level.live = 0


@kernel
def _break_kind(st: Record, m: int, n: int, strength: int, side: int) -> int:
    """Return what bar `n`'s close means for `side`, and put the broken level's leg aside."""
    direction = 1 - 2 * side
    trend = st.trends[m, strength].trend
    against = trend == -direction
    level = st.guards[m, strength] if against else st.levels[m, strength, side]
    if not level.live or st.now[side].close <= level.price:
        return NO_BREAK
    leg = st.legs[m, strength]
    leg.level, leg.level_at, leg.far, leg.far_at = level.price, level.at, level.far, level.far_at
    leg.kind = CHOCH if against else (BOS if trend == direction else INITIAL)
    return leg.kind


@kernel
def _take(st: Record, log: Record, m: int, n: int, strength: int, side: int, kind: int) -> None:
    """Turn or continue the trend, protect the leg's origin, and say so."""
    leg, trend = st.legs[m, strength], st.trends[m, strength]
    trend.trend, trend.broken_at = 1 - 2 * side, n
    trend.watch_side, trend.watch_price, trend.watch_at = side, leg.level, leg.level_at
    if kind != CHOCH:
        st.levels[m, strength, side].live = 0
    watch_level(st.guards[m, strength], st.bars, -leg.far, leg.far_at, n, 1 - side)
    known = view.time(st.bars, n) + st.rules.duration_ms
    at = view.time(st.bars, leg.level_at)
    emit(log, SHIFT_FACT, side, kind + 4 * strength, at, known, leg.level, leg.level, 0.0)


@kernel
def _check_failure(st: Record, log: Record, m: int, n: int, strength: int, known: int) -> None:
    """Say once when a later close comes back below the level that was broken last."""
    trend = st.trends[m, strength]
    side, price = trend.watch_side, trend.watch_price
    if side < 0 or st.now[side].close >= price:
        return
    trend.watch_side = -1
    emit(log, FAILED_BREAK_FACT, side, strength, view.time(st.bars, n), known, price, price, 0.0)
