"""An open perpetual position inside the simulated venue."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from snipersight.domain.direction import Direction
from snipersight.domain.orders import VenuePosition
from snipersight.domain.units import Price, Size
from snipersight.matching.amounts import ZERO

if TYPE_CHECKING:
    from snipersight.matching.accounts import Account
    from snipersight.matching.book_order import BookOrder
    from snipersight.matching.lanes import Lane
    from snipersight.matching.markets import Market

_LONG: Final = Direction.LONG


class OpenPosition:
    """Base units held or owed in one market, with their cost; changed in place.

    `cost` is the exact sum of size times price of what is open: a closed share takes its part
    of it along, so results add up to the last digit, which an average price would not give.
    """

    __slots__ = (
        "account",
        "attached",
        "cost",
        "direction",
        "entered_bar",
        "exits",
        "is_isolated",
        "is_long",
        "leverage",
        "liquidation_price",
        "margin",
        "market",
        "number",
        "size",
        "watch",
    )

    def __init__(
        self, account: Account, market: Market, direction: Direction, *, number: int
    ) -> None:
        self.account = account
        self.market = market
        self.direction = direction
        self.is_long = direction is _LONG
        self.number = number
        self.leverage, self.is_isolated = account.terms(market)
        self.size = ZERO
        self.cost = ZERO
        self.margin = ZERO
        self.entered_bar = -1
        self.exits: dict[int, BookOrder] = {}
        self.attached: BookOrder | None = None
        self.liquidation_price: Decimal | None = None
        self.watch: LiquidationWatch | None = None

    def result(self, price: Decimal) -> Decimal:
        """Return what closing all of it at that price would earn before fees, quote currency."""
        value = self.size * price
        return value - self.cost if self.is_long else self.cost - value

    def shown(self) -> VenuePosition:
        """Return the position as the venue reports it now."""
        market, border = self.market, self.liquidation_price
        return VenuePosition(
            symbol=market.symbol,
            direction=self.direction,
            size=Size(self.size),
            entry_price=Price(self.cost / self.size),
            mark_price=None if market.mark is None else Price(market.mark),
            leverage=self.leverage,
            is_isolated=self.is_isolated,
            liquidation_price=None if border is None else Price(border),
        )


class LiquidationWatch:
    """A position's place in the lane of liquidations; replaced whenever its border moves."""

    __slots__ = ("lane", "position")

    def __init__(self, position: OpenPosition) -> None:
        self.position = position
        self.lane: Lane | None = None
