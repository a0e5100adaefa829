"""Fair value gaps: three bars whose outer wicks do not meet, and their life."""

from __future__ import annotations

import numpy as np

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.layout import ATR_RING, GAP_CAP, GAPS, NEVER, Record
from snipersight.analysis.smc.log import (
    BY_AGE,
    BY_CLOSE,
    FOR_ROOM,
    GAP_ENDED_FACT,
    GAP_FACT,
    GAP_FLIPPED_FACT,
    NOTHING,
    emit,
)


@kernel
def step_gaps(st: Record, log: Record, m: int, n: int, side: int, known: int) -> None:
    """Fill, flip and end the live gaps of one side, then look for a new one."""
    now, watch = st.now[side], st.gap_watch[m, side]
    watch.lowest = min(watch.lowest, now.low)
    if now.close < watch.below or now.close > watch.above or n >= watch.due:
        _step_all(st, log, m, n, side, known)
    if now.low > view.high(st.bars, n - 2, side):
        _find(st, log, m, n, side, known)


@kernel
def _step_all(st: Record, log: Record, m: int, n: int, side: int, known: int) -> None:
    gaps, watch, age = st.gaps[m, side], st.gap_watch[m, side], st.rules.zone_max_age
    fill_gaps(st, m, side)
    watch.below, watch.above, watch.due = -np.inf, np.inf, NEVER
    kept = 0
    for i in range(st.counts[m, side, GAPS]):
        if _lives_on(log, gaps[i], st.now[side].close, side, known, n - age):
            _watch(watch, gaps[i], age)
            if kept < i:
                gaps[kept] = gaps[i]
            kept += 1
    st.counts[m, side, GAPS] = kept


@kernel
def fill_gaps(st: Record, m: int, side: int) -> None:
    """Bring `deepest` of every gap up to the newest bar: all saw the same lows since the last time."""
    gaps, watch = st.gaps[m, side], st.gap_watch[m, side]
    for i in range(st.counts[m, side, GAPS]):
        if not gaps[i].inverse:
            gaps[i].deepest = min(gaps[i].deepest, watch.lowest)
    watch.lowest = np.inf


@kernel
def _watch(watch: Record, gap: Record, age: int) -> None:
    """Note the closes between which, and the time until which, this gap neither flips nor ends."""
    if gap.inverse:
        watch.above = min(watch.above, gap.high)
    else:
        watch.below = max(watch.below, gap.low)
    watch.due = min(watch.due, gap.known + age)


@kernel
def _lives_on(log: Record, gap: Record, close: float, side: int, known: int, oldest: int) -> bool:
    """Let a close flip or end one gap; return whether it is still there afterwards."""
    if not gap.inverse:
        if close < gap.low:
            gap.inverse = 1
            emit(log, GAP_FLIPPED_FACT, side, NOTHING, gap.at_ms, known, gap.low, gap.high, 1.0)
    elif close > gap.high:
        _end(log, gap, side, BY_CLOSE, known)
        return False
    if gap.known <= oldest:
        _end(log, gap, side, BY_AGE, known)
        return False
    return True


@kernel
def _end(log: Record, gap: Record, side: int, reason: int, known: int) -> None:
    emit(log, GAP_ENDED_FACT, side, reason, gap.at_ms, known, gap.low, gap.high, fill_of(gap))


@kernel
def _find(st: Record, log: Record, m: int, n: int, side: int, known: int) -> None:
    bottom, top = view.high(st.bars, n - 2, side), st.now[side].low
    atr = st.atr[m, (n - 2) & (ATR_RING - 1)]  # before the middle bar, which makes the gap
    if atr <= 0 or top - bottom < st.rules.min_gap_atr * atr:
        return  # an ATR of 0 also means that the machine has not seen these bars
    fill_gaps(st, m, side)
    gaps, count = st.gaps[m, side], st.counts[m, side, GAPS]
    if count == GAP_CAP:
        _end(log, gaps[0], side, FOR_ROOM, known)
    slot = view.append(gaps, count)
    gap, at_ms = gaps[slot], view.time(st.bars, n - 1)
    gap.low, gap.high, gap.at, gap.at_ms, gap.known = bottom, top, n - 1, at_ms, n
    gap.deepest, gap.inverse = top, 0
    st.counts[m, side, GAPS] = slot + 1
    _watch(st.gap_watch[m, side], gap, st.rules.zone_max_age)
    emit(log, GAP_FACT, side, NOTHING, at_ms, known, bottom, top, (top - bottom) / atr)


@kernel
def fill_of(gap: Record) -> float:
    """Return the deepest return into a gap, 0 (untouched) to 1 (filled)."""
    return min((gap.high - gap.deepest) / (gap.high - gap.low), 1.0)
