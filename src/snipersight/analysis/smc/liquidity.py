"""Equal highs and lows, and old swings: where stops gather.

An internal swing is remembered alone until another comes within the tolerance, in ATR; then both are
a pool, resting at the outermost price and dated by its newest touch. The second may pierce the first
by no more than the tolerance. A swing of the greater strength is a pool on its own, until another
joins it. How pools are taken is told in `sweeps`.
"""

from __future__ import annotations

import numpy as np

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.layout import EQUAL, NEVER, OLD_SWING, POOLS, RECENT, Array, Record
from snipersight.analysis.smc.log import POOL_FACT, emit


@kernel
def offer_swing(st: Record, log: Record, m: int, at: int, side: int, known: int) -> None:
    """Join a newly confirmed swing to a pool, to earlier swings, or remember it alone."""
    atr = st.machine[m].atr_before
    if atr <= 0:
        return
    price, at_ms = view.high(st.bars, at, side), view.time(st.bars, at)
    tolerance = st.rules.equal_tolerance * atr
    touches, top = _collect(st, m, at, side, price, tolerance)
    pools, count = st.pools[m, side], st.counts[m, side, POOLS]
    twin = newest_within(pools, count, price, tolerance)
    reached = top
    if twin >= 0:
        touches = _joined(pools[twin], touches)
        top, reached = max(top, pools[twin].price), max(top, pools[twin].reached)
        count = view.remove(pools, count, twin)
    if touches == 1:
        slot = view.append(st.recent[m, side], st.counts[m, side, RECENT])
        st.counts[m, side, RECENT] = slot + 1
        _set(st.recent[m, side], slot, price, at, at_ms, 1)
        return
    slot = view.append(pools, count)
    st.counts[m, side, POOLS] = slot + 1
    _set(pools, slot, top, at, at_ms, touches)
    pools[slot].reached = reached  # a deeper wick before the newest touch stays counted
    watch_pools(st, m, side)
    emit(log, POOL_FACT, side, pools[slot].kind, at_ms, known, top, top, float(touches))


@kernel
def _joined(pool: Record, touches: int) -> int:
    """Return the touches of a pool with the new swing and the lone ones equal to it."""
    if pool.kind == OLD_SWING:
        return max(touches, 2)  # its swing is also remembered alone, so it is counted already
    return pool.touches + touches


@kernel
def offer_old_swing(st: Record, log: Record, m: int, at: int, side: int, known: int) -> None:
    """Let a newly confirmed major swing rest as a pool of its own, where none stands yet."""
    if not st.rules.old_swings:
        return
    price, at_ms = view.high(st.bars, at, side), view.time(st.bars, at)
    pools, count = st.pools[m, side], st.counts[m, side, POOLS]
    tolerance = st.rules.equal_tolerance * st.machine[m].atr_before
    if newest_within(pools, count, price, tolerance) >= 0:
        return
    slot = view.append(pools, count)
    st.counts[m, side, POOLS] = slot + 1
    _set(pools, slot, price, at, at_ms, 1)
    watch_pools(st, m, side)
    emit(log, POOL_FACT, side, pools[slot].kind, at_ms, known, price, price, 1.0)


@kernel
def _collect(
    st: Record, m: int, at: int, side: int, price: float, tolerance: float
) -> tuple[int, float]:
    """Take the lone swings equal to `price` out of memory; return the touches and the outermost.

    Lone swings that the new one pierced by more, or that are too old, are forgotten.
    """
    recent, count = st.recent[m, side], st.counts[m, side, RECENT]
    touches, top, i = 1, price, 0
    while i < count:
        row = recent[i]
        is_old = at - row.at > st.rules.level_max_age
        is_equal = not is_old and abs(row.price - price) <= tolerance
        if is_equal:
            touches, top = touches + 1, max(top, row.price)
        if is_equal or is_old or row.price < price:
            count = view.remove(recent, count, i)
        else:
            i += 1
    st.counts[m, side, RECENT] = count
    return touches, top


@kernel
def _set(rows: Array, slot: int, price: float, at: int, at_ms: int, touches: int) -> None:
    row = rows[slot]
    row.live, row.kind = 1, OLD_SWING if touches == 1 else EQUAL
    row.price = row.reached = price
    row.at, row.at_ms, row.touches = at, at_ms, touches


@kernel
def newest_within(rows: Array, count: int, price: float, tolerance: float) -> int:
    """Return the newest row within `tolerance` of `price`, or -1."""
    for i in range(count - 1, -1, -1):
        if abs(rows[i].price - price) <= tolerance:
            return i
    return -1


@kernel
def watch_pools(st: Record, m: int, side: int) -> None:
    """Note the highest high, the highest close and the time that change none of the pools."""
    watch, pools = st.pool_watch[m, side], st.pools[m, side]
    watch.reach, watch.close, watch.due = np.inf, np.inf, NEVER
    for i in range(st.counts[m, side, POOLS]):
        pool = pools[i]
        watch.reach = min(watch.reach, pool.reached)
        if pool.reached > pool.price:  # pierced, so the next close at it breaks it
            watch.close = min(watch.close, pool.price)
        watch.due = min(watch.due, pool.at + st.rules.level_max_age + 1)
