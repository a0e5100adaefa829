"""Every code of the gate: reached alone, in both directions, by one changed input."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from snipersight.domain.decision import Approved, Rejected
from snipersight.domain.direction import Direction
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Size
from snipersight.risk import gate
from snipersight.risk.sizing.plan_sizing import Sizing, SizingInputs, size_plan
from tests.builders.gate_scenes import BOTH, PERPETUAL, SCENES, Scene, judged

# A size that is too large for its budget cannot come out of the sizing: the check guards it.
GUARDED = {"risk_budget"}
_NAMES_WHEN_PASSED = {
    "below_minimum": "position_constraints",
    "above_maximum": "position_constraints",
}

CASES = [(code, side) for code, scene in SCENES.items() for side in scene.sides]
LIMITED = [(code, side) for code, side in CASES if SCENES[code].relief is not None]


@pytest.mark.parametrize("side", BOTH)
def test_without_a_change_the_trade_is_approved(side):
    decision = judged(Scene(), side)
    assert isinstance(decision, Approved), decision.failed
    assert decision.size == Decimal("0.2")


@pytest.mark.parametrize(("code", "side"), CASES)
def test_a_code_is_reached_alone(code, side):
    scene = SCENES[code]
    unchanged = judged(Scene(around=scene.around, market=PERPETUAL), side)
    assert isinstance(unchanged, Approved)
    decision = judged(scene, side)
    assert isinstance(decision, Rejected)
    assert [check.code for check in decision.failed] == [code]
    assert decision.failed[0].sentence


@pytest.mark.parametrize(("code", "side"), LIMITED)
def test_its_limit_alone_keeps_it(code, side):
    scene = SCENES[code]
    relieved = replace(scene, policy=scene.policy | (scene.relief or {}))
    assert isinstance(judged(relieved, side), Approved)


def test_every_code_the_gate_asks_has_a_scene():
    asked = [check.code for check in judged(Scene(), Direction.LONG).checks]
    assert len(asked) == len(set(asked))
    named = {_NAMES_WHEN_PASSED.get(code, code) for code in SCENES}
    assert set(asked) == named | GUARDED


def test_the_order_of_the_questions_is_fixed():
    asked = [[check.code for check in judged(Scene(), side).checks] for side in BOTH]
    assert asked[0] == asked[1]
    order = [
        "halted",
        "incomplete_plan",
        "equity",
        "position_constraints",
        "max_total",
        "liquidity",
    ]
    assert sorted(order, key=asked[0].index) == order


@pytest.mark.parametrize("side", BOTH)
def test_a_size_beyond_its_budget_is_refused_whatever_computed_it(side, monkeypatch):
    def twice(plan: TradePlan, inputs: SizingInputs) -> Sizing:
        sizing = size_plan(plan, inputs)
        return replace(sizing, size=Size(sizing.size * 2), claim=sizing.claim + sizing.claim)

    monkeypatch.setattr(gate, "size_plan", twice)
    decision = judged(Scene(), side)
    assert isinstance(decision, Rejected)
    assert [check.code for check in decision.failed] == ["risk_budget"]
    assert (decision.failed[0].measured, decision.failed[0].limit) == (200, 100)


def test_every_failing_check_is_told_not_only_the_first():
    scene = replace(
        SCENES["max_total"],
        policy={"min_rr": "3", "price_collar": "0.1"},
        inputs=SCENES["max_total"].inputs | {"clock_skew_ms": None, "price": "30000"},
    )
    decision = judged(scene, Direction.LONG)
    assert isinstance(decision, Rejected)
    assert [check.code for check in decision.failed] == [
        "clock_skew",
        "min_rr",
        "price_collar",
        "max_total",
    ]


def test_what_cannot_be_computed_is_left_out_and_never_passed():
    asked = {check.code for check in judged(SCENES["no_market_facts"], Direction.LONG).checks}
    assert not asked & {"price_collar", "quote_rate", "max_total", "risk_budget", "liquidity"}
    assert {"equity", "halted", "stale_plan"} <= asked


@pytest.mark.parametrize("volume", ["NaN", "Infinity", None])
def test_an_unknown_volume_is_not_liquid(volume):
    decision = judged(Scene(inputs={"quote_volume": volume}), Direction.LONG)
    assert isinstance(decision, Rejected)
    assert [check.code for check in decision.failed] == ["liquidity"]
