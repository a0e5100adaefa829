"""What an open order ties up, so that it can be paid when it is filled."""

from __future__ import annotations

from decimal import Decimal

from snipersight.domain.units import Currency
from snipersight.matching.amounts import ZERO, rounded_up, slipped
from snipersight.matching.book_order import BookOrder
from snipersight.matching.rules import MatchingRules


def currency_of(order: BookOrder) -> Currency:
    """Return the currency that an order spends: base for a spot sale, quote for the rest."""
    market = order.market
    return market.base if market.is_spot and not order.is_buy else market.quote


def retie(order: BookOrder, rules: MatchingRules) -> None:
    """Tie up what the unfilled rest of an order needs, and nothing more."""
    needed = needed_by(order, rules) if order.status.is_open else ZERO
    release(order, needed)


def release(order: BookOrder, needed: Decimal = ZERO) -> None:
    """Let an order tie up this much from now on."""
    if needed != order.tied:
        order.account.tie(currency_of(order), needed - order.tied)
        order.tied = needed


def needed_by(order: BookOrder, rules: MatchingRules) -> Decimal:
    """Return what the unfilled rest of an order needs, in the currency that it spends.

    A reducing order of a perpetual needs nothing, and neither does one that still waits for its
    trigger. Of a pair on spot only the first order ties up the units that both would sell.
    """
    if order.market.is_spot:
        return _needed_on_spot(order, rules)
    if order.is_reducing or (order.is_conditional and not order.is_triggered):
        return ZERO
    return _needed_margin(order, rules)


def _needed_on_spot(order: BookOrder, rules: MatchingRules) -> Decimal:
    rest = order.size - order.filled
    if not order.is_buy:
        is_second = order.partner is not None and order.partner.number < order.number
        return ZERO if is_second else rest
    value = rest * likely_price(order, rules)
    return value if rules.buy_fee_in_base else value + rounded_up(value * order.market.dearest_fee)


def _needed_margin(order: BookOrder, rules: MatchingRules) -> Decimal:
    account, market = order.account, order.market
    opening = order.size - order.filled
    if not account.is_hedged:
        opposite = (account.shorts if order.is_buy else account.longs).get(market.symbol)
        if opposite is not None:
            opening -= min(opposite.size, opening)
    leverage, _ = account.terms(market)
    notional = opening * (order.price or likely_price(order, rules))
    return rounded_up(notional / leverage + notional * market.dearest_fee)


def likely_price(order: BookOrder, rules: MatchingRules) -> Decimal:
    """Return the price an order is counted at: its limit, or the worst it should get."""
    if order.price is not None:
        return order.price
    market = order.market
    reference = order.trigger_price if order.waits_for_trigger else market.last
    return slipped(
        reference or ZERO,
        is_buy=order.is_buy,
        fraction=rules.slippage_fraction,
        tick=market.tick,
    )
