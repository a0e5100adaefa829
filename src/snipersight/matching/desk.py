"""Taking orders in and taking them back: what `submit`, `submit_pair` and `cancel` do."""

from __future__ import annotations

from typing import Final

from snipersight.domain.orders import OrderKind, OrderRequest, OrderStatus
from snipersight.domain.units import Symbol
from snipersight.domain.venue import Answer, Problem, Reason
from snipersight.matching.accounts import Account
from snipersight.matching.book_order import BookOrder
from snipersight.matching.checking import (
    find_problem,
    refuse,
    symbol_problem,
)
from snipersight.matching.endings import end, end_partner
from snipersight.matching.floor import Floor
from snipersight.matching.funds import release
from snipersight.matching.holding import rest_conditional
from snipersight.matching.taking import execute_now, is_marketable, rest_limit
from snipersight.matching.tape import carry_out

_MARKET: Final = OrderKind.MARKET
_CANCELLED: Final = OrderStatus.CANCELLED


def submit(floor: Floor, account: Account, request: OrderRequest, *, at_us: int) -> Answer:
    """Take an order in, or refuse it; what can be executed at once is."""
    market = floor.markets.get(request.symbol)
    if market is None:
        return Answer(problem=symbol_problem(request))
    order = BookOrder(account, market, request, number=floor.order_number + 1, at_us=at_us)
    problem = find_problem(account, order, floor.rules)
    if problem is not None:
        return Answer(problem=problem)
    floor.order_number += 1
    _accept(floor, order)
    _place(floor, order, at_us=at_us)
    return Answer(order=order.shown())


def _accept(floor: Floor, order: BookOrder) -> None:
    account = order.account
    account.open[order.venue_id] = order
    account.by_venue_id[order.venue_id] = order
    if order.client_id:
        account.by_client_id[order.client_id] = order
    release(order, order.needed)
    floor.note_order(order)


def _place(floor: Floor, order: BookOrder, *, at_us: int) -> None:
    market = order.market
    if order.is_conditional:
        rest_conditional(order)
        return
    reference = market.last
    if reference is not None and is_marketable(order, reference):
        execute_now(floor, order, reference, at_us=at_us)
        # What it opened may be stopped or liquidated at this very price.
        carry_out(floor, market, at_us=at_us)
    else:
        rest_limit(floor, order, at_us=at_us)


def submit_pair(
    floor: Floor, account: Account, requests: tuple[OrderRequest, OrderRequest], *, at_us: int
) -> Answer:
    """Take target and stop of the same units in as one list, or refuse both."""
    market = floor.markets.get(requests[0].symbol)
    if market is None:
        return Answer(problem=symbol_problem(requests[0]))
    target, stop = (
        BookOrder(account, market, request, number=floor.order_number + place, at_us=at_us)
        for place, request in enumerate(requests, start=1)
    )
    target.partner, stop.partner = stop, target
    problem = _pair_problem(account, target, stop, floor)
    if problem is not None:
        return Answer(problem=problem)
    floor.order_number += 2
    for order in (target, stop):
        _accept(floor, order)
        if order.is_conditional:
            rest_conditional(order)
        else:
            rest_limit(floor, order, at_us=at_us)
    return Answer(order=target.shown())


def _pair_problem(
    account: Account, target: BookOrder, stop: BookOrder, floor: Floor
) -> Problem | None:
    problem = _shape_problem(target, stop)
    for order in (target, stop):
        if problem is None:
            problem = find_problem(account, order, floor.rules)
    if problem is not None:
        return problem
    last = target.market.last
    if not target.is_conditional and last is not None and is_marketable(target, last):
        return refuse(Reason.WOULD_TRIGGER, f"the target {target.price} is reached at {last}")
    return None


def _shape_problem(target: BookOrder, stop: BookOrder) -> Problem | None:
    if not target.market.is_spot:
        return refuse(Reason.OTHER, "pairs are for spot: a perpetual has reduce-only orders")
    if stop.market.symbol != target.market.symbol or stop.is_buy is not target.is_buy:
        return refuse(Reason.OTHER, "the orders of a pair differ in symbol or side")
    if stop.size != target.size:
        return refuse(Reason.OTHER, f"the orders of a pair are {target.size} and {stop.size}")
    if not stop.is_stop or target.is_stop or target.kind is _MARKET:
        return refuse(Reason.OTHER, f"{target.kind} and {stop.kind} are no target and stop")
    if target.client_id and target.client_id == stop.client_id:
        return refuse(Reason.DUPLICATE, f"the client id {stop.client_id} comes twice")
    return None


def cancel(floor: Floor, order: BookOrder | None, *, at_us: int) -> Answer:
    """Cancel an order, of a pair both; `NOT_FOUND` where it is not open."""
    if order is None or not order.status.is_open:
        return Answer(
            problem=refuse(Reason.NOT_FOUND, "no such order is open"),
            order=None if order is None else order.shown(),
        )
    end_partner(floor, order, status=_CANCELLED, at_us=at_us)
    end(floor, order, _CANCELLED, at_us=at_us)
    return Answer(order=order.shown())


def find(
    account: Account, symbol: Symbol | None, *, client_id: str, venue_id: str
) -> BookOrder | None:
    """Return an order by either id (the newest with that client id); None if there is none."""
    order = account.by_venue_id.get(venue_id) if venue_id else account.by_client_id.get(client_id)
    if order is None or (symbol is not None and order.market.symbol != symbol):
        return None
    return order
