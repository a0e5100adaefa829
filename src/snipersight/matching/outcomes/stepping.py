"""Signals followed as in `walk`, and what they were after every bar that did something to them."""

from __future__ import annotations

import numpy as np

from snipersight.analysis.kernel import kernel
from snipersight.matching.outcomes.layout import OPEN, Array, Record
from snipersight.matching.outcomes.walk import begin, step


@kernel
def walk_logged(bars: Array, terms: Array, states: Array, first: Array, log: Array) -> Array:
    """Follow signals over bars, and note their states after each bar that changed them.

    A bar counts as a change when it moved size, money or the stop, or ended the signal. Going on
    with the states over the bars that come later notes what all bars at once would have noted.

    Args:
        bars: `layout.BAR`, oldest first, signed for the signals' side.
        terms: `layout.TERMS`, one a signal.
        states: `layout.STATE`, changed in place.
        first: index of the first bar that counts for each signal, as of `walk_all`.
        log: `layout.STATE`, filled from its beginning, one signal after the other.

    Returns:
        Where the notes of each signal end in the log. What would lie beyond its end was not
        noted: then it takes a longer log, and the states that it began with.
    """
    count = 0
    ends = np.zeros(len(terms), dtype=np.int64)
    for number in range(len(terms)):
        if first[number] > 0:
            count = _begin(bars[first[number] - 1], terms[number], states[number], log, count)
        count = _follow(bars[first[number] :], terms[number], states[number], log, count)
        ends[number] = count
    return ends


@kernel
def _begin(last: Record, terms: Record, state: Record, log: Array, count: int) -> int:
    before = _marks(state)
    begin(state, last, terms)
    return _noted(state, before, log, count)


@kernel
def _follow(bars: Array, terms: Record, state: Record, log: Array, count: int) -> int:
    for index in range(len(bars)):
        if state.status > OPEN:
            break
        before = _marks(state)
        step(state, bars[index], terms)
        count = _noted(state, before, log, count)
    return count


@kernel
def _noted(state: Record, before: tuple[float, ...], log: Array, count: int) -> int:
    """Note the state if its marks are not what they were; return how many notes there are."""
    if _marks(state) == before:
        return count
    if count < len(log):
        log[count] = state
    return count + 1


@kernel
def _marks(state: Record) -> tuple[float, ...]:
    return (
        state.entered,
        state.held,
        state.proceeds,
        state.fees,
        state.funding,
        state.stop,
        float(state.status),
    )
