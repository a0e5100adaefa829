"""The end of a quarantined trade whose position is gone, and nobody's executions say how."""

from __future__ import annotations

from typing import Final

from snipersight.bot.executor.actions import Alarm, Finish
from snipersight.bot.executor.alarms import tell
from snipersight.bot.executor.books import TradeBooks
from snipersight.bot.executor.desk import Desk
from snipersight.bot.executor.ledger_following import release_entry
from snipersight.bot.executor.reconciling.gaps import VenueBook, gap_of
from snipersight.bot.executor.sending import Courier
from snipersight.bot.executor.situations import holding_in
from snipersight.bot.executor.trade_file import TradeFile, judged
from snipersight.domain.errors import VenueStopped, VenueUnavailable
from snipersight.domain.execution import TradeId, TradeState
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import plain
from snipersight.risk.ledger.execution_work import close_unexplained
from snipersight.risk.ledger.order_records import record_reconciled


class VanishedPositions:
    """Ends trades that a person wants closed and of which the venue holds nothing any more.

    Args:
        desk: account and venue.
        books: its trades.
        courier: cancels what is left of their orders.
    """

    def __init__(self, desk: Desk, books: TradeBooks, courier: Courier) -> None:
        self._desk: Final = desk
        self._books: Final = books
        self._courier: Final = courier

    async def end(self, trade_id: TradeId) -> bool:
        """End a trade if it is quarantined, to be closed, and the venue holds nothing of it.

        What it lost is not known: it is booked as if it had left at its first stop, told, and
        recorded as `vanished`.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: the store cannot be read or written; nothing is ended.
        """
        file = (await self._books.look(trade_id)).file(trade_id)
        if file is None or not await self._is_gone(file):
            return False
        opened = [one for one in file.intents if one.state.is_open]
        await self._courier.settle([self._courier.cancel(one) for one in opened])
        ended = await self._desk.transact(lambda unit: self._ended(unit, trade_id))
        self._books.doubt(trade_id)
        return ended

    async def _is_gone(self, file: TradeFile) -> bool:
        if file.trade.state is not TradeState.QUARANTINED or not file.trade.exit_reason:
            return False
        venue, asked_us = self._desk.venue, self._desk.clock()
        try:
            positions, balances = await venue.positions(), await venue.balances()
        except (VenueUnavailable, VenueStopped):
            return False
        book = VenueBook(asked_us=asked_us, positions=positions, balances=balances)
        market = self._desk.instrument(file.trade.symbol)
        gap = gap_of(file, holding_in(self._desk, file), book, market)
        return gap is not None and gap.actual == 0

    def _ended(self, unit: UnitOfWork, trade_id: TradeId) -> bool:
        trade, clerk = unit.book.trade(trade_id), self._desk.clerk()
        is_open = any(one.state.is_open for one in unit.book.intents(trade_id))
        if trade is None or trade.state is not TradeState.QUARANTINED or is_open:
            return False
        at_us, why = clerk.at_us(unit), "its position vanished"
        entry = unit.entry(trade.entry_id)
        gone = plain(entry.open_size) if entry is not None else "0"
        release_entry(unit, clerk, trade.entry_id, why=why)
        close_unexplained(unit, clerk, trade.entry_id, price=trade.initial_stop)
        unit.book.save_trade(judged(trade, Finish(why=why), at_us=at_us))
        record_reconciled(unit, trade_id, "vanished", at_us=at_us, actor=clerk.actor, size=gone)
        text = (
            f"{trade.symbol}: {gone} is gone from the venue and no execution says how. The trade "
            f"is ended as if it had left at {plain(trade.initial_stop)}; correct the balance by "
            "what the venue shows."
        )
        tell(unit, Alarm(subject=f"execution:vanished:{trade_id}", text=text), at_us=at_us)
        return True
