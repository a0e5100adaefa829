"""Funding: what longs pay to shorts, or get from them, at a funding time."""

from __future__ import annotations

from decimal import Decimal

from snipersight.domain.orders import FundingPayment
from snipersight.matching.amounts import ZERO, rounded_down
from snipersight.matching.floor import Floor, FundingNote
from snipersight.matching.holding import bear_the_rest
from snipersight.matching.margin import watch
from snipersight.matching.markets import Market
from snipersight.matching.positions import OpenPosition
from snipersight.matching.postings import Book
from snipersight.matching.tape import carry_out


def fund(floor: Floor, market: Market, rate: Decimal, *, at_us: int) -> None:
    """Let every open position of a market pay or get the rate on its notional at the mark.

    Above 0 longs pay. What the free funds cannot pay comes out of an isolated position's margin,
    never more than that; its liquidation price moves closer then.
    """
    for position in tuple(market.positions.values()):
        _settle(floor, position, rate, at_us=at_us)
    market.at_us = max(market.at_us, at_us)
    carry_out(floor, market, at_us=at_us)


def _settle(floor: Floor, position: OpenPosition, rate: Decimal, *, at_us: int) -> None:
    account, market = position.account, position.market
    notional = position.size * (market.mark or ZERO)
    amount = rounded_down(-notional * rate if position.is_long else notional * rate)
    if amount < 0 and position.is_isolated:
        amount = -_pay_isolated(position, -amount)
    if not amount:
        return
    floor.payment_number += 1
    payment = FundingPayment(
        payment_id=str(floor.payment_number),
        symbol=market.symbol,
        amount=amount,
        currency=market.quote,
        at_us=at_us,
    )
    account.funding.append(payment)
    account.post(
        Book.FUNDING,
        market.quote,
        amount,
        at_us=at_us,
        symbol=market.symbol,
        reference=payment.payment_id,
    )
    if not position.is_isolated:
        bear_the_rest(position, at_us=at_us)
    if floor.records_events:
        floor.notes.append(FundingNote(account.account_id, at_us, payment))


def _pay_isolated(position: OpenPosition, due: Decimal) -> Decimal:
    """Take what the free funds lack out of the margin; return what can be paid in all."""
    account, currency = position.account, position.market.quote
    missing = due - max(account.free(currency), ZERO)
    if missing <= 0:
        return due
    from_margin = min(missing, position.margin)
    position.margin -= from_margin
    account.tie(currency, -from_margin)
    watch(position)
    return due - missing + from_margin
