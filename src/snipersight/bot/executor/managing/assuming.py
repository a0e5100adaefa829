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
from snipersight.domain.execution import IntentState, OrderIntent, Trade, TradeState
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
        case _:
            return replace(situation, trade=_trade_after(situation, action))


def _trade_after(situation: Situation, action: Action) -> Trade:
    trade = situation.trade
    match action:
        case MoveStop(price=price):
            return replace(trade, stop_price=price)
        case Flatten(why=why):
            is_held = trade.state is TradeState.QUARANTINED
            state = trade.state if is_held else TradeState.EXITING
            return replace(trade, state=state, exit_reason=trade.exit_reason or why)
        case Cover(is_covered=True):
            return replace(trade, uncovered_since_us=None)
        case Cover() if trade.uncovered_since_us is None:
            return replace(trade, uncovered_since_us=situation.now_us)
        case _:
            return trade


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
