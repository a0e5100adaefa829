"""Setups: a pool is swept, that extreme is the origin of the leg that shifts structure.

The order is the definition: sweep, leg from the swept extreme, close beyond structure. The zone
belongs to that leg: a block, which needs a displacement in it, or a gap the leg left open. The setup
is complete at the shift's close; the return to the zone is the fill and happens later.
"""

from __future__ import annotations

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.fair_value_gaps import fill_gaps
from snipersight.analysis.smc.layout import BLOCKS, GAPS, Record
from snipersight.analysis.smc.log import SETUPS_ONLY
from snipersight.analysis.smc.sweeps import find_sweep


@kernel
def is_displaced(st: Record, m: int, strength: int, side: int) -> bool:
    """Return whether the leg of the newest break contains a displacement."""
    found = st.displacements[m, side]
    return found.live == 1 and found.last_start >= st.legs[m, strength].far_at


@kernel
def step_setup(
    st: Record, log: Record, m: int, n: int, side: int, block_at: int, known: int
) -> None:
    """Write the setup that the break on bar `n` completes, if it does."""
    rules = st.rules
    strength = rules.shift_strength
    leg = st.legs[m, strength]
    sweep = find_sweep(st, m, leg.far_at, 1 - side)
    if sweep < 0 or not rules.shift_kinds[leg.kind]:
        return
    if n - leg.far_at > rules.max_leg or st.setup_origins[m, side] == leg.far_at:
        return
    block = find_row(st.blocks[m, side], st.counts[m, side, BLOCKS], block_at)
    gap = leg_gap(st, m, n, side, leg.far_at, block)
    if block < 0 and gap < 0:
        return
    st.setup_origins[m, side] = leg.far_at
    if log.loudness >= SETUPS_ONLY:
        _write(st, log, m, n, side, known, block, gap)
        _write_causes(st, log.setups[log.setups_count], m, side, sweep)
        log.setups_count += 1


@kernel
def find_row(rows: Record, count: int, at: int) -> int:
    """Return the index of the row formed at bar `at`, or -1."""
    for i in range(count):
        if rows[i].at == at:
            return i
    return -1


@kernel
def leg_gap(st: Record, m: int, n: int, side: int, first: int, block: int) -> int:
    """Return the leg's gap that overlaps the block most, else its widest one, else -1.

    A gap that the leg itself filled or closed through is gone.
    """
    fill_gaps(st, m, side)
    gaps, best, most_shared, widest = st.gaps[m, side], -1, 0.0, 0.0
    for i in range(st.counts[m, side, GAPS]):
        gap = gaps[i]
        if gap.inverse or gap.deepest <= gap.low or gap.at < first:
            continue
        shared, width = 0.0, gap.high - gap.low
        if block >= 0:
            row = st.blocks[m, side, block]
            shared = max(min(gap.high, row.high) - max(gap.low, row.low), 0.0)
        if shared > most_shared or (shared == most_shared and width > widest):
            best, most_shared, widest = i, shared, width
    return best


@kernel
def _write(
    st: Record, log: Record, m: int, n: int, side: int, known: int, block: int, gap: int
) -> None:
    row, leg = log.setups[log.setups_count], st.legs[m, st.rules.shift_strength]
    sign = 1.0 - 2.0 * side
    row.side, row.at, row.known_at = side, view.time(st.bars, n), known
    row.shift_kind, row.shift_strength = leg.kind, st.rules.shift_strength
    row.close, row.atr = sign * view.close(st.bars, n, side), st.machine[m].atr
    row.level, row.level_at = sign * leg.level, view.time(st.bars, leg.level_at)
    row.origin, row.origin_at = sign * leg.far, view.time(st.bars, leg.far_at)
    row.has_block, row.has_gap = block >= 0, gap >= 0
    if block >= 0:
        zone = st.blocks[m, side, block]
        row.block_low, row.block_high = _ordered(sign * zone.low, sign * zone.high)
        row.block_at = zone.at_ms
    if gap >= 0:
        hole = st.gaps[m, side, gap]
        row.gap_low, row.gap_high = _ordered(sign * hole.low, sign * hole.high)
        row.gap_at = hole.at_ms


@kernel
def _write_causes(st: Record, row: Record, m: int, side: int, index: int) -> None:
    sweep, found = st.sweeps[m, 1 - side, index], st.displacements[m, side]
    row.pool, row.pool_at, row.pool_kind = (
        (2.0 * side - 1.0) * sweep.price,
        sweep.price_ms,
        sweep.kind,
    )
    row.pool_touches, row.pool_age, row.depth_atr = sweep.touches, sweep.age, sweep.depth_atr
    row.has_displacement = is_displaced(st, m, st.rules.shift_strength, side)
    if not row.has_displacement:
        return
    origin_at = st.legs[m, st.rules.shift_strength].far_at
    start = found.start if found.start >= origin_at else found.last_start
    row.displacement_start = view.time(st.bars, start)
    row.displacement_end = view.time(st.bars, found.end)
    row.displacement_atr, row.displacement_body = found.range_atr, found.body


@kernel
def _ordered(one: float, other: float) -> tuple[float, float]:
    return (one, other) if one <= other else (other, one)
