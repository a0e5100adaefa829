"""What is stored of executed trades, within one unit of work."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select

from snipersight.domain.execution import BookedFill, KillSwitch, OrderIntent, Trade, TradeId
from snipersight.storage import fill_rows, intent_rows, trade_rows
from snipersight.storage.schema import KILL_SWITCH

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.domain.orders import FundingPayment


class SqlTradeBook:
    """A `TradeBook` on an open transaction; of use until that ends.

    Args:
        connection: in a transaction that holds the account's row, or in a reading one.
        account_id: whose trades.
        ensure_open: raises once the transaction has ended.
        ensure_writable: raises then, too, and if the transaction only reads.
    """

    def __init__(
        self,
        connection: Connection,
        account_id: str,
        *,
        ensure_open: Callable[[], object],
        ensure_writable: Callable[[], object],
    ) -> None:
        self._connection: Final = connection
        self._account_id: Final = account_id
        self._ensure_open: Final = ensure_open
        self._ensure_writable: Final = ensure_writable

    def trade(self, trade_id: TradeId) -> Trade | None:
        """Return one trade, live or done."""
        self._ensure_open()
        return trade_rows.find_trade(self._connection, self._account_id, trade_id)

    def trades(self, *, limit: int = 100) -> tuple[Trade, ...]:
        """Return trades, newest first, live and done."""
        self._ensure_open()
        return trade_rows.newest_trades(self._connection, self._account_id, limit)

    def live_trades(self) -> tuple[Trade, ...]:
        """Return every trade that needs looking after, oldest first."""
        self._ensure_open()
        return trade_rows.live_trades(self._connection, self._account_id)

    def save_trade(self, trade: Trade) -> None:
        """Insert or replace one trade.

        Raises:
            ValueError: another live trade of the account is in the same market of the venue, or
                the trade is another account's.
        """
        self._ensure_writable()
        if trade.account_id != self._account_id:
            raise ValueError(f"trade {trade.trade_id} belongs to account {trade.account_id}")
        trade_rows.save_trade(self._connection, trade)

    def intent(self, client_id: str) -> OrderIntent | None:
        """Return one intent."""
        self._ensure_open()
        return intent_rows.find_intent(self._connection, self._account_id, client_id)

    def intents(self, trade_id: TradeId) -> tuple[OrderIntent, ...]:
        """Return every intent of a trade, oldest first."""
        self._ensure_open()
        return intent_rows.intents_of(self._connection, self._account_id, trade_id)

    def open_intents(self) -> tuple[OrderIntent, ...]:
        """Return every intent of the account that may be an order in the book, oldest first."""
        self._ensure_open()
        return intent_rows.open_intents(self._connection, self._account_id)

    def save_intent(self, intent: OrderIntent) -> None:
        """Insert or replace one intent.

        Raises:
            ValueError: it is another account's, or the account has no such trade.
        """
        self._ensure_writable()
        if intent.account_id != self._account_id:
            raise ValueError(f"order {intent.client_id} belongs to account {intent.account_id}")
        intent_rows.save_intent(self._connection, intent)

    def book_fill(self, booked: BookedFill) -> bool:
        """Store a fill; False, and nothing is changed, if it was stored before.

        Raises:
            ValueError: the account has no such trade.
        """
        self._ensure_writable()
        is_new = fill_rows.add_fill(self._connection, self._account_id, booked)
        return is_new or self._known(booked.trade_id)

    def fills(self, trade_id: TradeId) -> tuple[BookedFill, ...]:
        """Return the fills of a trade, oldest first."""
        self._ensure_open()
        return fill_rows.fills_of(self._connection, self._account_id, trade_id)

    def book_funding(self, trade_id: TradeId, payment: FundingPayment) -> bool:
        """Store a funding payment of a trade; False if it was stored before.

        Raises:
            ValueError: the account has no such trade.
        """
        self._ensure_writable()
        is_new = fill_rows.add_payment(self._connection, self._account_id, trade_id, payment)
        return is_new or self._known(trade_id)

    def funding(self, trade_id: TradeId) -> tuple[FundingPayment, ...]:
        """Return the funding payments of a trade, oldest first."""
        self._ensure_open()
        return fill_rows.payments_of(self._connection, self._account_id, trade_id)

    def kill_switch(self) -> KillSwitch | None:
        """Return the kill switch; None while it is armed and not pulled."""
        self._ensure_open()
        found = select(
            KILL_SWITCH.c.flatten,
            KILL_SWITCH.c.since_us,
            KILL_SWITCH.c.actor,
            KILL_SWITCH.c.reason,
            KILL_SWITCH.c.done_us,
        ).where(KILL_SWITCH.c.account_id == self._account_id)
        row = self._connection.execute(found).mappings().one_or_none()
        return None if row is None else KillSwitch(**row)

    def save_kill_switch(self, switch: KillSwitch | None) -> None:
        """Pull it, note that it is done, or with None re-arm it."""
        self._ensure_writable()
        is_ours = KILL_SWITCH.c.account_id == self._account_id
        self._connection.execute(delete(KILL_SWITCH).where(is_ours))
        if switch is None:
            return
        self._connection.execute(
            insert(KILL_SWITCH).values(
                account_id=self._account_id,
                flatten=switch.flatten,
                since_us=switch.since_us,
                actor=switch.actor,
                reason=switch.reason,
                done_us=switch.done_us,
            )
        )

    def _known(self, trade_id: TradeId) -> bool:
        """Return False: what was to be stored is there; or raise if its trade is unknown."""
        if self.trade(trade_id) is None:
            raise ValueError(f"account {self._account_id} has no trade {trade_id}")
        return False
