"""Orders, fills and positions as a venue knows them, in no vendor's words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NewType

from snipersight.domain.direction import Direction
from snipersight.domain.units import Currency, Price, Size, Symbol

ClientOrderId = NewType("ClientOrderId", str)  # ours, [A-Za-z0-9_-]{1,36}


class Side(StrEnum):
    """What an order does with the base currency."""

    BUY = "buy"
    SELL = "sell"


class OrderKind(StrEnum):
    """How an order is executed."""

    LIMIT = "limit"  # rests at its price or better
    MARKET = "market"  # at once, at whatever price
    STOP_MARKET = "stop_market"  # a market order once price runs against the position
    STOP_LIMIT = "stop_limit"  # a limit order then; it may stay unfilled
    TAKE_PROFIT_MARKET = "take_profit_market"  # a market order once price runs with the position
    TAKE_PROFIT_LIMIT = "take_profit_limit"

    @property
    def is_conditional(self) -> bool:
        """Return whether it waits for a trigger price."""
        return self not in (OrderKind.LIMIT, OrderKind.MARKET)

    @property
    def has_price(self) -> bool:
        """Return whether it names a limit price."""
        return self in (OrderKind.LIMIT, OrderKind.STOP_LIMIT, OrderKind.TAKE_PROFIT_LIMIT)

    @property
    def is_stop(self) -> bool:
        """Return whether it triggers when price runs against the position."""
        return self in (OrderKind.STOP_MARKET, OrderKind.STOP_LIMIT)


class TriggerSource(StrEnum):
    """Which price a conditional order watches."""

    MARK = "mark"
    LAST = "last"


class OrderStatus(StrEnum):
    """What the venue says of an order; `filled_size` says how much of it was executed."""

    WORKING = "working"  # accepted; waits in the book or for its trigger
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # ended by the venue: price range rule, reduce-only without a position …
    REJECTED = "rejected"

    @property
    def is_open(self) -> bool:
        """Return whether it may still be filled, as far as the venue has said."""
        return self is OrderStatus.WORKING


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """What is asked of a venue.

    Args:
        client_id: ours; every request has its own, a replacement has a new one.
        symbol: ccxt's unified symbol.
        direction: of the position that it opens or reduces.
        is_reducing: makes that position smaller, never larger and never the opposite one.
        kind: how it is executed.
        size: base units, above 0, a multiple of the lot.
        price: limit price; given exactly where the kind has one.
        trigger_price: given exactly where the kind is conditional.
        trigger_source: what a conditional order watches.
        attached_stop: trigger of a protective stop that the venue itself sets for whatever this
            entry fills; only where `VenueCapabilities.attaches_stop`.

    Raises:
        ValueError: a price is missing, superfluous or impossible, or the size is.
    """

    client_id: ClientOrderId
    symbol: Symbol
    direction: Direction
    is_reducing: bool
    kind: OrderKind
    size: Size
    price: Price | None = None
    trigger_price: Price | None = None
    trigger_source: TriggerSource = TriggerSource.MARK
    attached_stop: Price | None = None

    def __post_init__(self) -> None:
        """Refuse what no venue could execute."""
        if not self.size.is_finite() or self.size <= 0:
            raise ValueError(f"order {self.client_id}: size is {self.size}")
        for name, value, is_needed in (
            ("price", self.price, self.kind.has_price),
            ("trigger_price", self.trigger_price, self.kind.is_conditional),
        ):
            if (value is not None) is not is_needed:
                raise ValueError(f"order {self.client_id}: {self.kind} with {name} {value}")
        for value in (self.price, self.trigger_price, self.attached_stop):
            if value is not None and (not value.is_finite() or value <= 0):
                raise ValueError(f"order {self.client_id}: a price is {value}")
        if self.attached_stop is not None and self.is_reducing:
            raise ValueError(f"order {self.client_id}: an exit has no stop attached")

    @property
    def side(self) -> Side:
        """Return what it does with the base currency."""
        buys = (self.direction is Direction.LONG) is not self.is_reducing
        return Side.BUY if buys else Side.SELL


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueOrder:
    """An order as the venue reports it.

    Args:
        client_id: as the venue knows it; empty where it was placed without one.
        venue_id: the venue's own id.
        symbol, side, kind, is_reducing: of the order.
        size: base units ordered.
        filled_size: base units executed so far, whatever the status.
        status: what the venue says.
        price, trigger_price: where it has one.
        average_price: of what was executed; None before.
        updated_us: when the venue last changed it, microseconds UTC; 0 where it does not say.
        text: the venue's words on how it ended; empty if none.
    """

    client_id: str
    venue_id: str
    symbol: Symbol
    side: Side
    kind: OrderKind
    is_reducing: bool
    size: Size
    filled_size: Size
    status: OrderStatus
    price: Price | None = None
    trigger_price: Price | None = None
    average_price: Price | None = None
    updated_us: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution.

    Args:
        fill_id: the venue's id of it, unique within venue and symbol.
        client_id: of the order, as the venue knows it; may be empty.
        venue_id: the venue's id of the order.
        symbol, side: of the order.
        size: base units, above 0.
        price: quote per base unit.
        fee: paid, in `fee_currency`; negative is a rebate.
        fee_currency: what it was paid in.
        is_maker: whether the order was resting.
        at_us: when, microseconds UTC.
    """

    fill_id: str
    client_id: str
    venue_id: str
    symbol: Symbol
    side: Side
    size: Size
    price: Price
    fee: Decimal
    fee_currency: Currency
    is_maker: bool
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VenuePosition:
    """An open position of a perpetual as the venue reports it.

    Args:
        symbol, direction: of it.
        size: base units, above 0.
        entry_price: average.
        mark_price: newest known; None where the venue does not say.
        leverage: notional ÷ margin; None where the venue does not say.
        is_isolated: whether only its own margin backs it; None where the venue does not say.
        liquidation_price: None where there is none or the venue does not say.
    """

    symbol: Symbol
    direction: Direction
    size: Size
    entry_price: Price
    mark_price: Price | None = None
    leverage: Decimal | None = None
    is_isolated: bool | None = None
    liquidation_price: Price | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What the account holds of one currency.

    Args:
        currency: which.
        total: everything; of a perpetual account without unrealised results.
        free: not tied up by orders or positions.
    """

    currency: Currency
    total: Decimal
    free: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingPayment:
    """What a perpetual position paid or got at one funding time.

    Args:
        payment_id: the venue's id of it, unique within the account.
        symbol: of the position.
        amount: in `currency`; above 0 was received.
        currency: quote currency as a rule.
        at_us: when, microseconds UTC.
    """

    payment_id: str
    symbol: Symbol
    amount: Decimal
    currency: Currency
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The prices of one market now.

    Args:
        symbol: which.
        last: of the newest trade.
        mark: what liquidation and mark triggers go by; the last price on spot.
        at_us: when, microseconds UTC.
        bid, ask: best of the book; None where unknown.
    """

    symbol: Symbol
    last: Price
    mark: Price
    at_us: int
    bid: Price | None = None
    ask: Price | None = None

    def of(self, source: TriggerSource) -> Price:
        """Return the price that a trigger watches."""
        return self.mark if source is TriggerSource.MARK else self.last
