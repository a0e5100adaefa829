"""The path of price through one bar, told so that it costs most, as the matching engine plays it.

The open is a print like any other. Within the bar entries fill and the stop is reached first; only
a position that outlives this and was not entered in this bar can reach a target.
"""

from __future__ import annotations

from snipersight.analysis.kernel import kernel
from snipersight.matching.outcomes.booking import (
    close,
    enter,
    leave,
    leave_at_market,
    note_adverse,
    note_favourable,
)
from snipersight.matching.outcomes.layout import BY_TARGETS, CLOSED, ENTRIES, Record
from snipersight.matching.outcomes.ticks import tick_above


@kernel
def play(state: Record, bar: Record, terms: Record) -> None:
    """Let price go through a bar."""
    state.is_new = 0
    state.most = 0.0
    # Once a target was hit, what deeper entries fill would be out again at once: they are over.
    is_entering = state.has_exited == 0 and bar.close_ms <= terms.valid_until_ms
    _open(state, bar, terms, is_entering)
    if state.status == CLOSED:
        return
    if is_entering:
        # A limit that rests is filled only where price goes beyond it.
        _enter_beyond(state, bar, bar.low, terms)
    if state.held == 0.0:
        return
    state.most = state.held
    if bar.low <= state.stop:
        _stop_inside(state, bar, terms)
        return
    note_adverse(state, bar.low)
    if state.is_new == 0:
        _reach_targets(state, bar, bar.high, terms)
        if state.held > 0.0:
            note_favourable(state, bar.high)


@kernel
def _open(state: Record, bar: Record, terms: Record, is_entering: bool) -> None:
    if is_entering:
        _enter_beyond(state, bar, bar.open, terms)
    if state.held == 0.0:
        return
    if bar.open <= state.stop:
        note_adverse(state, bar.open)
        leave_at_market(state, bar, bar.open, terms, state.stop_kind)
    elif state.is_new == 0:
        _reach_targets(state, bar, bar.open, terms)


@kernel
def _enter_beyond(state: Record, bar: Record, price: float, terms: Record) -> None:
    for slot in range(ENTRIES):
        if _rests(state, slot, terms) and price < terms.entries[slot]:
            state.taken[slot] = 1
            enter(state, bar, terms.shares[slot], terms.entries[slot], terms.maker)


@kernel
def take_at_once(state: Record, last: Record, terms: Record) -> bool:
    """Fill as a taker what the last price is beyond; return whether anything was."""
    state.is_new = 0
    price = tick_above(last.close + abs(last.close) * terms.slippage, terms)
    for slot in range(ENTRIES):
        limit = terms.entries[slot]
        if _rests(state, slot, terms) and last.close < limit:
            state.taken[slot] = 1
            enter(state, last, terms.shares[slot], min(price, limit), terms.taker)
    return state.is_new == 1


@kernel
def _rests(state: Record, slot: int, terms: Record) -> bool:
    return state.taken[slot] == 0 and terms.shares[slot] > 0.0


@kernel
def _stop_inside(state: Record, bar: Record, terms: Record) -> None:
    if bar.high > _next_target(state, terms):
        state.is_ambiguous = 1
    note_adverse(state, state.stop)
    leave_at_market(state, bar, state.stop, terms, state.stop_kind)


@kernel
def _next_target(state: Record, terms: Record) -> float:
    """Return the nearest target that was not reached yet."""
    for number in range(terms.target_count):
        is_due = state.rest[number] > 0.0 or state.is_new == 1  # none was too small for a lot
        if state.done[number] == 0.0 and is_due:
            return terms.targets[number]
    return terms.targets[terms.target_count - 1]


@kernel
def _reach_targets(state: Record, bar: Record, price: float, terms: Record) -> None:
    for number in range(terms.target_count):
        size, target = state.rest[number], terms.targets[number]
        if size > 0.0 and price > target:
            leave(state, size, target, target, terms.maker)
            note_favourable(state, target)
            state.done[number] += size
            state.rest[number] = 0.0
    if state.held == 0.0:
        close(state, bar, BY_TARGETS)
