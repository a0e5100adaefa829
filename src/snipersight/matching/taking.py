"""Orders that are executed at once: market orders, marketable limits, triggered stops."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.domain.orders import OrderStatus
from snipersight.matching.amounts import ZERO, slipped
from snipersight.matching.book_order import BookOrder
from snipersight.matching.endings import NO_POSITION, end
from snipersight.matching.filling import NO_FUNDS, fill
from snipersight.matching.floor import Floor
from snipersight.matching.funds import currency_of, needed_by, release
from snipersight.matching.holding import join_exits
from snipersight.matching.markets import Market

NO_LIQUIDITY: Final = "nothing more is offered at this price"
_EXPIRED: Final = OrderStatus.EXPIRED
_WORKING: Final = OrderStatus.WORKING


def execute_now(floor: Floor, order: BookOrder, reference: Decimal, *, at_us: int) -> None:
    """Execute an order as a taker around a price; what is left rests if it has a limit.

    A market order that finds too little expires, as at a venue that takes it as
    immediate-or-cancel.
    """
    market = order.market
    price = _taker_price(floor, order, reference)
    size = available(market, order.size - order.filled)
    if size > 0:
        take_liquidity(market, fill(floor, order, size, price, is_maker=False, at_us=at_us))
    if order.status is not _WORKING:
        return
    if order.price is None:
        end(floor, order, _EXPIRED, at_us=at_us, text=_why_short(order))
    else:
        rest_limit(floor, order, at_us=at_us)


def _why_short(order: BookOrder) -> str:
    if order.market.is_spot or not order.is_reducing:
        return NO_LIQUIDITY
    is_flat = order.market.symbol not in order.account.side(order.direction)
    return NO_POSITION if is_flat else NO_LIQUIDITY


def _taker_price(floor: Floor, order: BookOrder, reference: Decimal) -> Decimal:
    price = slipped(
        reference,
        is_buy=order.is_buy,
        fraction=floor.rules.slippage_fraction,
        tick=order.market.tick,
    )
    if order.price is None:
        return price
    return min(price, order.price) if order.is_buy else max(price, order.price)


def is_marketable(order: BookOrder, reference: Decimal) -> bool:
    """Return whether a limit order is better than the price, so that it fills at once.

    At the very price it rests: it would stand behind what is there already.
    """
    limit = order.price
    if limit is None:
        return True
    return limit > reference if order.is_buy else limit < reference


def available(market: Market, wanted: Decimal) -> Decimal:
    """Return how much of a size the newest print still offers, in whole lots."""
    offered = market.liquidity
    if offered is None or offered >= wanted:
        return wanted
    return offered // market.lot * market.lot


def take_liquidity(market: Market, size: Decimal) -> None:
    """Note what was taken of the newest print."""
    if market.liquidity is not None:
        market.liquidity -= size


def rest_limit(floor: Floor, order: BookOrder, *, at_us: int) -> None:
    """Let a limit order wait in the book, if the funds for it are there."""
    if order.is_triggered and not _tie_up(floor, order):
        end(floor, order, _EXPIRED, at_us=at_us, text=NO_FUNDS)
        return
    market, price = order.market, order.price or ZERO
    lane = market.limit_lane(is_buy=order.is_buy, is_reducing=order.is_reducing)
    lane.push(price, order.number, order)
    if order.is_reducing:
        join_exits(order)


def _tie_up(floor: Floor, order: BookOrder) -> bool:
    """Tie up what a triggered limit order needs; False if the funds do not suffice."""
    needed = needed_by(order, floor.rules)
    if needed - order.tied > max(order.account.free(currency_of(order)), ZERO):
        return False
    release(order, needed)
    return True
