"""Sweeps: a pool is pierced by a fair amount and the same bar closes back inside.

It is a sweep if the pool was old enough, the pierce lies between the bounds in ATR and the close is
back inside. A close at or beyond the level breaks it: the pool is gone. One that was pierced and
held stays; only a deeper pierce can sweep it again, so that a second, deeper wick counts and the
same wick never counts twice.
"""

from __future__ import annotations

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.layout import CALENDAR_KINDS, POOLS, SWEEPS, Record
from snipersight.analysis.smc.liquidity import watch_pools
from snipersight.analysis.smc.log import POOL_TAKEN_FACT, SWEEP_FACT, emit


@kernel
def step_sweeps(st: Record, log: Record, m: int, n: int, side: int, known: int) -> None:
    """Let bar `n` take the pools of one side (0: above the market)."""
    top, close = st.now[side].high, st.now[side].close
    for kind in range(CALENDAR_KINDS):
        pool = st.calendar_pools[side, kind]
        if pool.live and top > pool.reached:
            _take(st, log, m, n, side, pool, known)
    watch = st.pool_watch[m, side]
    if top > watch.reach or close >= watch.close or n >= watch.due:
        _step_pools(st, log, m, n, side, known)


@kernel
def _step_pools(st: Record, log: Record, m: int, n: int, side: int, known: int) -> None:
    top, close = st.now[side].high, st.now[side].close
    pools, count = st.pools[m, side], st.counts[m, side, POOLS]
    i = 0
    while i < count:
        if top > pools[i].reached:
            _take(st, log, m, n, side, pools[i], known)
            pools[i].reached = top
        is_broken = close >= pools[i].price and pools[i].reached > pools[i].price
        if is_broken or n - pools[i].at > st.rules.level_max_age:
            count = view.remove(pools, count, i)
        else:
            i += 1
    st.counts[m, side, POOLS] = count
    watch_pools(st, m, side)


@kernel
def take_calendar(st: Record, n: int) -> None:
    """Mark and drop the calendar pools that bar `n` took, after every machine has judged them."""
    for side in range(2):
        top, close = st.now[side].high, st.now[side].close
        for kind in range(CALENDAR_KINDS):
            pool = st.calendar_pools[side, kind]
            pool.reached = max(pool.reached, top)
            if close >= pool.price and pool.reached > pool.price:
                pool.live = 0


@kernel
def _take(st: Record, log: Record, m: int, n: int, side: int, pool: Record, known: int) -> None:
    rules, atr, price = st.rules, st.machine[m].atr_before, pool.price
    now = st.now[side]
    depth = now.high - price
    is_fair = atr > 0 and rules.min_pierce * atr <= depth <= rules.max_pierce * atr
    is_old = n - pool.at >= rules.min_pool_age
    if not (is_fair and is_old and now.close < price):
        emit(log, POOL_TAKEN_FACT, side, pool.kind, pool.at_ms, known, price, price, 0.0)
        return
    emit(log, SWEEP_FACT, side, pool.kind, pool.at_ms, known, price, price, depth / atr)
    _remember(st, m, n, side, pool, depth / atr)


@kernel
def _remember(st: Record, m: int, n: int, side: int, pool: Record, depth_atr: float) -> None:
    """Keep the sweep; of several pools taken by one bar the weightiest kind, else the newest."""
    sweeps, count = st.sweeps[m, side], st.counts[m, side, SWEEPS]
    slot = find_sweep(st, m, n, side)
    if slot >= 0 and sweeps[slot].kind > pool.kind:
        return
    if slot < 0:
        slot = view.append(sweeps, count)
        st.counts[m, side, SWEEPS] = slot + 1
    sweep = sweeps[slot]
    sweep.at, sweep.extreme = n, st.now[side].high
    sweep.price, sweep.price_ms, sweep.kind = pool.price, pool.at_ms, pool.kind
    sweep.touches, sweep.age, sweep.depth_atr = pool.touches, n - pool.at, depth_atr


@kernel
def find_sweep(st: Record, m: int, at: int, side: int) -> int:
    """Return the index of the sweep that bar `at` made on `side`, or -1."""
    for i in range(st.counts[m, side, SWEEPS] - 1, -1, -1):
        if st.sweeps[m, side, i].at == at:
            return i
    return -1
