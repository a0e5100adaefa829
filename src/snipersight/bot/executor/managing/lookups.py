"""Orders nobody knows of: asked for until they could not appear any more, and only then given up."""

from __future__ import annotations

from snipersight.bot.executor.actions import Action, GiveUp, LookUp, Situation
from snipersight.bot.executor.managing.legs import is_unsettled
from snipersight.domain.execution import OrderIntent


def ask_unknown(situation: Situation) -> tuple[Action, ...]:
    """Return what to find out about orders whose outcome is unknown.

    An order that was never about to leave is given up after the retry pause. Any other is looked
    up until the venue's window has passed, and once more after it.
    """
    unsettled = (one for one in situation.intents if is_unsettled(one))
    found = (_next(one, situation) for one in unsettled)
    return tuple(action for action in found if action is not None)


def _next(intent: OrderIntent, situation: Situation) -> Action | None:
    now_us, timings = situation.now_us, situation.timings
    if intent.sent_us is None:
        is_stale = now_us >= intent.created_us + timings.retry_us
        return GiveUp(client_id=intent.client_id) if is_stale else None
    if intent.updated_us >= intent.sent_us + situation.abilities.lookup_us:
        return GiveUp(client_id=intent.client_id)
    asked_us = max(intent.sent_us, intent.updated_us)
    if now_us >= asked_us + timings.lookup_retry_us:
        return LookUp(client_id=intent.client_id)
    return None
