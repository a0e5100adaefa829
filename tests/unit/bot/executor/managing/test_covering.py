"""Cover: what counts as protected, and the deadline after which the position is closed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from snipersight.bot.executor.actions import Cover, Flatten
from snipersight.bot.executor.managing.covering import covered_size, is_covered, note_cover
from snipersight.domain.execution import IntentState, Leg
from tests.builders.situations import (
    NOW_US,
    SECOND_US,
    a_pair,
    a_situation,
    a_trade,
    an_order,
    told,
)

_STOP = an_order(Leg.STOP, "5")


@pytest.mark.parametrize(
    ("stop", "held", "covered"),
    [
        (_STOP, "5", True),
        (_STOP, "4", True),
        (_STOP, "5.01", False),
        (replace(_STOP, state=IntentState.JOURNALED), "5", False),
        (replace(_STOP, state=IntentState.UNKNOWN), "5", False),
        (replace(_STOP, state=IntentState.CANCELLED), "5", False),
        (replace(_STOP, state=IntentState.CANCELLED), "0", True),
    ],
)
def test_only_stops_that_the_venue_showed_cover(stop, held, covered):
    assert is_covered(a_situation(stop, held=held, entered="6")) is covered


def test_cover_is_told_once_each_time_it_changes():
    assert told(note_cover(a_situation(held="5"))) == ["cover False"]
    since = a_trade(uncovered_since_us=NOW_US - SECOND_US)
    assert note_cover(a_situation(held="5", trade=since)) == ()
    assert told(note_cover(a_situation(_STOP, held="5", trade=since))) == ["cover True"]
    assert note_cover(a_situation(_STOP, held="5")) == ()


def test_a_position_without_a_stop_is_closed_with_time_left_to_the_deadline():
    late = a_trade(uncovered_since_us=NOW_US - 6 * SECOND_US)
    assert told(note_cover(a_situation(held="5", trade=late))) == ["flatten", "alarm unprotected"]
    early = a_trade(uncovered_since_us=NOW_US - 6 * SECOND_US + 1)
    assert note_cover(a_situation(held="5", trade=early)) == ()


@pytest.mark.parametrize(("seconds", "counted"), [(1, 1), (3, 3), (5, 3)])
def test_what_no_stream_told_counts_from_the_last_calm_look_and_leaves_half_the_time(
    seconds: int, counted: int
):
    unheard = replace(a_situation(held="5"), calm_us=NOW_US - seconds * SECOND_US)
    assert note_cover(unheard) == (Cover(is_covered=False, since_us=NOW_US - counted * SECOND_US),)
    assert note_cover(a_situation(held="5")) == (Cover(is_covered=False),)


def test_complaint_31_a_triggered_stop_that_does_not_fill_ends_in_a_market_order():
    passed = a_situation(_STOP, held="5", last="94.9")
    assert covered_size(passed) == 0
    late = a_trade(uncovered_since_us=NOW_US - 10 * SECOND_US)
    found = note_cover(replace(passed, trade=replace(late, state=passed.trade.state)))
    assert isinstance(found[0], Flatten)


def test_without_a_price_a_working_stop_counts():
    assert is_covered(a_situation(_STOP, held="5", last=None))


def test_on_spot_pairs_cover_and_what_is_being_sold_needs_no_stop():
    trade = a_trade(symbol="BTC/USDT")
    pair = a_pair("3", trade=trade)
    assert not is_covered(a_situation(*pair, trade=trade, held="5"))
    selling = an_order(Leg.FLATTEN, "2", trade=trade)
    assert is_covered(a_situation(*pair, selling, trade=trade, held="5"))


def test_what_a_sale_that_nobody_found_should_have_sold_needs_a_stop():
    trade = a_trade(symbol="BTC/USDT")
    pair = a_pair("3", trade=trade)
    lost = an_order(Leg.FLATTEN, "2", trade=trade, state=IntentState.UNKNOWN)
    assert not is_covered(a_situation(*pair, lost, trade=trade, held="5"))
    just = replace(lost, sent_us=NOW_US - SECOND_US + 1)
    assert is_covered(a_situation(*pair, just, trade=trade, held="5"))


def test_what_is_too_small_for_a_stop_counts_as_covered():
    trade = a_trade(symbol="BTC/USDT")  # 0.1 × 95 is below the least notional of 10
    assert is_covered(a_situation(trade=trade, held="0.1"))
    assert not is_covered(a_situation(trade=trade, held="0.11"))
