"""Targets of a perpetual: reduce-only limit orders, together never more than what is held."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.bot.executor.actions import Action, Place, Situation
from snipersight.bot.executor.managing.amounts import usable
from snipersight.bot.executor.managing.covering import is_covered
from snipersight.bot.executor.managing.legs import cancel_each, may_try, open_of, rest_of
from snipersight.bot.executor.managing.ordering import target_intent
from snipersight.bot.executor.managing.shares import target_sizes
from snipersight.domain.execution import Leg, OrderIntent, TradeState

_ZERO: Final = Decimal(0)


def take_profit(situation: Situation) -> tuple[Action, ...]:
    """Return what brings the targets to their shares of what is held; the stop comes first.

    A share that changed is cancelled, and placed anew once the venue has confirmed that.
    """
    resting = open_of(situation, Leg.TARGET)
    if situation.trade.exit_reason:
        return cancel_each(situation, resting, "everything is being closed")
    total = max(usable(situation) - rest_of(open_of(situation, Leg.FLATTEN)), _ZERO)
    if total == 0:
        return cancel_each(situation, resting, "nothing is held")
    if situation.trade.state is TradeState.QUARANTINED:
        return ()
    sizes = target_sizes(situation, total)
    wrong = [one for one in resting if not _fits(one, resting, sizes, situation)]
    free = total - rest_of(resting)
    return (
        *cancel_each(situation, wrong, "its share of the position changed"),
        *_placed(situation, resting, sizes, free),
    )


def _fits(
    target: OrderIntent,
    resting: tuple[OrderIntent, ...],
    sizes: tuple[Decimal, ...],
    situation: Situation,
) -> bool:
    is_alone = sum(one.index == target.index for one in resting) == 1
    is_there = target.request.price == situation.trade.exits[target.index].price
    return is_alone and is_there and target.rest == sizes[target.index]


def _placed(
    situation: Situation,
    resting: tuple[OrderIntent, ...],
    sizes: tuple[Decimal, ...],
    free: Decimal,
) -> tuple[Action, ...]:
    if not is_covered(situation):
        return ()
    taken = {one.index for one in resting}
    placed = []
    for index, size in enumerate(sizes):
        is_due = index not in taken and 0 < size <= free and may_try(situation, Leg.TARGET, index)
        if is_due:
            placed.append(Place(intents=(target_intent(situation, size, index=index),)))
            free -= size
    return tuple(placed)
