"""Positions at the venue, or parts of them, that no trade of ours explains."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from snipersight.bot.executor.desk import Desk
from snipersight.bot.executor.reconciling.gaps import VenueBook
from snipersight.bot.executor.situations import holding_in
from snipersight.bot.executor.trade_file import file_of
from snipersight.domain.execution import TradeState
from snipersight.domain.orders import VenuePosition
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Size, plain

_SETTLING_US: Final = 60_000_000  # a position may be seen this long after its trade has ended
_RECENT: Final = 50  # trades
_ZERO: Final = Decimal(0)


def foreign_positions(unit: UnitOfWork, desk: Desk, book: VenueBook) -> list[VenuePosition]:
    """Return the positions, or parts of them, that are somebody else's.

    The position of a live trade is ours as a whole, until what is too much of it is quarantined;
    that of a trade which ended a moment ago may still be shown.
    """
    held = {}
    for trade in unit.book.live_trades():
        is_stray = trade.state is TradeState.QUARANTINED and trade.symbol in desk.instruments
        own = Decimal(holding_in(desk, file_of(unit, trade)).held) if is_stray else None
        held[trade.symbol, trade.direction] = own
    since_us = book.asked_us - _SETTLING_US
    settling = {
        one.symbol
        for one in unit.book.trades(limit=_RECENT)
        if one.ended_us is not None and one.ended_us >= since_us
    }
    foreign = []
    for position in book.positions:
        key = position.symbol, position.direction
        ours = held.get(key, _ZERO)
        if ours is None or (position.symbol in settling and key not in held):
            continue
        if position.size > ours:
            foreign.append(replace(position, size=Size(position.size - ours)))
    return foreign


def uncounted_text(position: VenuePosition) -> str:
    """Return what a person is told of a position that is not ours and has no known value."""
    return (
        f"{position.symbol}: a position of {plain(position.size)} that is not ours cannot be "
        "valued and is not counted in the exposure. Close it, or set a rate for its currency."
    )
