"""An order inside the simulated venue."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from snipersight.domain.direction import Direction
from snipersight.domain.orders import (
    OrderKind,
    OrderRequest,
    OrderStatus,
    Side,
    TriggerSource,
    VenueOrder,
)
from snipersight.domain.units import Price, Size

if TYPE_CHECKING:
    from snipersight.matching.accounts import Account
    from snipersight.matching.lanes import Lane
    from snipersight.matching.markets import Market

_ZERO: Final = Decimal(0)
_LIMIT: Final = OrderKind.LIMIT
_MARKET: Final = OrderKind.MARKET
_LONG: Final = Direction.LONG
_BUY: Final = Side.BUY
_SELL: Final = Side.SELL
_WORKING: Final = OrderStatus.WORKING


class BookOrder:
    """One order with what became of it so far; changed in place, never handed out."""

    __slots__ = (
        "account",
        "attached_stop",
        "client_id",
        "direction",
        "filled",
        "is_buy",
        "is_conditional",
        "is_reducing",
        "is_stop",
        "is_triggered",
        "kind",
        "lane",
        "market",
        "needed",
        "number",
        "partner",
        "price",
        "size",
        "status",
        "text",
        "tied",
        "trigger_price",
        "trigger_source",
        "updated_us",
        "value",
        "venue_id",
    )

    def __init__(
        self, account: Account, market: Market, request: OrderRequest, *, number: int, at_us: int
    ) -> None:
        kind = request.kind
        self.account = account
        self.market = market
        self.number = number
        self.venue_id = str(number)
        self.client_id: str = request.client_id
        self.direction = request.direction
        self.is_reducing = request.is_reducing
        self.is_buy = (request.direction is _LONG) is not request.is_reducing
        self.kind = kind
        self.is_conditional = kind is not _LIMIT and kind is not _MARKET
        self.is_stop = self.is_conditional and kind.is_stop
        self.size: Decimal = request.size
        self.price: Decimal | None = request.price
        self.trigger_price: Decimal | None = request.trigger_price
        self.trigger_source: TriggerSource = request.trigger_source
        self.attached_stop: Decimal | None = request.attached_stop
        self.filled = _ZERO
        self.value = _ZERO  # of what was filled, quote currency
        self.needed = _ZERO  # when it was taken in
        self.tied = _ZERO  # of the account's funds, in the currency the order spends
        self.status = _WORKING
        self.text = ""
        self.updated_us = at_us
        self.is_triggered = False
        self.partner: BookOrder | None = None
        self.lane: Lane | None = None

    @property
    def rest(self) -> Decimal:
        """Return the base units not filled yet."""
        return self.size - self.filled

    @property
    def waits_for_trigger(self) -> bool:
        """Return whether its trigger was not reached yet."""
        return self.is_conditional and not self.is_triggered

    def shown(self) -> VenueOrder:
        """Return the order as the venue reports it now."""
        return self.shown_as(
            self.status,
            size=self.size,
            filled=self.filled,
            value=self.value,
            text=self.text,
            at_us=self.updated_us,
        )

    def shown_as(
        self,
        status: OrderStatus,
        *,
        size: Decimal,
        filled: Decimal,
        value: Decimal,
        text: str,
        at_us: int,
    ) -> VenueOrder:
        """Return the order as the venue reported it when it was in that state."""
        return VenueOrder(
            client_id=self.client_id,
            venue_id=self.venue_id,
            symbol=self.market.symbol,
            side=_BUY if self.is_buy else _SELL,
            kind=self.kind,
            is_reducing=self.is_reducing,
            size=Size(size),
            filled_size=Size(filled),
            status=status,
            price=None if self.price is None else Price(self.price),
            trigger_price=None if self.trigger_price is None else Price(self.trigger_price),
            average_price=Price(value / filled) if filled else None,
            updated_us=at_us,
            text=text,
        )
