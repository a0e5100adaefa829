"""Inducement: the internal swing nearest to a block, on its approach side, taken before the block.

It is the bait in front of the zone: a low above a bullish block whose stops are run first.
"""

from __future__ import annotations

import math

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.layout import BLOCKS, Record
from snipersight.analysis.smc.log import INDUCED_FACT, emit


@kernel
def step_inducement(st: Record, log: Record, m: int, n: int, side: int, known: int) -> None:
    """Mark untouched blocks whose inducement bar `n` takes without touching the block."""
    low = view.low(st.bars, n, side)
    for i in range(st.counts[m, side, BLOCKS]):
        block = st.blocks[m, side, i]
        if block.state != 0 or block.induced or math.isnan(block.inducement):
            continue
        if block.high < low < block.inducement:
            block.induced = 1
            at = view.time(st.bars, block.at)
            emit(log, INDUCED_FACT, side, 0, at, known, block.inducement, block.inducement, 0.0)


@kernel
def offer_inducement(st: Record, m: int, at: int, side: int) -> None:
    """Offer the internal low at bar `at` (as `side` sees it) to the untouched blocks below it."""
    price = view.low(st.bars, at, side)
    for i in range(st.counts[m, side, BLOCKS]):
        block = st.blocks[m, side, i]
        if block.state != 0 or block.induced or at <= block.known or price <= block.high:
            continue
        if math.isnan(block.inducement) or price < block.inducement:
            block.inducement = price
