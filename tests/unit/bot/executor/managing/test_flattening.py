"""Closing everything: again and again, never more than what is held, never twice at once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.bot.executor.managing.flattening import flatten
from snipersight.domain.execution import IntentState, Leg, TradeState
from tests.builders.situations import (
    NOW_US,
    SECOND_US,
    a_market,
    a_pair,
    a_situation,
    a_trade,
    an_order,
    told,
)

_EXITING = a_trade(exit_reason="enough", state=TradeState.EXITING)
_SPOT = a_trade(symbol="BTC/USDT", exit_reason="enough", state=TradeState.EXITING)
_X = an_order(Leg.FLATTEN, "5")


def _found(*intents: Any, trade: Any = _EXITING, held: str = "5", **given: Any) -> list[str]:
    return told(flatten(a_situation(*intents, trade=trade, held=held, entered="5", **given)))


def test_nothing_is_closed_before_that_was_decided():
    assert _found(trade=a_trade()) == []


def test_complaint_26_a_close_only_ever_reduces_and_never_more_than_is_held():
    (action,) = flatten(a_situation(trade=_EXITING, held="5"))
    request = action.intents[0].request  # type: ignore[union-attr]
    assert (request.is_reducing, request.size, request.side) == (True, 5, "sell")
    assert _found(held="0") == []


@pytest.mark.parametrize("state", [IntentState.WORKING, IntentState.FILLED])
def test_one_close_is_on_its_way_at_a_time(state):
    order = replace(_X, state=state)
    assert _found(order, held="5") == ([] if state.is_open else ["place X0-1 5"])


def test_a_refused_close_is_repeated_after_the_pause_and_told_after_the_third():
    refused = replace(_X, state=IntentState.REFUSED)
    assert _found(replace(refused, created_us=NOW_US - SECOND_US + 1)) == []
    assert _found(refused) == ["place X0-1 5"]
    third = an_order(Leg.FLATTEN, "5", generation=2, state=IntentState.REFUSED)
    assert _found(third) == ["place X0-3 5", "alarm not_flat"]


def test_an_unknown_close_is_repeated_only_where_it_can_do_no_harm():
    lost = replace(_X, state=IntentState.UNKNOWN, sent_us=NOW_US - SECOND_US)
    assert _found(lost) == ["place X0-1 5"]
    assert _found(replace(lost, sent_us=NOW_US - SECOND_US + 1)) == []
    on_spot = an_order(Leg.FLATTEN, "5", trade=_SPOT, state=IntentState.UNKNOWN)
    assert _found(on_spot, trade=_SPOT) == []


def test_on_spot_only_what_no_pair_ties_up_is_sold():
    pair = a_pair("3", trade=_SPOT)
    assert _found(*pair, trade=_SPOT) == ["place X0-0 2"]
    gone = [replace(one, state=IntentState.CANCELLED) for one in pair]
    assert _found(*gone, trade=_SPOT) == ["place X0-0 5"]


def test_what_is_below_the_venues_minimum_is_not_tried():
    assert _found(trade=_SPOT, held="0.09", last="110") == []  # worth 9.90 of 10
    assert _found(trade=_SPOT, held="0.09", last="112") == ["place X0-0 0.09"]


def test_a_large_position_is_closed_in_the_largest_orders_allowed():
    assert _found(instrument=a_market(max_market_size=Decimal(2))) == ["place X0-0 2"]
