"""Whether anything of an account can happen that no stream tells of."""

from __future__ import annotations

from snipersight.bot.executor.books import Look
from snipersight.bot.executor.trade_file import TradeFile
from snipersight.domain.execution import IntentState, Leg, TradeState


def is_at_rest(look: Look) -> bool:
    """Return whether the venue alone decides what happens next, and its stream tells it.

    Not while the kill switch is at work or the store is away, and for no trade that price or time
    moves by our hand: entries that rest end by price and time, a stop that trails or goes to
    break-even follows the price, and what is not settled is asked for again.
    """
    if not look.is_stored or (look.kill is not None and look.kill.done_us is None):
        return False
    return all(_is_held_at_rest(file) for file in look.files)


def _is_held_at_rest(file: TradeFile) -> bool:
    trade = file.trade
    is_settled = (
        trade.state is TradeState.OPEN
        and trade.uncovered_since_us is None
        and not trade.exit_reason
        and file.pending == 0
    )
    if not is_settled or trade.rules.trailing_atr is not None or _waits_for_break_even(file):
        return False
    return all(
        one.state is IntentState.WORKING and one.leg is not Leg.ENTRY and one.cancel_us is None
        for one in file.intents
        if one.state.is_open
    )


def _waits_for_break_even(file: TradeFile) -> bool:
    """Return whether the stop is to be moved as soon as price has gone far enough."""
    trade = file.trade
    has_hit = any(one.leg is Leg.TARGET and one.state is IntentState.FILLED for one in file.intents)
    return trade.rules.break_even and has_hit and trade.stop_price == trade.initial_stop
