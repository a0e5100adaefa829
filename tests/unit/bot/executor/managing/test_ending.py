"""The end of a trade: time, remainders, unknown orders, the budget's rest, and the last word."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.bot.executor.actions import Finish
from snipersight.bot.executor.managing.ending import finish, release_rest
from snipersight.bot.executor.managing.lookups import ask_unknown
from snipersight.bot.executor.managing.remainders import settle_remainder
from snipersight.bot.executor.managing.time_stop import stop_in_time
from snipersight.domain.execution import IntentState, Leg, ManagementRules, TradeState
from tests.builders.situations import NOW_US, SECOND_US, a_situation, a_trade, an_order, size, told

_SPOT = a_trade(symbol="BTC/USDT")
_EXITING = a_trade(exit_reason="enough", state=TradeState.EXITING)
_EXPIRED = tuple(
    an_order(Leg.ENTRY, units, index=index, state=IntentState.EXPIRED)
    for index, units in enumerate(("5", "3", "2"))
)
_RESTING = an_order(Leg.ENTRY, "5")


@pytest.mark.parametrize(("seconds", "expected"), [(60, ["flatten"]), (61, [])])
def test_a_trade_is_closed_when_its_time_is_over(seconds, expected):
    rules = ManagementRules(time_stop_us=seconds * SECOND_US)
    trade = a_trade(rules=rules, opened_us=NOW_US - 60 * SECOND_US, state=TradeState.OPEN)
    assert told(stop_in_time(a_situation(trade=trade, held="5"))) == expected
    assert stop_in_time(a_situation(trade=trade, held="0", entered="5")) == ()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"state": IntentState.UNKNOWN}, ["lookup E0-0"]),
        ({"state": IntentState.JOURNALED}, ["lookup E0-0"]),
        ({"state": IntentState.WORKING}, []),
        ({"state": IntentState.UNKNOWN, "updated_us": NOW_US - SECOND_US + 1}, []),
        # Sent 20 seconds ago and looked for just now: it cannot appear any more.
        (
            {"sent_us": NOW_US - 20 * SECOND_US, "updated_us": NOW_US},
            ["giveup E0-0"],
        ),
        # As old, but last looked for before that: once more.
        (
            {"sent_us": NOW_US - 20 * SECOND_US, "updated_us": NOW_US - SECOND_US},
            ["lookup E0-0"],
        ),
        # It was never about to leave.
        ({"sent_us": None, "created_us": NOW_US - SECOND_US}, ["giveup E0-0"]),
        ({"sent_us": None, "created_us": NOW_US - SECOND_US + 1}, []),
    ],
)
def test_an_order_nobody_knows_of_is_looked_up_until_it_cannot_appear(fields, expected):
    order = replace(_RESTING, **({"state": IntentState.UNKNOWN} | fields))
    assert told(ask_unknown(a_situation(order))) == expected


@pytest.mark.parametrize(
    ("given", "is_due"),
    [
        ({}, True),
        ({"is_booked": False}, False),
        ({"pending": Decimal(0)}, False),
    ],
)
def test_the_rest_of_the_budget_goes_back_once_no_entry_can_fill(given, is_due):
    assert bool(release_rest(a_situation(*_EXPIRED, **given))) is is_due
    assert release_rest(a_situation(_RESTING, *_EXPIRED[1:], **given)) == ()


def _why(*intents: Any, **given: Any) -> str:
    for action in finish(a_situation(*intents, **given)):
        assert isinstance(action, Finish)
        return action.why
    return ""


_STOPPED = an_order(Leg.STOP, "5", state=IntentState.FILLED, filled="5")
_HIT = an_order(Leg.TARGET, "5", state=IntentState.FILLED, filled="5", updated_us=NOW_US)


@pytest.mark.parametrize(
    ("intents", "given", "why"),
    [
        (_EXPIRED, {}, "not entered: every entry ended unfilled"),
        (_EXPIRED, {"now_us": NOW_US + 3600 * SECOND_US}, "not entered: the plan expired"),
        (
            tuple(replace(one, state=IntentState.REFUSED, problem="funds") for one in _EXPIRED),
            {},
            "not entered: the venue refused it (funds)",
        ),
        ((*_EXPIRED, _STOPPED), {"entered": "5"}, "stopped out"),
        ((*_EXPIRED, _STOPPED, _HIT), {"entered": "5"}, "every target was reached"),
        (_EXPIRED, {"entered": "5", "trade": _EXITING}, "enough"),
        (_EXPIRED, {"entered": "5"}, "closed elsewhere"),
    ],
)
def test_a_trade_ends_with_a_reason(intents, given, why):
    assert _why(*intents, **given) == why


@pytest.mark.parametrize(
    ("intents", "given"),
    [
        (_EXPIRED, {"held": "5"}),
        ((_RESTING, *_EXPIRED[1:]), {"trade": _EXITING}),
        ((*_EXPIRED, an_order(Leg.STOP, "5")), {"entered": "5"}),
        (_EXPIRED, {"is_booked": False}),
        (_EXPIRED, {"trade": a_trade(state=TradeState.QUARANTINED)}),
    ],
)
def test_a_trade_does_not_end_while_something_is_held_open_unbooked_or_unexplained(intents, given):
    assert _why(*intents, **given) == ""


def test_a_quarantined_trade_ends_once_a_person_closed_it():
    closed = a_trade(state=TradeState.QUARANTINED, exit_reason="enough")
    assert _why(*_EXPIRED, trade=closed) == "enough"


def test_complaint_23_what_cannot_be_sold_is_written_off_and_told():
    ended = tuple(replace(one, filled_size=size("0.1")) for one in _EXPIRED[:1])
    small = a_situation(*ended, trade=_SPOT, held="0.09", last="110")
    end, alarm = finish(small)
    assert isinstance(end, Finish)
    assert end.dust == Decimal("0.09")
    assert told((alarm,)) == ["alarm dust"]
    less_than_a_lot = a_situation(*ended, trade=_SPOT, held="0.009", last="110")
    assert told(finish(less_than_a_lot)) == ["finish"]


def test_complaint_23_what_is_too_small_for_a_stop_is_sold_once_entries_are_over():
    # 0.1 is worth 9.50 at the stop and 10.10 now; the venue's least is 10.
    over = a_situation(*_EXPIRED, trade=_SPOT, held="0.1", last="101")
    assert told(settle_remainder(over)) == ["flatten"]
    waiting = a_situation(_RESTING, *_EXPIRED[1:], trade=_SPOT, held="0.1", last="101")
    assert settle_remainder(waiting) == ()
    unsellable = replace(waiting, held=size("0.09"))
    assert told(settle_remainder(unsellable)) == ["alarm too_small"]
    enough = a_situation(*_EXPIRED, trade=_SPOT, held="0.11", last="101")
    assert settle_remainder(enough) == ()
