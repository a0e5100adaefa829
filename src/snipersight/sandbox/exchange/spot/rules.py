"""The filters and refusals of Binance spot orders."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.domain.instrument import Instrument
from snipersight.domain.orders import OrderRequest, Side
from snipersight.domain.units import Price, Size, plain
from snipersight.domain.venue import Problem, Reason
from snipersight.sandbox.exchange.binance.refusals import Refusal, no_open_order

MOST_ORDERS: Final = 200  # open in one market
MOST_ALGO_ORDERS: Final = 5  # of those, that wait for a trigger
BAND: Final = (Decimal("0.2"), Decimal(5))  # least and most of the last price, on either side
_DIGITS: Final = 8
_REFUSALS: Final = {
    Reason.FUNDS: "Account has insufficient balance for requested action.",
    Reason.WOULD_TRIGGER: "Stop price would trigger immediately.",
    Reason.DUPLICATE: "Duplicate order sent.",
    Reason.MARKET_CLOSED: "Market is closed.",
}


def refusal_of(problem: Problem) -> Refusal:
    """Return Binance's words for why the engine took no order."""
    if problem.reason is Reason.NOT_FOUND:
        return no_open_order()
    return rejected(_REFUSALS.get(problem.reason, problem.text or "NEW_ORDER_REJECTED"))


def rejected(text: str) -> Refusal:
    """Return what the matching engine says to an order."""
    return Refusal(-2010, text)


def filtered(name: str) -> Refusal:
    """Return what an order gets that one of the market's filters does not let pass."""
    return Refusal(-1013, f"Filter failure: {name}")


def price_in(value: Decimal, name: str) -> Price:
    """Return a price above 0.

    Raises:
        Refusal: it is 0 or has more than eight decimals.
    """
    _check_precision(value, name)
    if value <= 0:
        raise Refusal(-1013, "Invalid price.")
    return Price(value)


def size_in(value: Decimal, name: str) -> Size:
    """Return a size above 0.

    Raises:
        Refusal: it is 0 or has more than eight decimals.
    """
    _check_precision(value, name)
    if value <= 0:
        raise Refusal(-1013, "Invalid quantity.")
    return Size(value)


def highest_price(rules: Instrument) -> Decimal:
    """Return the highest price that a market knows."""
    return (rules.tick or Decimal(1)) * 10**9


def check_filters(request: OrderRequest, rules: Instrument, *, last: Decimal | None) -> None:
    """Refuse what the market's filters do not let pass.

    Args:
        request: the order.
        rules: of its market.
        last: the newest price; None before the first.

    Raises:
        Refusal: named after the filter.
    """
    for price in (request.price, request.trigger_price):
        if price is not None and (_is_off(price, rules.tick) or price > highest_price(rules)):
            raise filtered("PRICE_FILTER")
    if request.price is not None and last is not None:
        least, most = BAND
        if not least * last <= request.price <= most * last:
            raise filtered("PERCENT_PRICE_BY_SIDE")
    _check_size(request, rules)
    worth = request.price or request.trigger_price or last
    if worth is not None and request.size * worth < (rules.min_notional or 0):
        raise filtered("NOTIONAL")


def check_pair(target: OrderRequest, stop: OrderRequest, *, last: Decimal | None) -> None:
    """Refuse a list whose prices lie on one side of the last price.

    Raises:
        Refusal: so they do.
    """
    goal, guard = target.trigger_price or target.price, stop.trigger_price
    if goal is None or guard is None or last is None:
        return
    is_sale = stop.side is Side.SELL
    low, high = (guard, goal) if is_sale else (goal, guard)
    if not low < last < high:
        raise rejected("The relationship of the prices for the orders is not correct.")


def check_counts(*, placed: int, algo_placed: int, open_: int, waiting: int) -> None:
    """Refuse more orders than a market takes from one account.

    Args:
        placed: by this request.
        algo_placed: of those, that wait for a trigger.
        open_, waiting: there are already.

    Raises:
        Refusal: named after the filter.
    """
    if open_ + placed > MOST_ORDERS:
        raise filtered("MAX_NUM_ORDERS")
    if algo_placed and waiting + algo_placed > MOST_ALGO_ORDERS:
        raise filtered("MAX_NUM_ALGO_ORDERS")


def _check_size(request: OrderRequest, rules: Instrument) -> None:
    size, least = request.size, rules.min_size
    is_large = rules.max_size is not None and size > rules.max_size
    if _is_off(size, rules.lot) or is_large or (least is not None and size < least):
        raise filtered("LOT_SIZE")
    if not request.kind.has_price and size > (rules.max_market_size or size):
        raise filtered("MARKET_LOT_SIZE")


def _is_off(value: Decimal, step: Decimal | None) -> bool:
    return step is not None and value % step != 0


def _check_precision(value: Decimal, name: str) -> None:
    if -int(Decimal(plain(value)).as_tuple().exponent) > _DIGITS:
        raise Refusal(-1111, f"Parameter '{name}' has too much precision.")
