"""What facts make of an intent: nothing known is ever taken back."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.executor.actions import GiveUp, LookUp
from snipersight.bot.executor.evidence import (
    Answered,
    CancelAsked,
    GivenUp,
    NotFound,
    Observed,
    fold,
)
from snipersight.bot.executor.managing.lookups import ask_unknown
from snipersight.domain.execution import IntentState, Leg
from snipersight.domain.orders import OrderKind, OrderStatus, Side, VenueOrder
from snipersight.domain.units import Price, Size
from snipersight.domain.venue import Answer, Problem, ProblemClass, Reason
from tests.builders.situations import a_situation
from tests.builders.trades import an_intent

INTENT = an_intent(sent_us=1)
ID = INTENT.client_id


def shown(status: OrderStatus, filled: str = "0", **values: Any) -> Observed:
    """Return an order of 10 units as the venue shows it."""
    order = VenueOrder(
        client_id=ID,
        venue_id="v1",
        symbol=INTENT.request.symbol,
        side=Side.BUY,
        kind=OrderKind.LIMIT,
        is_reducing=False,
        size=Size(Decimal(10)),
        filled_size=Size(Decimal(filled)),
        status=status,
        average_price=Price(Decimal(100)) if Decimal(filled) else None,
    )
    return Observed(client_id=ID, order=replace(order, **values))


def answered(kind: ProblemClass, reason: Reason = Reason.OTHER) -> Answered:
    """Return an answer that is a problem."""
    return Answered(client_id=ID, answer=Answer(problem=Problem(kind=kind, reason=reason)))


@pytest.mark.parametrize(
    ("fact", "state"),
    [
        (Answered(client_id=ID, answer=Answer()), IntentState.WORKING),
        (answered(ProblemClass.REFUSED), IntentState.REFUSED),
        (answered(ProblemClass.RETRY_LATER), IntentState.REFUSED),
        (answered(ProblemClass.STOP), IntentState.REFUSED),
        (answered(ProblemClass.UNKNOWN), IntentState.UNKNOWN),
        (answered(ProblemClass.HARMLESS), IntentState.UNKNOWN),
        (answered(ProblemClass.REFUSED, Reason.DUPLICATE), IntentState.UNKNOWN),
        (shown(OrderStatus.WORKING), IntentState.WORKING),
        (shown(OrderStatus.FILLED, "10"), IntentState.FILLED),
        (shown(OrderStatus.WORKING, "10"), IntentState.FILLED),
        (shown(OrderStatus.CANCELLED, "3"), IntentState.CANCELLED),
        (shown(OrderStatus.EXPIRED), IntentState.EXPIRED),
        (shown(OrderStatus.REJECTED), IntentState.REFUSED),
        (shown(OrderStatus.REJECTED, "3"), IntentState.EXPIRED),
        (GivenUp(client_id=ID), IntentState.ABSENT),
        (NotFound(client_id=ID), IntentState.JOURNALED),
        (CancelAsked(client_id=ID), IntentState.JOURNALED),
    ],
)
def test_a_fact_about_a_journaled_order_makes_it_so(fact, state):
    assert fold(INTENT, fact, at_us=9).state is state


def test_a_refusal_says_why_and_whether_asking_again_may_help():
    busy = fold(INTENT, answered(ProblemClass.RETRY_LATER), at_us=9)
    refused = fold(INTENT, answered(ProblemClass.REFUSED, Reason.FUNDS), at_us=9)
    assert (busy.may_retry, refused.may_retry) == (True, False)
    assert (refused.reason, refused.problem) == (Reason.FUNDS, "funds")


def test_an_order_that_was_given_up_and_turns_up_after_all_is_ours_again():
    absent = fold(INTENT, GivenUp(client_id=ID), at_us=9)
    assert fold(absent, shown(OrderStatus.WORKING), at_us=10).state is IntentState.WORKING


def test_an_old_event_brings_no_ended_order_back_to_life():
    ended = fold(INTENT, shown(OrderStatus.CANCELLED, "3"), at_us=9)
    again = fold(ended, shown(OrderStatus.WORKING, "1"), at_us=10)
    assert (again.state, again.filled_size) == (IntentState.CANCELLED, Decimal(3))


def test_a_fill_after_a_cancel_counts():
    ended = fold(INTENT, shown(OrderStatus.CANCELLED), at_us=9)
    late = fold(ended, shown(OrderStatus.CANCELLED, "4"), at_us=10)
    assert (late.state, late.filled_size) == (IntentState.CANCELLED, Decimal(4))


def test_what_the_venue_showed_outweighs_a_late_answer():
    seen = fold(INTENT, shown(OrderStatus.WORKING), at_us=9)
    assert fold(seen, answered(ProblemClass.UNKNOWN), at_us=10) == seen


def test_a_working_exit_that_nobody_knows_is_asked_for_once_more():
    stop = replace(INTENT, leg=Leg.STOP)
    seen = fold(stop, shown(OrderStatus.WORKING), at_us=99)
    gone = fold(seen, NotFound(client_id=ID), at_us=100)
    assert (gone.state, gone.sent_us, gone.updated_us) == (IntentState.UNKNOWN, 1, 1)


def test_a_working_entry_that_nobody_knows_is_looked_for_as_long_as_a_new_one():
    # What it filled would lie there without a stop if the venue was only slow to show it.
    seen = fold(INTENT, shown(OrderStatus.WORKING), at_us=99_000_000)
    gone = fold(seen, NotFound(client_id=ID), at_us=100_000_000)
    assert gone.state is IntentState.UNKNOWN
    again = fold(gone, NotFound(client_id=ID), at_us=101_000_000)
    for now_us, due in (
        (100_500_000, ()),
        (101_000_000, (LookUp(client_id=ID),)),
    ):
        assert ask_unknown(a_situation(gone, now_us=now_us)) == due
    assert ask_unknown(a_situation(again, now_us=102_000_000)) == (LookUp(client_id=ID),)
    last = fold(gone, NotFound(client_id=ID), at_us=120_000_000)
    assert ask_unknown(a_situation(last, now_us=120_000_000)) == (GiveUp(client_id=ID),)


FACTS = st.one_of(
    st.builds(
        shown,
        st.sampled_from(OrderStatus),
        st.integers(0, 10).map(str),
    ),
    st.builds(answered, st.sampled_from(ProblemClass), st.sampled_from(Reason)),
    st.sampled_from([Answered(client_id=ID, answer=Answer()), NotFound(client_id=ID)]),
    st.sampled_from([CancelAsked(client_id=ID), GivenUp(client_id=ID)]),
)


@given(st.lists(FACTS, max_size=12))
def test_what_was_filled_never_shrinks_and_a_proven_end_stays(facts):
    intent, proven = INTENT, None
    for at_us, fact in enumerate(facts, start=10):
        after = fold(intent, fact, at_us=at_us)
        assert after.filled_size >= intent.filled_size
        if proven is not None:
            assert after.state in (proven, IntentState.FILLED)
        if after.state in (IntentState.FILLED, IntentState.CANCELLED, IntentState.EXPIRED):
            proven = after.state
        assert fold(after, fact, at_us=at_us).state is after.state or isinstance(fact, NotFound)
        intent = after
