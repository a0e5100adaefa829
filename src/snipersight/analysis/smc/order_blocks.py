"""Order blocks: the last opposite candle before the displacement leg that broke structure."""

from __future__ import annotations

import math

import numpy as np

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.inducement import nearest_inducement, step_inducement
from snipersight.analysis.smc.layout import BLOCK_CAP, BLOCKS, NEVER, Array, Record
from snipersight.analysis.smc.log import (
    BLOCK_ENDED_FACT,
    BLOCK_FACT,
    BLOCK_FLIPPED_FACT,
    BLOCK_TOUCHED_FACT,
    BY_AGE,
    BY_CLOSE,
    FOR_ROOM,
    NOTHING,
    emit,
)
from snipersight.analysis.smc.sweeps import find_sweep

FRESH, MITIGATED, BREAKER, MITIGATION_BLOCK = 0, 1, 2, 3


@kernel
def step_blocks(st: Record, log: Record, m: int, n: int, side: int, known: int) -> None:
    """Touch, flip and end the live blocks of one side with bar `n`, after their inducements."""
    now, watch = st.now[side], st.block_watch[m, side]
    if now.low <= watch.reach or now.close > watch.close or n >= watch.due:
        step_inducement(st, log, m, side, known)
        _step_all(st, log, m, n, side, known)


@kernel
def _step_all(st: Record, log: Record, m: int, n: int, side: int, known: int) -> None:
    blocks, count = st.blocks[m, side], st.counts[m, side, BLOCKS]
    i = 0
    while i < count:
        if _lives_on(st, log, blocks[i], n, side, known):
            i += 1
        else:
            count = view.remove(blocks, count, i)
    st.counts[m, side, BLOCKS] = count
    watch_blocks(st, m, side)


@kernel
def watch_blocks(st: Record, m: int, side: int) -> None:
    """Note the lowest low, the highest close and the time that change none of the blocks."""
    watch = st.block_watch[m, side]
    watch.reach, watch.close, watch.due = -np.inf, np.inf, NEVER
    for i in range(st.counts[m, side, BLOCKS]):
        block = st.blocks[m, side, i]
        watch.due = min(watch.due, block.known + st.rules.zone_max_age)
        if block.state >= BREAKER:
            watch.close = min(watch.close, block.high)
        elif not block.armed:
            watch.due = 0  # a low above it arms it: soon, so ask every bar
        elif block.state == MITIGATED:  # a deeper touch, and later a close below it
            watch.reach = max(watch.reach, block.deepest, block.low)
        elif block.induced or math.isnan(block.inducement):
            watch.reach = max(watch.reach, block.high)
        else:  # the bait lies above the block
            watch.reach = max(watch.reach, block.inducement)


@kernel
def _lives_on(st: Record, log: Record, block: Record, n: int, side: int, known: int) -> bool:
    low, close = st.now[side].low, st.now[side].close
    if block.state >= BREAKER:
        if close > block.high:
            _end(log, block, side, BY_CLOSE, known)
            return False
    else:
        if block.armed and low <= block.high:
            _touch(log, block, low, side, known)
        if close < block.low:
            _flip(log, block, side, known)
        block.armed = block.armed or low > block.high  # it can be touched from the next bar on
    if n - block.known >= st.rules.zone_max_age:
        _end(log, block, side, BY_AGE, known)
        return False
    return True


@kernel
def _touch(log: Record, block: Record, low: float, side: int, known: int) -> None:
    width = block.high - block.low
    depth = min((block.high - low) / width, 1.0) if width > 0 else 1.0
    if block.state == FRESH:
        block.state = MITIGATED
        emit(
            log, BLOCK_TOUCHED_FACT, side, NOTHING, block.at_ms, known, block.low, block.high, depth
        )
    block.penetration, block.deepest = max(block.penetration, depth), min(block.deepest, low)


@kernel
def _flip(log: Record, block: Record, side: int, known: int) -> None:
    block.state, block.penetration = (BREAKER if block.swept else MITIGATION_BLOCK), 1.0
    emit(log, BLOCK_FLIPPED_FACT, side, block.state, block.at_ms, known, block.low, block.high, 1.0)


@kernel
def _end(log: Record, block: Record, side: int, reason: int, known: int) -> None:
    depth = block.penetration
    emit(log, BLOCK_ENDED_FACT, side, reason, block.at_ms, known, block.low, block.high, depth)


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
def find_block(
    st: Record, log: Record, m: int, n: int, strength: int, side: int, known: int
) -> int:
    """Record the block of the leg that broke structure at bar `n`; return its bar, or -1."""
    leg = st.legs[m, strength]
    first = max(leg.far_at - st.rules.block_lookback, st.machine[m].born)
    at = last_opposite(st.bars, leg.far_at, first, side)
    if at < 0:
        return -1
    blocks, count = st.blocks[m, side], st.counts[m, side, BLOCKS]
    for i in range(count):
        if blocks[i].at == at:  # the other strength broke with the same leg
            return at if blocks[i].state < BREAKER else -1
    if count == BLOCK_CAP:
        _end(log, blocks[0], side, FOR_ROOM, known)
    slot = view.append(blocks, count)
    st.counts[m, side, BLOCKS] = slot + 1
    block = blocks[slot]
    _begin(st, block, at, n, side)
    block.swept = find_sweep(st, m, leg.far_at, 1 - side) >= 0
    block.armed = _has_left(st.bars, leg.far_at, n, side, block.high)
    block.inducement = nearest_inducement(st, leg.far_at, n, side, block.high)
    watch_blocks(st, m, side)
    emit(log, BLOCK_FACT, side, strength, block.at_ms, known, block.low, block.high, 0.0)
    return at


@kernel
def _begin(st: Record, block: Record, at: int, n: int, side: int) -> None:
    block.low, block.high = view.low(st.bars, at, side), view.high(st.bars, at, side)
    block.at, block.at_ms, block.known = at, view.time(st.bars, at), n
    block.state, block.penetration, block.deepest, block.induced = FRESH, 0.0, np.inf, 0


@kernel
def _has_left(bars: Array, first: int, n: int, side: int, edge: float) -> bool:
    """Return whether a bar of the leg closed wholly outside the block."""
    has_left = False
    for i in range(first + 1, n + 1):
        has_left = has_left or view.low(bars, i, side) > edge
    return has_left
