"""Why a venue refuses an order before it is in the book."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.domain.orders import OrderKind, OrderRequest, TriggerSource
from snipersight.domain.venue import Problem, ProblemClass, Reason
from snipersight.matching.accounts import Account
from snipersight.matching.book_order import BookOrder
from snipersight.matching.funds import currency_of, needed_by
from snipersight.matching.markets import Market
from snipersight.matching.rules import DuplicateIds, MatchingRules

_LAST: Final = TriggerSource.LAST
_LIMIT: Final = OrderKind.LIMIT
_EVER: Final = DuplicateIds.EVER


def refuse(reason: Reason, text: str) -> Problem:
    """Return a refusal: nothing was done, and asking the same again is of no use."""
    return Problem(kind=ProblemClass.REFUSED, reason=reason, text=text)


def find_problem(account: Account, order: BookOrder, rules: MatchingRules) -> Problem | None:
    """Return why an order is refused; None if it is taken, and `order.needed` is set then."""
    market = order.market
    if market.last is None:
        return refuse(Reason.MARKET_CLOSED, f"{market.symbol} has no price yet")
    problem = filter_problem(order, rules)
    known = account.by_client_id.get(order.client_id)
    if known is not None and _is_taken(known, rules):
        problem = refuse(Reason.DUPLICATE, f"the client id {order.client_id} is taken")
    if problem is None and order.is_conditional:
        problem = trigger_problem(order)
    if problem is None and order.attached_stop is not None:
        problem = _attached_problem(order)
    if problem is None:
        problem = _count_problem(account, order, rules)
    if problem is None:
        problem = _funds_problem(account, order, rules)
    return problem


def _is_taken(known: BookOrder, rules: MatchingRules) -> bool:
    return rules.rejects_duplicate_ids is _EVER or known.status.is_open


def filter_problem(order: BookOrder, rules: MatchingRules) -> Problem | None:
    """Return which rule of the instrument an order breaks; None if it keeps them all."""
    market = order.market
    for price in (order.price, order.trigger_price, order.attached_stop):
        if price is not None and price % market.tick:
            return refuse(Reason.FILTER, f"price {price} is not on the tick {market.tick}")
    problem = _size_problem(order)
    if problem is not None:
        return problem
    problem = _band_problem(order, rules.price_band_fraction)
    return _notional_problem(order) if problem is None else problem


def _band_problem(order: BookOrder, band: Decimal | None) -> Problem | None:
    price, last = order.price, order.market.last
    if band is None or price is None or last is None or abs(price - last) <= band * last:
        return None
    return refuse(Reason.FILTER, f"price {price} is more than {band} of it from {last}")


def _size_problem(order: BookOrder) -> Problem | None:
    market, size = order.market, order.size
    instrument = market.instrument
    if size % market.lot:
        return refuse(Reason.FILTER, f"size {size} is not a multiple of the lot {market.lot}")
    if instrument.min_size is not None and size < instrument.min_size:
        return refuse(Reason.FILTER, f"size {size} is below the least, {instrument.min_size}")
    if instrument.max_size is not None and size > instrument.max_size:
        return refuse(Reason.FILTER, f"size {size} is above the most, {instrument.max_size}")
    most = instrument.max_market_size
    if order.price is None and most is not None and size > most:
        return refuse(Reason.FILTER, f"size {size} is above the most at market, {most}")
    return None


def _notional_problem(order: BookOrder) -> Problem | None:
    market = order.market
    least = market.instrument.min_notional
    if least is None or (order.is_reducing and not market.is_spot):
        return None
    price = order.price or order.trigger_price or market.last
    if price is None or order.size * price >= least:
        return None
    return refuse(Reason.FILTER, f"notional {order.size * price} is below the least, {least}")


def trigger_problem(order: BookOrder) -> Problem | None:
    """Return that a conditional order would be triggered at once; None if it would wait."""
    market, trigger = order.market, order.trigger_price
    price = market.last if order.trigger_source is _LAST or market.is_spot else market.mark
    if trigger is None or price is None:
        return None
    falls = order.is_stop is not order.is_buy
    if trigger < price if falls else trigger > price:
        return None
    return refuse(Reason.WOULD_TRIGGER, f"the trigger {trigger} is reached already at {price}")


def _attached_problem(order: BookOrder) -> Problem | None:
    stop, market = order.attached_stop, order.market
    if market.is_spot:
        return refuse(Reason.OTHER, f"{market.symbol} is spot: no stop can be attached")
    entry = order.price or order.trigger_price or market.last
    if stop is None or entry is None or order.direction.is_losing(stop, entry=entry):
        return None
    return refuse(Reason.WOULD_TRIGGER, f"the attached stop {stop} is on the wrong side of {entry}")


def _count_problem(account: Account, order: BookOrder, rules: MatchingRules) -> Problem | None:
    most, most_waiting = rules.max_open, rules.max_conditional
    if most is not None and _open_in(account, order.market) >= most:
        return refuse(Reason.TOO_MANY, f"{most} orders are open already")
    if most_waiting is None or not order.is_conditional:
        return None
    if _waiting_in(account, order.market) >= most_waiting:
        return refuse(Reason.TOO_MANY, f"{most_waiting} orders wait for a trigger already")
    return None


def _open_in(account: Account, market: Market) -> int:
    return sum(1 for order in account.open.values() if order.market is market)


def _waiting_in(account: Account, market: Market) -> int:
    return sum(
        1 for order in account.open.values() if order.market is market and order.waits_for_trigger
    )


def _funds_problem(account: Account, order: BookOrder, rules: MatchingRules) -> Problem | None:
    market = order.market
    if order.is_reducing and not market.is_spot:
        if account.side(order.direction).get(market.symbol) is None:
            return refuse(Reason.NOTHING_TO_REDUCE, f"no {order.direction} position is open")
        return None
    order.needed = needed = needed_by(order, rules)
    currency = currency_of(order)
    free = account.free(currency)
    if needed <= free:
        return None if market.is_spot or len(market.tiers) == 1 else _tier_problem(account, order)
    return refuse(Reason.FUNDS, f"{needed} {currency} are needed and {free} are free")


def _tier_problem(account: Account, order: BookOrder) -> Problem | None:
    """Return that a position would be too large for its leverage; open orders do not count."""
    market = order.market
    price = order.price or order.trigger_price or market.last
    position = account.side(order.direction).get(market.symbol)
    if price is None:
        return None
    notional = order.size * price + (position.cost if position is not None else 0)
    leverage, _ = account.terms(market)
    most = market.tier_of(notional).max_leverage
    if leverage <= most:
        return None
    return refuse(Reason.FILTER, f"leverage {leverage} is above {most}, the most for {notional}")


def symbol_problem(request: OrderRequest) -> Problem:
    """Return that a symbol is not listed."""
    return refuse(Reason.OTHER, f"{request.symbol} is not listed")
