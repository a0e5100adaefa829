"""The gate answers whatever it is given: it never raises, and what is no number approves nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from snipersight.domain.decision import Approved, Rejected
from snipersight.domain.direction import Direction
from snipersight.domain.exposure import Amounts
from snipersight.domain.instrument import MarginTier
from snipersight.domain.plan import TradePlan
from snipersight.risk.gate import judge, terminal_reason
from snipersight.risk.inputs import ClusterLoad, ExposureView, GateInputs
from snipersight.risk.policy import RiskPolicy
from tests.builders import a_plan, an_instrument
from tests.builders.gating import gate_inputs
from tests.builders.ledger import a_policy

ODD = ("NaN", "Infinity", "-Infinity", "-1", "0", "1E-30", "1E+30")
NONE = st.none()


def _numbers(*usual: str) -> st.SearchStrategy[str]:
    return st.sampled_from((*usual, *usual, *ODD))


def _amounts(*usual: str) -> st.SearchStrategy[Decimal]:
    return st.sampled_from(("0", *usual)).map(Decimal)


@st.composite
def views(draw: Any) -> ExposureView:
    """Return what is held, from nothing to far beyond every limit."""
    risk = _amounts("1", "475", "500", "750", "1000", "1E+6")
    value = _amounts("1", "9000", "50000", "1E+9")

    def held() -> Amounts:
        return Amounts(risk=draw(risk), notional=draw(value), margin=draw(value))

    one, other = draw(risk), draw(risk)
    load = ClusterLoad(
        long=one,
        short=other,
        square=(one - other) ** 2,
        cross=(one - other) * draw(st.sampled_from((-1, 0, 1))),
    )
    positions = draw(st.sampled_from((0, 9, 10, 11)))
    return ExposureView(total=held(), asset=held(), cluster=load, positions=positions)


@st.composite
def judged(draw: Any) -> tuple[TradePlan, GateInputs]:
    """Return a plan and inputs of which anything may be missing, odd or exhausted."""
    side, is_spot = draw(st.sampled_from(Direction)), draw(st.booleans())
    symbol = "BTC/USDT" if is_spot else "BTC/USDT:USDT"
    plan = a_plan(side, symbol=symbol, round_trip_cost=Decimal(draw(_numbers("0", "37.7"))))
    sizes = NONE | st.sampled_from(("0.00001", "0.05", "1E+9")).map(Decimal)
    rules: dict[str, Any] = {
        "lot": draw(st.sampled_from((None, "0.00001", "0.00001", "0.5", "1E+9"))),
        "maker": draw(_numbers("0", "0.0002", "-0.0001")),
        "taker": draw(st.sampled_from(("0", "0.0005", "-0.0001"))),
        "min_size": draw(NONE | st.just(Decimal("0.00001"))),
        "max_size": draw(sizes),
        "max_market_size": draw(sizes),
    }
    if draw(st.booleans()) and not is_spot:
        rules["margin_tiers"] = (
            MarginTier(
                notional_floor=draw(_amounts("1", "1E+6")),
                max_leverage=draw(st.sampled_from((1, 2, 125)).map(Decimal)),
                maintenance_fraction=draw(_amounts("0.01", "0.5", "0.98")),
            ),
        )
    margin = draw(NONE | _numbers("10000", "400").map(Decimal))
    inputs = gate_inputs(
        an_instrument(symbol, **rules),
        equity=draw(_numbers("10000", "100")),
        margin=margin,
        price=draw(_numbers("42250", "40000")),
        quote_rate=draw(NONE | _numbers("1", "0.9")),
        quote_volume=draw(NONE | _numbers("1000000000", "100000")),
        view=draw(views()),
        clock_skew_ms=draw(st.sampled_from((None, 0, 0, 5000))),
    )
    return plan, inputs


BEYOND_EVERY_LIMIT = ExposureView(
    asset=Amounts(risk=Decimal(600)),
    total=Amounts(risk=Decimal(1100), notional=Decimal(60_000)),
    cluster=ClusterLoad(long=Decimal(800), square=Decimal(640_000), cross=Decimal(800)),
)
POLICIES = (
    RiskPolicy(),
    a_policy(smallest_share="0", volatility_floor="0", slippage_fraction="0"),
    a_policy(smallest_share="1", liquidation_cushion="100", slippage_fraction="1"),
)


@settings(max_examples=300)
@given(judged(), st.sampled_from(POLICIES))
@example((a_plan(), gate_inputs(view=BEYOND_EVERY_LIMIT, quote_volume=None)), RiskPolicy())
def test_whatever_it_is_given_the_gate_answers(case, policy):
    plan, inputs = case
    decision = judge(plan, inputs, policy)
    codes = [check.code for check in decision.checks]
    assert len(codes) == len(set(codes))
    assert all(check.sentence for check in decision.checks)
    if isinstance(decision, Rejected):
        assert str(terminal_reason(decision))
        return
    assert isinstance(decision, Approved)
    assert all(check.passed for check in decision.checks)
    numbers = (decision.size, decision.notional, decision.margin, decision.leverage, decision.risk)
    assert all(number.is_finite() and number > 0 for number in numbers)
    assert decision.risk <= inputs.account.equity * policy.risk_fraction
