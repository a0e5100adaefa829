"""ATR, ADX and the regime read from them, one bar at a time.

Wilder, J. W. (1978), New Concepts in Technical Trading Systems: a moving average with weight 1/14,
started by a plain mean. The start-up follows TA-Lib, which is the oracle of the tests.
"""

from __future__ import annotations

import numpy as np

from snipersight.analysis.kernel import kernel
from snipersight.analysis.smc import view
from snipersight.analysis.smc.layout import ATR_RING, PERIOD, Array, Record


@kernel
def step_wilder(st: Record, m: int, n: int) -> None:
    """Take bar `n` into ATR and ADX of machine `m`; `atr` stays 0 until 14 true ranges exist."""
    machine = st.machine[m]
    machine.atr_before = machine.atr
    if machine.seen > 1:
        now, before = view.bar(st.bars, n), view.bar(st.bars, n - 1)
        true_range = max(now.h, before.c) - min(now.l, before.c)
        _step_atr(machine, true_range)
        up, down = now.h - before.h, before.l - now.l
        plus = up if up > down and up > 0 else 0.0
        minus = down if down > up and down > 0 else 0.0
        _step_adx(machine, true_range, plus, minus)
    slot = n & (ATR_RING - 1)
    st.atr[m, slot] = st.atr[m, slot + ATR_RING] = machine.atr


@kernel
def _step_atr(machine: Record, true_range: float) -> None:
    ranges = machine.seen - 1
    if ranges <= PERIOD:
        machine.true_range_sum += true_range
        if ranges == PERIOD:
            machine.atr = machine.true_range_sum / PERIOD
    else:
        machine.atr = (machine.atr * (PERIOD - 1) + true_range) / PERIOD


@kernel
def _step_adx(machine: Record, true_range: float, plus: float, minus: float) -> None:
    ranges = machine.seen - 1
    if ranges < PERIOD:
        machine.plus_dm += plus
        machine.minus_dm += minus
        machine.range_14 += true_range
        return
    machine.plus_dm += plus - machine.plus_dm / PERIOD
    machine.minus_dm += minus - machine.minus_dm / PERIOD
    machine.range_14 += true_range - machine.range_14 / PERIOD
    moves = machine.plus_dm + machine.minus_dm
    dx = 100.0 * abs(machine.plus_dm - machine.minus_dm) / moves if moves > 0 else 0.0
    if ranges < 2 * PERIOD:
        machine.dx_sum += dx
        if ranges == 2 * PERIOD - 1:
            machine.adx = machine.dx_sum / PERIOD
    else:
        machine.adx = (machine.adx * (PERIOD - 1) + dx) / PERIOD


@kernel
def step_regime(rules: Record, machine: Record, atr: Array, n: int) -> None:
    """Read the regime from ADX and the ATR's rank in its window, with hysteresis.

    Volatile wins over trend: a wild market with direction is still one to stay out of.
    """
    if machine.seen < PERIOD + rules.regime_window:  # ADX is there long before: windows are >= 20
        machine.regime = -1
        return
    now, below = machine.atr, 0
    first = (n + 1 - rules.regime_window) & (ATR_RING - 1)
    # Unsigned, as a negative index would count from the end: asking that of each one is slower
    # than comparing.
    for i in range(np.uint64(first), np.uint64(first + rules.regime_window - 1)):
        below += atr[i] < now
    machine.percentile = below / (rules.regime_window - 1)
    volatile_at = rules.volatile_leave if machine.is_volatile else rules.volatile_enter
    machine.is_volatile = machine.percentile >= volatile_at
    trend_at = rules.adx_leave if machine.is_trending else rules.adx_enter
    machine.is_trending = machine.adx >= trend_at
    machine.regime = 2 if machine.is_volatile else (0 if machine.is_trending else 1)
