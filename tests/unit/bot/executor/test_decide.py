"""What a trade needs next, round by round, as a trader would read it off the chart."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.bot.executor.actions import Action, Alarm, Place, Situation
from snipersight.bot.executor.client_ids import is_ours
from snipersight.bot.executor.decide import decide
from snipersight.domain.direction import Direction
from snipersight.domain.execution import IntentState, Leg, ManagementRules, TradeState
from snipersight.domain.orders import Side
from tests.builders.situations import (
    NOW_US,
    PERPETUAL,
    SECOND_US,
    SPOT,
    a_market,
    a_situation,
    a_trade,
    an_order,
    mirrored,
    spot_market,
    told,
)
from tests.fakes.executed_life import ExecutedLife
from tests.fakes.venue_model import Fate, Shell, VenueModel

_RULES = ManagementRules(trailing_atr=Decimal(2), time_stop_us=3600 * SECOND_US)


def _desk(
    direction: Direction = Direction.LONG, *, symbol: str = "BTC/USDT:USDT", **trade: Any
) -> Shell:
    is_spot = ":" not in symbol
    venue = VenueModel(
        instrument=spot_market() if is_spot else a_market(),
        abilities=SPOT if is_spot else PERPETUAL,
        price=mirrored(Decimal(105), direction),
    )
    owner = a_trade(direction, symbol=symbol, **trade)
    return Shell(venue=venue, trade=owner, pending=owner.size)


def _round(shell: Shell, *fates: Fate) -> list[str]:
    shell.see_all()
    situation, actions = shell.decide()
    shell.do(situation, actions, list(fates))
    shell.now_us += SECOND_US
    return told(actions)


def test_a_long_from_its_entries_to_its_last_target():
    desk = _desk()
    assert _round(desk) == ["place E0-0 5 @ 100", "place E1-0 3 @ 99", "place E2-0 2 @ 98"]
    assert _round(desk) == []
    desk.venue.move(mirrored(Decimal(99), Direction.LONG))
    assert _round(desk) == ["cover False", "place S0-0 8 @ 95"]
    assert _round(desk) == ["cover True", "place T0-0 4 @ 110", "place T1-0 4 @ 120"]
    assert _round(desk) == []
    desk.venue.move(mirrored(Decimal(110), Direction.LONG))
    # 5 at 100 and 3 at 99: 99.625 on average. What rests of the entries would be stopped at once.
    assert _round(desk) == ["movestop 99.7", "place S0-1 4 @ 99.7", "cancel E2-0"]
    assert _round(desk) == ["cancel S0-0", "releaserest"]
    assert _round(desk) == []
    desk.venue.move(mirrored(Decimal(120), Direction.LONG))
    assert _round(desk) == ["cancel S0-1"]
    assert _round(desk) == ["finish"]
    assert desk.end is not None
    assert desk.end.why == "every target was reached"
    assert decide(desk.situation()) == ()


def test_a_spot_trade_from_its_entries_to_its_stop():
    desk = _desk(symbol="BTC/USDT")
    _round(desk)
    desk.venue.move(mirrored(Decimal(98), Direction.LONG))
    assert _round(desk) == [
        "cover False",
        "place T0-0 5 @ 110 + S0-0 5 @ 95",
        "place T1-0 5 @ 120 + S1-0 5 @ 95",
    ]
    assert _round(desk) == ["cover True"]
    desk.venue.move(mirrored(Decimal(95), Direction.LONG))
    assert _round(desk) == ["finish"]
    assert desk.end is not None
    assert desk.end.why == "stopped out"


def test_complaint_17_a_time_out_is_no_reason_to_order_again():
    desk = _desk()
    _round(desk, Fate.LOST, Fate.REPLY_LOST)
    rounds = [_round(desk) for _ in range(30)]
    assert not [line for lines in rounds for line in lines if line.startswith("place E")]
    assert "giveup E0-0" in [line for lines in rounds for line in lines]
    assert len(desk.venue.orders) == 2


def test_complaint_18_an_order_taken_without_a_reply_is_found_not_repeated():
    desk = _desk()
    _round(desk, Fate.REPLY_LOST)
    desk.intents = {
        key: replace(one, state=IntentState.UNKNOWN) for key, one in desk.intents.items()
    }
    actions = decide(desk.situation())
    assert told(actions) == ["lookup E0-0", "lookup E1-0", "lookup E2-0"]


def test_complaint_19_every_order_has_an_id_of_its_own_that_is_ours():
    desk = _desk()
    for level in ("99", "110", "95", "120"):
        desk.venue.move(mirrored(Decimal(level), Direction.LONG))
        desk.settle()
    placed = [one for action in desk.log if isinstance(action, Place) for one in action.intents]
    assert len(placed) > 6
    assert len({one.client_id for one in placed}) == len(placed)
    assert all(is_ours(one.client_id) for one in placed)


def test_a_fill_after_the_cancel_is_protected_like_any_other():
    desk = _desk()
    _round(desk)
    desk.entries_allowed = False
    _round(desk)
    late = next(iter(desk.venue.orders.values()))
    late.filled = Decimal(5)
    desk.venue.held = Decimal(5)
    late.average = mirrored(Decimal(100), Direction.LONG)
    desk.venue.price = mirrored(Decimal(100), Direction.LONG)
    assert "place S0-0 5 @ 95" in _round(desk)


def test_a_stop_that_passed_before_it_was_placed_closes_the_position_in_the_same_round():
    desk = _desk()
    _round(desk)
    desk.venue.move(mirrored(Decimal(94), Direction.LONG))
    assert _round(desk) == ["flatten", "alarm flattened", "cover False", "place X0-0 10"]
    assert _round(desk) == ["cover True", "finish"]


def test_complaint_31_a_stop_that_never_fills_is_answered_within_the_deadline():
    desk = _desk()
    _round(desk)
    desk.venue.move(mirrored(Decimal(98), Direction.LONG))
    _round(desk)
    assert _round(desk)[0] == "cover True"
    desk.venue.is_filling_stops = False
    desk.venue.move(mirrored(Decimal(94), Direction.LONG))
    rounds = [_round(desk) for _ in range(7)]
    assert rounds[0] == ["cover False"]  # price passed it, and the position is still there
    assert rounds[1:6] == [[]] * 5
    assert rounds[6][0] == "flatten"
    assert rounds[6][-1] == "place X0-0 10"
    assert desk.venue.held == 0


@pytest.mark.parametrize("what", ["kill", "expiry"])
def test_what_is_held_stays_managed_when_entries_end(what):
    desk = _desk()
    _round(desk)
    desk.venue.move(mirrored(Decimal(100), Direction.LONG))
    if what == "kill":
        desk.entries_allowed = False
    else:
        desk.now_us = NOW_US + 3600 * SECOND_US
    desk.settle()
    working = sorted(str(one.intent.leg) for one in desk.venue.open_orders())
    assert working == ["S", "T", "T"]


def test_a_quarantined_trade_is_protected_and_nothing_else():
    held = a_trade(state=TradeState.QUARANTINED)
    resting = an_order(Leg.ENTRY, "5")
    assert told(decide(a_situation(resting, trade=held, held="5"))) == [
        "cover False",
        "place S0-0 5 @ 95",
        "cancel E0-0",
    ]


def test_nothing_is_due_once_a_trade_is_over():
    done = a_trade(state=TradeState.DONE, ended_us=NOW_US)
    assert decide(a_situation(trade=done, held="5", entered="5")) == ()


# The mirror law: what a long does, its mirror image does at the mirrored prices.

_SCENES: list[dict[str, Any]] = [
    {},
    {"held": "5"},
    {"held": "5", "orders": [(Leg.STOP, "5", 0)]},
    {"held": "5", "orders": [(Leg.STOP, "5", 0)], "last": "94"},
    {"held": "5", "last": "94"},
    {"held": "10", "average": "101"},
    {"held": "8", "orders": [(Leg.STOP, "5", 0), (Leg.TARGET, "2.5", 1)]},
    {"held": "5", "entered": "10", "orders": [(Leg.STOP, "10", 0)], "hit": True, "last": "112"},
    {"held": "5", "exit": True, "orders": [(Leg.STOP, "5", 0), (Leg.TARGET, "5", 0)]},
    {"last": "110", "orders": [(Leg.ENTRY, "5", 0)]},
    {"last": "95", "orders": [(Leg.ENTRY, "5", 0)]},
]


def _scene(direction: Direction, scene: dict[str, Any]) -> Situation:
    def at(text: str) -> str:
        return str(mirrored(Decimal(text), direction))

    exiting: dict[str, Any] = {}
    if scene.get("exit"):
        exiting = {"exit_reason": "enough", "state": TradeState.EXITING}
    best = mirrored(Decimal(112), direction) if scene.get("hit") else None
    trade = a_trade(direction, rules=_RULES, best_price=best, **exiting)
    orders = [
        an_order(leg, size, trade=trade, index=index)
        for leg, size, index in scene.get("orders", [])
    ]
    if scene.get("hit"):
        orders.append(an_order(Leg.TARGET, "5", trade=trade, state=IntentState.FILLED, filled="5"))
    given = {key: scene[key] for key in ("held", "entered") if key in scene}
    return a_situation(
        *orders,
        trade=trade,
        last=at(scene.get("last", "101")),
        average=at(scene.get("average", "100")),
        **given,
    )


def _numbers(actions: tuple[Action, ...], direction: Direction) -> list[Any]:
    found: list[Any] = []
    for action in actions:
        if isinstance(action, Alarm):
            found.append(action.subject)
        elif isinstance(action, Place):
            found += [_of_order(one, direction) for one in action.intents]
        else:
            price = getattr(action, "price", None)
            found.append((type(action), price and mirrored(price, direction)))
    return found


def _of_order(one: Any, direction: Direction) -> tuple[Any, ...]:
    request = one.request
    levels = [request.price, request.trigger_price]
    opening = Side.BUY if direction is Direction.LONG else Side.SELL
    return (
        one.client_id,
        request.kind,
        request.size,
        request.side is opening,
        [level and mirrored(level, direction) for level in levels],
    )


@pytest.mark.parametrize("scene", _SCENES)
def test_a_short_is_managed_as_the_mirror_image_of_a_long(scene):
    long, short = (_numbers(decide(_scene(direction, scene)), direction) for direction in Direction)
    assert long
    assert long == short


@pytest.mark.parametrize("seed", range(40))
def test_whole_lives_of_a_long_and_its_mirror_image_are_alike(seed):
    logs = []
    for kind in ("long", "short"):
        life = ExecutedLife(kind, has_fees=False, rules=_RULES)
        _play(life, seed)
        logs.append(_numbers(tuple(life.shell.log), life.direction))
    assert logs[0] == logs[1]


def _play(life: ExecutedLife, seed: int) -> None:
    levels = ["101", "100", "99", "98", "104", "110", "112", "96", "120", "95"]
    life.go_on(1)
    for step in range(8):
        life.move(levels[(seed * 7 + step * (seed % 3 + 1)) % len(levels)])
        life.fill_part(seed + step, "1.07")
        life.go_on(2)
    life.finish()
