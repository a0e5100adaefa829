"""How long to wait before an order of a leg is tried again: ever longer where it never helps."""

from __future__ import annotations

import pytest

from snipersight.bot.executor.managing.legs import may_try
from snipersight.domain.execution import IntentState, Leg
from snipersight.domain.venue import Reason
from tests.builders.situations import NOW_US, SECOND_US, a_situation, an_order


def seconds_until_retry(leg: Leg, failures: int, **values: object) -> int:
    """Return after how many whole seconds a leg that failed so often in a row is tried again."""
    failed = [
        an_order(leg, "5", generation=n, state=IntentState.REFUSED, created_us=NOW_US, **values)  # type: ignore[arg-type]
        for n in range(failures)
    ]
    waited = range(1_000)
    return next(
        one
        for one in waited
        if may_try(a_situation(*failed, held="5", now_us=NOW_US + one * SECOND_US), leg, 0)
    )


@pytest.mark.parametrize(
    ("leg", "failures", "seconds"),
    [
        (Leg.STOP, 0, 0),
        (Leg.STOP, 1, 1),
        (Leg.STOP, 5, 1),
        (Leg.STOP, 6, 2),
        (Leg.STOP, 7, 4),
        (Leg.STOP, 40, 8),
        (Leg.FLATTEN, 40, 8),
        (Leg.TARGET, 5, 1),
        (Leg.TARGET, 40, 64),
    ],
)
def test_the_pause_grows_with_failures_in_a_row(leg, failures, seconds):
    assert seconds_until_retry(leg, failures) == seconds


def test_where_the_venue_knows_of_no_position_there_is_no_hurry():
    reason = Reason.NOTHING_TO_REDUCE
    assert seconds_until_retry(Leg.FLATTEN, 40, reason=reason) == 64
    assert seconds_until_retry(Leg.FLATTEN, 3, reason=reason) == 1


def test_an_order_that_worked_ends_the_row():
    state = IntentState.REFUSED
    failed = [an_order(Leg.STOP, "5", generation=n, state=state, created_us=NOW_US) for n in (8, 9)]
    worked = an_order(Leg.STOP, "5", generation=7, state=IntentState.CANCELLED, cancel_us=NOW_US)
    older = [an_order(Leg.STOP, "5", generation=n, state=state) for n in range(7)]
    found = a_situation(*older, worked, *failed, held="5", now_us=NOW_US + SECOND_US)
    assert may_try(found, Leg.STOP, 0)


@pytest.mark.parametrize("state", [IntentState.EXPIRED, IntentState.CANCELLED])
@pytest.mark.parametrize("leg", [Leg.STOP, Leg.FLATTEN])
def test_an_order_that_the_venue_ended_after_a_part_of_it_is_followed_at_once(
    leg: Leg, state: IntentState
):
    refused = [
        an_order(leg, "5", generation=n, state=IntentState.REFUSED, created_us=NOW_US)
        for n in range(6)
    ]
    ended = an_order(leg, "5", generation=6, state=state, created_us=NOW_US)
    part = an_order(leg, "5", generation=6, state=state, filled="2", created_us=NOW_US)
    assert not may_try(a_situation(*refused, ended, held="5", now_us=NOW_US), leg, 0)
    assert may_try(a_situation(*refused, part, held="3", now_us=NOW_US), leg, 0)
