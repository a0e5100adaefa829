"""Orders that were filled after all evidence had ended their trade."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Final

from snipersight.bot.executor.trade_file import TradeFile, file_of
from snipersight.domain.execution import Trade, TradeState
from snipersight.domain.orders import Fill
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Symbol

_RECENT: Final = 50  # trades


def ended_in(unit: UnitOfWork, symbols: Collection[Symbol]) -> tuple[TradeFile, ...]:
    """Return trades that have ended lately in some markets."""
    return tuple(
        file_of(unit, one)
        for one in unit.book.trades(limit=_RECENT)
        if one.symbol in symbols and one.state is TradeState.DONE
    )


def late_fills(file: TradeFile, fills: Iterable[Fill]) -> tuple[Fill, ...]:
    """Return executions of a trade's own orders that are not booked."""
    known = {(one.fill.fill_id, one.fill.side) for one in file.fills}
    ids = {one.venue_id for one in file.intents if one.venue_id}
    return tuple(
        one
        for one in fills
        if (one.fill_id, one.side) not in known
        and (one.venue_id in ids or file.intent(one.client_id) is not None)
    )


def reopen(unit: UnitOfWork, trade: Trade) -> None:
    """Take a trade up again that had ended: what it holds now is closed."""
    unit.book.save_trade(
        replace(
            trade,
            state=TradeState.EXITING,
            ended_us=None,
            exit_reason=trade.exit_reason or "filled after its end",
        )
    )
