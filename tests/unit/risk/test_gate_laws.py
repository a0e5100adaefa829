"""Laws of the gate, for plans, markets, ledgers and limits of every kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.confluence import Confluence, Factor, Tier
from snipersight.domain.decision import Approved, Rejected, RiskDecision
from snipersight.domain.direction import Direction
from snipersight.domain.exposure import Amounts, Basis
from snipersight.domain.instrument import Instrument, MarginTier
from snipersight.domain.ledger import Origin
from snipersight.domain.observations import Correlations
from snipersight.domain.plan import PlanId, SetupId, TradePlan
from snipersight.domain.units import Currency, Symbol
from snipersight.risk.audit.chain import canonical
from snipersight.risk.audit.codec import decision_draft, decode_decision
from snipersight.risk.exposure.book import Claim, ExposureBook
from snipersight.risk.exposure.checks import headrooms
from snipersight.risk.gate import judge
from snipersight.risk.inputs import GateInputs
from snipersight.risk.ledger.reservations import reservation
from snipersight.risk.policy import RiskPolicy
from tests.builders import a_plan, an_instrument
from tests.builders.gating import gate_inputs
from tests.builders.ledger import a_policy

PERPETUAL = "BTC/USDT:USDT"
ASSETS = ("BTC", "ETH", "SOL", "PEPE")
ONE = Decimal(1)

lots = st.sampled_from(("1E-8", "1E-8", "0.00003", "0.001", "0.7", "1", "250000"))
fees = st.sampled_from(("-0.0002", "0", "0.0002", "0.00075", "0.001"))
rates = st.sampled_from(("1", "0.9173", "1.08251", "0.000031"))
sides = st.sampled_from(Direction)
equities = st.sampled_from(("10000", "12345.67", "33333.33", "9876.5", "1000000", "0")).map(Decimal)


@st.composite
def plans(draw: Any) -> TradePlan:
    """Return plans from 1e-8 to 100000 a unit, stop 0.05 % to 30 % away, on odd ticks."""
    tick = Decimal(
        draw(st.sampled_from(("0.00000001", "0.0000003", "0.0001", "0.01", "0.3", "10")))
    )
    near = draw(st.integers(1_000, 10_000)) * tick
    away = near * draw(st.decimals("0.0005", "0.3", places=4))
    side = draw(sides)
    far, stop = (near - side.sign * away * part for part in (Decimal("0.5"), ONE))
    return a_plan(
        side,
        symbol=PERPETUAL,
        near=str(near),
        far=str(far),
        stop=str(stop),
        targets=(str(near + side.sign * away * Decimal("1.5")),),
        cost=draw(st.sampled_from(("0", str(near * Decimal("0.002"))))),
        confluence=_graded(draw(st.floats(0, 1))),
    )


def _graded(value: float) -> Confluence:
    factor = Factor(name="volatile", value=value, weight=0, contribution=0, sentence="")
    return Confluence(score=0, tier=Tier.C, factors=(factor,))


@st.composite
def tables(draw: Any) -> tuple[MarginTier, ...]:
    """Return margin tables of one to four steps, stricter with every step."""
    floors = sorted(draw(st.sets(st.integers(1, 500_000), max_size=3)))
    caps = sorted(draw(st.lists(st.integers(1, 125), min_size=4, max_size=4)), reverse=True)
    return tuple(
        MarginTier(
            notional_floor=Decimal(floor),
            max_leverage=Decimal(cap),
            maintenance_fraction=ONE / (2 * cap),
        )
        for floor, cap in zip((0, *floors), caps, strict=False)
    )


@st.composite
def markets(draw: Any) -> Instrument:
    return an_instrument(
        PERPETUAL,
        lot=draw(lots),
        maker=draw(fees),
        taker=draw(fees),
        margin_tiers=draw(tables()),
        max_size=draw(st.sampled_from((None, None, Decimal(3), Decimal(5_000_000)))),
    )


tenths = st.integers(0, 10).map(lambda tenth: Decimal(tenth) / 10)
amounts = st.decimals("10", "400", places=3)


@st.composite
def claims(draw: Any, sides: Any = sides, assets: Sequence[str] = ASSETS) -> Claim:
    asset, risk = draw(st.sampled_from(assets)), draw(amounts)
    identity = draw(st.uuids())
    return Claim(
        venue="sandbox",
        symbol=Symbol(f"{asset}/USDC:USDC"),
        underlying=Currency(asset),
        direction=draw(sides),
        plan_id=PlanId(f"plan-{identity}"),
        setup_id=SetupId(f"setup-{identity}"),
        amounts=Amounts(risk=risk),
        is_open=draw(st.booleans()),
    )


@st.composite
def correlated(draw: Any) -> Correlations:
    coefficients = st.none() | st.decimals("-1", "1", places=4)
    pairs = {}
    for number, one in enumerate(sorted(ASSETS)):
        for other in sorted(ASSETS)[number + 1 :]:
            value = draw(coefficients)
            if value is not None:
                pairs[Currency(one), Currency(other)] = value
    return Correlations(pairs=pairs)


@st.composite
def policies(draw: Any, /, **fixed: Any) -> RiskPolicy:
    def fraction(low: str, high: str) -> Decimal:
        value: Decimal = draw(st.decimals(low, high, places=4))
        return value

    risk = fraction("0.0005", "0.04")
    asset, cluster = (risk * fraction("1", "4") for _ in range(2))
    values: dict[str, Any] = {
        "risk_fraction": risk,
        "max_risk_per_trade": risk,
        "basis": draw(st.sampled_from((Basis.RISK, Basis.RISK, Basis.NOTIONAL, Basis.MARGIN))),
        "max_per_asset": asset,
        "max_cluster": cluster,
        "max_total": max(asset, cluster) * fraction("1", "2"),
        "max_leverage": Decimal(draw(st.integers(1, 125))),
        "max_margin": fraction("0.1", "1"),
        "max_positions": draw(st.integers(3, 12)),
        "smallest_share": fraction("0", "0.5"),
        "slippage_fraction": fraction("0", "0.01"),
        "volatility_floor": fraction("0", "1"),
        "liquidation_cushion": fraction("0", "2"),
        "max_volume_share": fraction("0.0001", "0.1"),
    }
    return RiskPolicy(**(values | fixed))


@dataclass(frozen=True)
class Asked:
    """A plan, its market, an account with a ledger, and limits."""

    plan: TradePlan
    market: Instrument
    equity: Decimal
    rate: str
    volume: str
    held: tuple[Claim, ...]
    correlations: Correlations
    policy: RiskPolicy

    @property
    def inputs(self) -> GateInputs:
        book = ExposureBook.of((), self.held)
        return gate_inputs(
            self.market,
            equity=str(self.equity),
            price=str(self.plan.entry_near),
            quote_rate=self.rate,
            quote_volume=self.volume,
            view=self.view(book),
        )

    def view(self, book: ExposureBook) -> Any:
        return book.view(
            Currency("BTC"),
            self.plan.setup_id,
            correlations=self.correlations,
            threshold=self.policy.cluster_correlation,
        )

    @property
    def decision(self) -> RiskDecision:
        return judge(self.plan, self.inputs, self.policy)

    @property
    def size(self) -> Decimal:
        decision = self.decision
        return decision.size if isinstance(decision, Approved) else Decimal(0)


def _scaled(claim: Claim, equity: Decimal) -> Claim:
    """Return a claim as large for this account as it is for one of 10,000."""
    risk, share = claim.amounts.risk, equity / 10_000
    scaled = Amounts(risk=risk * share, notional=risk * share * 12, margin=risk * share * 4)
    return replace(claim, amounts=scaled)


@st.composite
def questions(draw: Any, /, one_side: bool = False, **limits: Any) -> Asked:
    plan = draw(plans())
    # What opposes the plan in its own asset is refused whatever its size.
    held = claims(st.just(plan.direction))
    if not one_side:
        held |= claims(assets=ASSETS[1:])
    equity = draw(equities)
    return Asked(
        plan=plan,
        market=draw(markets()),
        equity=equity,
        rate=draw(rates),
        volume=draw(st.sampled_from(("1000000", "1000000000000", "1000000000000"))),
        held=tuple(_scaled(one, equity) for one in draw(st.lists(held, max_size=5))),
        correlations=draw(correlated()),
        policy=draw(policies(**limits)),
    )


@given(questions())
def test_the_loss_at_the_stop_never_exceeds_the_budget(asked):
    decision = asked.decision
    if isinstance(decision, Rejected):
        assert decision.failed
        return
    plan, policy, size = asked.plan, asked.policy, decision.size
    fees = asked.market.fees
    assert fees is not None
    assert asked.market.lot is not None
    with localcontext(prec=200):
        near, stop = plan.entry_near, plan.stop_loss.price
        paid = near * max(fees.maker, Decimal(0))
        paid += stop * (max(fees.taker, Decimal(0)) + policy.slippage_fraction)
        paid = max(paid, plan.round_trip_cost)
        loss = size * (abs(near - stop) + paid) * Decimal(asked.rate)
        assert loss <= asked.equity * policy.risk_fraction
        assert size > 0
        assert size % asked.market.lot == 0
        assert decision.leverage <= policy.max_leverage


@given(questions())
def test_after_an_approval_no_limit_is_exceeded(asked):
    decision, policy = asked.decision, asked.policy
    if isinstance(decision, Rejected):
        return
    entry = reservation(decision, asked.inputs, policy, origin=Origin.EXECUTED)
    book = ExposureBook.of((entry,), asked.held)
    view = asked.view(book)
    for room in headrooms(view, direction=asked.plan.direction, equity=asked.equity, policy=policy):
        assert room.held <= room.limit, room.code
    assert view.positions <= policy.max_positions
    assert decision.notional <= policy.max_volume_share * Decimal(asked.volume)
    assert entry.amounts.risk == decision.risk


@given(questions())
def test_a_limit_never_leaves_a_trade_less_than_its_smallest_share(asked):
    decision, policy = asked.decision, asked.policy
    if isinstance(decision, Rejected):
        return
    alone = replace(
        asked,
        held=(),
        market=replace(asked.market, lot=Decimal("1E-12"), max_size=None),
        volume="1E30",
        policy=replace(policy, smallest_share=Decimal(0)),
    )
    lot = asked.market.lot
    assert lot is not None
    assert decision.size > policy.smallest_share * alone.size - lot


@given(questions())
def test_the_same_question_has_the_same_answer(asked):
    decision = asked.decision
    assert judge(asked.plan, asked.inputs, asked.policy) == decision
    draft = decision_draft(
        asked.plan, asked.inputs, asked.policy, decision, at_us=0, actor="test", reserved=False
    )
    recorded = decode_decision(json.loads(canonical(dict(draft.body))))
    assert judge(recorded.plan, recorded.inputs, asked.policy) == decision == recorded.decision


@given(questions(smallest_share=Decimal(0)), st.decimals("1", "3", places=2))
def test_a_wider_stop_never_makes_a_larger_size(asked, factor):
    plan, side = asked.plan, asked.plan.direction
    away = abs(plan.entry_near - plan.stop_loss.price) * factor
    if away >= plan.entry_near:
        return
    stop = plan.entry_near - side.sign * away
    wider = replace(plan, stop_loss=replace(plan.stop_loss, price=stop))
    assert replace(asked, plan=wider).size <= asked.size


@given(questions(smallest_share=Decimal(0)), st.floats(0, 1), st.floats(0, 1))
def test_higher_volatility_never_makes_a_larger_size(asked, one, other):
    calm, wild = (
        replace(asked, plan=replace(asked.plan, confluence=_graded(value))).size
        for value in sorted((one, other))
    )
    assert wild <= calm


@given(questions(one_side=True, smallest_share=Decimal(0)), st.data())
def test_a_fuller_ledger_never_makes_a_larger_size(asked, data):
    # Of one side: a position of the other side may relieve a cluster, which is its purpose.
    more = _scaled(data.draw(claims(st.just(asked.plan.direction))), asked.equity)
    assert replace(asked, held=(*asked.held, more)).size <= asked.size


# How far each limit can be tightened without contradicting another.
TIGHTEST: dict[str, Callable[[RiskPolicy], Decimal]] = {
    "risk_fraction": lambda policy: policy.risk_fraction / 10,
    "max_risk_per_trade": lambda policy: policy.risk_fraction / 2,
    "max_per_asset": lambda policy: policy.max_risk_per_trade,
    "max_cluster": lambda policy: policy.max_risk_per_trade,
    "max_total": lambda policy: max(policy.max_per_asset, policy.max_cluster),
    "max_leverage": lambda _: ONE,
    "max_margin": lambda _: Decimal("0.01"),
    "max_positions": lambda _: ONE,
    "max_volume_share": lambda _: Decimal("0.00001"),
    "volatility_floor": lambda _: Decimal(0),
    "min_rr": lambda _: Decimal(5),
    "slippage_fraction": lambda _: Decimal("0.05"),
    "liquidation_cushion": lambda _: Decimal(20),
}


@given(questions(smallest_share=Decimal(0)), st.sampled_from(sorted(TIGHTEST)), tenths)
def test_a_tighter_limit_never_makes_a_larger_size(asked, name, share):
    now = getattr(asked.policy, name)
    value = now + (TIGHTEST[name](asked.policy) - now) * share
    tight = int(value) if name == "max_positions" else value
    changed = replace(asked.policy, **{name: tight})
    assert replace(asked, policy=changed).size <= asked.size


@given(questions(smallest_share=Decimal(0)), tenths)
def test_less_equity_never_makes_a_larger_size(asked, share):
    assert replace(asked, equity=asked.equity * share).size <= asked.size


@given(st.integers(1, 125), st.integers(1, 125), sides)
def test_leverage_never_changes_what_the_risk_allows(one, other, side):
    plan = a_plan(side, symbol=PERPETUAL, cost="0")
    inputs = gate_inputs(an_instrument(PERPETUAL, maker="0", taker="0"))
    for most in (one, other):
        decision = judge(plan, inputs, a_policy(max_leverage=str(most), slippage_fraction="0"))
        assert isinstance(decision, Approved)
        assert decision.size == Decimal("0.2")
