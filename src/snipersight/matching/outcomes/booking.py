"""What a fill does to size, money and the furthest moves."""

from __future__ import annotations

from snipersight.analysis.kernel import kernel
from snipersight.matching.outcomes.layout import CLOSED, OPEN, Record
from snipersight.matching.outcomes.ticks import tick_below

_DUST = 1e-12  # of the whole size: what fractions of floats leave over


@kernel
def enter(state: Record, bar: Record, size: float, price: float, fee: float) -> None:
    """Fill an entry at a price that is its limit or better."""
    state.is_new = 1
    if state.status != OPEN:
        state.status = OPEN
        state.entered_ms = bar.close_ms
    state.entered += size
    state.held += size
    state.entry_value += size * price
    state.average = state.entry_value / state.entered
    state.fees += size * abs(price) * fee
    state.entry_fees += size * abs(price) * fee


@kernel
def leave(state: Record, size: float, price: float, fill: float, fee: float) -> None:
    """Close a part: it was due at one price and filled at another, which is not better."""
    state.has_exited = 1
    state.held -= size
    if state.held < _DUST:
        state.held = 0.0
    state.proceeds += size * price
    state.slippage += size * (price - fill)
    state.fees += size * abs(fill) * fee


@kernel
def leave_at_market(state: Record, bar: Record, price: float, terms: Record, ending: int) -> None:
    """Close everything as a taker around a price."""
    fill = tick_below(price - abs(price) * terms.slippage, terms)
    if price > 0.0 and terms.tick > 0.0:
        fill = max(fill, terms.tick)  # nothing is sold for less than a tick
    leave(state, state.held, price, fill, terms.taker)
    close(state, bar, ending)


@kernel
def close(state: Record, bar: Record, ending: int) -> None:
    """End the position."""
    state.status = CLOSED
    state.ending = ending
    state.ended_ms = bar.close_ms


@kernel
def note_adverse(state: Record, price: float) -> None:
    """Take a price against the position into its furthest move against it."""
    state.mae = max(state.mae, state.average - price)


@kernel
def note_favourable(state: Record, price: float) -> None:
    """Take a price for the position into its furthest move for it."""
    state.mfe = max(state.mfe, price - state.average)
