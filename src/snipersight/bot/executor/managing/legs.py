"""A trade's own orders by what they are for: which may still fill, which came last, what to try."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from snipersight.bot.executor.actions import Cancel, Situation
from snipersight.domain.execution import IntentState, Leg, OrderIntent

_ZERO: Final = Decimal(0)
_FAILED: Final = (IntentState.REFUSED, IntentState.EXPIRED, IntentState.ABSENT)


def of_leg(situation: Situation, leg: Leg) -> tuple[OrderIntent, ...]:
    """Return every order of a leg, oldest first."""
    return tuple(one for one in situation.intents if one.leg is leg)


def open_of(situation: Situation, *legs: Leg) -> tuple[OrderIntent, ...]:
    """Return the orders of some legs that may still be, or become, orders in the book."""
    return tuple(one for one in situation.intents if one.leg in legs and one.state.is_open)


def latest(situation: Situation, leg: Leg, index: int) -> OrderIntent | None:
    """Return the newest generation of a leg and index; None before the first."""
    own = (one for one in situation.intents if one.leg is leg and one.index == index)
    return max(own, key=lambda one: one.generation, default=None)


def next_generation(situation: Situation, *legs: Leg, index: int) -> int:
    """Return the generation that the next order of an index has, alike for several legs."""
    newest = (latest(situation, leg, index) for leg in legs)
    return max((one.generation + 1 for one in newest if one is not None), default=0)


def rest_of(intents: Iterable[OrderIntent]) -> Decimal:
    """Return the base units that orders may still fill."""
    return sum((one.rest for one in intents), _ZERO)


def is_working(intent: OrderIntent) -> bool:
    """Return whether the venue showed the order, and that it is open."""
    return intent.state is IntentState.WORKING


def is_unsettled(intent: OrderIntent) -> bool:
    """Return whether nobody knows yet if the venue has the order."""
    return intent.state in (IntentState.JOURNALED, IntentState.UNKNOWN)


def is_fresh(intent: OrderIntent, situation: Situation) -> bool:
    """Return whether it is too early to do without an order whose outcome is unknown."""
    since = intent.created_us if intent.sent_us is None else intent.sent_us
    return situation.now_us < since + situation.timings.lookup_retry_us


def may_try(situation: Situation, leg: Leg, index: int) -> bool:
    """Return whether the next order of a leg may be placed, or its last one failed just now.

    An order that the venue refused, ended or lost, and one that somebody else cancelled, is
    replaced after the retry pause, counted from its journaling; one that we cancelled, at once.
    """
    last = latest(situation, leg, index)
    if last is None:
        return True
    failed = last.state in _FAILED
    by_others = last.state is IntentState.CANCELLED and last.cancel_us is None
    if not failed and not by_others:
        return True
    return situation.now_us >= last.created_us + situation.timings.retry_us


def cancel_each(
    situation: Situation, intents: Iterable[OrderIntent], why: str
) -> tuple[Cancel, ...]:
    """Return a cancel for each open order that was sent and whose cancel is not asked already."""
    return tuple(
        Cancel(client_id=one.client_id, why=why) for one in intents if _may_ask(one, situation)
    )


def _may_ask(intent: OrderIntent, situation: Situation) -> bool:
    if not intent.state.is_open or (intent.sent_us is None and not is_working(intent)):
        return False
    asked = intent.cancel_us
    return asked is None or situation.now_us >= asked + situation.timings.cancel_retry_us
