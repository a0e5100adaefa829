"""Spot: every unit in one pair of target and stop, and never a unit that is not ours."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.bot.executor.managing.doubts import tied
from snipersight.bot.executor.managing.pairs import pair_exits
from snipersight.domain.execution import IntentState, Leg, Trade, TradeState
from snipersight.domain.venue import Reason, VenueCapabilities
from tests.builders.situations import (
    NOW_US,
    SECOND_US,
    a_pair,
    a_situation,
    a_trade,
    an_order,
    price,
    size,
    spot_market,
    told,
)

_SPOT = a_trade(symbol="BTC/USDT")
_PAIRS = (*a_pair("2.5", trade=_SPOT), *a_pair("2.5", trade=_SPOT, index=1))


def _found(*intents: Any, trade: Trade = _SPOT, held: str = "5", **given: Any) -> list[str]:
    situation = a_situation(*intents, trade=trade, held=held, entered="5", **given)
    return told(pair_exits(situation))


def test_everything_held_is_in_a_pair_a_target():
    actions = pair_exits(a_situation(trade=_SPOT, held="5.009"))
    assert told(actions) == [
        "place T0-0 2.5 @ 110 + S0-0 2.5 @ 95",
        "place T1-0 2.5 @ 120 + S1-0 2.5 @ 95",
    ]
    target, stop = actions[0].intents  # type: ignore[union-attr]
    assert (target.pair_id, stop.pair_id) == (stop.client_id, target.client_id)
    assert target.generation == stop.generation


def test_pairs_that_fit_stay():
    assert _found(*_PAIRS) == []
    assert tied(a_situation(*_PAIRS, trade=_SPOT, held="5")) == 5


def test_a_changed_pair_is_cancelled_and_its_units_go_into_the_next_at_once():
    assert _found(*_PAIRS, trade=a_trade(symbol="BTC/USDT", stop_price=price("100"))) == [
        "cancel T0-0",
        "cancel T1-0",
    ]
    gone = [
        replace(one, state=IntentState.CANCELLED, created_us=NOW_US, cancel_us=asked)
        for one, asked in zip(_PAIRS, (NOW_US, None, NOW_US, None), strict=True)
    ]
    assert _found(*gone, trade=a_trade(symbol="BTC/USDT", stop_price=price("100"))) == [
        "place T0-1 2.5 @ 110 + S0-1 2.5 @ 100",
        "place T1-1 2.5 @ 120 + S1-1 2.5 @ 100",
    ]


def test_a_pair_whose_stop_ended_with_the_first_lots_of_its_target_is_renewed():
    target, stop, *second = _PAIRS
    begun = replace(target, filled_size=size("1"))
    ended = replace(stop, state=IntentState.EXPIRED)
    assert _found(begun, ended, *second, held="4") == ["cancel T0-0"]
    gone = replace(begun, state=IntentState.CANCELLED, cancel_us=NOW_US)
    assert _found(gone, ended, *second, held="4") == ["place T0-1 1.5 @ 110 + S0-1 1.5 @ 95"]


def test_complaint_21_no_unit_is_sold_twice_nor_one_that_is_not_ours():
    # The first pair was cancelled, but its request is not confirmed: its units are still tied up.
    asked = [replace(one, cancel_us=NOW_US) for one in _PAIRS[:2]]
    assert _found(*asked, held="5") == ["place T1-0 2.5 @ 120 + S1-0 2.5 @ 95"]
    selling = an_order(Leg.FLATTEN, "2", trade=_SPOT)
    assert _found(selling, held="5") == [
        "place T0-0 1.5 @ 110 + S0-0 1.5 @ 95",
        "place T1-0 1.5 @ 120 + S1-0 1.5 @ 95",
    ]


def test_a_target_that_price_has_reached_is_sold_alone():
    # The venue wants a target above and a stop below the price; there it fills as it stands.
    assert _found(last="110") == ["place T0-0 2.5 @ 110", "place T1-0 2.5 @ 120 + S1-0 2.5 @ 95"]
    alone = an_order(Leg.TARGET, "2.5", trade=_SPOT)
    assert _found(alone, *_PAIRS[2:], last="110") == []
    assert _found(alone, *_PAIRS[2:], last="109.9") == ["cancel T0-0"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"reason": Reason.FILTER}, "place S0-1 2.5 @ 95"),
        ({"reason": Reason.FUNDS}, "place T0-1 2.5 @ 110 + S0-1 2.5 @ 95"),
        ({"reason": Reason.WOULD_TRIGGER}, "place T0-1 2.5 @ 110 + S0-1 2.5 @ 95"),
        ({"reason": Reason.OTHER, "may_retry": True}, "place T0-1 2.5 @ 110 + S0-1 2.5 @ 95"),
    ],
)
def test_where_the_venue_takes_no_pair_a_stop_alone_protects(fields, expected):
    refused = [replace(one, state=IntentState.REFUSED, **fields) for one in _PAIRS[:2]]
    assert _found(*refused, *_PAIRS[2:]) == [expected]


def test_a_lone_stop_stays_until_price_reaches_its_target():
    refused = [replace(one, state=IntentState.REFUSED, reason=Reason.FILTER) for one in _PAIRS[:2]]
    lone = an_order(Leg.STOP, "2.5", trade=_SPOT, generation=1)
    assert _found(*refused, lone, *_PAIRS[2:]) == []
    assert _found(*refused, lone, *_PAIRS[2:], last="110") == ["cancel S0-1"]
    gone = replace(lone, state=IntentState.CANCELLED, cancel_us=NOW_US)
    assert _found(*refused, gone, *_PAIRS[2:], last="110") == ["place T0-2 2.5 @ 110"]


def test_a_refused_pair_waits_for_its_pause():
    just = [
        replace(one, state=IntentState.REFUSED, created_us=NOW_US - SECOND_US + 1)
        for one in _PAIRS[:2]
    ]
    assert _found(*just, *_PAIRS[2:]) == []


@pytest.mark.parametrize(
    ("held", "trade"),
    [("0", _SPOT), ("5", replace(_SPOT, exit_reason="enough", state=TradeState.EXITING))],
)
def test_pairs_go_once_nothing_is_held_or_all_is_being_closed(held, trade):
    assert _found(*_PAIRS, held=held, trade=trade) == ["cancel T0-0", "cancel T1-0"]


def test_a_share_too_small_for_a_pair_joins_its_neighbour():
    market = spot_market(min_notional=Decimal(300))  # 2.5 × 95 is less, 5 × 95 is not
    assert _found(instrument=market) == ["place T1-0 5 @ 120 + S1-0 5 @ 95"]


def test_the_last_lots_of_a_target_stay_in_the_book_where_nothing_could_replace_them():
    target, stop = _PAIRS[:2]
    begun = replace(target, filled_size=size("2.45"))
    ended = replace(stop, state=IntentState.EXPIRED)
    assert _found(begun, ended, held="0.05", last="109") == []


def test_without_stops_at_market_the_pair_has_a_stop_limit():
    abilities = VenueCapabilities(
        has_reduce_only=False, pairs_exits=True, has_mark=False, has_stop_market=False
    )
    actions = pair_exits(a_situation(trade=_SPOT, held="5", abilities=abilities))
    stop = actions[0].intents[1].request  # type: ignore[union-attr]
    assert (stop.trigger_price, stop.price) == (Decimal(95), Decimal(94))
