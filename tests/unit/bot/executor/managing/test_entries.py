"""Entries over the zone: slices, their end, and what may be sent again."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.executor.managing.entries import (
    are_settled,
    cancel_entries,
    end_of_entries,
    first_intents,
    place_entries,
)
from snipersight.bot.executor.managing.slicing import slices
from snipersight.domain.direction import Direction
from snipersight.domain.execution import IntentState, Leg, ManagementRules, OrderIntent, TradeState
from snipersight.domain.instrument import Fees
from snipersight.domain.venue import VenueCapabilities
from tests.builders.situations import (
    NOW_US,
    PERPETUAL,
    SECOND_US,
    SPOT,
    a_market,
    a_situation,
    a_trade,
    an_order,
    spot_market,
    told,
)


def _rules(*fractions: str) -> ManagementRules:
    near, mid, far = (Decimal(text) for text in fractions)
    return ManagementRules(entry_fractions=(near, mid, far))


def _lines(trade: Any, market: Any = None, abilities: VenueCapabilities = PERPETUAL) -> list[str]:
    found = slices(trade, market or a_market(), abilities)
    return [f"{one.index}: {one.size.normalize():f} @ {one.price.normalize():f}" for one in found]


def test_a_zone_is_entered_at_near_middle_and_far():
    assert _lines(a_trade()) == ["0: 5 @ 100", "1: 3 @ 99", "2: 2 @ 98"]


def test_what_rounding_leaves_over_goes_to_the_near_edge():
    # 1.01: 0.303 and 0.202 go down to the lot, 0.71… the rest is near.
    assert _lines(a_trade(size="1.01")) == ["0: 0.51 @ 100", "1: 0.3 @ 99", "2: 0.2 @ 98"]


def test_a_share_of_zero_places_nothing_there():
    trade = a_trade(size="1.01", rules=_rules("0", "0.5", "0.5"))
    assert _lines(trade) == ["1: 0.51 @ 99", "2: 0.5 @ 98"]


@pytest.mark.parametrize(
    ("size", "least", "expected"),
    [
        ("10", "190", ["0: 5 @ 100", "1: 3 @ 99", "2: 2 @ 98"]),
        ("10", "196.1", ["0: 5 @ 100", "1: 5 @ 99"]),  # 2 × 98 = 196 is too little
        ("10", "495.1", ["0: 10 @ 100"]),  # 5 × 99 = 495 too
        ("10", "1000", ["0: 10 @ 100"]),
        ("10", "1000.1", []),
    ],
)
def test_a_slice_below_the_least_notional_is_merged_towards_the_near_edge(size, least, expected):
    assert _lines(a_trade(size=size), a_market(min_notional=Decimal(least))) == expected


def test_a_near_slice_that_is_too_small_takes_the_next_one():
    trade = a_trade(rules=_rules("0.1", "0.4", "0.5"))
    market = a_market(min_notional=Decimal(150))
    assert _lines(trade, market) == ["0: 5 @ 100", "2: 5 @ 98"]


def test_on_spot_a_slice_can_be_sold_at_the_stop_after_its_fee():
    trade = a_trade(symbol="BTC/USDT", size="10")
    fees = Fees(maker=Decimal("0.001"), taker=Decimal("0.001"))
    # Of 2 units 1.99 remain on the lot; at the stop of 95 they are worth 189.05.
    enough = spot_market(min_notional=Decimal("189.05"), fees=fees)
    assert _lines(trade, enough, SPOT)[-1] == "2: 2 @ 98"
    too_little = spot_market(min_notional=Decimal("189.06"), fees=fees)
    assert _lines(trade, too_little, SPOT)[-1] == "1: 5 @ 99"


def test_entries_lie_on_the_tick_on_the_cheaper_side():
    longs, shorts = (_lines(a_trade(direction, mid="98.95"), a_market()) for direction in Direction)
    assert longs[1] == "1: 3 @ 98.9"
    assert shorts[1] == "1: 3 @ 101.1"


@given(
    lots=st.integers(1, 5000),
    fractions=st.tuples(st.integers(0, 10), st.integers(0, 10), st.integers(1, 10)),
    least=st.integers(0, 300),
)
def test_slices_sum_to_the_size_approved_or_there_are_none(lots, fractions, least):
    total = sum(fractions)
    shares = [Decimal(one) / total for one in fractions[:2]]
    rules = _rules(*map(str, shares), str(1 - sum(shares)))
    trade = a_trade(size=str(Decimal(lots) / 100), rules=rules)
    found = slices(trade, a_market(min_notional=Decimal(least)), PERPETUAL)
    assert sum(one.size for one in found) == (trade.size if found else 0)
    assert all(one.size * one.price >= least for one in found)
    assert bool(found) == (trade.size * trade.entry_near >= least)


def test_a_venue_that_attaches_stops_gets_one_with_every_entry():
    abilities = VenueCapabilities(attaches_stop=True)
    found = first_intents(a_trade(), instrument=a_market(), abilities=abilities, now_us=NOW_US)
    assert {one.request.attached_stop for one in found} == {Decimal(95)}


def _entries(**first: Any) -> tuple[OrderIntent, ...]:
    return (
        replace(an_order(Leg.ENTRY, "5"), **first),
        an_order(Leg.ENTRY, "3", index=1),
        an_order(Leg.ENTRY, "2", index=2),
    )


def test_entries_are_placed_once():
    first = told(place_entries(a_situation()))
    assert first == ["place E0-0 5 @ 100", "place E1-0 3 @ 99", "place E2-0 2 @ 98"]
    assert place_entries(a_situation(*_entries())) == ()


_OVER = {
    "the plan expired": {"now_us": NOW_US + 3600 * SECOND_US},
    "price touched the first target": {"last": "110"},
    "price touched the stop": {"last": "95"},
    "entries are not allowed": {"entries_allowed": False},
    "done": {"trade": a_trade(exit_reason="done", state=TradeState.EXITING)},
    "quarantined": {"trade": a_trade(state=TradeState.QUARANTINED)},
}


@pytest.mark.parametrize("why", _OVER)
def test_entries_end_and_what_rests_is_cancelled(why):
    situation = a_situation(*_entries(), **_OVER[why])  # type: ignore[arg-type]
    assert end_of_entries(situation) == why
    cancels = cancel_entries(situation)
    assert told(cancels) == ["cancel E0-0", "cancel E1-0", "cancel E2-0"]
    assert place_entries(replace(situation, intents=())) == ()


@pytest.mark.parametrize(("last", "is_over"), [("109.9", False), ("95.1", False)])
def test_a_plan_is_not_void_before_price_touches(last, is_over):
    assert bool(end_of_entries(a_situation(*_entries(), last=last))) is is_over


def test_a_touch_after_a_fill_is_no_void():
    filled = _entries(state=IntentState.FILLED, filled_size=Decimal(5))
    assert end_of_entries(a_situation(*filled, held="5", last="110")) == ""


def test_a_cancel_is_asked_again_only_after_its_pause():
    asked = _entries(cancel_us=NOW_US - SECOND_US)[:1]
    killed = a_situation(*asked, entries_allowed=False)
    assert told(cancel_entries(killed)) == ["cancel E0-0"]
    just = _entries(cancel_us=NOW_US - SECOND_US + 1)[:1]
    assert cancel_entries(a_situation(*just, entries_allowed=False)) == ()


def test_one_cancelled_entry_ends_all_of_them():
    one = _entries(state=IntentState.CANCELLED, cancel_us=NOW_US - SECOND_US)
    assert told(cancel_entries(a_situation(*one))) == ["cancel E1-0", "cancel E2-0"]


@pytest.mark.parametrize("leg", [Leg.TARGET, Leg.STOP, Leg.FLATTEN])
def test_what_left_the_position_ends_the_entries(leg):
    orders = (*_entries(), an_order(leg, "1", filled="0.5"))
    assert end_of_entries(a_situation(*orders, held="4.5")) == "part of the position was closed"


_NEVER_WAS = {"state": IntentState.ABSENT, "sent_us": None}
_BUSY = {"state": IntentState.REFUSED, "may_retry": True}


@pytest.mark.parametrize("fields", [_NEVER_WAS, _BUSY])
def test_an_entry_that_certainly_never_was_is_sent_again_under_a_new_id(fields):
    situation = a_situation(*_entries(**fields))
    assert told(place_entries(situation)) == ["place E0-1 5 @ 100"]
    assert not are_settled(situation)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": IntentState.ABSENT},
        {"state": IntentState.UNKNOWN},
        {"state": IntentState.JOURNALED},
        {"state": IntentState.REFUSED},
        {"state": IntentState.CANCELLED},
        {"state": IntentState.EXPIRED},
        _BUSY | {"filled_size": Decimal(1)},
        _BUSY | {"created_us": NOW_US - SECOND_US + 1},
    ],
)
def test_any_other_entry_is_not(fields):
    assert place_entries(a_situation(*_entries(**fields))) == ()


def test_nothing_is_sent_again_that_would_exceed_the_size_approved():
    busy, *others = _entries(**_BUSY)
    larger = an_order(Leg.ENTRY, "3.01", index=1)
    assert place_entries(a_situation(busy, *others)) != ()
    assert place_entries(a_situation(busy, larger, others[1])) == ()


def test_entries_are_settled_once_none_rests_or_will():
    ended = tuple(replace(one, state=IntentState.EXPIRED) for one in _entries())
    assert are_settled(a_situation(*ended))
    assert not are_settled(a_situation(*ended[:2], _entries()[2]))
