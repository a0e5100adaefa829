"""Targets of a perpetual: after the stop, and together never more than what is held."""

from __future__ import annotations

from dataclasses import replace

import pytest

from snipersight.bot.executor.managing.targets import take_profit
from snipersight.domain.execution import IntentState, Leg, TradeState
from tests.builders.situations import NOW_US, SECOND_US, a_situation, a_trade, an_order, size, told

_STOP = an_order(Leg.STOP, "5")
_FIRST = an_order(Leg.TARGET, "2.5")
_SECOND = an_order(Leg.TARGET, "2.5", index=1)


def test_targets_follow_the_stop():
    assert take_profit(a_situation(held="5")) == ()
    found = take_profit(a_situation(_STOP, held="5"))
    assert told(found) == ["place T0-0 2.5 @ 110", "place T1-0 2.5 @ 120"]
    requests = [one.intents[0].request for one in found]  # type: ignore[union-attr]
    assert all(one.is_reducing for one in requests)


def test_targets_that_fit_stay():
    assert take_profit(a_situation(_STOP, _FIRST, _SECOND, held="5")) == ()


def test_a_target_half_filled_stays():
    half = replace(_FIRST, filled_size=size("1.25"))
    assert take_profit(a_situation(_STOP, half, _SECOND, held="3.75", entered="5")) == ()


def test_a_grown_position_has_its_targets_cancelled_and_then_placed_anew():
    stop = an_order(Leg.STOP, "8")
    grown = a_situation(stop, _FIRST, _SECOND, held="8")
    assert told(take_profit(grown)) == ["cancel T0-0", "cancel T1-0"]
    gone = [
        replace(one, state=IntentState.CANCELLED, cancel_us=NOW_US) for one in (_FIRST, _SECOND)
    ]
    assert told(take_profit(a_situation(stop, *gone, held="8"))) == [
        "place T0-1 4 @ 110",
        "place T1-1 4 @ 120",
    ]


def test_a_target_is_placed_only_for_units_that_no_other_target_closes():
    stop = an_order(Leg.STOP, "8")
    gone = replace(_FIRST, state=IntentState.CANCELLED, cancel_us=NOW_US)
    large = an_order(Leg.TARGET, "6", index=1)
    assert told(take_profit(a_situation(stop, gone, large, held="8"))) == ["cancel T1-0"]


def test_two_orders_of_one_target_are_both_cancelled():
    twin = an_order(Leg.TARGET, "2.5", generation=1)
    found = take_profit(a_situation(_STOP, _FIRST, twin, _SECOND, held="5"))
    assert told(found) == ["cancel T0-0", "cancel T0-1"]


def test_a_refused_target_is_tried_again_after_the_pause():
    refused = replace(_FIRST, state=IntentState.REFUSED)
    just = replace(refused, created_us=NOW_US - SECOND_US + 1)
    assert take_profit(a_situation(_STOP, just, _SECOND, held="5")) == ()
    assert told(take_profit(a_situation(_STOP, refused, _SECOND, held="5"))) == [
        "place T0-1 2.5 @ 110"
    ]


@pytest.mark.parametrize(
    ("held", "trade"),
    [
        ("0", a_trade()),
        ("5", a_trade(exit_reason="enough", state=TradeState.EXITING)),
    ],
)
def test_targets_go_once_nothing_is_held_or_all_is_being_closed(held, trade):
    situation = a_situation(_STOP, _FIRST, _SECOND, held=held, entered="5", trade=trade)
    assert told(take_profit(situation)) == ["cancel T0-0", "cancel T1-0"]


def test_a_quarantined_trade_keeps_its_targets_and_gets_no_new_ones():
    held = a_trade(state=TradeState.QUARANTINED)
    assert take_profit(a_situation(_STOP, _FIRST, held="5", trade=held)) == ()
