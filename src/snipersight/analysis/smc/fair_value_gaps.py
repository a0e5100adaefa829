"""Fair value gaps: three bars whose outer wicks do not meet, and their life."""

from __future__ import annotations

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.layout import ATR_RING, GAPS, Record
from snipersight.analysis.smc.log import GAP_ENDED_FACT, GAP_FACT, GAP_FLIPPED_FACT, emit


@kernel
def step_gaps(st: Record, log: Record, m: int, n: int, side: int, known: int) -> None:
    """Age, fill, flip and end the live gaps of one side, then look for a new one."""
    gaps, count = st.gaps[m, side], st.counts[m, side, GAPS]
    i = 0
    while i < count:
        if _lives_on(st, log, gaps[i], n, side, known):
            i += 1
        else:
            count = view.remove(gaps, count, i)
    st.counts[m, side, GAPS] = count
    _find(st, log, m, n, side, known)


@kernel
def _lives_on(st: Record, log: Record, gap: Record, n: int, side: int, known: int) -> bool:
    """Apply bar `n` to one gap; return whether it is still there afterwards."""
    close, at = view.close(st.bars, n, side), view.time(st.bars, gap.at)
    depth = (gap.high - view.low(st.bars, n, side)) / (gap.high - gap.low)
    if not gap.inverse:
        gap.fill = min(max(gap.fill, depth), 1.0)
        if close < gap.low:
            gap.inverse = 1
            emit(log, GAP_FLIPPED_FACT, side, 0, at, known, gap.low, gap.high, gap.fill)
    elif close > gap.high:
        emit(log, GAP_ENDED_FACT, side, 1, at, known, gap.low, gap.high, gap.fill)
        return False
    if n - gap.known >= st.rules.zone_max_age:
        emit(log, GAP_ENDED_FACT, side, 0, at, known, gap.low, gap.high, gap.fill)
        return False
    return True


@kernel
def _find(st: Record, log: Record, m: int, n: int, side: int, known: int) -> None:
    atr = st.atr[m, (n - 2) & (ATR_RING - 1)]  # before the middle bar, which makes the gap
    bottom, top = view.high(st.bars, n - 2, side), view.low(st.bars, n, side)
    if n - 2 < st.machine[m].born or atr <= 0 or top <= bottom:
        return
    if top - bottom < st.rules.min_gap_atr * atr:
        return
    slot = view.append(st.gaps[m, side], st.counts[m, side, GAPS])
    gap = st.gaps[m, side, slot]
    gap.low, gap.high, gap.at, gap.known = bottom, top, n - 1, n
    gap.fill, gap.inverse = 0.0, 0
    st.counts[m, side, GAPS] = slot + 1
    emit(log, GAP_FACT, side, 0, view.time(st.bars, n - 1), known, bottom, top, (top - bottom) / atr)
