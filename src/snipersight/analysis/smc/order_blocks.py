"""Order blocks: the last opposite candle before the displacement leg that broke structure."""

from __future__ import annotations

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.layout import BLOCKS, Array, Record
from snipersight.analysis.smc.log import (
    BLOCK_ENDED_FACT,
    BLOCK_FACT,
    BLOCK_FLIPPED_FACT,
    BLOCK_TOUCHED_FACT,
    emit,
)

FRESH, MITIGATED, BREAKER, MITIGATION_BLOCK = 0, 1, 2, 3


@kernel
def step_blocks(st: Record, log: Record, m: int, n: int, side: int, known: int) -> None:
    """Touch, flip and end the live blocks of one side with bar `n`."""
    blocks, count = st.blocks[m, side], st.counts[m, side, BLOCKS]
    i = 0
    while i < count:
        if _lives_on(st, log, blocks[i], n, side, known):
            i += 1
        else:
            count = view.remove(blocks, count, i)
    st.counts[m, side, BLOCKS] = count


@kernel
def _lives_on(st: Record, log: Record, block: Record, n: int, side: int, known: int) -> bool:
    low, close = view.low(st.bars, n, side), view.close(st.bars, n, side)
    at = view.time(st.bars, block.at)
    if block.state >= BREAKER:
        if close > block.high:
            emit(log, BLOCK_ENDED_FACT, side, 1, at, known, block.low, block.high, 1.0)
            return False
    elif close < block.low:
        block.state, block.penetration = (BREAKER if block.swept else MITIGATION_BLOCK), 1.0
        emit(log, BLOCK_FLIPPED_FACT, side, block.state, at, known, block.low, block.high, 1.0)
    elif not block.armed:
        block.armed = low > block.high  # wholly outside; it can be touched from the next bar on
    elif low <= block.high:
        _touch(log, block, low, side, at, known)
    if n - block.known >= st.rules.zone_max_age:
        emit(log, BLOCK_ENDED_FACT, side, 0, at, known, block.low, block.high, block.penetration)
        return False
    return True


@kernel
def _touch(log: Record, block: Record, low: float, side: int, at: int, known: int) -> None:
    width = block.high - block.low
    depth = min((block.high - low) / width, 1.0) if width > 0 else 1.0
    if block.state == FRESH:
        block.state = MITIGATED
        emit(log, BLOCK_TOUCHED_FACT, side, 0, at, known, block.low, block.high, depth)
    block.penetration = max(block.penetration, depth)


@kernel
def last_opposite(bars: Array, at: int, first: int, side: int) -> int:
    """Return the newest bar in `first`..`at` whose body runs against `side`, or -1.

    A doji (open equals close) has no colour and is passed over.
    """
    for i in range(at, first - 1, -1):
        if view.close(bars, i, side) < view.open_(bars, i, side):
            return i
    return -1


@kernel
def find_block(st: Record, log: Record, m: int, n: int, strength: int, side: int, known: int) -> int:
    """Record the block of the leg that broke structure at bar `n`; return its bar, or -1."""
    leg = st.legs[m, strength]
    first = max(leg.far_at - st.rules.block_lookback, st.machine[m].born)
    at = last_opposite(st.bars, leg.far_at, first, side)
    if at < 0:
        return -1
    blocks, count = st.blocks[m, side], st.counts[m, side, BLOCKS]
    for i in range(count):
        if blocks[i].at == at:  # the other strength broke with the same leg
            return at
    slot = view.append(blocks, count)
    st.counts[m, side, BLOCKS] = slot + 1
    block = blocks[slot]
    block.low, block.high = view.low(st.bars, at, side), view.high(st.bars, at, side)
    block.at, block.known, block.state, block.penetration = at, n, FRESH, 0.0
    block.armed = view.low(st.bars, n, side) > block.high
    sweep = st.sweeps[m, 1 - side]
    block.swept = sweep.live and sweep.at == leg.far_at
    block.inducement, block.induced = float("nan"), 0
    when = view.time(st.bars, at)
    emit(log, BLOCK_FACT, side, strength, when, known, block.low, block.high, 0.0)
    return at
