"""Swings: highs strictly above the k before them and not below the k after; mirrored for lows."""

from __future__ import annotations

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.layout import Array, Record
from snipersight.analysis.smc.log import SWING_FACT, emit


@kernel
def is_swing(bars: Array, at: int, side: int, strength: int) -> bool:
    """Return whether bar `at` is a swing of `strength`; needs that many bars on both sides."""
    top = view.high(bars, at, side)
    stands = True
    for i in range(1, strength + 1):
        after, before = view.high(bars, at + i, side), view.high(bars, at - i, side)
        stands &= (after <= top) & (before < top)
    return stands


@kernel
def find_swings(st: Record, n: int) -> None:
    """Note which swings bar `n` completes; the same for every machine, so it is asked once."""
    for strength in range(2):
        wide = st.rules.strength[strength]
        at = n - wide
        for side in range(2):
            found = at >= wide and is_swing(st.bars, at, side, wide)
            st.confirmed[strength, side] = at if found else -1


@kernel
def step_swing(st: Record, log: Record, m: int, n: int, strength: int, side: int) -> int:
    """Confirm the swing that bar `n` completes; return its bar, or -1 if there is none."""
    at = st.confirmed[strength, side]
    if at - st.rules.strength[strength] < st.machine[m].born:
        return -1
    price = view.high(st.bars, at, side)
    pivot = st.pivots[m, strength, side]
    pivot.live, pivot.price, pivot.at = 1, price, at
    known = view.time(st.bars, n) + st.rules.duration_ms
    emit(log, SWING_FACT, side, strength, view.time(st.bars, at), known, price, price, 0.0)
    return at
