"""One account of the simulated venue: funds, terms, orders, positions and journal."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from snipersight.domain.direction import Direction
from snipersight.domain.orders import Fill, FundingPayment
from snipersight.domain.units import Currency, Symbol
from snipersight.matching.amounts import ZERO
from snipersight.matching.postings import Book, JournalEntry

if TYPE_CHECKING:
    from snipersight.matching.book_order import BookOrder
    from snipersight.matching.markets import Market
    from snipersight.matching.positions import OpenPosition

_LONG: Final = Direction.LONG


class Account:
    """Everything of one account; changed in place, never handed out.

    Args:
        account_id: its name.
        is_hedged: whether long and short of one symbol can be open side by side.
        default_leverage: of a perpetual whose leverage was never set.
    """

    __slots__ = (
        "account_id",
        "by_client_id",
        "by_venue_id",
        "crossed",
        "default_leverage",
        "entries",
        "fills",
        "funding",
        "is_hedged",
        "isolated",
        "leverages",
        "longs",
        "open",
        "shorts",
        "spot_bars",
        "tied",
        "wallet",
    )

    def __init__(self, account_id: str, *, is_hedged: bool, default_leverage: Decimal) -> None:
        self.account_id = account_id
        self.is_hedged = is_hedged
        self.default_leverage = default_leverage
        self.wallet: dict[Currency, Decimal] = {}
        self.tied: dict[Currency, Decimal] = {}  # by open orders and as initial margin
        self.leverages: dict[Symbol, Decimal] = {}
        self.isolated: dict[Symbol, bool] = {}
        self.longs: dict[Symbol, OpenPosition] = {}
        self.shorts: dict[Symbol, OpenPosition] = {}
        self.crossed: dict[int, OpenPosition] = {}  # backed by the whole wallet
        self.open: dict[str, BookOrder] = {}
        self.by_venue_id: dict[str, BookOrder] = {}
        self.by_client_id: dict[str, BookOrder] = {}
        self.fills: dict[Symbol, list[Fill]] = {}
        self.funding: list[FundingPayment] = []
        self.entries: list[JournalEntry] = []
        self.spot_bars: dict[Symbol, int] = {}  # bar in which it last bought

    def terms(self, market: Market) -> tuple[Decimal, bool]:
        """Return leverage and whether margin is isolated, for what is opened in a market."""
        leverage = self.leverages.get(market.symbol)
        if leverage is None:
            leverage = min(self.default_leverage, market.tiers[0].max_leverage)
        return leverage, self.isolated.get(market.symbol, False)

    def side(self, direction: Direction) -> dict[Symbol, OpenPosition]:
        """Return the open positions of one direction."""
        return self.longs if direction is _LONG else self.shorts

    def positions(self) -> tuple[OpenPosition, ...]:
        """Return every open position, oldest first."""
        found = (*self.longs.values(), *self.shorts.values())
        return tuple(sorted(found, key=lambda position: position.number))

    def post(
        self,
        source: Book,
        currency: Currency,
        amount: Decimal,
        *,
        at_us: int,
        symbol: Symbol | None = None,
        reference: str = "",
    ) -> None:
        """Let an amount flow into the wallet (out of it below 0) and note where from."""
        self.wallet[currency] = self.wallet.get(currency, ZERO) + amount
        self.entries.append(JournalEntry(at_us, source, currency, amount, symbol, reference))

    def tie(self, currency: Currency, amount: Decimal) -> None:
        """Tie up an amount, or set it free below 0."""
        self.tied[currency] = self.tied.get(currency, ZERO) + amount

    def free(self, currency: Currency) -> Decimal:
        """Return what is neither tied up nor lost by open crossed positions."""
        rest = self.wallet.get(currency, ZERO) - self.tied.get(currency, ZERO)
        if not self.crossed:
            return rest
        return rest + min(self.crossed_result(currency), ZERO)

    def crossed_result(self, currency: Currency) -> Decimal:
        """Return the unrealised result of the positions that the whole wallet backs."""
        return sum(
            (
                position.result(position.market.mark or ZERO)
                for position in self.crossed.values()
                if position.market.quote == currency
            ),
            ZERO,
        )
