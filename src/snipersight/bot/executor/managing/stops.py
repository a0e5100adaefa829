"""Protective stops of a perpetual: one for exactly what is held, the new one before the old goes."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.bot.executor.actions import Action, Place, Situation
from snipersight.bot.executor.managing.amounts import usable
from snipersight.bot.executor.managing.legs import (
    cancel_each,
    is_fresh,
    is_unsettled,
    is_working,
    may_try,
    open_of,
)
from snipersight.bot.executor.managing.ordering import stop_intent
from snipersight.domain.execution import Leg, OrderIntent

# Venues count conditional orders; one that works, one that replaces it, one whose fate is unknown.
_MOST_STOPS: Final = 3


def protect(situation: Situation) -> tuple[Action, ...]:
    """Return what brings the stops to one for exactly what is held, at the trade's stop price.

    While everything is being closed the stops stay as they are, until nothing is held.
    """
    stops, size = open_of(situation, Leg.STOP), usable(situation)
    if size == 0:
        return cancel_each(situation, stops, "nothing is held")
    if situation.trade.exit_reason:
        return ()
    fitting = [one for one in stops if _fits(one, size, situation)]
    working = [one for one in fitting if is_working(one)]
    if working:
        others = [one for one in stops if one is not working[-1]]
        return cancel_each(situation, others, "another stop took its place")
    return (*_placed(situation, stops, fitting, size), *_thinned(situation, stops))


def _fits(stop: OrderIntent, size: Decimal, situation: Situation) -> bool:
    return stop.rest == size and stop.request.trigger_price == situation.trade.stop_price


def _placed(
    situation: Situation,
    stops: tuple[OrderIntent, ...],
    fitting: list[OrderIntent],
    size: Decimal,
) -> tuple[Action, ...]:
    # It only ever reduces: a second one whose twin turns up later does no harm and is cancelled.
    if any(is_unsettled(one) and is_fresh(one, situation) for one in fitting):
        return ()
    if len(stops) >= _most(situation) or not may_try(situation, Leg.STOP, 0):
        return ()
    return (Place(intents=(stop_intent(situation, size),)),)


def _thinned(situation: Situation, stops: tuple[OrderIntent, ...]) -> tuple[Action, ...]:
    """Return cancels of all but the newest working stop once there is no room for a better one."""
    working = [one for one in stops if is_working(one)]
    if len(stops) < _most(situation) or len(working) < 2:
        return ()
    return cancel_each(situation, working[:-1], "a newer stop works")


def _most(situation: Situation) -> int:
    most = situation.abilities.max_conditional
    return _MOST_STOPS if most is None else min(_MOST_STOPS, most)
