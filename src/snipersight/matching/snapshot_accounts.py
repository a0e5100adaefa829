"""Accounts with their orders and positions as JSON values, and back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from snipersight.domain.direction import Direction
from snipersight.domain.orders import ClientOrderId, Fill, FundingPayment, OrderRequest, OrderStatus
from snipersight.domain.units import Price, Size
from snipersight.matching.accounts import Account
from snipersight.matching.amounts import ZERO
from snipersight.matching.book_order import BookOrder
from snipersight.matching.floor import Floor
from snipersight.matching.holding import join_exits, rest_conditional
from snipersight.matching.margin import watch
from snipersight.matching.positions import OpenPosition
from snipersight.matching.postings import Book, JournalEntry
from snipersight.matching.values import from_json, to_json

_ORDER_AMOUNTS: Final = ("filled", "value", "tied", "needed")
_ORDER_FACTS: Final = ("number", "text", "updated_us", "is_triggered")
_POSITION_AMOUNTS: Final = ("size", "cost", "margin", "leverage")
_POSITION_FACTS: Final = ("number", "is_isolated", "entered_bar")


def keep_account(account: Account) -> dict[str, Any]:
    """Return an account as JSON values."""
    return {
        "account_id": account.account_id,
        "is_hedged": account.is_hedged,
        "default_leverage": str(account.default_leverage),
        "wallet": _texts(account.wallet),
        "tied": _texts(account.tied),
        "leverages": _texts(account.leverages),
        "isolated": dict(account.isolated),
        "spot_bars": dict(account.spot_bars),
        "orders": [_keep_order(order) for order in account.by_venue_id.values()],
        "positions": [_keep_position(position) for position in account.positions()],
        "fills": [to_json(fill) for fills in account.fills.values() for fill in fills],
        "funding": [to_json(payment) for payment in account.funding],
        "entries": [to_json(tuple(entry)) for entry in account.entries],
    }


def _texts(amounts: Mapping[Any, Decimal]) -> dict[str, str]:
    return {name: str(amount) for name, amount in amounts.items()}


def _amounts(texts: Mapping[str, str]) -> dict[Any, Decimal]:
    return {name: Decimal(text) for name, text in texts.items()}


def revive_account(floor: Floor, kept: Mapping[str, Any]) -> None:
    """Open the account again that was kept, with everything in it."""
    account = Account(
        kept["account_id"],
        is_hedged=kept["is_hedged"],
        default_leverage=Decimal(kept["default_leverage"]),
    )
    floor.accounts[account.account_id] = account
    account.wallet = _amounts(kept["wallet"])
    account.tied = _amounts(kept["tied"])
    account.leverages = _amounts(kept["leverages"])
    account.isolated = dict(kept["isolated"])
    account.spot_bars = dict(kept["spot_bars"])
    for fill in kept["fills"]:
        made: Fill = from_json(Fill, fill)
        account.fills.setdefault(made.symbol, []).append(made)
    account.funding = [from_json(FundingPayment, payment) for payment in kept["funding"]]
    account.entries = [_entry(entry) for entry in kept["entries"]]
    for position in kept["positions"]:
        _revive_position(floor, account, position)
    for order in kept["orders"]:
        _revive_order(floor, account, order)
    _join(account, kept)


def _entry(kept: list[Any]) -> JournalEntry:
    at_us, source, currency, amount, symbol, reference = kept
    return JournalEntry(at_us, Book(source), currency, Decimal(amount), symbol, reference)


def _keep_order(order: BookOrder) -> dict[str, Any]:
    return {
        "request": to_json(_request(order)),
        "status": order.status.value,
        "partner": None if order.partner is None else order.partner.venue_id,
        **{name: getattr(order, name) for name in _ORDER_FACTS},
        **{name: str(getattr(order, name)) for name in _ORDER_AMOUNTS},
    }


def _request(order: BookOrder) -> OrderRequest:
    return OrderRequest(
        client_id=ClientOrderId(order.client_id),
        symbol=order.market.symbol,
        direction=order.direction,
        is_reducing=order.is_reducing,
        kind=order.kind,
        size=Size(order.size),
        price=_price(order.price),
        trigger_price=_price(order.trigger_price),
        trigger_source=order.trigger_source,
        attached_stop=_price(order.attached_stop),
    )


def _price(price: Decimal | None) -> Price | None:
    return None if price is None else Price(price)


def _revive_order(floor: Floor, account: Account, kept: Mapping[str, Any]) -> None:
    request: OrderRequest = from_json(OrderRequest, kept["request"])
    order = BookOrder(
        account,
        floor.market(request.symbol),
        request,
        number=kept["number"],
        at_us=kept["updated_us"],
    )
    for name in _ORDER_FACTS:
        setattr(order, name, kept[name])
    for name in _ORDER_AMOUNTS:
        setattr(order, name, Decimal(kept[name]))
    order.status = OrderStatus(kept["status"])
    account.by_venue_id[order.venue_id] = order
    if order.client_id:
        account.by_client_id[order.client_id] = order
    if order.status.is_open:
        account.open[order.venue_id] = order
        _rest(order)


def _rest(order: BookOrder) -> None:
    if order.waits_for_trigger:
        rest_conditional(order)
        return
    lane = order.market.limit_lane(is_buy=order.is_buy, is_reducing=order.is_reducing)
    lane.push(order.price or ZERO, order.number, order)
    join_exits(order)


def _keep_position(position: OpenPosition) -> dict[str, Any]:
    return {
        "symbol": position.market.symbol,
        "direction": position.direction.value,
        "attached": None if position.attached is None else position.attached.venue_id,
        **{name: getattr(position, name) for name in _POSITION_FACTS},
        **{name: str(getattr(position, name)) for name in _POSITION_AMOUNTS},
    }


def _revive_position(floor: Floor, account: Account, kept: Mapping[str, Any]) -> None:
    market = floor.market(kept["symbol"])
    direction = Direction(kept["direction"])
    position = OpenPosition(account, market, direction, number=kept["number"])
    for name in _POSITION_FACTS:
        setattr(position, name, kept[name])
    for name in _POSITION_AMOUNTS:
        setattr(position, name, Decimal(kept[name]))
    account.side(direction)[market.symbol] = position
    market.positions[position.number] = position
    if not position.is_isolated:
        account.crossed[position.number] = position
        market.crossed[position.number] = position
    watch(position)


def _join(account: Account, kept: Mapping[str, Any]) -> None:
    """Tie together what belongs together: the orders of pairs, attached stops and positions."""
    for order in kept["orders"]:
        if order["partner"] is not None:
            own = account.by_venue_id[str(order["number"])]
            own.partner = account.by_venue_id[order["partner"]]
    for position in kept["positions"]:
        if position["attached"] is not None:
            side = account.side(Direction(position["direction"]))
            side[position["symbol"]].attached = account.by_venue_id[position["attached"]]
