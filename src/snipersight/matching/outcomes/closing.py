"""What is decided at the close of a bar, as the executor decides it, and counts from the next."""

from __future__ import annotations

import math

from snipersight.analysis.kernel import kernel
from snipersight.matching.outcomes.booking import (
    close,
    leave,
    leave_at_market,
    note_favourable,
)
from snipersight.matching.outcomes.layout import (
    BY_BREAK_EVEN,
    BY_JUDGEMENT,
    BY_TARGETS,
    BY_TIME,
    BY_TRAILING,
    Record,
)
from snipersight.matching.outcomes.ticks import tick_above, tick_below

_NOTED_ATR = 0.05  # nearer to the best price than this moves no trailing stop
_STEP_ATR = 0.1  # least move of a trailing stop
_EQUAL = 1e-9  # floats that name the same decimal differ by less


@kernel
def decide(state: Record, bar: Record, terms: Record) -> None:
    """Judge a position, end it in time, move its stop, and lay out its targets anew."""
    if state.is_new == 1 and _is_not_worth_it(state, terms):
        leave_at_market(state, bar, bar.close, terms, BY_JUDGEMENT)
        return
    if terms.time_stop_ms > 0 and bar.close_ms >= state.entered_ms + terms.time_stop_ms:
        leave_at_market(state, bar, bar.close, terms, BY_TIME)
        return
    _note_best(state, bar, terms)
    if state.has_exited == 1:  # and something is held: a target was hit
        _move_stop(state, bar, terms)
    if state.is_new == 1:
        _lay_out_targets(state, terms)
        _take_targets(state, bar, terms)


@kernel
def _is_not_worth_it(state: Record, terms: Record) -> bool:
    """Return whether net reward to risk at the average entry is below what was asked for."""
    loss = max(state.average - terms.stop, 0.0) + terms.cost
    reward = -terms.cost
    for number in range(terms.target_count):
        reward += terms.fractions[number] * (terms.targets[number] - state.average)
    return loss > 0.0 and reward / loss < terms.min_rr - _EQUAL


@kernel
def _note_best(state: Record, bar: Record, terms: Record) -> None:
    is_first = state.entered_ms == bar.close_ms
    if is_first or bar.close - state.best >= (_NOTED_ATR - _EQUAL) * terms.atr:
        state.best = bar.close


@kernel
def _move_stop(state: Record, bar: Record, terms: Record) -> None:
    """Tighten the stop; never to where price has been at the close, it would trigger at once."""
    before = state.stop
    if terms.break_even == 1:
        price = tick_above(state.average + terms.cost, terms)
        if state.stop < price < bar.close:
            state.stop, state.stop_kind = price, BY_BREAK_EVEN
    if terms.trailing_atr > 0.0:
        price = tick_above(state.best - terms.trailing_atr * terms.atr, terms)
        is_far = price - before >= (_STEP_ATR - _EQUAL) * terms.atr
        if is_far and state.stop < price < bar.close:
            state.stop, state.stop_kind = price, BY_TRAILING


@kernel
def _lay_out_targets(state: Record, terms: Record) -> None:
    """Divide what is held: shares of all that was entered, less what was closed; the last the rest.

    In lots each border between shares is rounded down: what is too small falls to the next target.
    """
    left = state.held
    last = terms.target_count - 1
    border, cumulated = 0.0, 0.0
    for number in range(last):
        if terms.lot > 0.0:
            cumulated += terms.fractions[number]
            before, border = border, _lots(cumulated * state.entered, terms)
            share = (border - before) * terms.lot
        else:
            share = terms.fractions[number] * state.entered
        state.rest[number] = min(max(share - state.done[number], 0.0), left)
        left -= state.rest[number]
    state.rest[last] = left


@kernel
def _take_targets(state: Record, bar: Record, terms: Record) -> None:
    """Fill as a taker the targets that the close is beyond as they are placed."""
    price = tick_below(bar.close - abs(bar.close) * terms.slippage, terms)
    is_first = state.has_exited == 0
    for number in range(terms.target_count):
        size, target = state.rest[number], terms.targets[number]
        if size > 0.0 and bar.close > target:
            got = max(price, target)
            leave(state, size, bar.close, got, terms.taker)
            note_favourable(state, got)
            state.done[number] += size
            state.rest[number] = 0.0
    if state.held == 0.0:
        close(state, bar, BY_TARGETS)
    elif is_first and state.has_exited == 1:
        _move_stop(state, bar, terms)


@kernel
def _lots(size: float, terms: Record) -> float:
    """Return how many whole lots a size is; a product of floats may fall short of one."""
    return float(math.floor(size / terms.lot * (1.0 + _EQUAL)))
