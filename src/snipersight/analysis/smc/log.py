"""What the speaking machine says: facts and setups, in the order they became known."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc.layout import Array, Record

FACT: Final = np.dtype(
    [
        ("kind", "i1"),
        ("side", "i1"),  # 0 bullish or above, 1 bearish or below
        ("sub", "i1"),  # strength, shift kind, pool kind … by kind of fact
        ("at", "i8"),  # open time of the bar it describes
        ("known_at", "i8"),  # close that revealed it
        ("low", "f8"),
        ("high", "f8"),
        ("value", "f8"),
    ]
)
SETUP: Final = np.dtype(
    [
        ("side", "i1"),
        ("shift_kind", "i1"),
        ("shift_strength", "i1"),
        ("pool_kind", "i1"),
        ("has_displacement", "i1"),
        ("has_block", "i1"),
        ("has_gap", "i1"),
        ("at", "i8"),
        ("known_at", "i8"),
        ("close", "f8"),
        ("atr", "f8"),
        ("level", "f8"),
        ("level_at", "i8"),
        ("origin", "f8"),
        ("origin_at", "i8"),
        ("pool", "f8"),
        ("pool_at", "i8"),
        ("pool_touches", "i8"),
        ("pool_age", "i8"),
        ("depth_atr", "f8"),
        ("displacement_start", "i8"),
        ("displacement_end", "i8"),
        ("displacement_atr", "f8"),
        ("displacement_body", "f8"),
        ("block_low", "f8"),
        ("block_high", "f8"),
        ("block_at", "i8"),
        ("gap_low", "f8"),
        ("gap_high", "f8"),
        ("gap_at", "i8"),
    ]
)
SILENT, SETUPS_ONLY, ALL_FACTS = 0, 1, 2
FACTS_PER_BAR: Final = 224  # above what all detectors together can say on one bar
LOG: Final = np.dtype(
    [
        ("loudness", "i8"),  # of the machine at work
        ("facts_count", "i8"),
        ("setups_count", "i8"),
        ("facts", FACT, 4 * FACTS_PER_BAR),
        ("setups", SETUP, 4),
    ]
)


def new_log() -> Array:
    """Return an empty log: one LOG record, shape (1,)."""
    return np.zeros(1, LOG)


class FactKind(IntEnum):
    """Kinds of facts: what `sub` tells of each, then `value`, where they tell anything.

    `low` and `high` are the edges of a zone, or both the price of a level.
    """

    SWING = 0  # strength
    SHIFT = 1  # shift kind + 4 × strength; `at` is the broken level's bar
    FAILED_BREAK = 2  # strength; `at` is the bar that closed back
    DISPLACEMENT = 3  # -; range in ATR
    BLOCK = 4  # strength of the break
    BLOCK_TOUCHED = 5  # -; depth of the touch, 0 to 1
    BLOCK_FLIPPED = 6  # 2 breaker, 3 mitigation block
    BLOCK_ENDED = 7  # why (BY_AGE …); deepest penetration, 0 to 1
    GAP = 8  # -; width in ATR
    GAP_FLIPPED = 9
    GAP_ENDED = 10  # why; deepest fill, 0 to 1
    POOL = 11  # pool kind; touches
    SWEEP = 12  # pool kind; depth in ATR; `at` is the pool's bar
    POOL_TAKEN = 13  # pool kind; pierced or broken without a sweep; `at` is the pool's bar
    INDUCED = 14  # `at` is the block's bar, the price that of the swing that was taken


def _constant(value: int) -> Array:
    # Numba compiles a kernel once for every Python integer it is called with; a numpy integer is
    # a constant too, but of one type.
    return np.int64(value)


SWING_FACT: Final = _constant(FactKind.SWING)
SHIFT_FACT: Final = _constant(FactKind.SHIFT)
FAILED_BREAK_FACT: Final = _constant(FactKind.FAILED_BREAK)
DISPLACEMENT_FACT: Final = _constant(FactKind.DISPLACEMENT)
BLOCK_FACT: Final = _constant(FactKind.BLOCK)
BLOCK_TOUCHED_FACT: Final = _constant(FactKind.BLOCK_TOUCHED)
BLOCK_FLIPPED_FACT: Final = _constant(FactKind.BLOCK_FLIPPED)
BLOCK_ENDED_FACT: Final = _constant(FactKind.BLOCK_ENDED)
GAP_FACT: Final = _constant(FactKind.GAP)
GAP_FLIPPED_FACT: Final = _constant(FactKind.GAP_FLIPPED)
GAP_ENDED_FACT: Final = _constant(FactKind.GAP_ENDED)
POOL_FACT: Final = _constant(FactKind.POOL)
SWEEP_FACT: Final = _constant(FactKind.SWEEP)
POOL_TAKEN_FACT: Final = _constant(FactKind.POOL_TAKEN)
INDUCED_FACT: Final = _constant(FactKind.INDUCED)

NOTHING: Final = _constant(0)  # `sub` of facts that have none
# Why a zone ended: of age, closed back through, or dropped as the oldest of a full set.
BY_AGE: Final = _constant(0)
BY_CLOSE: Final = _constant(1)
FOR_ROOM: Final = _constant(2)


@kernel
def emit(
    log: Record,
    kind: int,
    side: int,
    sub: int,
    at: int,
    known_at: int,
    near: float,
    far: float,
    value: float,
) -> None:
    """Append one fact; `near` and `far` are signed prices of `side`, in any order."""
    if log.loudness >= ALL_FACTS:
        _append(log, kind, side, sub, at, known_at, near, far, value)


@kernel
def _append(
    log: Record,
    kind: int,
    side: int,
    sub: int,
    at: int,
    known_at: int,
    near: float,
    far: float,
    value: float,
) -> None:
    sign = 1.0 - 2.0 * side
    low, high = sign * near, sign * far
    if low > high:
        low, high = high, low
    row = log.facts[log.facts_count]
    row.kind, row.side, row.sub = kind, side, sub
    row.at, row.known_at = at, known_at
    row.low, row.high, row.value = low, high, value
    log.facts_count += 1
