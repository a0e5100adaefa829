"""The filters and refusals of Bybit's orders."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.domain.instrument import Instrument
from snipersight.domain.orders import OrderRequest, Side
from snipersight.domain.venue import Problem, Reason
from snipersight.sandbox.exchange.bybit.names import shown, trigger_direction
from snipersight.sandbox.exchange.bybit.refusals import (
    Refusal,
    no_such_order,
    nothing_to_reduce,
)

_REFUSALS: Final = {
    Reason.FUNDS: (110007, "ab not enough for new order"),
    Reason.DUPLICATE: (110072, "OrderLinkedID is duplicate"),
    Reason.FILTER: (110003, "Order price exceeds the allowable range."),
    Reason.MARKET_CLOSED: (10001, "The trading pair is not available: it has no price yet."),
}


def check_order(request: OrderRequest, rules: Instrument, *, last: Decimal | None) -> None:
    """Refuse sizes and prices that the market does not know.

    Raises:
        Refusal: the size is off the lot or out of bounds, a price off the tick, or the order is
            worth too little; what reduces a position may be worth anything.
    """
    _check_size(request, rules)
    for price in (request.price, request.trigger_price, request.attached_stop):
        if price is not None and rules.tick is not None and price % rules.tick:
            raise Refusal(10001, "Price invalid")
    worth = request.price or request.trigger_price or last
    least = rules.min_notional
    if request.is_reducing or least is None or worth is None or request.size * worth >= least:
        return
    raise Refusal(110094, "Order notional value below the lower limit")


def _check_size(request: OrderRequest, rules: Instrument) -> None:
    if rules.lot is not None and request.size % rules.lot:
        raise Refusal(10001, "Qty invalid")
    if rules.min_size is not None and request.size < rules.min_size:
        raise Refusal(10001, "The number of contracts exceeds minimum limit allowed: too small")
    most = rules.max_size if request.kind.has_price else rules.max_market_size
    if most is not None and request.size > most:
        raise Refusal(10001, "The number of contracts exceeds maximum limit allowed: too large")


def refusal_of(problem: Problem, request: OrderRequest, *, last: Decimal, mark: Decimal) -> Refusal:
    """Return Bybit's words for why the engine took no order.

    Args:
        problem: the engine's.
        request: what it refused.
        last, mark: prices of the market then.
    """
    if problem.reason is Reason.NOTHING_TO_REDUCE:
        return nothing_to_reduce()
    if problem.reason is Reason.NOT_FOUND:
        return no_such_order()
    if problem.reason is Reason.WOULD_TRIGGER:
        return _wrong_side(request, last=last, mark=mark)
    if problem.reason is Reason.TOO_MANY:
        return _too_many(request)
    code, text = _REFUSALS.get(problem.reason, (10001, problem.text or "Request parameter error"))
    return Refusal(code, text)


def _too_many(request: OrderRequest) -> Refusal:
    if request.kind.is_conditional:
        text = "The number of stop orders exceeds the maximum allowable limit"
        return Refusal(110009, text)
    return Refusal(110020, "Not allowed to have more than 500 active orders.")


def _wrong_side(request: OrderRequest, *, last: Decimal, mark: Decimal) -> Refusal:
    """Return the refusal of a trigger on the side of the price that it cannot be reached from."""
    current = last if request.trigger_source.value == "last" else mark
    direction = trigger_direction(request.kind, request.side)
    if direction == 1:
        reached = f"trigger_price[{shown(request.trigger_price)}] <= current[{shown(current)}]"
        return Refusal(110092, f"expect Rising, but {reached}??laste")
    if direction == 2:
        reached = f"trigger_price[{shown(request.trigger_price)}] >= current[{shown(current)}]"
        return Refusal(110093, f"expect Falling, but {reached}??last")
    side, than = ("Buy", "lower") if request.side is Side.BUY else ("Sell", "higher")
    return Refusal(
        10001,
        f"StopLoss:{shown(request.attached_stop)} set for {side} position should {than} than "
        f"base_price:{shown(request.price or last)}??LastPrice",
    )
