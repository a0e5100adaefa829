"""Exits that nobody finds: when their units may be sold again, and when that could sell too much."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.bot.executor.decide import decide
from snipersight.bot.executor.managing.doubts import is_bounded, lists_of, standing, tied
from snipersight.domain.execution import IntentState, Leg, OrderIntent, TradeState
from tests.builders.situations import (
    NOW_US,
    SECOND_US,
    a_pair,
    a_situation,
    a_trade,
    an_order,
    told,
)

_SPOT = a_trade(symbol="BTC/USDT")
_EXITING = replace(_SPOT, exit_reason="enough", state=TradeState.EXITING)
_LOST: dict[str, Any] = {"state": IntentState.UNKNOWN, "updated_us": NOW_US}
_NONE = Decimal(0)


def _lost_pair(size: str = "2.5", *, index: int = 0, **more: Any) -> tuple[OrderIntent, ...]:
    return a_pair(size, trade=_SPOT, index=index, **(_LOST | more))


def _lost_sale(size: str = "5", **more: Any) -> OrderIntent:
    return an_order(Leg.FLATTEN, size, trade=_EXITING, **(_LOST | more))


def _actions(*intents: OrderIntent, spare: str | None, trade: Any = _SPOT) -> list[str]:
    situation = a_situation(
        *intents,
        trade=trade,
        held="5",
        entries_allowed=False,
        spare=None if spare is None else Decimal(spare),
    )
    return [one for one in told(decide(situation)) if one.startswith(("place", "cancel"))]


def test_a_pair_that_nobody_finds_is_placed_again_where_the_balance_covers_one_alone():
    # The second of them is refused: 2.5 of 5 units are free, and the other pair needs them.
    kept = a_pair("2.5", trade=_SPOT, index=1)
    again = ["place T0-1 2.5 @ 110 + S0-1 2.5 @ 95"]
    assert _actions(*_lost_pair(), *kept, spare="0") == again
    assert _actions(*_lost_pair(), *kept, spare="2.49") == again


@pytest.mark.parametrize("spare", [None, "2.5", "3", "40"])
def test_complaint_21_where_both_could_be_filled_the_doubt_is_waited_out(spare):
    kept = a_pair("2.5", trade=_SPOT, index=1)
    assert _actions(*_lost_pair(), *kept, spare=spare) == []


@pytest.mark.parametrize(("spare", "expected"), [("0", 1), ("4.99", 1), ("5", 0), (None, 0)])
def test_a_sale_that_nobody_finds_is_repeated_on_the_same_terms(spare, expected):
    found = _actions(_lost_sale(), spare=spare, trade=_EXITING)
    assert found == ["place X0-1 5"][:expected]


def test_an_order_is_in_doubt_only_once_it_could_have_been_found():
    just: dict[str, Any] = {"created_us": NOW_US - SECOND_US + 1, "sent_us": NOW_US - SECOND_US + 1}
    assert _actions(_lost_sale(**just), spare="0", trade=_EXITING) == []


def test_every_sum_that_the_balance_would_cover_counts_not_the_new_orders_alone():
    # 2.6 in doubt and 2.5 at work come to 5.1: 0.1 of what is not the trade's.
    odd = (*_lost_pair("2.6"), *a_pair("2.5", trade=_SPOT, index=1))
    assert is_bounded(a_situation(*odd, trade=_SPOT, held="5", spare=Decimal("0.09")), [])
    assert is_bounded(a_situation(*odd, trade=_SPOT, held="5.095", spare=Decimal("0.009")), [])
    assert not is_bounded(a_situation(*odd, trade=_SPOT, held="5", spare=Decimal("0.1")), [])


def test_too_many_doubts_are_waited_out():
    sizes = ["0.01", "0.02", "0.04", "0.08", "0.16", "0.32", "0.64", "1.28", "2.56", "5.12"]
    lost = [an_order(Leg.FLATTEN, one, trade=_SPOT, generation=n, **_LOST)
            for n, one in enumerate(sizes)]  # fmt: skip
    assert is_bounded(a_situation(*lost[:9], trade=_SPOT, held="20", spare=Decimal(1)), [])
    assert not is_bounded(a_situation(*lost, trade=_SPOT, held="20", spare=Decimal(1)), [])


def test_what_is_in_doubt_ties_up_nothing_and_a_pair_its_units_once():
    pair, lost = a_pair("2", trade=_SPOT), _lost_pair("3", index=1)
    known = a_situation(*pair, *lost, trade=_SPOT, held="5", spare=_NONE)
    assert tied(known) == 2
    assert standing(known, Leg.STOP) == (pair[1],)
    assert tied(replace(known, spare=None)) == 5
    assert set(lists_of((*pair, *lost))) == {(Leg.TARGET, 0, 0), (Leg.TARGET, 1, 0)}


def test_the_pair_that_turns_up_stays_and_its_replacement_is_not_needed():
    # The replacement was refused for want of balance; the earlier one rests.
    old = a_pair("2.5", trade=_SPOT)
    late = [
        replace(one, state=IntentState.REFUSED) for one in a_pair("2.5", trade=_SPOT, generation=1)
    ]
    other = a_pair("2.5", trade=_SPOT, index=1)
    assert _actions(*old, *late, *other, spare=None) == []
    moved = replace(_SPOT, stop_price=_SPOT.entry_near)
    assert _actions(*old, *late, *other, spare=None, trade=moved) == [
        "cancel T0-0",
        "cancel T1-0",
    ]


def test_of_two_pairs_that_both_came_through_the_newer_stays():
    # More was bought meanwhile, so that both were covered.
    both = (*a_pair("2.5", trade=_SPOT), *a_pair("2.5", trade=_SPOT, generation=1))
    other = a_pair("2.5", trade=_SPOT, index=1)
    assert _actions(*both, *other, spare=None) == ["cancel T0-0"]


def test_a_pair_at_work_counts_before_a_newer_one_that_nobody_has_seen():
    unseen = a_pair("2.5", trade=_SPOT, generation=1, **_LOST)
    found = _actions(*a_pair("2.5", trade=_SPOT), *unseen, *_lost_pair(index=1), spare=None)
    assert found == []


def test_what_a_lost_sale_left_over_stays_in_the_pairs_that_took_it():
    # Once the balance was asked for the pairs hold all 5; later rounds do not ask again.
    lost = an_order(Leg.FLATTEN, "1", trade=_SPOT, index=1, **_LOST)
    small = (*a_pair("2", trade=_SPOT), *a_pair("2", trade=_SPOT, index=1))
    assert _actions(*small, lost, spare=None) == []
    assert _actions(*small, lost, spare="0") == ["cancel T0-0", "cancel T1-0"]
    whole = (*a_pair("2.5", trade=_SPOT), *a_pair("2.5", trade=_SPOT, index=1))
    assert _actions(*whole, lost, spare=None) == []
