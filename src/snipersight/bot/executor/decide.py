"""What a trade needs next: every rule asked in order, each knowing what those before it decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from snipersight.bot.executor.actions import Action, Situation
from snipersight.bot.executor.managing.assuming import assume
from snipersight.bot.executor.managing.covering import note_cover
from snipersight.bot.executor.managing.ending import finish, release_rest
from snipersight.bot.executor.managing.entries import cancel_entries, place_entries
from snipersight.bot.executor.managing.flattening import flatten
from snipersight.bot.executor.managing.judging import judge, reduce_excess
from snipersight.bot.executor.managing.lookups import ask_unknown
from snipersight.bot.executor.managing.moving import move_stop
from snipersight.bot.executor.managing.pairs import pair_exits
from snipersight.bot.executor.managing.remainders import settle_remainder
from snipersight.bot.executor.managing.stops import protect
from snipersight.bot.executor.managing.targets import take_profit
from snipersight.bot.executor.managing.time_stop import stop_in_time
from snipersight.domain.execution import TradeState

Rule = Callable[[Situation], tuple[Action, ...]]

# Verdicts first, then protection, then what makes the position smaller, then what makes it larger.
_VERDICTS: Final[tuple[Rule, ...]] = (
    ask_unknown,
    judge,
    stop_in_time,
    settle_remainder,
    move_stop,
    note_cover,
)
_PERPETUAL: Final[tuple[Rule, ...]] = (protect, cancel_entries, take_profit, flatten, reduce_excess)
# What is sold at market must not be tied up in a pair first.
_PAIRED: Final[tuple[Rule, ...]] = (cancel_entries, reduce_excess, pair_exits, flatten)
_ENDS: Final[tuple[Rule, ...]] = (place_entries, release_rest, finish)


def decide(situation: Situation) -> tuple[Action, ...]:
    """Return everything that is due now for one trade, in the order it is to be done.

    It follows from what is stored and the newest evidence alone, so it may be asked again at any
    time, after a crash too: an order that is journaled is not placed twice, a cancel not asked
    for again before its pause is over, a verdict not repeated. Nothing is due once a trade is
    over.
    """
    if situation.trade.state is TradeState.DONE:
        return ()
    exits = _PAIRED if situation.abilities.pairs_exits else _PERPETUAL
    return _asked(situation, (*_VERDICTS, *exits, *_ENDS))


def _asked(situation: Situation, rules: Iterable[Rule]) -> tuple[Action, ...]:
    decided: list[Action] = []
    for rule in rules:
        found = rule(situation)
        decided += found
        situation = assume(situation, found)
    return tuple(decided)
