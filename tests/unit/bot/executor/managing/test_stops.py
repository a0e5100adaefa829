"""The stop of a perpetual: exactly what is held, never naked while it is replaced."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from snipersight.bot.executor.managing.stops import protect
from snipersight.domain.execution import IntentState, Leg, TradeState
from snipersight.domain.orders import OrderKind, TriggerSource
from snipersight.domain.units import Price
from snipersight.domain.venue import VenueCapabilities
from tests.builders.situations import (
    NOW_US,
    SECOND_US,
    a_situation,
    a_trade,
    an_order,
    price,
    told,
)

_STOP = an_order(Leg.STOP, "5")


def test_what_is_held_gets_a_stop_that_goes_to_market():
    (action,) = protect(a_situation(held="5"))
    assert told((action,)) == ["place S0-0 5 @ 95"]
    request = action.intents[0].request  # type: ignore[union-attr]
    assert (request.kind, request.is_reducing) == (OrderKind.STOP_MARKET, True)
    assert request.trigger_source is TriggerSource.MARK


def test_the_stop_that_fits_stays():
    assert protect(a_situation(_STOP, held="5")) == ()


def test_a_larger_position_gets_the_new_stop_before_the_old_one_goes():
    bigger = a_situation(_STOP, held="8")
    assert told(protect(bigger)) == ["place S0-1 8 @ 95"]
    sent = an_order(Leg.STOP, "8", generation=1, state=IntentState.JOURNALED, sent_us=NOW_US)
    assert protect(replace(bigger, intents=(_STOP, sent))) == ()
    works = replace(sent, state=IntentState.WORKING)
    assert told(protect(replace(bigger, intents=(_STOP, works)))) == ["cancel S0-0"]


def test_a_moved_stop_is_replaced_alike():
    moved = a_situation(_STOP, held="5", trade=a_trade(stop_price=price("100.4")))
    assert told(protect(moved)) == ["place S0-1 5 @ 100.4"]


def test_what_a_stop_has_filled_counts():
    partly = an_order(Leg.STOP, "5", filled="2")
    assert protect(a_situation(partly, held="3", entered="5")) == ()


def test_complaint_20_no_stop_is_left_or_placed_after_the_close():
    assert told(protect(a_situation(_STOP, held="0", entered="5"))) == ["cancel S0-0"]
    cancelled = replace(_STOP, state=IntentState.CANCELLED, cancel_us=NOW_US)
    assert protect(a_situation(cancelled, held="0", entered="5")) == ()


def test_a_stop_stays_while_everything_is_being_closed():
    exiting = a_trade(exit_reason="enough", state=TradeState.EXITING)
    assert protect(a_situation(_STOP, held="3", entered="5", trade=exiting)) == ()


@pytest.mark.parametrize(
    ("state", "cancel_us", "is_paused"),
    [
        (IntentState.REFUSED, None, True),
        (IntentState.EXPIRED, None, True),
        (IntentState.ABSENT, None, True),
        (IntentState.CANCELLED, None, True),  # by somebody else
        (IntentState.CANCELLED, NOW_US, False),
    ],
)
def test_a_stop_that_failed_is_tried_again_after_the_pause(state, cancel_us, is_paused):
    just = replace(_STOP, state=state, cancel_us=cancel_us, created_us=NOW_US - SECOND_US + 1)
    found = told(protect(a_situation(just, held="5")))
    assert found == ([] if is_paused else ["place S0-1 5 @ 95"])
    long_ago = replace(just, created_us=NOW_US - SECOND_US)
    assert told(protect(a_situation(long_ago, held="5"))) == ["place S0-1 5 @ 95"]


def test_a_stop_nobody_knows_of_is_doubled_after_a_while_and_thinned_later():
    lost = replace(_STOP, state=IntentState.UNKNOWN, sent_us=NOW_US - SECOND_US)
    assert told(protect(a_situation(lost, held="5"))) == ["place S0-1 5 @ 95"]
    fresh = replace(lost, sent_us=NOW_US - SECOND_US + 1)
    assert protect(a_situation(fresh, held="5")) == ()
    both = a_situation(_STOP, an_order(Leg.STOP, "5", generation=1), held="5")
    assert told(protect(both)) == ["cancel S0-0"]


def test_there_are_never_more_stops_than_the_venue_counts():
    unknown = [
        replace(an_order(Leg.STOP, "5", generation=n), state=IntentState.UNKNOWN) for n in range(3)
    ]
    assert protect(a_situation(*unknown, held="5")) == ()
    few = VenueCapabilities(max_conditional=2)
    assert protect(a_situation(*unknown[:2], held="5", abilities=few)) == ()
    old = [an_order(Leg.STOP, str(n + 1), generation=n) for n in range(3)]
    assert told(protect(a_situation(*old, held="5"))) == ["cancel S0-0", "cancel S0-1"]


def test_complaint_28_a_stop_limit_is_used_only_where_nothing_else_is():
    abilities = VenueCapabilities(has_stop_market=False, has_mark=False)
    (action,) = protect(a_situation(held="5", abilities=abilities))
    request = action.intents[0].request  # type: ignore[union-attr]
    assert request.kind is OrderKind.STOP_LIMIT
    assert request.price == Price(Decimal("94.0"))  # 95 less 1 % is 94.05: the tick below
    assert request.trigger_source is TriggerSource.LAST
