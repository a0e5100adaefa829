"""Closes a trade that has lasted long enough."""

from __future__ import annotations

from snipersight.bot.executor.actions import Action, Flatten, Situation
from snipersight.bot.executor.managing.amounts import usable


def stop_in_time(situation: Situation) -> tuple[Action, ...]:
    """Return the end of a trade whose time is over, counted from its first fill."""
    trade, lasts_us = situation.trade, situation.trade.rules.time_stop_us
    if trade.exit_reason or lasts_us is None or trade.opened_us is None or not usable(situation):
        return ()
    if situation.now_us < trade.opened_us + lasts_us:
        return ()
    return (Flatten(why="the trade has lasted as long as its rules allow"),)
