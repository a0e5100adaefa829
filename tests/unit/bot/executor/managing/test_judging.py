"""A filled position judged again: within its budget, and worth holding."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.bot.executor.managing.judging import (
    excess_size,
    judge,
    net_reward_to_risk,
    reduce_excess,
)
from snipersight.domain.direction import Direction
from snipersight.domain.execution import IntentState, Leg, ManagementRules, TradeState
from snipersight.domain.units import Price
from snipersight.domain.venue import Reason
from tests.builders.situations import (
    NOW_US,
    SECOND_US,
    a_pair,
    a_situation,
    a_trade,
    an_order,
    price,
    told,
)

_END = ["flatten", "alarm flattened"]


def _judged(*intents: Any, **given: Any) -> list[str]:
    return told(judge(a_situation(*intents, **({"held": "5"} | given))))


@pytest.mark.parametrize(("last", "expected"), [("95", _END), ("94", _END), ("95.1", [])])
def test_a_position_whose_stop_was_passed_before_it_rested_is_closed(last, expected):
    assert _judged(last=last) == expected


def test_a_stop_that_rests_there_is_left_to_do_its_work():
    assert _judged(an_order(Leg.STOP, "5"), last="94") == []
    assert _judged(an_order(Leg.STOP, "4.99"), last="94") == _END


@pytest.mark.parametrize(
    ("reason", "expected"), [(Reason.WOULD_TRIGGER, _END), (Reason.FUNDS, []), (None, [])]
)
def test_a_stop_refused_because_it_would_trigger_closes_the_position(reason, expected):
    refused = replace(an_order(Leg.STOP, "5"), state=IntentState.REFUSED, reason=reason)
    assert _judged(refused) == expected


def test_a_pair_that_would_trigger_is_told_by_the_price_not_by_the_refusal():
    trade = a_trade(symbol="BTC/USDT")
    refused = [
        replace(one, state=IntentState.REFUSED, reason=Reason.WOULD_TRIGGER)
        for one in a_pair("5", trade=trade)
    ]
    assert _judged(*refused, trade=trade, last="110") == []
    assert _judged(*refused, trade=trade, last="95") == _END


@pytest.mark.parametrize(
    ("average", "cost", "expected"),
    [
        # Half at 110, half at 120, stop 95: from 100 it is 15 for 5.
        ("100", "0", "3"),
        ("98", "0", "5.666666666666666666666666667"),
        ("105", "0", "1"),
        # With 1 of costs: 14 for 6.
        ("100", "1", "2.333333333333333333333333333"),
        ("115", "0", "0"),
        ("95", "0", None),
    ],
)
def test_net_reward_to_risk_of_what_was_filled(average, cost, expected):
    found = net_reward_to_risk(a_trade(cost=cost), price(average))
    assert found == (None if expected is None else Decimal(expected))


def test_reward_to_risk_is_the_same_for_the_mirror_image():
    short = a_trade(Direction.SHORT, cost="1")
    assert net_reward_to_risk(short, price("102")) == net_reward_to_risk(
        a_trade(cost="1"), price("98")
    )


@pytest.mark.parametrize(("least", "expected"), [("2.34", _END), ("2.33", [])])
def test_what_no_longer_earns_its_risk_is_closed(least, expected):
    rules = ManagementRules(min_rr=Decimal(least))
    assert _judged(trade=a_trade(cost="1", rules=rules)) == expected


def test_exactly_what_is_asked_for_is_worth_it():
    assert _judged(trade=a_trade(rules=ManagementRules(min_rr=Decimal(3)))) == []


def test_a_moved_stop_does_not_make_a_trade_worth_more():
    rules = ManagementRules(min_rr=Decimal("3.01"))
    moved = a_trade(rules=rules, stop_price=price("100"))
    assert _judged(an_order(Leg.STOP, "5", trade=moved), trade=moved) == _END


def test_a_verdict_is_not_repeated_and_needs_something_held():
    exiting = a_trade(exit_reason="enough", state=TradeState.EXITING)
    assert _judged(trade=exiting, last="90") == []
    assert _judged(held="0", last="90") == []
    assert _judged(held="5", last=None) == []


@pytest.mark.parametrize(
    ("held", "average", "cost", "excess"),
    [
        ("10", "100", "0", "0"),  # 50 approved, 10 × 5
        ("10", "99", "0", "0"),
        ("10", "101", "0", "1.66"),  # 50 ÷ 6 is 8.33
        ("10.01", "100", "0", "0.01"),
        ("10", "100", "1", "0"),  # 60 approved, 10 × 6
        ("10", "102", "1", "2.5"),  # 60 ÷ 8 is 7.5
        ("10.009", "100", "0", "0"),  # less than a lot
    ],
)
def test_what_loses_more_than_approved_is_counted_in_whole_lots(held, average, cost, excess):
    situation = a_situation(trade=a_trade(cost=cost), held=held, average=average)
    assert excess_size(situation) == Decimal(excess)


def test_a_stop_beyond_break_even_leaves_no_excess():
    # 50 units lose their costs of 1 each there, 60 are approved.
    beyond = a_trade(stop_price=price("101"), cost="1")
    assert excess_size(a_situation(trade=beyond, held="50", average="100")) == 0


def test_the_excess_is_closed_at_market_once():
    too_much = a_situation(held="10", average="101")
    assert told(reduce_excess(too_much)) == ["place X1-0 1.66", "alarm reduced"]
    sent = an_order(Leg.FLATTEN, "1.66", index=1)
    assert reduce_excess(replace(too_much, intents=(sent,))) == ()
    just = replace(sent, state=IntentState.REFUSED, created_us=NOW_US - SECOND_US + 1)
    assert reduce_excess(replace(too_much, intents=(just,))) == ()


def test_on_spot_the_excess_is_sold_only_from_what_no_pair_ties_up():
    trade = a_trade(symbol="BTC/USDT")
    pair = a_pair("9", trade=trade)
    situation = a_situation(*pair, trade=trade, held="10", average="101")
    assert told(reduce_excess(situation))[0] == "place X1-0 1"


def test_a_loss_that_grew_by_a_moved_average_is_not_judged_without_one():
    situation = replace(a_situation(held="10"), average_entry=None)
    assert excess_size(situation) == 0
    assert judge(situation) == ()
    assert Price(Decimal(100)) == a_situation(held="10").average_entry
