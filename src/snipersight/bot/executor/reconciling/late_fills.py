"""Orders that were filled after all evidence had ended their trade."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Final

from snipersight.bot.executor.trade_file import TradeFile, file_of
from snipersight.domain.execution import IntentState, Trade, TradeState
from snipersight.domain.orders import Fill
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Symbol

_RECENT: Final = 50  # trades
_LATE_US: Final = 3_600_000_000  # no request is under way for longer


def ended_lately(
    unit: UnitOfWork, *, held: Collection[Symbol], busy: Collection[Symbol], now_us: int
) -> tuple[TradeFile, ...]:
    """Return trades that have ended and of which an order may have been filled all the same.

    Args:
        unit: of the account.
        held: markets where the venue shows a position.
        busy: markets with a live trade: what is held there is that one's.
        now_us: microseconds UTC.
    """
    done = (one for one in unit.book.trades(limit=_RECENT) if one.state is TradeState.DONE)
    files = [file_of(unit, one) for one in done if one.symbol not in busy]
    return tuple(
        one for one in files if one.trade.symbol in held or may_come_late(one, now_us=now_us)
    )


def may_come_late(file: TradeFile, *, now_us: int) -> bool:
    """Return whether an order that was given up, because nobody found it, may have come through.

    On spot nothing else would tell: the venue shows coins, and not whose they are.
    """
    return any(
        one.state is IntentState.ABSENT
        and one.sent_us is not None
        and now_us < one.sent_us + _LATE_US
        for one in file.intents
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
