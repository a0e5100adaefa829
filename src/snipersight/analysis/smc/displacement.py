"""Displacement: at most five bars, mostly body, wide in ATR, that leave a fair value gap."""

from __future__ import annotations

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.layout import ATR_RING, Record
from snipersight.analysis.smc.log import DISPLACEMENT_FACT, emit


@kernel
def step_displacement(st: Record, log: Record, m: int, n: int, side: int, known: int) -> None:
    """Find the shortest displacement that ends at bar `n`; one that goes on is extended.

    ATR is the one before the move's first bar.
    """
    rules, machine = st.rules, st.machine[m]
    bodies = ranges = 0.0
    top, bottom, has_gap = -1e300, 1e300, False
    for start in range(n, n - rules.displacement_max, -1):
        if start - 2 < machine.born:
            return
        bodies += abs(view.close(st.bars, start, side) - view.open_(st.bars, start, side))
        ranges += view.high(st.bars, start, side) - view.low(st.bars, start, side)
        top = max(top, view.high(st.bars, start, side))
        bottom = min(bottom, view.low(st.bars, start, side))
        if start < n:
            after = view.low(st.bars, start + 1, side)
            has_gap = has_gap or after > view.high(st.bars, start - 1, side)
        atr = st.atr[m, (start - 1) & (ATR_RING - 1)]
        rises = view.close(st.bars, n, side) > view.open_(st.bars, start, side)
        is_solid = bodies >= rules.displacement_body * ranges
        if has_gap and rises and is_solid and 0 < rules.displacement_atr * atr <= top - bottom:
            found = st.displacements[m, side]
            if _is_new(found, start, n, (top - bottom) / atr, bodies / ranges):
                at = view.time(st.bars, start)
                emit(log, DISPLACEMENT_FACT, side, 0, at, known, bottom, top, found.range_atr)
            return


@kernel
def _is_new(found: Record, start: int, n: int, range_atr: float, body: float) -> bool:
    """Record a displacement; return False if it continues the one recorded before."""
    goes_on = found.live and start <= found.end + 1
    found.start = min(start, found.start) if goes_on else start
    found.range_atr = max(range_atr, found.range_atr) if goes_on else range_atr
    found.live, found.end, found.body = 1, n, body
    return not goes_on
