"""One changed input a code: every refusal of the gate, from a trade that it approves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from snipersight.domain.decision import RiskDecision
from snipersight.domain.direction import Direction
from snipersight.domain.exposure import Amounts
from snipersight.domain.instrument import Instrument, MarginTier
from snipersight.domain.observations import MarketFacts
from snipersight.domain.plan import PlanId, SetupId, StopLoss
from snipersight.domain.standing import BreakerName, Cooldown, TradingState, TrippedBreaker
from snipersight.domain.units import Currency, Price, Symbol
from snipersight.risk.gate import judge
from snipersight.risk.inputs import ClusterLoad, ExposureView, Holding
from tests.builders.gating import gate_inputs
from tests.builders.instruments import an_instrument
from tests.builders.ledger import a_policy
from tests.builders.plans import a_plan

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


def _reference(**changes: Any) -> Any:
    facts = gate_inputs().facts
    assert facts is not None
    assert facts.reference is not None
    return replace(facts.reference, **changes)


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
