"""Executions: what a fill does to the order, the wallet and the position."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.domain.direction import Direction
from snipersight.domain.orders import Fill, OrderStatus, Side
from snipersight.domain.units import Currency, Price, Size
from snipersight.matching.amounts import ZERO, rounded_down, rounded_up
from snipersight.matching.book_order import BookOrder
from snipersight.matching.endings import NO_POSITION, end, end_partner
from snipersight.matching.floor import FillNote, Floor
from snipersight.matching.funds import retie
from snipersight.matching.holding import add_to_position, take_from_position
from snipersight.matching.margin import closing_terms
from snipersight.matching.positions import OpenPosition
from snipersight.matching.postings import Book

_ROUNDING_OF_PARTS: Final = Decimal("1E-6")  # a hundred parts, quote currency
NO_FUNDS: Final = "the funds do not suffice"
_LONG: Final = Direction.LONG
_SHORT: Final = Direction.SHORT
_BUY: Final = Side.BUY
_SELL: Final = Side.SELL
_FILLED: Final = OrderStatus.FILLED
_EXPIRED: Final = OrderStatus.EXPIRED
_FEES: Final = Book.FEES
_MARKET: Final = Book.MARKET


def fill(
    floor: Floor, order: BookOrder, size: Decimal, price: Decimal, *, is_maker: bool, at_us: int
) -> Decimal:
    """Execute up to `size` of an order at a price; return what was executed.

    Less is executed where a reducing order finds less to reduce, and nothing where the funds do
    not suffice; the order has ended then.
    """
    market = order.market
    fraction = market.maker_fee if is_maker else market.taker_fee
    end_partner(floor, order, at_us=at_us)
    step = _Step(floor, order, price, fraction=fraction, is_maker=is_maker, at_us=at_us)
    if market.is_spot:
        return step.trade_spot(size)
    if order.is_reducing:
        return step.reduce(size)
    return step.enter(size)


class _Step:
    """One execution, as long as it takes."""

    __slots__ = ("at_us", "floor", "fraction", "is_maker", "order", "price")

    def __init__(
        self,
        floor: Floor,
        order: BookOrder,
        price: Decimal,
        *,
        fraction: Decimal,
        is_maker: bool,
        at_us: int,
    ) -> None:
        self.floor = floor
        self.order = order
        self.price = price
        self.fraction = fraction
        self.is_maker = is_maker
        self.at_us = at_us

    def trade_spot(self, size: Decimal) -> Decimal:
        order, market = self.order, self.order.market
        value = size * self.price
        in_base = order.is_buy and self.floor.rules.buy_fee_in_base
        fee = rounded_up((size if in_base else value) * self.fraction)
        gives, amount = (market.quote, value) if order.is_buy else (market.base, size)
        if order.is_buy and not in_base:
            amount += fee
        if not self._can_give(gives, amount):
            end(self.floor, order, _EXPIRED, at_us=self.at_us, text=NO_FUNDS)
            return ZERO
        sign = 1 if order.is_buy else -1
        number = self._record(size, self.price, fee, market.base if in_base else market.quote)
        self._post(_MARKET, market.base, sign * size, number)
        self._post(_MARKET, market.quote, -sign * value, number)
        self._post(_FEES, market.base if in_base else market.quote, -fee, number)
        if order.is_buy:
            order.account.spot_bars[market.symbol] = market.bar_number
        return size

    def _can_give(self, currency: Currency, amount: Decimal) -> bool:
        return self.order.account.free(currency) + self.order.tied >= amount

    def reduce(self, size: Decimal) -> Decimal:
        order = self.order
        position = order.account.side(order.direction).get(order.market.symbol)
        if position is None:
            end(self.floor, order, _EXPIRED, at_us=self.at_us, text=NO_POSITION)
            return ZERO
        size = min(size, position.size)
        self._close(position, size)
        return size

    def enter(self, size: Decimal) -> Decimal:
        order = self.order
        account, symbol = order.account, order.market.symbol
        closed = ZERO
        if not account.is_hedged:
            opposite = (account.shorts if order.is_buy else account.longs).get(symbol)
            if opposite is not None:
                closed = min(size, opposite.size)
                self._close(opposite, closed)
        if closed < size:
            return closed + self._open(size - closed)
        return closed

    def _close(self, position: OpenPosition, size: Decimal) -> None:
        price, fee = closing_terms(position, size, self.price, self.fraction)
        number = self._record(size, price, fee, self.order.market.quote)
        take_from_position(
            self.floor, position, size, price=price, fee=fee, reference=number, at_us=self.at_us
        )

    def _open(self, size: Decimal) -> Decimal:
        order, market = self.order, self.order.market
        account = order.account
        notional = size * self.price
        leverage, _ = account.terms(market)
        fee = rounded_up(notional * self.fraction)
        margin = self._margin_within_funds(notional / leverage, fee)
        if margin is None:
            end(self.floor, order, _EXPIRED, at_us=self.at_us, text=NO_FUNDS)
            return ZERO
        number = self._record(size, self.price, fee, market.quote)
        self._post(_FEES, market.quote, -fee, number)
        direction = _LONG if order.is_buy else _SHORT
        add_to_position(
            self.floor, order, direction, size, notional=notional, margin=margin, at_us=self.at_us
        )
        return size

    def _margin_within_funds(self, wanted: Decimal, fee: Decimal) -> Decimal | None:
        """Return the margin that can be put up beside the fee; None if the funds do not suffice.

        Fees of parts are rounded up each, the funds were tied up for the whole: so little as that
        is taken off the margin rather than ending the order.
        """
        order = self.order
        margin = rounded_down(wanted)
        rest = order.account.free(order.market.quote) + order.tied - fee
        if margin <= rest:
            return margin
        return rest if rest >= 0 and margin - rest <= _ROUNDING_OF_PARTS else None

    def _post(self, source: Book, currency: Currency, amount: Decimal, reference: str) -> None:
        self.order.account.post(
            source,
            currency,
            amount,
            at_us=self.at_us,
            symbol=self.order.market.symbol,
            reference=reference,
        )

    def _record(self, size: Decimal, price: Decimal, fee: Decimal, currency: Currency) -> str:
        """Note an execution on the order and for whoever asks; return its id."""
        floor, order = self.floor, self.order
        floor.fill_number += 1
        made = Fill(
            fill_id=str(floor.fill_number),
            client_id=order.client_id,
            venue_id=order.venue_id,
            symbol=order.market.symbol,
            side=_BUY if order.is_buy else _SELL,
            size=Size(size),
            price=Price(price),
            fee=fee,
            fee_currency=currency,
            is_maker=self.is_maker,
            at_us=self.at_us,
        )
        order.account.fills.setdefault(made.symbol, []).append(made)
        if floor.records_events:
            floor.notes.append(FillNote(order.account.account_id, self.at_us, made))
        order.filled += size
        order.value += size * price
        order.updated_us = self.at_us
        self._settle_order()
        return made.fill_id

    def _settle_order(self) -> None:
        order = self.order
        if order.filled == order.size:
            end(self.floor, order, _FILLED, at_us=self.at_us)
        else:
            retie(order, self.floor.rules)
            self.floor.note_order(order)
