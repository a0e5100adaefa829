"""Equal highs and lows: confirmed swings within a tolerance, where stops gather."""

from __future__ import annotations

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.layout import POOLS, RECENT, Array, Record
from snipersight.analysis.smc.log import POOL_FACT, emit


@kernel
def offer_swing(st: Record, log: Record, m: int, at: int, side: int, known: int) -> None:
    """Join a newly confirmed swing to a pool, to an earlier swing, or remember it alone."""
    atr = st.machine[m].atr_before
    if atr <= 0:
        return
    price = view.high(st.bars, at, side)
    tolerance = st.rules.equal_tolerance * atr
    pools, pool_count = st.pools[m, side], st.counts[m, side, POOLS]
    recent, recent_count = st.recent[m, side], st.counts[m, side, RECENT]
    twin = nearest(pools, pool_count, price, tolerance)
    if twin >= 0:
        pool = pools[twin]
        pool.price = max(pool.price, price)
        pool.touches += 1
        pool.at, pool.at_ms = at, view.time(st.bars, at)
    else:
        twin = nearest(recent, recent_count, price, tolerance)
        if twin >= 0:
            slot = view.append(pools, pool_count)
            st.counts[m, side, POOLS] = slot + 1
            _set(pools, slot, max(recent[twin].price, price), at, view.time(st.bars, at), 2)
            recent_count = view.remove(recent, recent_count, twin)
        else:
            slot = view.append(recent, recent_count)
            recent_count = slot + 1
            _set(recent, slot, price, at, view.time(st.bars, at), 1)
        st.counts[m, side, RECENT] = recent_count
        if twin < 0:
            return
    emit(log, POOL_FACT, side, 0, view.time(st.bars, at), known, price, price, 0.0)


@kernel
def _set(rows: Array, slot: int, price: float, at: int, at_ms: int, touches: int) -> None:
    row = rows[slot]
    row.live, row.price, row.at, row.at_ms, row.touches = 1, price, at, at_ms, touches


@kernel
def nearest(rows: Array, count: int, price: float, tolerance: float) -> int:
    """Return the newest row within `tolerance` of `price`, or -1."""
    for i in range(count - 1, -1, -1):
        if abs(rows[i].price - price) <= tolerance:
            return i
    return -1
