"""What is too small for a stop: sold at market while that can be, once no entry may add to it."""

from __future__ import annotations

from snipersight.bot.executor.actions import Action, Alarm, Flatten, Situation
from snipersight.bot.executor.managing.amounts import is_protectable, is_sellable_now, usable
from snipersight.bot.executor.managing.entries import are_settled
from snipersight.domain.units import plain


def settle_remainder(situation: Situation) -> tuple[Action, ...]:
    """Return what becomes of a position too small to protect; only spot knows such.

    While entries may still fill it is held, and a person is told if it cannot even be sold.
    After them it is closed at market; what cannot be is written off when the trade ends.
    """
    trade = situation.trade
    if trade.exit_reason or usable(situation) == 0 or is_protectable(situation):
        return ()
    if are_settled(situation) and is_sellable_now(situation):
        return (Flatten(why="what was filled is too small for a stop"),)
    if is_sellable_now(situation):
        return ()
    text = f"{trade.symbol}: {plain(situation.held)} held is too small to protect and to sell."
    return (Alarm(subject=f"too_small:{trade.trade_id}", text=text),)
