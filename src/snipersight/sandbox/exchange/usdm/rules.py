"""The filters and refusals of Binance USD-M orders."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.domain.instrument import Instrument
from snipersight.domain.orders import OrderKind
from snipersight.domain.units import Price, plain
from snipersight.domain.venue import Problem, Reason
from snipersight.sandbox.exchange.binance.refusals import Refusal, no_open_order

_REFUSALS: Final = {
    Reason.FUNDS: (-2019, "Margin is insufficient."),
    Reason.WOULD_TRIGGER: (-2021, "Order would immediately trigger."),
    Reason.NOTHING_TO_REDUCE: (-2022, "ReduceOnly Order is rejected."),
    Reason.DUPLICATE: (-4116, "ClientOrderId is duplicated."),
    Reason.TOO_MANY: (-4045, "Reach max stop order limit."),
    Reason.MARKET_CLOSED: (-4108, "Symbol is on delivering or delivered or settling or closed."),
    Reason.FILTER: (
        -4131,
        "The counterparty's best price does not meet the PERCENT_PRICE filter limit.",
    ),
}


def refusal_of(problem: Problem) -> Refusal:
    """Return Binance's words for why the engine took no order."""
    if problem.reason is Reason.NOT_FOUND:
        return no_open_order()
    code, text = _REFUSALS.get(problem.reason, (-2010, problem.text or "NEW_ORDER_REJECTED"))
    return Refusal(code, text)


def check_price(price: Price, rules: Instrument) -> None:
    """Refuse a price that the market does not know.

    Raises:
        Refusal: it is 0, or no multiple of the tick.
    """
    if price <= 0:
        raise Refusal(-4001, "Price less than or equal to zero.")
    if rules.tick is not None and price % rules.tick:
        if -_exponent(price) > -_exponent(rules.tick):
            raise Refusal(-1111, "Precision is over the maximum defined for this asset.")
        raise Refusal(-4014, "Price not increased by tick size.")


def check_size(size: Decimal, rules: Instrument, *, is_market: bool) -> None:
    """Refuse a size that the market does not know.

    Raises:
        Refusal: it is 0, off the lot, below the smallest or above the largest.
    """
    if size <= 0:
        raise Refusal(-4003, "Quantity less than or equal to zero.")
    if rules.lot is not None and size % rules.lot:
        raise Refusal(-1111, "Precision is over the maximum defined for this asset.")
    if rules.min_size is not None and size < rules.min_size:
        raise Refusal(-4004, "Quantity less than min quantity.")
    most = rules.max_market_size if is_market else rules.max_size
    if most is not None and size > most:
        raise Refusal(-4005, "Quantity greater than max quantity.")


def check_notional(size: Decimal, price: Decimal, rules: Instrument, *, is_reducing: bool) -> None:
    """Refuse what is worth too little; what reduces a position may be worth anything.

    Raises:
        Refusal: it is.
    """
    least = rules.min_notional
    if is_reducing or least is None or size * price >= least:
        return
    text = (
        f"Order's notional must be no smaller than {plain(least)} (unless you choose reduce only)."
    )
    raise Refusal(-4164, text)


def is_market(kind: OrderKind) -> bool:
    """Return whether an order takes whatever price there is in the end."""
    return not kind.has_price


def _exponent(value: Decimal) -> int:
    return int(Decimal(plain(value)).as_tuple().exponent)
