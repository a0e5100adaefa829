"""A copy of what is stored of executed trades, to try things on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from snipersight.domain.execution import (
    BookedFill,
    KillSwitch,
    OrderIntent,
    Trade,
    TradeBook,
    TradeId,
)
from snipersight.domain.orders import FundingPayment
from snipersight.storage.trade_ages import fill_age, intent_age, payment_age, trade_age

FillKey = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookState:
    """Everything of one account's book; replaced whole, never changed.

    Args:
        trades, intents, fills, payments: by their ids.
        switch: None while the kill switch is armed.
    """

    trades: dict[TradeId, Trade] = field(default_factory=dict)
    intents: dict[str, OrderIntent] = field(default_factory=dict)
    fills: dict[FillKey, BookedFill] = field(default_factory=dict)
    payments: dict[tuple[str, str, str], tuple[TradeId, FundingPayment]] = field(
        default_factory=dict
    )
    switch: KillSwitch | None = None


class MemoryTradeBook:
    """A `TradeBook` in memory.

    Args:
        account_id: whose trades.
        state: what to begin with; never changed, each change makes another one.

    Attributes:
        state: what it holds now.
    """

    def __init__(self, account_id: str, state: BookState | None = None) -> None:
        self._account_id: Final = account_id
        self.state = BookState() if state is None else state

    @classmethod
    def copied(cls, account_id: str, book: TradeBook) -> MemoryTradeBook:
        """Return a copy of the live trades of a book, and of all that belongs to them."""
        copy = cls(account_id, BookState(switch=book.kill_switch()))
        for trade in book.live_trades():
            copy.save_trade(trade)
            for intent in book.intents(trade.trade_id):
                copy.save_intent(intent)
            for fill in book.fills(trade.trade_id):
                copy.book_fill(fill)
            for payment in book.funding(trade.trade_id):
                copy.book_funding(trade.trade_id, payment)
        return copy

    def trade(self, trade_id: TradeId) -> Trade | None:
        """Return one trade."""
        return self.state.trades.get(trade_id)

    def trades(self, *, limit: int = 100) -> tuple[Trade, ...]:
        """Return trades, newest first."""
        return tuple(sorted(self.state.trades.values(), key=trade_age, reverse=True))[:limit]

    def live_trades(self) -> tuple[Trade, ...]:
        """Return every live trade, oldest first."""
        held = sorted(self.state.trades.values(), key=trade_age)
        return tuple(one for one in held if one.state.is_live)

    def save_trade(self, trade: Trade) -> None:
        """Insert or replace one trade.

        Raises:
            ValueError: another live one is in its market, or it is another account's.
        """
        if trade.account_id != self._account_id:
            raise ValueError(f"trade {trade.trade_id} belongs to account {trade.account_id}")
        for other in self.live_trades() if trade.state.is_live else ():
            in_market = (other.venue, other.symbol) == (trade.venue, trade.symbol)
            if in_market and other.trade_id != trade.trade_id:
                raise ValueError(
                    f"trade {trade.trade_id}: trade {other.trade_id} is live in {trade.symbol} "
                    f"on {trade.venue} already"
                )
        self.keep(replace(self.state, trades={**self.state.trades, trade.trade_id: trade}))

    def intent(self, client_id: str) -> OrderIntent | None:
        """Return one intent."""
        return self.state.intents.get(client_id)

    def intents(self, trade_id: TradeId) -> tuple[OrderIntent, ...]:
        """Return every intent of a trade, oldest first."""
        held = sorted(self.state.intents.values(), key=intent_age)
        return tuple(one for one in held if one.trade_id == trade_id)

    def open_intents(self) -> tuple[OrderIntent, ...]:
        """Return every open intent, oldest first."""
        held = sorted(self.state.intents.values(), key=intent_age)
        return tuple(one for one in held if one.state.is_open)

    def save_intent(self, intent: OrderIntent) -> None:
        """Insert or replace one intent.

        Raises:
            ValueError: it is another account's, or there is no such trade.
        """
        if intent.account_id != self._account_id:
            raise ValueError(f"order {intent.client_id} belongs to account {intent.account_id}")
        self._require(intent.trade_id)
        intents = {**self.state.intents, intent.client_id: intent}
        self.keep(replace(self.state, intents=intents))

    def book_fill(self, booked: BookedFill) -> bool:
        """Store a fill; False if it was stored before.

        Raises:
            ValueError: there is no such trade.
        """
        trade, fill = self._require(booked.trade_id), booked.fill
        key = (trade.venue, trade.environment, fill.symbol, fill.fill_id, fill.side)
        if key in self.state.fills:
            return False
        self.keep(replace(self.state, fills={**self.state.fills, key: booked}))
        return True

    def fills(self, trade_id: TradeId) -> tuple[BookedFill, ...]:
        """Return the fills of a trade, oldest first."""
        held = sorted(self.state.fills.values(), key=fill_age)
        return tuple(one for one in held if one.trade_id == trade_id)

    def book_funding(self, trade_id: TradeId, payment: FundingPayment) -> bool:
        """Store a funding payment of a trade; False if it was stored before.

        Raises:
            ValueError: there is no such trade.
        """
        trade = self._require(trade_id)
        key = (trade.venue, trade.environment, payment.payment_id)
        if key in self.state.payments:
            return False
        payments = {**self.state.payments, key: (trade_id, payment)}
        self.keep(replace(self.state, payments=payments))
        return True

    def funding(self, trade_id: TradeId) -> tuple[FundingPayment, ...]:
        """Return the funding payments of a trade, oldest first."""
        held = (payment for owner, payment in self.state.payments.values() if owner == trade_id)
        return tuple(sorted(held, key=payment_age))

    def kill_switch(self) -> KillSwitch | None:
        """Return the kill switch; None while it is armed."""
        return self.state.switch

    def save_kill_switch(self, switch: KillSwitch | None) -> None:
        """Pull it, note that it is done, or with None re-arm it."""
        self.keep(replace(self.state, switch=switch))

    def keep(self, state: BookState) -> None:
        """Hold another state from now on; every change ends here."""
        self.state = state

    def _require(self, trade_id: TradeId) -> Trade:
        trade = self.state.trades.get(trade_id)
        if trade is None:
            raise ValueError(f"account {self._account_id} has no trade {trade_id}")
        return trade
