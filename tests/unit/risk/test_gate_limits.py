"""Every code of the gate: reached alone, in both directions, by one changed input."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.decision import Approved, Rejected, RiskDecision
from snipersight.domain.direction import Direction
from snipersight.domain.exposure import Amounts
from snipersight.domain.instrument import Instrument, MarginTier
from snipersight.domain.observations import MarketFacts
from snipersight.domain.plan import PlanId, SetupId, StopLoss, TradePlan
from snipersight.domain.standing import BreakerName, Cooldown, TradingState, TrippedBreaker
from snipersight.domain.units import Currency, Price, Size, Symbol
from snipersight.risk import gate
from snipersight.risk.gate import judge
from snipersight.risk.inputs import ClusterLoad, ExposureView, Holding
from snipersight.risk.plan_sizing import Sizing, SizingInputs, size_plan
from tests.builders import a_plan, an_instrument
from tests.builders.gating import gate_inputs
from tests.builders.ledger import a_policy

PERPETUAL, SPOT = Symbol("BTC/USDT:USDT"), Symbol("BTC/USDT")
BOTH = tuple(Direction)
_SECOND_US = 1_000_000


@dataclass(frozen=True)
class Scene:
    """What differs from inputs that approve: one thing, told by direction where it depends on it.

    Args:
        plan, inputs, policy, facts, instrument: changed fields of each.
        wrong: fields written into the finished plan, past its constructor.
        around: inputs that approve as they are, under which the change is made.
        relief: limits under which the changed inputs are approved again; None: no limit is asked.
        sides: directions it can happen in.
        market: where the plan trades.
    """

    plan: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    instrument: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, Any] = field(default_factory=dict)
    around: dict[str, Any] = field(default_factory=dict)
    relief: dict[str, Any] | None = None
    sides: tuple[Direction, ...] = BOTH
    market: Symbol = PERPETUAL


def judged(scene: Scene, side: Direction, **policy: Any) -> RiskDecision:
    """Return the verdict on a 0.2 BTC trade that risks 100 of 10,000, changed by a scene."""
    plan = _told(scene.plan, side)
    priced = a_plan(side, **({"symbol": scene.market, "cost": "0"} | plan))
    for name, value in _told(scene.wrong, side).items():
        object.__setattr__(priced, name, value)
    market = _market(scene, side)
    inputs = gate_inputs(market, **_told(scene.around | scene.inputs, side))
    if inputs.facts is not None:
        facts: MarketFacts = replace(inputs.facts, **_told(scene.facts, side))
        inputs = replace(inputs, facts=facts)
    limits = {"slippage_fraction": "0"} | scene.policy | policy
    return judge(priced, inputs, a_policy(**limits))


def _market(scene: Scene, side: Direction) -> Instrument:
    market = an_instrument(scene.market, maker="0", taker="0")
    return replace(market, **_told(scene.instrument, side))


def _told(changes: dict[str, Any], side: Direction) -> dict[str, Any]:
    return {name: value(side) if callable(value) else value for name, value in changes.items()}


def tripped(name: BreakerName) -> Scene:
    breaker = TrippedBreaker(
        name=name, state=TradingState.HALTED, tripped_us=0, until_us=None, sentence="it holds"
    )
    return Scene(inputs={"tripped": (breaker,)})


def held(*, same: bool, **changes: Any) -> Scene:
    """Return a holding in the plan's asset, of its side or against it."""

    def view(side: Direction) -> ExposureView:
        values: dict[str, Any] = {
            "venue": "binance",
            "symbol": Symbol("BTC/USDC"),
            "direction": side if same else side.opposite,
            "plan_id": PlanId("other"),
            "setup_id": SetupId("other"),
            "is_open": True,
        }
        return ExposureView(holdings=(Holding(**(values | _told(changes, side))),))

    return Scene(inputs={"view": view})


def ledger(relief: dict[str, Any], **view: Any) -> Scene:
    return Scene(inputs={"view": ExposureView(**view)}, relief=relief)


def a_full_cluster(side: Direction) -> ExposureView:
    heat = Decimal(750)
    load = ClusterLoad(
        members=(Currency("ETH"),),
        long=heat if side is Direction.LONG else Decimal(0),
        short=heat if side is Direction.SHORT else Decimal(0),
        square=heat * heat,
        cross=side.sign * heat,
    )
    return ExposureView(cluster=load)


def _stop_at_the_target(side: Direction) -> StopLoss:
    return StopLoss(price=Price(Decimal(42250 + side.sign * 500)), rationale="", distance_atr=2.0)


def _targets_swapped(side: Direction) -> Any:
    near, far, last = a_plan(side).targets
    return (far, near, last)


def _deadly(_: Direction) -> tuple[MarginTier, ...]:
    return (
        MarginTier(
            notional_floor=Decimal(0),
            max_leverage=Decimal(50),
            maintenance_fraction=Decimal("0.98"),
        ),
    )


SCENES: dict[str, Scene] = {
    "clock_backwards": Scene(inputs={"last_us": gate_inputs().at_us + 2 * _SECOND_US}),
    "clock_skew": Scene(inputs={"clock_skew_ms": 1001}, relief={"max_clock_skew_ms": 1001}),
    "halted": tripped(BreakerName.OPERATOR),
    "daily_loss": tripped(BreakerName.DAILY_LOSS),
    "weekly_loss": tripped(BreakerName.WEEKLY_LOSS),
    "drawdown": tripped(BreakerName.DRAWDOWN),
    "loss_streak": tripped(BreakerName.LOSS_STREAK),
    "unprotected_position": tripped(BreakerName.UNPROTECTED),
    "cooldown": Scene(
        inputs={
            "cooldowns": lambda side: (
                Cooldown(symbol=SPOT, direction=side, until_us=gate_inputs().at_us + 1),
            )
        }
    ),
    "incomplete_plan": Scene(wrong={"atr": Decimal("NaN")}),
    "stop_on_wrong_side": Scene(wrong={"stop_loss": _stop_at_the_target}),
    "targets_on_wrong_side": Scene(wrong={"targets": _targets_swapped}),
    "stale_plan": Scene(plan={"created_at": a_plan().created_at + timedelta(milliseconds=1)}),
    "max_risk_per_trade": Scene(
        policy={"risk_fraction": "0.011"}, relief={"max_risk_per_trade": "0.011"}
    ),
    "min_rr": Scene(policy={"min_rr": "2.5"}, relief={"min_rr": "2.4"}),
    "restricted_symbol": Scene(policy={"restricted": ("btc",)}, relief={"restricted": ("ETH",)}),
    "no_market_facts": Scene(inputs={"facts": None}),
    "instrument_mismatch": Scene(instrument={"venue": "binance"}),
    "unknown_instrument": Scene(instrument={"lot": None}),
    "no_short": Scene(market=SPOT, sides=(Direction.SHORT,)),
    "unknown_reference": Scene(facts={"reference": None}),
    "stale_data": Scene(
        facts={"reference": lambda _: _reference(at_ms=gate_inputs().as_of_ms - 900_001)},
        relief={"max_data_age_us": 900_001_000},
    ),
    "price_collar": Scene(inputs={"price": "35000"}, relief={"price_collar": "0.21"}),
    "opposing_position": held(same=False),
    "opposing_plan": held(same=False, is_open=False),
    "foreign_position": held(
        same=True, plan_id=None, setup_id=None, venue="sandbox", symbol=PERPETUAL
    ),
    "already_live": held(same=True, setup_id=lambda side: a_plan(side, symbol=PERPETUAL).setup_id),
    "equity": Scene(inputs={"equity": "0"}),
    "available_margin": Scene(inputs={"margin": Decimal(0)}),
    "quote_rate": Scene(inputs={"quote_rate": None}),
    "round_trip_cost": Scene(plan={"round_trip_cost": Decimal(-1)}),
    "below_minimum": Scene(instrument={"min_size": Decimal("0.21")}),
    "above_maximum": Scene(
        instrument={"max_market_size": Decimal("0.04")}, relief={"smallest_share": "0.2"}
    ),
    "max_leverage": Scene(inputs={"margin": Decimal(400)}, relief={"max_leverage": "6"}),
    "liquidation": Scene(
        around={"margin": Decimal(2100)},
        instrument={"margin_tiers": _deadly},
    ),
    "max_per_asset": ledger({"max_per_asset": "0.06"}, asset=Amounts(risk=Decimal(500))),
    "max_cluster": Scene(inputs={"view": a_full_cluster}, relief={"max_cluster": "0.085"}),
    "max_total": ledger({"max_total": "0.11"}, total=Amounts(risk=Decimal(1000))),
    "max_gross_notional": ledger({"max_leverage": "6"}, total=Amounts(notional=Decimal(50_000))),
    "max_margin": Scene(
        inputs={"view": ExposureView(total=Amounts(margin=Decimal(9_000)))},
        policy={"max_margin": "0.9"},
        relief={"max_margin": "1"},
    ),
    "max_positions": ledger({"max_positions": 11}, positions=10),
    "liquidity": Scene(inputs={"quote_volume": "100000"}, relief={"max_volume_share": "0.05"}),
}
# A size that is too large for its budget cannot come out of the sizing: the check guards it.
GUARDED = {"risk_budget"}
_NAMES_WHEN_PASSED = {
    "below_minimum": "position_constraints",
    "above_maximum": "position_constraints",
}


def _reference(**changes: Any) -> Any:
    facts = gate_inputs().facts
    assert facts is not None
    assert facts.reference is not None
    return replace(facts.reference, **changes)


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
