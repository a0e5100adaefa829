"""Signals followed bar after bar: waiting, held, over."""

from __future__ import annotations

from snipersight.analysis.kernel import kernel
from snipersight.matching.outcomes.closing import decide
from snipersight.matching.outcomes.layout import (
    EXPIRED,
    INVALIDATED,
    MISSED,
    OPEN,
    WAITING,
    Array,
    Record,
)
from snipersight.matching.outcomes.path import play, take_at_once


@kernel
def walk_all(bars: Array, terms: Array, states: Array, first: Array) -> None:
    """Follow signals over bars, each from a bar of its own on, until its end or the bars' end.

    Going on with the states over the bars that come later gives the same as all bars at once.

    Args:
        bars: `layout.BAR`, oldest first, signed for the signals' side.
        terms: `layout.TERMS`, one a signal.
        states: `layout.STATE`, changed in place.
        first: index of the first bar that counts for each signal; the one before it says what
            price was when the orders arrived.
    """
    for number in range(len(terms)):
        if first[number] > 0:
            begin(states[number], bars[first[number] - 1], terms[number])
        for index in range(first[number], len(bars)):
            if states[number].status > OPEN:
                break
            step(states[number], bars[index], terms[number])


@kernel
def begin(state: Record, last: Record, terms: Record) -> None:
    """Take what the price is past already when the orders arrive, and decide what follows.

    Args:
        state: of a signal; one that has begun before stays as it is.
        last: the newest bar before the first that counts. It may close after the signal was known:
            then the orders wait for its close.
        terms: of the signal.
    """
    has_begun = state.bars > 0 or state.held > 0.0 or state.status > WAITING
    if has_begun or last.close_ms >= terms.valid_until_ms:
        return
    if take_at_once(state, last, terms):
        state.followed_ms = max(terms.known_ms, last.close_ms)
        state.due_ms = (last.close_ms // terms.funding_ms + 1) * terms.funding_ms
        decide(state, last, terms)


@kernel
def step(state: Record, bar: Record, terms: Record) -> None:
    """Carry a signal that lives over one bar."""
    _note_gap(state, bar, terms)
    if state.status == WAITING and terms.shift_ms <= bar.open_ms:
        _invalidate(state, terms.shift_ms)
        return
    if state.status == WAITING and bar.close_ms > terms.valid_until_ms:
        state.status = EXPIRED
        state.ended_ms = bar.close_ms
        return
    play(state, bar, terms)
    state.bars += 1
    if state.status == WAITING:
        _void(state, bar, terms)
        return
    _pay_within(state, bar, terms)
    if state.status == OPEN:
        decide(state, bar, terms)


@kernel
def _note_gap(state: Record, bar: Record, terms: Record) -> None:
    length_ms = bar.close_ms - bar.open_ms
    before_ms = terms.known_ms if state.bars == 0 else state.followed_ms
    if bar.open_ms != before_ms:
        state.missing += (bar.open_ms - before_ms) // length_ms
        times = _boundaries(before_ms, bar.open_ms, terms)
        state.funding += times * state.held * abs(bar.open) * terms.funding_rate
    state.coarsest_ms = max(state.coarsest_ms, length_ms)
    state.followed_ms = bar.close_ms


@kernel
def _void(state: Record, bar: Record, terms: Record) -> None:
    """End a signal that nobody can enter any more.

    Its stop is not asked: price that comes there has filled every entry on its way.
    """
    if bar.high >= terms.targets[0]:
        state.status = MISSED
        state.ended_ms = bar.close_ms
    elif terms.shift_ms <= bar.close_ms:
        _invalidate(state, bar.close_ms)


@kernel
def _invalidate(state: Record, at_ms: int) -> None:
    state.status = INVALIDATED
    state.ended_ms = at_ms


@kernel
def _pay_within(state: Record, bar: Record, terms: Record) -> None:
    """Pay funding inside a bar on the most that was held in it, at its close on what is left."""
    if bar.close_ms < state.due_ms:
        return
    inside = _boundaries(bar.open_ms, bar.close_ms - 1, terms)
    at_close = _boundaries(bar.close_ms - 1, bar.close_ms, terms)
    due = inside * state.most + at_close * state.held
    state.funding += due * abs(bar.close) * terms.funding_rate
    state.due_ms = (bar.close_ms // terms.funding_ms + 1) * terms.funding_ms


@kernel
def _boundaries(after_ms: int, until_ms: int, terms: Record) -> int:
    return until_ms // terms.funding_ms - after_ms // terms.funding_ms
