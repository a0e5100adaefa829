"""A trade's own orders by what they are for: which may still fill, which came last, what to try."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import takewhile
from typing import Final

from snipersight.bot.executor.actions import Cancel, Situation
from snipersight.domain.execution import IntentState, Leg, OrderIntent
from snipersight.domain.venue import Reason

_ZERO: Final = Decimal(0)
_AT_ONCE: Final = 5  # failures in a row that are followed by the plain pause
_DOUBLINGS: Final = 16
_LONGEST_URGENT: Final = 8  # retry pauses
_LONGEST: Final = 64
_NOTHING_THERE: Final = Reason.NOTHING_TO_REDUCE
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
    replaced after the retry pause, counted from its journaling; one that we cancelled, at once,
    and so is one that the venue ended after it filled a part: that was no failure.
    From the sixth failure in a row on the pause doubles each time: what a venue never takes must
    not fill its rate limit and our books for days.
    """
    own = [one for one in of_leg(situation, leg) if one.index == index]
    newest_first = sorted(own, key=lambda one: one.generation, reverse=True)
    failures = tuple(takewhile(_has_failed, newest_first))
    if not failures:
        return True
    return situation.now_us >= failures[0].created_us + _pause(failures, situation)


def _has_failed(intent: OrderIntent) -> bool:
    by_others = intent.state is IntentState.CANCELLED and intent.cancel_us is None
    return (by_others or intent.state in _FAILED) and intent.filled_size == 0


def _pause(failures: Sequence[OrderIntent], situation: Situation) -> int:
    last = failures[0]
    # Where the venue knows of no position, or nothing is at risk, there is no hurry.
    is_urgent = last.leg in (Leg.STOP, Leg.FLATTEN) and last.reason is not _NOTHING_THERE
    longest = _LONGEST_URGENT if is_urgent else _LONGEST
    doublings = max(len(failures) - _AT_ONCE, 0)
    return situation.timings.retry_us * min(1 << min(doublings, _DOUBLINGS), longest)


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
