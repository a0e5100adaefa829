"""One lively market, what setups make of it, and a verdict on any plan of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from snipersight.domain.candles import Candles
from snipersight.domain.decision import Candidate, RiskDecision
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument
from snipersight.domain.plan import TradePlan
from snipersight.domain.ports import PlanFeed, PlanSource
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Symbol, plain
from snipersight.planner.comparison import PlanShape, ShapeTarget, shape_of
from snipersight.planner.smc_source import SmcPlanSource
from snipersight.risk.gate import judge
from tests.builders import an_instrument
from tests.builders.gating import gate_inputs
from tests.builders.ledger import a_policy, market_facts
from tests.fakes.scanning import FINE, NOON_MS, a_lively_profile, synthetic_table

SOL = Symbol("SOL/USDT:USDT")
Frames = Mapping[Timeframe, Candles]
# Nothing is dear and nothing pays too little, so that every drawn bar and every cross is a plan.
PROFILE = a_lively_profile(planner={"min_rr": 0.01})


@cache
def frames() -> Frames:
    """Return 24 days of one market, of every timeframe the profile reads."""
    table = synthetic_table((SOL,))
    return {frame: table.coarse(SOL, frame, end_ms=NOON_MS) for frame in PROFILE.history()}


def an_instrument_of_it() -> Instrument:
    return synthetic_table((SOL,)).listed[SOL]


def a_feed(source: PlanSource, symbol: Symbol = SOL) -> PlanFeed:
    instrument = an_instrument_of_it() if symbol == SOL else an_instrument(symbol)
    return source.open(instrument, None)


def whole(source: PlanSource, symbol: Symbol = SOL) -> list[Candidate]:
    """Return what a source decides over all bars at once."""
    return [*a_feed(source, symbol).advance(frames(), until_ms=NOON_MS)]


def bar_by_bar(source: PlanSource, *, days: int = 3) -> list[Candidate]:
    """Return what it decides where the last days come bar by bar, in a growing history."""
    feed = a_feed(source)
    decided: list[Candidate] = []
    decided += feed.advance(frames(), until_ms=NOON_MS - days * DAY_MS)
    closes = frames()[FINE].close_time
    for closed_at_ms in closes[closes > NOON_MS - days * DAY_MS].tolist():
        now = feed.advance(frames(), until_ms=closed_at_ms)
        assert all(one.at_ms == closed_at_ms for one in now)
        decided += now
    return decided


def in_portions(source: PlanSource, *, portion_ms: int = DAY_MS // 3) -> list[Candidate]:
    """Return what it decides where only new bars are passed, some hours of them at a time."""
    feed = a_feed(source)
    decided: list[Candidate] = []
    last_ms = int(frames()[FINE].open_time[0])
    for until_ms in range(last_ms + portion_ms, NOON_MS + portion_ms, portion_ms):
        fresh = {frame: bars.between(last_ms, until_ms) for frame, bars in frames().items()}
        decided += feed.advance(fresh, until_ms=min(until_ms, NOON_MS))
        last_ms = until_ms
    return decided


@cache
def setup_shapes() -> tuple[PlanShape, ...]:
    """Return the shapes of the plans that setups of the market make."""
    return tuple(map(shape_of, plans_of(whole(SmcPlanSource(PROFILE)))))


def plans_of(candidates: Sequence[Candidate]) -> list[TradePlan]:
    return [one.plan for one in candidates if one.plan is not None]


def a_shape(**changes: Any) -> PlanShape:
    """Return a long: 1 ATR behind the close, a zone of 0.5, a stop of 2 and targets of 1.5R, 3R."""
    values: dict[str, Any] = {
        "direction": Direction.LONG,
        "approach_atr": Decimal(1),
        "zone_atr": Decimal("0.5"),
        "stop_atr": Decimal(2),
        "targets": exits(("1.5", "0.5"), ("3", "0.5")),
    }
    return PlanShape(**(values | changes))


def exits(*pairs: tuple[str, str]) -> tuple[ShapeTarget, ...]:
    return tuple(ShapeTarget(distance_r=Decimal(r), fraction=Decimal(part)) for r, part in pairs)


def judged(plan: TradePlan, instrument: Instrument) -> RiskDecision:
    """Return the gate's verdict at the plan's own close, on an account that holds nothing."""
    at_ms = int(plan.created_at.timestamp() * 1000)
    facts = market_facts(instrument, price=plain(plan.last_price), at_ms=at_ms)
    inputs = gate_inputs(
        instrument, facts=facts, at_us=at_ms * 1000, last_us=at_ms * 1000, as_of_ms=at_ms
    )
    return judge(plan, inputs, a_policy())
