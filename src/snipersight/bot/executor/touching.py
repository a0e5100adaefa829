"""Trades that wait for an entry although price has been at their first target since."""

from __future__ import annotations

from snipersight.bot.executor.books import Look
from snipersight.bot.executor.managing.amounts import has_reached
from snipersight.domain.direction import Direction
from snipersight.domain.execution import Trade
from snipersight.domain.units import Price, Symbol


def touched(
    look: Look, symbol: Symbol, *, low: Price, high: Price, since_us: int
) -> tuple[Trade, ...]:
    """Return the trades of a market that hold nothing and whose plan a range of prices voids.

    Args:
        look: the account after everything that was filled in that range was booked.
        symbol: of the market.
        low, high: outermost prices.
        since_us: since when, microseconds UTC; what was sent later is not held against them.
    """
    mine = (one.trade for one in look.files if one.trade.symbol == symbol)
    waiting = (one for one in mine if one.opened_us is None and one.created_us <= since_us)
    return tuple(one for one in waiting if _is_touched(one, low, high))


def _is_touched(trade: Trade, low: Price, high: Price) -> bool:
    best = high if trade.direction is Direction.LONG else low
    return has_reached(best, trade.exits[0].price, trade.direction)
