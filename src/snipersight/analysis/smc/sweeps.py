"""Sweeps: a pool is pierced by a fair amount and the same bar closes back inside.

Any pierce takes the pool. It is a sweep if the pool was old enough, the pierce lies between the
bounds in ATR and the close is back inside; a close beyond is a break; all else is only taken.
"""

from __future__ import annotations

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.layout import CALENDAR_KINDS, POOLS, RECENT, Record
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
    _forget(st, m, n, side, top)


@kernel
def _forget(st: Record, m: int, n: int, side: int, top: float) -> None:
    recent, count = st.recent[m, side], st.counts[m, side, RECENT]
    i = 0
    while i < count:
        if top > recent[i].price or n - recent[i].at > st.rules.level_max_age:
            count = view.remove(recent, count, i)
        else:
            i += 1
    st.counts[m, side, RECENT] = count


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
    rules, atr = st.rules, st.machine[m].atr_before
    depth = view.high(st.bars, n, side) - pool.price
    is_fair = rules.min_pierce * atr <= depth <= rules.max_pierce * atr
    is_old = n - pool.at >= rules.min_pool_age
    if not (atr > 0 and is_fair and is_old and view.close(st.bars, n, side) < pool.price):
        emit(log, POOL_TAKEN_FACT, side, kind, pool.at_ms, known, pool.price, pool.price, 0.0)
        return
    emit(log, SWEEP_FACT, side, kind, pool.at_ms, known, pool.price, pool.price, depth / atr)
    sweep = st.sweeps[m, side]
    if sweep.live and sweep.at == n and sweep.kind > kind:
        return  # of several pools taken by one bar the greater period counts
    sweep.live, sweep.at, sweep.extreme = 1, n, view.high(st.bars, n, side)
    sweep.price, sweep.price_ms, sweep.kind = pool.price, pool.at_ms, kind
    sweep.touches, sweep.age, sweep.depth_atr = pool.touches, n - pool.at, depth / atr
