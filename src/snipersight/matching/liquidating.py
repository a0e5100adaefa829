"""Liquidation: the venue takes a position over whose margin no longer suffices."""

from __future__ import annotations

from decimal import Decimal

from snipersight.domain.orders import (
    ClientOrderId,
    Fill,
    OrderKind,
    OrderRequest,
    OrderStatus,
    Side,
)
from snipersight.domain.units import Currency, Price, Size
from snipersight.matching.accounts import Account
from snipersight.matching.amounts import ZERO, rounded_up, slipped
from snipersight.matching.book_order import BookOrder
from snipersight.matching.endings import end
from snipersight.matching.floor import FillNote, Floor
from snipersight.matching.holding import isolated_margin, take_from_position
from snipersight.matching.margin import closing_price_with_all
from snipersight.matching.markets import Market
from snipersight.matching.positions import OpenPosition

PREFIX = "liquidation-"  # of the client ids of the orders that close such positions
LIQUIDATED = "liquidated"


def liquidate(floor: Floor, position: OpenPosition, *, at_us: int) -> None:
    """Close an isolated position at the mark price; whatever its margin leaves is the fee."""
    market = position.market
    border = position.liquidation_price if market.is_inside_bar else market.mark
    price, fee = closing_price_with_all(position, _on_tick(position, border or ZERO))
    _take_over(floor, position, price=price, fee=fee, at_us=at_us)


def _on_tick(position: OpenPosition, price: Decimal) -> Decimal:
    return slipped(price, is_buy=not position.is_long, fraction=ZERO, tick=position.market.tick)


def _take_over(
    floor: Floor, position: OpenPosition, *, price: Decimal, fee: Decimal, at_us: int
) -> None:
    order = _closing_order(floor, position, at_us=at_us)
    reference = _record(floor, order, price=price, fee=fee, at_us=at_us)
    take_from_position(
        floor, position, order.size, price=price, fee=fee, reference=reference, at_us=at_us
    )


def _closing_order(floor: Floor, position: OpenPosition, *, at_us: int) -> BookOrder:
    floor.order_number += 1
    number = floor.order_number
    request = OrderRequest(
        client_id=ClientOrderId(f"{PREFIX}{number}"),
        symbol=position.market.symbol,
        direction=position.direction,
        is_reducing=True,
        kind=OrderKind.MARKET,
        size=Size(position.size),
    )
    order = BookOrder(position.account, position.market, request, number=number, at_us=at_us)
    position.account.by_venue_id[order.venue_id] = order
    position.account.by_client_id[order.client_id] = order
    return order


def _record(floor: Floor, order: BookOrder, *, price: Decimal, fee: Decimal, at_us: int) -> str:
    floor.fill_number += 1
    made = Fill(
        fill_id=str(floor.fill_number),
        client_id=order.client_id,
        venue_id=order.venue_id,
        symbol=order.market.symbol,
        side=Side.BUY if order.is_buy else Side.SELL,
        size=Size(order.size),
        price=Price(price),
        fee=fee,
        fee_currency=order.market.quote,
        is_maker=False,
        at_us=at_us,
    )
    order.account.fills.setdefault(made.symbol, []).append(made)
    if floor.records_events:
        floor.notes.append(FillNote(order.account.account_id, at_us, made))
    order.filled = order.size
    order.value = order.size * price
    end(floor, order, OrderStatus.FILLED, at_us=at_us, text=LIQUIDATED)
    return made.fill_id


def liquidate_crossed(floor: Floor, market: Market, *, at_us: int) -> None:
    """Close every crossed position of the accounts whose wallet no longer backs them.

    Looked at only for accounts with a crossed position in the market whose mark price moved.
    """
    accounts = {
        position.account.account_id: position.account for position in market.crossed.values()
    }
    for account in accounts.values():
        if _is_short_of_margin(account, market.quote):
            _close_crossed(floor, account, market.quote, at_us=at_us)


def _is_short_of_margin(account: Account, currency: Currency) -> bool:
    needed = ZERO
    for position in account.crossed.values():
        market = position.market
        if market.quote == currency:
            notional = position.size * (market.mark or ZERO)
            needed += notional * market.tier_of(notional).maintenance_fraction
    backing = account.wallet.get(currency, ZERO) - isolated_margin(account, currency)
    return backing + account.crossed_result(currency) <= needed


def _close_crossed(floor: Floor, account: Account, currency: Currency, *, at_us: int) -> None:
    for order in tuple(account.open.values()):
        if order.market.quote == currency and not order.is_reducing:
            end(floor, order, OrderStatus.CANCELLED, at_us=at_us, text=LIQUIDATED)
    for position in tuple(account.crossed.values()):
        market = position.market
        if market.quote == currency:
            price = _on_tick(position, market.mark or ZERO)
            fee = rounded_up(position.size * price * market.taker_fee)
            _take_over(floor, position, price=price, fee=fee, at_us=at_us)
