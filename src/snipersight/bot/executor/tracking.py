"""What prices and fills show of a trade: when it opened, and how far it went its way."""

from __future__ import annotations

from dataclasses import replace

from snipersight.bot.executor.actions import Situation
from snipersight.domain.execution import Trade, TradeState
from snipersight.domain.units import Price


def track(situation: Situation) -> Trade:
    """Return the trade with its first fill, its state and its best price as they show now.

    Asked once a round, before `decide`; the same trade comes back if there is no news.
    """
    trade = situation.trade
    if situation.entered == 0 or not trade.state.is_live:
        return trade
    state = TradeState.OPEN if trade.state is TradeState.ENTERING else trade.state
    opened_us = situation.now_us if trade.opened_us is None else trade.opened_us
    best = _best(situation)
    if (state, opened_us, best) == (trade.state, trade.opened_us, trade.best_price):
        return trade
    return replace(trade, state=state, opened_us=opened_us, best_price=best)


def _best(situation: Situation) -> Price | None:
    trade, quote = situation.trade, situation.quote
    known = (trade.best_price or situation.average_entry, None if quote is None else quote.last)
    prices = [one for one in known if one is not None]
    return max(prices, key=lambda price: trade.direction.sign * price, default=None)
