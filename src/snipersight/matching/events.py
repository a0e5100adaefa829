"""What the simulated venue tells its accounts, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from snipersight.domain.direction import Direction
from snipersight.domain.orders import Fill, FundingPayment, VenueOrder
from snipersight.domain.units import Price, Size, Symbol
from snipersight.matching.floor import FillNote, Note, OrderNote, PositionNote


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionChange:
    """What a position became.

    Args:
        symbol, direction: of it.
        size: base units; 0 once it is closed.
        entry_price: average; None once it is closed.
    """

    symbol: Symbol
    direction: Direction
    size: Size
    entry_price: Price | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchEvent:
    """Something that happened to an account; exactly one of the last four is given.

    Args:
        account_id: whose.
        at_us: when, microseconds UTC.
        order: how it stood right after that; `text` says `triggered` when a trigger was reached.
        fill: an execution; the order's own event follows it.
        position: what it became.
        funding: what was paid or received.
    """

    account_id: str
    at_us: int
    order: VenueOrder | None = None
    fill: Fill | None = None
    position: PositionChange | None = None
    funding: FundingPayment | None = None


def told(notes: Iterable[Note]) -> tuple[MatchEvent, ...]:
    """Return notes as events."""
    return tuple(_event(note) for note in notes)


def _event(note: Note) -> MatchEvent:
    account_id, at_us = note.account_id, note.at_us
    if isinstance(note, OrderNote):
        order = note.order.shown_as(
            note.status,
            size=note.size,
            filled=note.filled,
            value=note.value,
            text=note.text,
            at_us=at_us,
        )
        return MatchEvent(account_id=account_id, at_us=at_us, order=order)
    if isinstance(note, FillNote):
        return MatchEvent(account_id=account_id, at_us=at_us, fill=note.fill)
    if isinstance(note, PositionNote):
        return MatchEvent(account_id=account_id, at_us=at_us, position=_change(note))
    return MatchEvent(account_id=account_id, at_us=at_us, funding=note.payment)


def _change(note: PositionNote) -> PositionChange:
    return PositionChange(
        symbol=note.symbol,
        direction=note.direction,
        size=Size(note.size),
        entry_price=Price(note.cost / note.size) if note.size else None,
    )
