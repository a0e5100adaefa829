"""Conflicts: against what is held, beside what is somebody else's, and twice the same."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.direction import Direction
from snipersight.domain.plan import PlanId, SetupId
from snipersight.domain.units import Symbol
from snipersight.risk.compliance.conflicts import foreign_check, live_check, opposing_checks
from snipersight.risk.inputs import Holding

SYMBOL = Symbol("BTC/USDT:USDT")


def held(direction: Direction = Direction.LONG, **overrides: Any) -> Holding:
    values: dict[str, Any] = {
        "venue": "sandbox",
        "symbol": SYMBOL,
        "direction": direction,
        "plan_id": PlanId("plan-1"),
        "setup_id": SetupId("setup-1"),
        "is_open": True,
    }
    return Holding(**(values | overrides))


@pytest.mark.parametrize("side", Direction)
@pytest.mark.parametrize("is_open", [True, False])
def test_each_kind_of_opposition_has_its_own_code(side, is_open):
    against = held(side.opposite, is_open=is_open, venue="bybit")
    position, plan = opposing_checks(side, [held(side), against])
    assert (bool(position), bool(plan)) == (not is_open, is_open)
    refused = plan if position else position
    what = "position" if is_open else "pending plan"
    assert f"a {side.opposite} {what} in {SYMBOL} on bybit" in refused.sentence
    assert refused.measured == f"{side.opposite} {SYMBOL} on bybit"


@pytest.mark.parametrize("side", Direction)
def test_a_position_and_a_plan_against_it_are_both_told(side):
    both = [held(side.opposite, is_open=False), held(side.opposite)]
    assert [bool(check) for check in opposing_checks(side, both)] == [False, False]


def test_the_first_opponent_is_the_one_named():
    many = [held(Direction.SHORT, venue="one"), held(Direction.SHORT, venue="two")]
    position, _ = opposing_checks(Direction.LONG, many)
    assert str(position.measured).endswith("on one")
    _, plan = opposing_checks(Direction.LONG, [replace(one, is_open=False) for one in many])
    assert str(plan.measured).endswith("on one")


holdings = st.lists(st.builds(held, st.sampled_from(Direction), is_open=st.booleans()), max_size=6)


@given(holdings, st.sampled_from(Direction))
def test_opposition_is_mirrored_and_needs_an_opponent(entries, side):
    mirrored = [replace(one, direction=one.direction.opposite) for one in entries]
    answers = [bool(check) for check in opposing_checks(side, entries)]
    assert answers == [bool(check) for check in opposing_checks(side.opposite, mirrored)]
    against = [one for one in entries if one.direction is not side]
    assert answers == [
        not any(one.is_open for one in against),
        not any(not one.is_open for one in against),
    ]


@pytest.mark.parametrize("side", Direction)
def test_a_foreign_position_blocks_its_symbol_on_its_venue_whatever_its_side(side):
    stranger = held(side, plan_id=None, setup_id=None)
    check = foreign_check("sandbox", SYMBOL, [held(), stranger])
    assert check.code == "foreign_position"
    assert not check
    assert check.measured == f"{side} {SYMBOL} on sandbox"
    assert foreign_check("bybit", SYMBOL, [stranger])
    assert foreign_check("sandbox", Symbol("BTC/USDC:USDC"), [stranger])
    assert foreign_check("sandbox", SYMBOL, [replace(stranger, is_open=False)])
    assert foreign_check("sandbox", SYMBOL, [held()])


def test_without_a_venue_a_foreign_position_blocks_its_symbol_anywhere():
    assert not foreign_check(None, SYMBOL, [held(plan_id=None)])
    assert foreign_check(None, Symbol("ETH/USDT:USDT"), [held(plan_id=None)])


@pytest.mark.parametrize("is_open", [True, False])
def test_a_setup_or_a_plan_is_live_once(is_open):
    entries = [held(plan_id=PlanId("p"), setup_id=SetupId("s")), held(is_open=is_open)]
    how = "open" if is_open else "pending"
    by_setup = live_check(SetupId("setup-1"), PlanId("another"), entries)
    assert not by_setup
    assert f"setup setup-1 is {how} already" in by_setup.sentence
    by_plan = live_check(SetupId("another"), PlanId("plan-1"), entries)
    assert not by_plan
    assert f"plan plan-1 is {how} already" in by_plan.sentence
    assert by_plan.measured == "plan-1"
    assert live_check(SetupId("another"), PlanId("another"), entries)


def test_what_has_no_identity_is_never_the_same():
    assert live_check(None, None, [held(plan_id=None, setup_id=None)])


def test_what_is_in_the_way_is_told():
    position, plan = opposing_checks(
        Direction.LONG, [held(Direction.SHORT), held(Direction.SHORT, is_open=False)]
    )
    assert position.sentence == f"a SHORT position in {SYMBOL} on sandbox is against this LONG"
    assert plan.sentence == f"a SHORT pending plan in {SYMBOL} on sandbox is against this LONG"
    foreign = foreign_check("sandbox", SYMBOL, [held(plan_id=None)])
    assert foreign.sentence == (
        f"a LONG position in {SYMBOL} on sandbox was not opened by a plan of ours"
    )
    live = live_check(SetupId("setup-1"), None, [held(is_open=False)])
    assert live.sentence == f"setup setup-1 is pending already, in {SYMBOL} on sandbox"
    assert live.measured == "plan-1"


@pytest.mark.parametrize("side", Direction)
def test_what_is_not_in_the_way_is_told_too(side):
    told = [*opposing_checks(side, []), foreign_check("sandbox", SYMBOL, [])]
    told.append(live_check(SetupId("s"), PlanId("p"), []))
    assert [(check.code, check.passed, check.sentence) for check in told] == [
        ("opposing_position", True, "no position in the asset faces the other way"),
        ("opposing_plan", True, "no pending plan in the asset faces the other way"),
        ("foreign_position", True, "no position in the symbol is somebody else's"),
        ("already_live", True, "neither the setup nor the plan is live"),
    ]
