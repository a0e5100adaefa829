"""Commands about a trade that is on: its entries cancelled, its position closed."""

from __future__ import annotations

import asyncio
from typing import Final

from snipersight.bootstrap.books import Books
from snipersight.bootstrap.live_trades import find_live
from snipersight.bootstrap.operating.decision_notices import who
from snipersight.bootstrap.operating.records import Outcome, Settling, done, refused
from snipersight.bootstrap.operating.trading import Trading
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.execution import Trade
from snipersight.storage.commands import StoredCommand


class Cancelling:
    """Cancels the entries of a trade; what is filled of it stays protected.

    Args:
        books: of the account.
        trading: sends the cancels.
    """

    def __init__(self, books: Books, trading: Trading) -> None:
        self._books: Final = books
        self._trading: Final = trading

    async def __call__(self, stored: StoredCommand, settling: Settling) -> Outcome:
        """Return what became of it.

        Raises:
            ConfigInvalid: no live trade goes by that name.
            LeaseLost: another process executes the account now.
            StateUnavailable: the store is away.
        """
        trade = await _named(self._books, stored)
        if not await self._trading.cancel(trade.trade_id):
            return _elsewhere(trade)
        return done(
            f"The entries of {trade.symbol} are being cancelled; what is filled stays protected."
        )


class Flattening:
    """Closes a trade at market.

    Args:
        books: of the account.
        trading: sends the orders.
    """

    def __init__(self, books: Books, trading: Trading) -> None:
        self._books: Final = books
        self._trading: Final = trading

    async def __call__(self, stored: StoredCommand, settling: Settling) -> Outcome:
        """Return what became of it; it goes on until nothing is held.

        Raises:
            ConfigInvalid: no live trade goes by that name.
            LeaseLost: another process executes the account now.
            StateUnavailable: neither store nor fallback journal can be written.
        """
        trade, reason = await _named(self._books, stored), f"closed by {who(stored.command)}"
        if not await self._trading.flatten(trade.trade_id, reason=reason):
            return _elsewhere(trade)
        return done(f"{trade.symbol} is being closed at market.")


async def _named(books: Books, stored: StoredCommand) -> Trade:
    if not stored.command.subject:
        raise ConfigInvalid(
            "it is not said which trade is meant", where="PLAN", next_step="name its plan"
        )
    trades = await asyncio.to_thread(find_live, books, stored.command.subject)
    return trades[0]


def _elsewhere(trade: Trade) -> Outcome:
    place = f"{trade.venue} {trade.environment}"
    return refused(f"{trade.symbol} is traded on {place}, which this process does not execute")
