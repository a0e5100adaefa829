"""From what is stored and what was just learnt to the situation that a rule decides on."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.bot.executor.actions import Situation
from snipersight.bot.executor.desk import Desk
from snipersight.bot.executor.holding import Holding, holding_of
from snipersight.bot.executor.trade_file import Noted, TradeFile
from snipersight.domain.execution import Trade
from snipersight.domain.orders import Quote
from snipersight.domain.units import Price

_WORTH_NOTING: Final = Decimal("0.05")  # of an ATR: closer prices move no trailing stop


def situation_of(
    desk: Desk, file: TradeFile, quote: Quote | None, *, entries_allowed: bool, now_us: int
) -> Situation:
    """Return the situation of a trade.

    Raises:
        UnknownSymbol: the venue does not list its market any more.
    """
    holding = holding_in(desk, file)
    return Situation(
        trade=file.trade,
        intents=file.intents,
        held=holding.held,
        average_entry=holding.average_entry,
        entered=holding.entered,
        quote=quote,
        instrument=desk.instrument(file.trade.symbol),
        abilities=desk.venue.capabilities(file.trade.symbol),
        timings=desk.timings,
        now_us=now_us,
        pending=file.pending,
        is_booked=not holding.unbooked,
        entries_allowed=entries_allowed,
    )


def holding_in(desk: Desk, file: TradeFile) -> Holding:
    """Return what a trade holds by all evidence.

    Raises:
        UnknownSymbol: the venue does not list its market any more.
    """
    return holding_of(file.intents, file.fills, desk.instrument(file.trade.symbol))


def noted(file: TradeFile, holding: Holding, quote: Quote | None, *, now_us: int) -> Noted | None:
    """Return what position and price say anew of a trade; None if they say nothing new."""
    trade = file.trade
    is_opened = trade.opened_us is None and holding.entered > 0
    best = _best(trade, quote, is_open=holding.held > 0)
    if not is_opened and best is None:
        return None
    return Noted(opened_us=now_us if is_opened else None, best_price=best)


def _best(trade: Trade, quote: Quote | None, *, is_open: bool) -> Price | None:
    """Return the price of a quote if a trailing stop would follow it; else None."""
    if quote is None or not is_open or trade.rules.trailing_atr is None:
        return None
    if trade.best_price is None:
        return quote.last
    gain = trade.direction.gain(quote.last, entry=trade.best_price)
    return quote.last if gain >= trade.atr * _WORTH_NOTING else None
