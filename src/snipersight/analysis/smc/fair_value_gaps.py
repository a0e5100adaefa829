"""Fair value gaps: three bars whose outer wicks do not meet, and their life."""

from __future__ import annotations

import numpy as np

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.layout import ATR_RING, GAP_CAP, GAPS, NEVER, Array, Record
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
    watch = st.gap_watch[m, side]
    low, close = view.low(st.bars, n, side), view.close(st.bars, n, side)
    if low < watch.reach or close > watch.close or n >= watch.due:
        gaps, count = st.gaps[m, side], st.counts[m, side, GAPS]
        i = 0
        while i < count:
            if _lives_on(st, log, gaps[i], n, side, known):
                i += 1
            else:
                count = view.remove(gaps, count, i)
        st.counts[m, side, GAPS] = count
        _watch(watch, gaps, count, st.rules.zone_max_age)
    _find(st, log, m, n, side, known)


@kernel
def _watch(watch: Record, gaps: Array, count: int, age: int) -> None:
    """Note the lowest low, the highest close and the time that change none of the gaps."""
    watch.reach, watch.close, watch.due = -np.inf, np.inf, NEVER
    for i in range(count):
        gap = gaps[i]
        if gap.inverse:
            watch.close = min(watch.close, gap.high)
        else:  # a deeper return; once filled, only a close below it matters
            watch.reach = max(watch.reach, gap.deepest, gap.low)
        watch.due = min(watch.due, gap.known + age)


@kernel
def _lives_on(st: Record, log: Record, gap: Record, n: int, side: int, known: int) -> bool:
    """Apply bar `n` to one gap; return whether it is still there afterwards."""
    close, low = view.close(st.bars, n, side), view.low(st.bars, n, side)
    if not gap.inverse:
        gap.deepest = min(gap.deepest, low)
        if close < gap.low:
            gap.inverse = 1
            emit(log, GAP_FLIPPED_FACT, side, NOTHING, gap.at_ms, known, gap.low, gap.high, 1.0)
    elif close > gap.high:
        _end(log, gap, side, BY_CLOSE, known)
        return False
    if n - gap.known >= st.rules.zone_max_age:
        _end(log, gap, side, BY_AGE, known)
        return False
    return True


@kernel
def _end(log: Record, gap: Record, side: int, reason: int, known: int) -> None:
    emit(log, GAP_ENDED_FACT, side, reason, gap.at_ms, known, gap.low, gap.high, fill_of(gap))


@kernel
def _find(st: Record, log: Record, m: int, n: int, side: int, known: int) -> None:
    bottom, top = view.high(st.bars, n - 2, side), view.low(st.bars, n, side)
    if top <= bottom:
        return
    atr = st.atr[m, (n - 2) & (ATR_RING - 1)]  # before the middle bar, which makes the gap
    if atr <= 0 or top - bottom < st.rules.min_gap_atr * atr:
        return  # an ATR of 0 also means that the machine has not seen these bars
    gaps, count = st.gaps[m, side], st.counts[m, side, GAPS]
    if count == GAP_CAP:
        _end(log, gaps[0], side, FOR_ROOM, known)
    slot = view.append(gaps, count)
    gap, at_ms = gaps[slot], view.time(st.bars, n - 1)
    gap.low, gap.high, gap.at, gap.at_ms, gap.known = bottom, top, n - 1, at_ms, n
    gap.deepest, gap.inverse = top, 0
    st.counts[m, side, GAPS] = slot + 1
    _watch(st.gap_watch[m, side], gaps, slot + 1, st.rules.zone_max_age)
    emit(log, GAP_FACT, side, NOTHING, at_ms, known, bottom, top, (top - bottom) / atr)


@kernel
def fill_of(gap: Record) -> float:
    """Return the deepest return into a gap, 0 (untouched) to 1 (filled)."""
    return min((gap.high - gap.deepest) / (gap.high - gap.low), 1.0)
