"""Inducement: the internal swing nearest to a block, on its approach side, taken before the block.

It is the bait in front of the zone: a low above a bullish block whose stops are run first.
"""

from __future__ import annotations

import math

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.layout import BLOCKS, INTERNAL, Record
from snipersight.analysis.smc.log import INDUCED_FACT, NOTHING, emit
from snipersight.analysis.smc.swings import is_swing


@kernel
def step_inducement(st: Record, log: Record, m: int, side: int, known: int) -> None:
    """Mark untouched blocks whose inducement the newest bar takes without reaching the block."""
    low = st.now[side].low
    for i in range(st.counts[m, side, BLOCKS]):
        block = st.blocks[m, side, i]
        price = block.inducement
        if block.state != 0 or block.induced or math.isnan(price):
            continue
        if not block.high < low < price:  # a bar that takes both touches the block: no bait
            continue
        block.induced = 1
        emit(log, INDUCED_FACT, side, NOTHING, block.at_ms, known, price, price, 0.0)


@kernel
def offer_inducement(st: Record, m: int, at: int, side: int) -> None:
    """Offer the internal low at bar `at` (as `side` sees it) to the untouched blocks below it."""
    price, watch = view.low(st.bars, at, side), st.block_watch[m, side]
    for i in range(st.counts[m, side, BLOCKS]):
        block = st.blocks[m, side, i]
        if block.state != 0 or block.induced or at <= block.at or price <= block.high:
            continue
        if math.isnan(block.inducement) or price < block.inducement:
            block.inducement = price
            watch.reach = max(watch.reach, price)


@kernel
def nearest_inducement(st: Record, first: int, n: int, side: int, edge: float) -> float:
    """Return the lowest internal low above `edge` since bar `first` that stands at bar `n`.

    NaN if there is none. These are the lows the leg left behind before its block was known.
    """
    wide = st.rules.strength[INTERNAL]
    lowest, found = 1e300, float("nan")
    for at in range(n, first, -1):
        low = view.low(st.bars, at, side)
        if edge < low <= lowest and at + wide <= n and is_swing(st.bars, at, 1 - side, wide):
            found = low
        lowest = min(lowest, low)
    return found
