"""Sweeps: a pool is pierced by a fair amount and the same bar closes back inside.

Any pierce takes the pool. It is a sweep if the pool was old enough, the pierce lies between the
bounds in ATR and the close is back inside; a close at or beyond it is a break; all else is only
taken.
"""

from __future__ import annotations

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.layout import CALENDAR_KINDS, POOLS, SWEEPS, Record
from snipersight.analysis.smc.log import POOL_TAKEN_FACT, SWEEP_FACT, emit


@kernel
def step_sweeps(st: Record, log: Record, m: int, n: int, side: int, known: int) -> None:
    """Let bar `n` take the pools of one side (0: above the market)."""
    top = view.high(st.bars, n, side)
    for kind in range(CALENDAR_KINDS):
        pool = st.calendar_pools[side, kind]
        if pool.live and top > pool.price:
            _take(st, log, m, n, side, kind + 1, pool, known)
    pools, count = st.pools[m, side], st.counts[m, side, POOLS]
    i = 0
    while i < count:
        if top > pools[i].price:
            _take(st, log, m, n, side, 0, pools[i], known)
            count = view.remove(pools, count, i)
        elif n - pools[i].at > st.rules.level_max_age:
            count = view.remove(pools, count, i)
        else:
            i += 1
    st.counts[m, side, POOLS] = count


@kernel
def take_calendar(st: Record, n: int) -> None:
    """Drop the calendar pools that bar `n` pierced, after every machine has judged them."""
    for side in range(2):
        for kind in range(CALENDAR_KINDS):
            pool = st.calendar_pools[side, kind]
            if pool.live and view.high(st.bars, n, side) > pool.price:
                pool.live = 0


@kernel
def _take(
    st: Record, log: Record, m: int, n: int, side: int, kind: int, pool: Record, known: int
) -> None:
    rules, atr, price = st.rules, st.machine[m].atr_before, pool.price
    depth = view.high(st.bars, n, side) - price
    is_fair = atr > 0 and rules.min_pierce * atr <= depth <= rules.max_pierce * atr
    is_old = n - pool.at >= rules.min_pool_age
    if not (is_fair and is_old and view.close(st.bars, n, side) < price):
        emit(log, POOL_TAKEN_FACT, side, kind, pool.at_ms, known, price, price, 0.0)
        return
    emit(log, SWEEP_FACT, side, kind, pool.at_ms, known, price, price, depth / atr)
    _remember(st, m, n, side, kind, pool, depth / atr)


@kernel
def _remember(
    st: Record, m: int, n: int, side: int, kind: int, pool: Record, depth_atr: float
) -> None:
    """Keep the sweep; of several pools taken by one bar the greatest period, else the newest."""
    sweeps, count = st.sweeps[m, side], st.counts[m, side, SWEEPS]
    slot = find_sweep(st, m, n, side)
    if slot >= 0 and sweeps[slot].kind > kind:
        return
    if slot < 0:
        slot = view.append(sweeps, count)
        st.counts[m, side, SWEEPS] = slot + 1
    sweep = sweeps[slot]
    sweep.at, sweep.extreme = n, view.high(st.bars, n, side)
    sweep.price, sweep.price_ms, sweep.kind = pool.price, pool.at_ms, kind
    sweep.touches, sweep.age, sweep.depth_atr = pool.touches, n - pool.at, depth_atr


@kernel
def find_sweep(st: Record, m: int, at: int, side: int) -> int:
    """Return the index of the sweep that bar `at` made on `side`, or -1."""
    for i in range(st.counts[m, side, SWEEPS] - 1, -1, -1):
        if st.sweeps[m, side, i].at == at:
            return i
    return -1
