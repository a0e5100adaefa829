"""Which trades are out of sample: those that touch no time that values may have been chosen by."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from snipersight.performance.series import ClosedTrades
from snipersight.performance.windows import Window


def untouched(trades: ClosedTrades, seen: Iterable[Window]) -> ClosedTrades:
    """Return the trades that were open at no moment of some stretches of time.

    Args:
        trades: closed ones.
        seen: what values may have been chosen by, in any order; they may overlap.
    """
    is_out = np.ones(len(trades), dtype=np.bool_)
    for window in seen:
        is_out &= (trades.closed_ms < window.start_ms) | (trades.opened_ms >= window.end_ms)
    return trades.where(is_out)
