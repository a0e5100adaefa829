"""Leverage, margin mode and position mode of an account, and what changing them needs."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.domain.venue import Answer, Problem, ProblemClass, Reason
from snipersight.matching.accounts import Account
from snipersight.matching.amounts import rounded_up
from snipersight.matching.checking import refuse
from snipersight.matching.floor import Floor
from snipersight.matching.funds import retie
from snipersight.matching.margin import watch
from snipersight.matching.markets import Market

_TAKEN: Final = Answer()


def _unchanged(text: str) -> Answer:
    return Answer(problem=Problem(kind=ProblemClass.HARMLESS, text=text))


def set_leverage(floor: Floor, account: Account, market: Market, leverage: Decimal) -> Answer:
    """Set the leverage of a market; an open position's margin changes with it."""
    if market.is_spot:
        return Answer(problem=refuse(Reason.OTHER, f"{market.symbol} is spot: no leverage"))
    most = market.tiers[0].max_leverage
    if not leverage.is_finite() or not 1 <= leverage <= most:
        return Answer(
            problem=refuse(Reason.FILTER, f"leverage {leverage} is not between 1 and {most}")
        )
    if account.terms(market)[0] == leverage:
        account.leverages[market.symbol] = leverage
        return _unchanged(f"leverage is {leverage} already")
    problem = _margin_problem(account, market, leverage)
    if problem is not None:
        return Answer(problem=problem)
    account.leverages[market.symbol] = leverage
    _apply(floor, account, market, leverage)
    return _TAKEN


def _margin_problem(account: Account, market: Market, leverage: Decimal) -> Problem | None:
    old = account.terms(market)[0]
    more = sum(
        (
            rounded_up(position.cost / leverage) - position.margin
            for position in account.positions()
            if position.market is market
        ),
        Decimal(0),
    )
    if leverage < old:
        # Open entries tie up less margin at the old leverage; this bounds what they need more.
        more += sum(
            (
                rounded_up(order.tied * old / leverage) - order.tied
                for order in account.open.values()
                if order.market is market
            ),
            Decimal(0),
        )
    free = account.free(market.quote)
    if more <= max(free, Decimal(0)):
        return None
    return refuse(Reason.FUNDS, f"{more} {market.quote} more are needed and {free} are free")


def _apply(floor: Floor, account: Account, market: Market, leverage: Decimal) -> None:
    for position in account.positions():
        if position.market is market:
            margin = rounded_up(position.cost / leverage)
            account.tie(market.quote, margin - position.margin)
            position.margin = margin
            position.leverage = leverage
            watch(position)
    for order in tuple(account.open.values()):
        if order.market is market:
            retie(order, floor.rules)


def set_isolated(account: Account, market: Market, *, is_isolated: bool) -> Answer:
    """Set whether only its own margin backs a position; refused while anything is open."""
    if market.is_spot:
        return Answer(problem=refuse(Reason.OTHER, f"{market.symbol} is spot: no margin"))
    if account.terms(market)[1] is is_isolated:
        account.isolated[market.symbol] = is_isolated
        return _unchanged("the margin mode is so already")
    if _is_busy(account, market):
        return Answer(
            problem=refuse(Reason.OTHER, "a position or an order is open: the margin mode stays")
        )
    account.isolated[market.symbol] = is_isolated
    return _TAKEN


def _is_busy(account: Account, market: Market) -> bool:
    return (
        market.symbol in account.longs
        or market.symbol in account.shorts
        or any(order.market is market for order in account.open.values())
    )


def set_hedged(account: Account, *, is_hedged: bool) -> Answer:
    """Set whether long and short can be open side by side; refused while anything is open."""
    if account.is_hedged is is_hedged:
        return _unchanged("the position mode is so already")
    has_orders = any(not order.market.is_spot for order in account.open.values())
    if has_orders or account.longs or account.shorts:
        return Answer(
            problem=refuse(Reason.OTHER, "a position or an order is open: the mode stays")
        )
    account.is_hedged = is_hedged
    return _TAKEN
