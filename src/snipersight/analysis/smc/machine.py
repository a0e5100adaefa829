"""One closed bar through every detector, and machines renewed on calendar-fixed epochs."""

from __future__ import annotations

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.calendar_levels import step_calendar
from snipersight.analysis.smc.displacement import measure_moves, step_displacement
from snipersight.analysis.smc.fair_value_gaps import step_gaps
from snipersight.analysis.smc.inducement import offer_inducement
from snipersight.analysis.smc.layout import SWING, Array, Record
from snipersight.analysis.smc.liquidity import offer_old_swing, offer_swing
from snipersight.analysis.smc.log import (
    ALL_FACTS,
    FACTS_PER_BAR,
    SETUPS_ONLY,
    SILENT,
)
from snipersight.analysis.smc.order_blocks import find_block, step_blocks
from snipersight.analysis.smc.setups import is_displaced, step_setup
from snipersight.analysis.smc.structure import step_structure, watch_level
from snipersight.analysis.smc.sweeps import step_sweeps, take_calendar
from snipersight.analysis.smc.swings import find_swings, step_swing
from snipersight.analysis.smc.wilder import step_regime, step_wilder


@kernel
def step_machine(st: Record, log: Record, m: int, n: int) -> None:
    """Run machine `m` over bar `n`: first what the bar does to known facts, then new facts."""
    known = view.time(st.bars, n) + st.rules.duration_ms
    st.machine[m].seen += 1
    step_wilder(st, m, n)
    step_regime(st.rules, st.machine[m], st.atr[m], n)
    for side in range(2):
        step_sweeps(st, log, m, n, side, known)
        step_displacement(st, log, m, n, side, known)
        step_gaps(st, log, m, n, side, known)
        step_blocks(st, log, m, n, side, known)
    for strength in range(2):
        side = step_structure(st, log, m, n, strength)
        if side >= 0:
            block_at = -1
            if is_displaced(st, m, strength, side):
                block_at = find_block(st, log, m, n, strength, side, known)
            if strength == st.rules.shift_strength:
                step_setup(st, log, m, n, side, block_at, known)
    _confirm_swings(st, log, m, n, known)


@kernel
def _confirm_swings(st: Record, log: Record, m: int, n: int, known: int) -> None:
    for strength in range(2):
        for side in range(2):
            at = step_swing(st, log, m, n, strength, side)
            if at < 0:
                continue
            price = view.high(st.bars, at, side)
            watch_level(st.levels[m, strength, side], st.bars, price, at, n, side)
            if strength == SWING:
                offer_old_swing(st, log, m, at, side, known)
            else:
                offer_swing(st, log, m, at, side, known)
                offer_inducement(st, m, at, 1 - side)


@kernel
def start_machine(st: Record, m: int, epoch: int, n: int, is_complete: bool) -> None:
    """Empty machine `m` and let it begin with bar `n`."""
    machine = st.machine[m]
    machine.epoch, machine.alive, machine.complete = epoch, 1, is_complete
    machine.born, machine.seen = n, 0
    machine.atr = machine.atr_before = machine.true_range_sum = 0.0
    machine.plus_dm = machine.minus_dm = machine.range_14 = machine.dx_sum = machine.adx = 0.0
    machine.percentile, machine.regime = 0.0, -1
    machine.is_trending = machine.is_volatile = 0
    st.atr[m, :] = 0.0
    st.counts[m, :, :] = 0
    st.setup_origins[m, :] = -1
    for side in range(2):
        st.displacements[m, side].live = 0
        # Due at once, and so set anew.
        st.gap_watch[m, side].due = st.block_watch[m, side].due = st.pool_watch[m, side].due = 0
    for strength in range(2):
        st.guards[m, strength].live = 0
        st.trends[m, strength].trend, st.trends[m, strength].watch_side = 0, -1
        for side in range(2):
            st.pivots[m, strength, side].live = st.levels[m, strength, side].live = 0


@kernel
def renew_machines(st: Record, n: int, t: int) -> int:
    """Start the machines that are due at time `t`; return the one that may speak, or -1."""
    rules, first_ms = st.rules, st.clock.first_ms
    length = rules.epoch * rules.duration_ms
    epoch = (t - rules.offset_ms) // length
    for due in range(epoch, epoch + 2):
        start = rules.offset_ms + due * length - rules.burn_in * rules.duration_ms
        if t >= start and st.machine[due & 1].epoch != due:
            start_machine(st, due & 1, due, n, first_ms <= start)
    other = st.machine[(epoch + 1) & 1]
    if other.epoch < epoch:
        other.alive = 0
    return epoch & 1 if st.machine[epoch & 1].complete else -1


@kernel
def step_bar(st: Record, log: Record, n: int) -> None:
    """Take bar `n`, which already stands in the ring."""
    clock, t = st.clock, view.time(st.bars, n)
    if n == 0:
        clock.first_ms = t
    clock.last_ms = t
    view.sign(st.now, view.bar(st.bars, n))
    speaker = renew_machines(st, n, t)
    clock.speaker = speaker
    step_calendar(st, n)
    find_swings(st, n)
    measure_moves(st, n)
    for m in range(2):
        if st.machine[m].alive:
            loudness = ALL_FACTS if t >= clock.facts_from_ms else SETUPS_ONLY
            log.loudness = loudness if m == speaker else SILENT
            step_machine(st, log, m, n)
    take_calendar(st, n)


@kernel
def run(
    states: Array,
    logs: Array,
    columns: tuple[Array, Array, Array, Array, Array, Array],
    first: int,
    stop: int,
    stop_at_setup: bool,
) -> int:
    """Take bars `first` to `stop` of the columns (time, open, high, low, close, volume).

    Returns:
        The index of the next bar to take: before `stop` where a setup was completed and
        `stop_at_setup` is set, or where the log is full and must be emptied first.
    """
    st, log = states[0], logs[0]
    t, o, h, low, c, v = columns
    setups = log.setups_count
    for i in range(first, stop):
        is_full = log.facts_count + FACTS_PER_BAR > len(log.facts) or log.setups_count == len(
            log.setups
        )
        if is_full or (stop_at_setup and log.setups_count > setups):
            return i
        n = st.clock.n
        row = view.bar(st.bars, n)
        row.t, row.o, row.h, row.l, row.c, row.v = t[i], o[i], h[i], low[i], c[i], v[i]
        step_bar(st, log, n)
        st.clock.n = n + 1
    return stop
