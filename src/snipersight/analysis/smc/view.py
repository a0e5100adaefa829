"""The signed view of the bars: every detector reads prices through it."""

from __future__ import annotations

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc.layout import RING, Array, Record


@kernel
def bar(bars: Array, n: int) -> Record:
    """Return bar `n` from the ring."""
    return bars[n & (RING - 1)]


@kernel
def sign(now: Array, row: Record) -> None:
    """Write a bar as each side sees it."""
    up, down = now[0], now[1]
    up.open, up.high, up.low, up.close = row.o, row.h, row.l, row.c
    down.open, down.high, down.low, down.close = -row.o, -row.l, -row.h, -row.c


@kernel
def high(bars: Array, n: int, side: int) -> float:
    """Return the high of bar `n` as `side` sees it: its negated low for side 1."""
    row = bar(bars, n)
    return row.h if side == 0 else -row.l


@kernel
def low(bars: Array, n: int, side: int) -> float:
    """Return the low of bar `n` as `side` sees it: its negated high for side 1."""
    row = bar(bars, n)
    return row.l if side == 0 else -row.h


@kernel
def open_(bars: Array, n: int, side: int) -> float:
    """Return the signed open of bar `n`."""
    row = bar(bars, n)
    return row.o if side == 0 else -row.o


@kernel
def close(bars: Array, n: int, side: int) -> float:
    """Return the signed close of bar `n`."""
    row = bar(bars, n)
    return row.c if side == 0 else -row.c


@kernel
def time(bars: Array, n: int) -> int:
    """Return the open time of bar `n`, milliseconds UTC."""
    return bar(bars, n).t


@kernel
def remove(rows: Array, count: int, index: int) -> int:
    """Drop one row, keep the others in order, and return the new count."""
    for i in range(index, count - 1):
        rows[i] = rows[i + 1]
    return count - 1


@kernel
def append(rows: Array, count: int) -> int:
    """Make room for one row at the end, dropping the oldest of a full set; return its index."""
    if count < len(rows):
        return count
    for i in range(count - 1):
        rows[i] = rows[i + 1]
    return count - 1
