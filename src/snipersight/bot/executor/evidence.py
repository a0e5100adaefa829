"""What was learnt of an order, and what an intent is after it: states move on evidence alone.

Facts come late, twice and out of order. Folding one in can only add to what is known: what was
filled never shrinks, and an order that has ended does not come back to life.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from snipersight.domain.execution import IntentState, Leg, OrderIntent
from snipersight.domain.orders import ClientOrderId, OrderStatus, VenueOrder
from snipersight.domain.units import Price, Size
from snipersight.domain.venue import Answer, Problem, ProblemClass, Reason

# Nothing the venue ever showed lies behind these: an order that turns up after all is real.
_WITHOUT_PROOF: Final = (IntentState.REFUSED, IntentState.ABSENT)
_UNDECIDED: Final = (IntentState.JOURNALED, IntentState.UNKNOWN)
_ENDS: Final = {
    OrderStatus.FILLED: IntentState.FILLED,
    OrderStatus.CANCELLED: IntentState.CANCELLED,
    OrderStatus.EXPIRED: IntentState.EXPIRED,
}
_DONE_ANYWAY: Final = (Reason.DUPLICATE,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The venue showed an order of ours."""

    client_id: ClientOrderId
    order: VenueOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The venue answered the request that placed an order, or nothing sure came back."""

    client_id: ClientOrderId
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAsked:
    """The request to cancel an order is about to leave."""

    client_id: ClientOrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound:
    """The venue was asked for an order by its id and knows none."""

    client_id: ClientOrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """An order could not have appeared any more, and nobody had found it."""

    client_id: ClientOrderId


Fact = Observed | Answered | CancelAsked | NotFound | GivenUp


def fold(intent: OrderIntent, fact: Fact, *, at_us: int) -> OrderIntent:
    """Return an intent after a fact; itself if the fact adds nothing.

    Args:
        intent: before.
        fact: about this intent.
        at_us: when it was learnt, microseconds UTC.
    """
    match fact:
        case Observed(order=order):
            return _seen(intent, order, at_us)
        case Answered(answer=answer):
            return _answered(intent, answer, at_us)
        case CancelAsked():
            return replace(intent, cancel_us=at_us)
        case NotFound():
            return _not_found(intent, at_us)
        case GivenUp():
            return _given_up(intent, at_us)


def problem_text(problem: Problem) -> str:
    """Return a refusal as an intent keeps it: its reason, and the venue's words."""
    words = " ".join(part for part in (problem.code, problem.text) if part)
    return f"{problem.reason.value}: {words}" if words else problem.reason.value


def _seen(intent: OrderIntent, order: VenueOrder, at_us: int) -> OrderIntent:
    filled = max(intent.filled_size, order.filled_size)
    after = replace(
        intent,
        state=_state_after(intent, order, filled),
        filled_size=Size(filled),
        average_price=_average(intent, order),
        venue_id=order.venue_id or intent.venue_id,
        problem=order.text or intent.problem,
    )
    return intent if after == intent else replace(after, updated_us=at_us)


def _state_after(intent: OrderIntent, order: VenueOrder, filled: Decimal) -> IntentState:
    is_whole = filled >= intent.request.size and order.size <= intent.request.size
    if order.status is OrderStatus.FILLED or is_whole:
        return IntentState.FILLED
    is_proven = not intent.state.is_open and intent.state not in _WITHOUT_PROOF
    if is_proven:
        return intent.state
    if order.status is OrderStatus.WORKING:
        return IntentState.WORKING
    if order.status is OrderStatus.REJECTED:
        return IntentState.REFUSED if filled == 0 else IntentState.EXPIRED
    return _ENDS[order.status]


def _average(intent: OrderIntent, order: VenueOrder) -> Price | None:
    is_news = order.filled_size >= intent.filled_size and order.average_price is not None
    return order.average_price if is_news else intent.average_price


def _answered(intent: OrderIntent, answer: Answer, at_us: int) -> OrderIntent:
    if answer.problem is None:
        if answer.order is not None:
            return _seen(intent, answer.order, at_us)
        return _moved(intent, IntentState.WORKING, at_us)
    problem = answer.problem
    # The id is taken, or it is as wanted already: an earlier try came through. Look it up.
    is_open_question = problem.reason in _DONE_ANYWAY or problem.kind in (
        ProblemClass.UNKNOWN,
        ProblemClass.HARMLESS,
    )
    if is_open_question:
        return _moved(intent, IntentState.UNKNOWN, at_us, problem_text(problem))
    refused = _moved(intent, IntentState.REFUSED, at_us, problem_text(problem))
    if refused.state is not IntentState.REFUSED:
        return refused
    # A venue that refuses us as a whole is asked again for nothing but what reduces.
    may_retry = problem.kind is ProblemClass.RETRY_LATER or (
        problem.kind is ProblemClass.STOP and intent.request.is_reducing
    )
    return replace(refused, reason=problem.reason, may_retry=may_retry)


def _moved(intent: OrderIntent, state: IntentState, at_us: int, problem: str = "") -> OrderIntent:
    """Return an undecided intent in another state; one that the venue has shown stays as it is."""
    if intent.state not in _UNDECIDED:
        return intent
    return replace(intent, state=state, problem=problem or intent.problem, updated_us=at_us)


def _not_found(intent: OrderIntent, at_us: int) -> OrderIntent:
    if intent.state is not IntentState.WORKING:
        return replace(intent, updated_us=at_us)
    # The venue had it, shows it no longer as open, and does not know its id: an open question
    # again, to be asked once more before it is answered.
    asked_us = intent.created_us if intent.sent_us is None else intent.sent_us
    if intent.leg is Leg.ENTRY:
        # A venue may be slow to show an end: what the entry filled would have no stop, so that
        # it is looked for as long as one that was just sent.
        return replace(intent, state=IntentState.UNKNOWN, sent_us=at_us, updated_us=at_us)
    return replace(intent, state=IntentState.UNKNOWN, updated_us=asked_us)


def _given_up(intent: OrderIntent, at_us: int) -> OrderIntent:
    if intent.state not in _UNDECIDED:
        return intent
    return replace(intent, state=IntentState.ABSENT, updated_us=at_us)
