"""The whole state of a simulated venue: markets, accounts, counters, and what happened."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid, UnknownSymbol
from snipersight.domain.instrument import Instrument
from snipersight.domain.orders import Fill, FundingPayment, OrderStatus
from snipersight.domain.units import Symbol
from snipersight.matching.accounts import Account
from snipersight.matching.book_order import BookOrder
from snipersight.matching.markets import Market
from snipersight.matching.rules import MatchingRules


class OrderNote(NamedTuple):
    """How an order stood when something happened to it; shown only if somebody asks."""

    account_id: str
    at_us: int
    order: BookOrder
    status: OrderStatus
    size: Decimal
    filled: Decimal
    value: Decimal
    text: str


class FillNote(NamedTuple):
    """An execution."""

    account_id: str
    at_us: int
    fill: Fill


class PositionNote(NamedTuple):
    """What a position became."""

    account_id: str
    at_us: int
    symbol: Symbol
    direction: Direction
    size: Decimal
    cost: Decimal


class FundingNote(NamedTuple):
    """A funding payment."""

    account_id: str
    at_us: int
    payment: FundingPayment


Note = OrderNote | FillNote | PositionNote | FundingNote


class Floor:
    """What every step of the venue reads and changes.

    Args:
        instruments: the markets, with tick, lot and fees known.
        rules: of the venue.
        records_events: whether `notes` grow; they are kept until they are drained.

    Raises:
        DataInvalid: an instrument lacks a rule, or a symbol comes twice.
    """

    __slots__ = (
        "accounts",
        "fill_number",
        "markets",
        "notes",
        "order_number",
        "payment_number",
        "position_number",
        "records_events",
        "rules",
    )

    def __init__(
        self, instruments: Iterable[Instrument], rules: MatchingRules, *, records_events: bool
    ) -> None:
        self.rules = rules
        self.records_events = records_events
        self.accounts: dict[str, Account] = {}
        self.markets: dict[Symbol, Market] = {}
        for instrument in instruments:
            if instrument.symbol in self.markets:
                raise DataInvalid("the symbol is listed twice", where=instrument.symbol)
            market = Market(instrument, default_tier=rules.default_tier)
            self.markets[instrument.symbol] = market
        self.notes: list[Note] = []
        self.order_number = 0
        self.fill_number = 0
        self.position_number = 0
        self.payment_number = 0

    def account(self, account_id: str) -> Account:
        """Return an account.

        Raises:
            DataInvalid: it was never opened.
        """
        account = self.accounts.get(account_id)
        if account is None:
            raise DataInvalid(
                f"account {account_id!r} is not known to the simulated venue",
                next_step="open it before using it",
            )
        return account

    def market(self, symbol: Symbol) -> Market:
        """Return a market.

        Raises:
            UnknownSymbol: the venue does not list it.
        """
        market = self.markets.get(symbol)
        if market is None:
            raise UnknownSymbol("the simulated venue does not list it", where=symbol)
        return market

    def note_order(self, order: BookOrder) -> None:
        """Remember how an order stands now."""
        if self.records_events:
            self.notes.append(
                OrderNote(
                    order.account.account_id,
                    order.updated_us,
                    order,
                    order.status,
                    order.size,
                    order.filled,
                    order.value,
                    order.text,
                )
            )
