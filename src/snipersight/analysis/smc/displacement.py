"""Displacement: at most five bars, mostly body, wide in ATR, that leave a fair value gap."""

from __future__ import annotations

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.layout import ATR_RING, MOVE_BARS, Record
from snipersight.analysis.smc.log import DISPLACEMENT_FACT, NOTHING, emit


@kernel
def measure_moves(st: Record, n: int) -> None:
    """Measure the moves that end at bar `n`: all of a displacement that needs no ATR.

    The same for every machine, so it is done once a bar.
    """
    for side in range(2):
        st.may_displace[side] = 0
        if n > MOVE_BARS:
            if st.now[side].low > view.high(st.bars, n - 2, side):
                st.hole_at[side] = n - 1
            if st.hole_at[side] > n - st.rules.displacement_max:
                _measure(st, n, side)


@kernel
def _measure(st: Record, n: int, side: int) -> None:
    end, bodies, ranges = view.close(st.bars, n, side), 0.0, 0.0
    top, bottom, low_at, later_low = -1e300, 1e300, n, -1e300
    has_gap = is_solid = False
    for i in range(st.rules.displacement_max):
        start = n - i
        begin, high, low = (
            view.open_(st.bars, start, side),
            view.high(st.bars, start, side),
            view.low(st.bars, start, side),
        )
        move = st.moves[side, i]
        # A gap counts for what the rest of the move left of it; the newest bar cannot have one yet.
        move.gap = later_low - view.high(st.bars, start - 1, side)
        later_low = low if i == 0 else min(later_low, low)
        bodies += abs(view.close(st.bars, start, side) - begin)
        ranges += high - low
        top = max(top, high)
        if low < bottom:
            bottom, low_at = low, start
        move.is_solid = end > begin and bodies >= st.rules.displacement_body * ranges
        move.low, move.low_at, move.high = bottom, low_at, top
        move.bodies, move.ranges = bodies, ranges
        has_gap = has_gap or move.gap > 0
        is_solid = is_solid or (has_gap and move.is_solid == 1)
    st.may_displace[side] = is_solid


@kernel
def step_displacement(st: Record, log: Record, m: int, n: int, side: int, known: int) -> None:
    """Find the shortest displacement that ends at bar `n`; one that goes on is extended.

    ATR is the one before the move's first bar, for its range and for its gap.
    """
    if not st.may_displace[side]:
        return
    rules, has_gap = st.rules, False
    for i in range(rules.displacement_max):
        move = st.moves[side, i]
        atr = st.atr[m, (n - i - 1) & (ATR_RING - 1)]
        if atr <= 0:
            return  # the machine has not seen enough bars before this one
        has_gap = has_gap or (move.gap > 0 and move.gap >= rules.min_gap_atr * atr)
        width = move.high - move.low
        if has_gap and move.is_solid and width >= rules.displacement_atr * atr:
            if _is_new(st.displacements[m, side], move, n - i, n, width / atr):
                at = view.time(st.bars, n - i)
                emit(
                    log,
                    DISPLACEMENT_FACT,
                    side,
                    NOTHING,
                    at,
                    known,
                    move.low,
                    move.high,
                    width / atr,
                )
            return


@kernel
def _is_new(found: Record, move: Record, start: int, n: int, range_atr: float) -> bool:
    """Record a displacement; return False if it continues the one recorded before.

    It does not continue one whose low has been reached again since: that move is over.
    """
    returned = move.low <= found.low and move.low_at > found.low_at
    goes_on = found.live and start <= found.end + 1 and not returned
    if not goes_on:
        found.start = found.last_start = start
        found.low, found.low_at, found.range_atr = move.low, move.low_at, range_atr
    elif move.low < found.low:
        found.low, found.low_at = move.low, move.low_at
    found.start = min(start, found.start)
    found.last_start = max(start, found.last_start)
    found.range_atr = max(range_atr, found.range_atr)
    found.live, found.end = 1, n
    found.body = move.bodies / move.ranges if move.ranges > 0 else 0.0
    return not goes_on
