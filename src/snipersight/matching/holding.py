"""Positions as fills change them: cost, margin, attached stop, the border of liquidation."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.domain.direction import Direction
from snipersight.domain.orders import (
    ClientOrderId,
    OrderKind,
    OrderRequest,
    OrderStatus,
    TriggerSource,
)
from snipersight.domain.units import Price, Size
from snipersight.matching.accounts import Account
from snipersight.matching.amounts import ZERO, share_of
from snipersight.matching.book_order import BookOrder
from snipersight.matching.endings import end, end_exits
from snipersight.matching.floor import Floor, PositionNote
from snipersight.matching.margin import watch
from snipersight.matching.positions import OpenPosition
from snipersight.matching.postings import Book

ATTACHED: Final = "set by the venue for the whole position"
_CANCELLED: Final = OrderStatus.CANCELLED


def add_to_position(
    floor: Floor,
    order: BookOrder,
    direction: Direction,
    size: Decimal,
    *,
    notional: Decimal,
    margin: Decimal,
    at_us: int,
) -> None:
    """Make a position larger by what an entry filled, or open it."""
    account, market = order.account, order.market
    position = account.side(direction).get(market.symbol)
    if position is None:
        position = _new_position(floor, order, direction)
    position.size += size
    position.cost += notional
    position.margin += margin
    position.entered_bar = market.bar_number
    account.tie(market.quote, margin)
    if order.attached_stop is not None:
        _attach(floor, position, order, at_us=at_us)
    _changed(floor, position, at_us=at_us)


def _new_position(floor: Floor, order: BookOrder, direction: Direction) -> OpenPosition:
    floor.position_number += 1
    account, market = order.account, order.market
    position = OpenPosition(account, market, direction, number=floor.position_number)
    account.side(direction)[market.symbol] = position
    market.positions[position.number] = position
    if not position.is_isolated:
        account.crossed[position.number] = position
        market.crossed[position.number] = position
    return position


def take_from_position(
    floor: Floor,
    position: OpenPosition,
    size: Decimal,
    *,
    price: Decimal,
    fee: Decimal,
    reference: str,
    at_us: int,
) -> None:
    """Make a position smaller by a fill and book its result; nothing left ends it."""
    account, market = position.account, position.market
    cost = share_of(position.cost, size, position.size)
    margin = share_of(position.margin, size, position.size)
    value = size * price
    result = value - cost if position.is_long else cost - value
    position.size -= size
    position.cost -= cost
    position.margin -= margin
    account.tie(market.quote, -margin)
    for book, amount in ((Book.MARKET, result), (Book.FEES, -fee)):
        account.post(
            book, market.quote, amount, at_us=at_us, symbol=market.symbol, reference=reference
        )
    if not position.size:
        _remove(floor, position, at_us=at_us)
    if not position.is_isolated:
        bear_the_rest(position, at_us=at_us)
    _changed(floor, position, at_us=at_us)


def bear_the_rest(position: OpenPosition, *, at_us: int) -> None:
    """Let the venue's insurance bear what a crossed wallet no longer can."""
    account, market = position.account, position.market
    floor_amount = isolated_margin(account, market.quote)
    missing = floor_amount - account.wallet.get(market.quote, ZERO)
    if missing > 0:
        account.post(Book.INSURANCE, market.quote, missing, at_us=at_us, symbol=market.symbol)


def isolated_margin(account: Account, currency: str) -> Decimal:
    """Return what backs the isolated positions of an account in one currency."""
    return sum(
        (
            position.margin
            for side in (account.longs, account.shorts)
            for position in side.values()
            if position.is_isolated and position.market.quote == currency
        ),
        ZERO,
    )


def _remove(floor: Floor, position: OpenPosition, *, at_us: int) -> None:
    account, market = position.account, position.market
    end_exits(floor, position, at_us=at_us)
    del account.side(position.direction)[market.symbol]
    del market.positions[position.number]
    account.crossed.pop(position.number, None)
    market.crossed.pop(position.number, None)


def _changed(floor: Floor, position: OpenPosition, *, at_us: int) -> None:
    watch(position)
    attached = position.attached
    if attached is not None and attached.size != position.size and position.size:
        attached.size = position.size
        attached.updated_us = at_us
        floor.note_order(attached)
    if floor.records_events:
        floor.notes.append(
            PositionNote(
                position.account.account_id,
                at_us,
                position.market.symbol,
                position.direction,
                position.size,
                position.cost,
            )
        )


def _attach(floor: Floor, position: OpenPosition, order: BookOrder, *, at_us: int) -> None:
    trigger = order.attached_stop
    old = position.attached
    if trigger is None or (old is not None and old.trigger_price == trigger):
        return
    if old is not None:
        end(floor, old, _CANCELLED, at_us=at_us, text="replaced by a later entry's")
    stop = attached_stop(floor, position, trigger=trigger, source=order.trigger_source, at_us=at_us)
    keep_attached(floor, position, stop)


def attached_stop(
    floor: Floor,
    position: OpenPosition,
    *,
    trigger: Decimal,
    source: TriggerSource,
    at_us: int,
) -> BookOrder:
    """Return a stop of the venue's own for a whole position; it is not in the book yet."""
    request = OrderRequest(
        client_id=ClientOrderId(""),
        symbol=position.market.symbol,
        direction=position.direction,
        is_reducing=True,
        kind=OrderKind.STOP_MARKET,
        size=Size(position.size),
        trigger_price=Price(trigger),
        trigger_source=source,
    )
    stop = BookOrder(
        position.account, position.market, request, number=floor.order_number + 1, at_us=at_us
    )
    stop.text = ATTACHED
    return stop


def keep_attached(floor: Floor, position: OpenPosition, stop: BookOrder) -> None:
    """Let a position have a stop of the venue's own."""
    floor.order_number += 1
    position.attached = stop
    rest_conditional(stop)
    floor.note_order(stop)


def rest_conditional(order: BookOrder) -> None:
    """Let a conditional order wait for its trigger."""
    account, market = order.account, order.market
    account.open[order.venue_id] = order
    account.by_venue_id[order.venue_id] = order
    trigger = order.trigger_price
    if trigger is None:
        raise ValueError(f"order {order.venue_id} has no trigger price")
    lane = market.trigger_lane(
        falls=order.is_stop is not order.is_buy,
        is_stop=order.is_stop or not order.is_reducing,
        source=order.trigger_source,
    )
    lane.push(trigger, order.number, order)
    join_exits(order)


def join_exits(order: BookOrder) -> None:
    """Let a position know of an order that reduces it."""
    if order.is_reducing and not order.market.is_spot:
        position = order.account.side(order.direction).get(order.market.symbol)
        if position is not None:
            position.exits[order.number] = order
