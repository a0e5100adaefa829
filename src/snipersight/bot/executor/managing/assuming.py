"""The situation as if an action was carried out: what the next rule of the same round goes by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from snipersight.bot.executor.actions import (
    Action,
    Cancel,
    Cover,
    Flatten,
    GiveUp,
    MoveStop,
    Place,
    ReleaseRest,
    Situation,
)
from snipersight.bot.executor.trade_file import judged
from snipersight.domain.execution import IntentState, OrderIntent
from snipersight.domain.units import Size


def assume(situation: Situation, actions: Iterable[Action]) -> Situation:
    """Return the situation with what actions change by themselves: what is stored, no evidence."""
    for action in actions:
        situation = _after(situation, action)
    return situation


def _after(situation: Situation, action: Action) -> Situation:
    match action:
        case Place(intents=new):
            return replace(situation, intents=(*situation.intents, *new))
        case Cancel(client_id=client_id):
            return _with_intent(situation, client_id, cancel_us=situation.now_us)
        case GiveUp(client_id=client_id):
            return _with_intent(situation, client_id, state=IntentState.ABSENT)
        case ReleaseRest():
            return replace(situation, pending=Size(Decimal(0)))
        case MoveStop() | Flatten() | Cover():
            trade = judged(situation.trade, action, at_us=situation.now_us)
            return replace(situation, trade=trade)
        case _:
            return situation


def _with_intent(
    situation: Situation,
    client_id: str,
    *,
    state: IntentState | None = None,
    cancel_us: int | None = None,
) -> Situation:
    def changed(one: OrderIntent) -> OrderIntent:
        if one.client_id != client_id:
            return one
        asked_us = one.cancel_us if cancel_us is None else cancel_us
        return replace(one, state=state or one.state, cancel_us=asked_us)

    return replace(situation, intents=tuple(changed(one) for one in situation.intents))
