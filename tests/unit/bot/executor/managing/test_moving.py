"""Break-even and trailing: towards profit only, and never where the order would trigger."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.executor.actions import MoveStop
from snipersight.bot.executor.managing.moving import move_stop
from snipersight.domain.direction import Direction
from snipersight.domain.execution import IntentState, Leg, ManagementRules, TradeState
from tests.builders.situations import a_situation, a_trade, an_order, mirrored, price, told

_HIT = an_order(Leg.TARGET, "5", state=IntentState.FILLED, filled="5")
_TRAILING = ManagementRules(trailing_atr=Decimal(2))  # an ATR is 2: four behind the best price


def _moved(trade: Any = None, *, last: str = "110", target: Any = _HIT, **given: Any) -> list[str]:
    values = {"held": "5", "entered": "10", "average": "99.3"} | given
    return told(move_stop(a_situation(target, trade=trade, last=last, **values)))


def test_after_the_first_target_the_stop_goes_to_the_average_entry():
    assert _moved() == ["movestop 99.3"]


def test_break_even_covers_the_costs_on_the_tick_beyond():
    assert _moved(a_trade(cost="0.33")) == ["movestop 99.7"]  # 99.63, up
    short = a_trade(Direction.SHORT, cost="0.33")
    hit = an_order(Leg.TARGET, "5", trade=short, state=IntentState.FILLED, filled="5")
    assert _moved(short, target=hit, last="90", average="100.7") == ["movestop 100.3"]


@pytest.mark.parametrize("state", [IntentState.WORKING, IntentState.CANCELLED])
def test_a_target_that_is_not_filled_whole_moves_nothing(state):
    assert _moved(target=an_order(Leg.TARGET, "5", state=state, filled="4.99")) == []


@pytest.mark.parametrize(
    ("trade", "given"),
    [
        (a_trade(rules=ManagementRules(break_even=False)), {}),
        (a_trade(stop_price=price("99.3")), {}),  # it is there
        (a_trade(stop_price=price("100")), {}),  # it is tighter
        (a_trade(), {"last": "99.3"}),  # it would trigger
        (a_trade(), {"quote": None}),
        (a_trade(), {"held": "0"}),
        (a_trade(exit_reason="enough", state=TradeState.EXITING), {}),
    ],
)
def test_the_stop_stays_where_moving_it_makes_no_sense(trade, given):
    assert _moved(trade, **given) == []


def test_a_trailing_stop_follows_the_best_price():
    def trailed(best: str, stop: str, last: str = "112") -> list[str]:
        return _moved(
            a_trade(rules=_TRAILING, best_price=price(best), stop_price=price(stop)), last=last
        )

    assert trailed("112", "99.3") == ["movestop 108"]
    assert trailed("112", "107.8") == ["movestop 108"]  # a tenth of an ATR
    assert trailed("112", "107.9") == []
    assert trailed("103", "95") == ["movestop 99.3"]  # break-even is tighter than 99
    assert trailed("112", "95", last="108") == ["movestop 99.3"]  # 108 would trigger


def test_nothing_trails_before_the_first_target():
    waiting = an_order(Leg.TARGET, "5")
    assert _moved(a_trade(rules=_TRAILING, best_price=price("109")), target=waiting) == []


@given(
    best=st.integers(900, 1300),
    last=st.integers(900, 1300),
    stop=st.integers(900, 1100),
    direction=st.sampled_from(Direction),
)
def test_a_stop_is_only_ever_tightened_and_stays_on_its_side_of_the_price(
    best, last, stop, direction
):
    def at(tenths: int) -> Decimal:
        return mirrored(Decimal(tenths) / 10, direction)

    trade = a_trade(direction, rules=_TRAILING, best_price=at(best), stop_price=at(stop))
    hit = an_order(Leg.TARGET, "5", trade=trade, state=IntentState.FILLED, filled="5")
    for action in move_stop(
        a_situation(hit, trade=trade, held="5", average="100", last=str(at(last)))
    ):
        assert isinstance(action, MoveStop)
        assert direction.is_winning(action.price, entry=trade.stop_price)
        assert direction.is_losing(action.price, entry=at(last))
        assert action.price % Decimal("0.1") == 0
