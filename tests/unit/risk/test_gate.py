"""The sizing gate: worked sizes, every refusal, and the budget as a law."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from snipersight.domain.account import AccountState
from snipersight.domain.confluence import Confluence, Factor, Tier
from snipersight.domain.decision import Approved, Rejected, RiskDecision
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Fees, Instrument
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Currency, Money
from snipersight.risk.gate import SizingGate, SizingLimits, terminal_reason, volatility_factor
from tests.builders import a_plan, an_instrument

PERPETUAL = "BTC/USDT:USDT"
ONE = Decimal(1)


def limits(**overrides: Any) -> SizingLimits:
    values: dict[str, Any] = {
        "risk_fraction": Decimal("0.01"),
        "max_risk_fraction": Decimal("0.01"),
        "slippage_fraction": Decimal(0),
    }
    return SizingLimits(**(values | overrides))


def account(equity: str = "10000", **overrides: Any) -> AccountState:
    values: dict[str, Any] = {"account_id": "main", "currency": Currency("USDT")}
    return AccountState(equity=Money(Decimal(equity)), **(values | overrides))


def judged(
    plan: TradePlan,
    instrument: Instrument | None = None,
    *,
    equity: str = "10000",
    rate: Decimal | None = ONE,
    margin: Decimal | None = None,
    **caps: Any,
) -> RiskDecision:
    market = instrument or an_instrument(plan.symbol, maker="0", taker="0")
    return SizingGate(limits=limits(**caps)).judge(
        plan,
        instrument=market,
        account=account(equity, available_margin=margin),
        quote_rate=rate,
    )


def approved(plan: TradePlan, instrument: Instrument | None = None, **given: Any) -> Approved:
    decision = judged(plan, instrument, **given)
    assert isinstance(decision, Approved), [c for c in decision.checks if not c]
    return decision


def refusal(plan: TradePlan, instrument: Instrument | None = None, **given: Any) -> str:
    decision = judged(plan, instrument, **given)
    assert isinstance(decision, Rejected)
    assert decision.failed[0].sentence
    return str(terminal_reason(decision))


def test_a_worked_size():
    # 100 may be lost; 42250 - 41750 is 500, so 0.2.
    decision = approved(a_plan(cost="0"))
    assert decision.size == Decimal("0.2")
    assert decision.notional == Decimal("8450.0")
    assert decision.margin == Decimal("8450.0")
    assert decision.leverage == 1
    assert decision.risk == 100
    assert decision.risk_fraction == Decimal("0.01")


def test_fees_and_slippage_belong_to_the_loss():
    # 42250 × 0.001 + 41750 × (0.002 + 0.0005) = 146.625; 100 ÷ 646.625 = 0.154649…
    market = an_instrument("BTC/USDT", maker="0.001", taker="0.002")
    decision = approved(a_plan(cost="0"), market, slippage_fraction=Decimal("0.0005"))
    assert decision.size == Decimal("0.15464")
    assert decision.risk == Decimal("0.15464") * Decimal("646.625")


def test_the_larger_of_the_plans_cost_and_ours_counts():
    # The plan says 125: 100 ÷ 625.
    assert approved(a_plan(cost="125")).size == Decimal("0.16")


def test_the_size_goes_down_to_the_lot():
    # 0.2 wanted.
    for lot, size in (("0.03", "0.18"), ("0.15", "0.15"), ("0.2", "0.2")):
        market = an_instrument("BTC/USDT", lot=lot, maker="0", taker="0")
        assert approved(a_plan(cost="0"), market).size == Decimal(size)


def test_a_quote_currency_is_converted():
    # One quote unit is worth 0.5: the budget of 100 is 200 in quote currency.
    decision = approved(a_plan(cost="0"), rate=Decimal("0.5"), equity="10000")
    assert decision.size == Decimal("0.4")
    assert decision.risk == 100


def test_spot_is_capped_by_what_is_there_to_pay_with():
    # A stop 10 away would buy 10 BTC; 10000 ÷ (42250 × 1.001) buys 0.236449…
    plan = a_plan(stop="42240", far="42245", cost="0")
    market = an_instrument("BTC/USDT", maker="0.001", taker="0.001")
    decision = approved(plan, market)
    assert decision.size == Decimal("0.23644")
    assert decision.notional + decision.notional * Decimal("0.001") <= 10000
    half = approved(plan, market, margin=Decimal(5000))
    assert half.size == Decimal("0.11822")


def test_a_perpetual_takes_the_lowest_leverage_that_fits():
    # A stop 100 away: 1 BTC, notional 42250 on 10000: leverage 5.
    plan = a_plan(Direction.SHORT, far="42300", stop="42350", cost="0")
    decision = approved(plan, max_leverage=Decimal(10))
    assert (decision.size, decision.leverage) == (Decimal(1), Decimal(5))
    assert decision.margin == Decimal(8450)
    assert decision.risk == 100  # leverage changed nothing about the loss
    capped = approved(plan, max_leverage=Decimal(3))
    assert capped.leverage == 3
    assert capped.size == Decimal("0.71005")  # 30000 ÷ 42250


def test_the_venues_largest_order_and_market_order_cap_the_size():
    plan = a_plan(cost="0")
    for bound in ("max_size", "max_market_size"):
        rules: dict[str, Any] = {"maker": "0", "taker": "0", bound: Decimal("0.05")}
        market = an_instrument("BTC/USDT", **rules)
        assert approved(plan, market).size == Decimal("0.05")


@pytest.mark.parametrize(
    "rules",
    [
        {"min_size": Decimal("0.21")},
        {"min_notional": Decimal(8451)},
        {"lot": "0.25"},
        {"lot": "1000000"},
    ],
)
def test_below_the_venues_minimum_a_plan_is_declined_and_never_enlarged(rules):
    market = an_instrument("BTC/USDT", **({"maker": "0", "taker": "0"} | rules))
    assert refusal(a_plan(cost="0"), market) == "declined:below_minimum"


def test_the_minimum_itself_is_enough():
    market = an_instrument(
        "BTC/USDT",
        maker="0",
        taker="0",
        min_size=Decimal("0.2"),
        min_notional=Decimal(8450),
    )
    assert approved(a_plan(cost="0"), market).size == Decimal("0.2")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"equity": "0"}, "rejected:equity"),
        ({"equity": "-5"}, "rejected:equity"),
        ({"equity": "NaN"}, "rejected:equity"),
        ({"equity": "Infinity"}, "rejected:equity"),
        ({"margin": Decimal(0)}, "rejected:available_margin"),
        ({"margin": Decimal("NaN")}, "rejected:available_margin"),
        ({"rate": None}, "rejected:quote_rate"),
        ({"rate": Decimal(0)}, "rejected:quote_rate"),
        ({"rate": Decimal("NaN")}, "rejected:quote_rate"),
        ({"risk_fraction": Decimal("0.0101")}, "rejected:max_risk_per_trade"),
        ({"risk_fraction": Decimal(0)}, "rejected:max_risk_per_trade"),
    ],
)
def test_missing_or_impossible_input_is_refused(given, reason):
    assert refusal(a_plan(cost="0"), **given) == reason


@pytest.mark.parametrize("rule", ["tick", "lot", "fees"])
def test_unknown_rules_are_refused(rule):
    unknown: dict[str, Any] = {rule: None}
    market = an_instrument("BTC/USDT", **unknown)
    assert refusal(a_plan(), market) == "rejected:unknown_instrument"


def test_fees_that_are_no_numbers_are_refused():
    fees = Fees(maker=Decimal("NaN"), taker=Decimal(0))
    market = an_instrument("BTC/USDT", fees=fees)
    assert refusal(a_plan(), market) == "rejected:unknown_instrument"


def test_a_plans_cost_that_is_no_number_is_refused():
    plan = a_plan(cost="0", round_trip_cost=Decimal("NaN"))
    assert refusal(plan) == "rejected:round_trip_cost"


def test_the_rules_of_another_market_are_refused():
    assert refusal(a_plan(), an_instrument("ETH/USDT")) == "rejected:instrument_mismatch"
    elsewhere = an_instrument("BTC/USDT", venue="binance")
    assert refusal(a_plan(), elsewhere) == "rejected:instrument_mismatch"


def test_a_short_on_spot_is_refused_here_too():
    plan = a_plan(Direction.SHORT, symbol="BTC/USDT")
    assert refusal(plan, an_instrument("BTC/USDT")) == "rejected:no_short"


def test_liquidation_must_lie_beyond_the_stop_with_a_cushion():
    # A stop 5 % away at leverage 18 would be liquidated 4.6 % away.
    plan = a_plan(near="40000", far="39000", stop="38000", targets=("44000",), symbol=PERPETUAL)
    market = an_instrument(PERPETUAL, maker="0", taker="0")
    wide = {"risk_fraction": Decimal("0.9"), "max_risk_fraction": Decimal(1)}
    assert refusal(plan, market, max_leverage=Decimal(50), **wide) == "rejected:liquidation"
    assert approved(plan, market, max_leverage=Decimal(9), **wide).leverage <= 9


def test_every_check_is_told_with_an_approval():
    codes = [check.code for check in approved(a_plan()).checks]
    assert len(codes) == len(set(codes))
    assert {"equity", "quote_rate", "max_risk_per_trade", "risk_budget", "liquidation"} <= set(
        codes
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"risk_fraction": Decimal("NaN")},
        {"risk_fraction": Decimal("-0.01")},
        {"max_risk_fraction": Decimal(2)},
        {"max_leverage": Decimal("0.5")},
        {"volatility_floor": Decimal("1.5")},
        {"liquidation_cushion": Decimal("Infinity")},
    ],
)
def test_limits_that_limit_nothing_cannot_exist(wrong):
    with pytest.raises(ValueError, match="must lie between"):
        limits(**wrong)


# ------------------------------------------------------------------ volatility


def with_volatility(value: float, **given: Any) -> TradePlan:
    """Return a plan whose ATR was graded `value` against its own window."""
    volatile = Factor(
        name="volatile", value=value, weight=0, contribution=0, sentence="ATR of its window"
    )
    confluence = Confluence(score=0, tier=Tier.C, factors=(volatile,))
    return a_plan(cost="0", confluence=confluence, **given)


@pytest.mark.parametrize(("value", "factor"), [(0, "1"), (0.5, "0.75"), (1, "0.5")])
def test_unusual_volatility_shrinks_a_size_down_to_the_floor(value, factor):
    plan = with_volatility(value)
    assert volatility_factor(plan, floor=Decimal("0.5")) == Decimal(factor)
    assert approved(plan).size == Decimal("0.2") * Decimal(factor)


def test_a_plan_without_that_factor_is_not_scaled():
    assert volatility_factor(a_plan(), floor=Decimal("0.5")) == 1


# ------------------------------------------------------------------------ laws

fractions = st.decimals("0.0001", "0.05", places=5)
lots = st.sampled_from(("1E-8", "0.00003", "0.001", "0.7", "1", "1000", "250000"))
fees = st.sampled_from(("-0.0002", "0", "0.0002", "0.00075", "0.001"))
rates = st.sampled_from(("1", "0.9173", "1.08251", "0.000031"))
sides = st.sampled_from(Direction)


@st.composite
def plans(draw: Any) -> TradePlan:
    """Return plans from 0.00001 to 100000, stop 0.05 % to 30 % away, on odd ticks."""
    scale = draw(st.sampled_from(("0.00000001", "0.0001", "0.01", "0.3", "10")))
    near = draw(st.integers(1_000, 10_000)) * Decimal(scale)
    away = near * draw(st.decimals("0.0005", "0.3", places=4))
    side = draw(sides)
    prices = [near - side.sign * away * part for part in (Decimal("0.5"), ONE)]
    return a_plan(
        side,
        symbol=PERPETUAL,
        near=str(near),
        far=str(prices[0]),
        stop=str(prices[1]),
        targets=(str(near + side.sign * away * Decimal("1.5")),),
        cost="0",
    )


@given(
    plans(),
    st.decimals("1", "10000000", places=2),
    fractions,
    lots,
    fees,
    fees,
    rates,
    st.integers(1, 50),
)
def test_the_loss_at_the_stop_never_exceeds_the_budget(
    plan, equity, fraction, lot, maker, taker, rate, leverage
):
    market = an_instrument(PERPETUAL, lot=lot, maker=maker, taker=taker)
    caps = {"risk_fraction": fraction, "max_risk_fraction": Decimal("0.05")}
    caps |= {"slippage_fraction": Decimal("0.0005"), "max_leverage": Decimal(leverage)}
    decision = judged(plan, market, equity=str(equity), rate=Decimal(rate), **caps)
    if isinstance(decision, Rejected):
        assert str(terminal_reason(decision)) in ("declined:below_minimum", "rejected:liquidation")
        return
    near, stop, size = plan.entry_near, plan.stop_loss.price, decision.size
    paid = near * max(Decimal(maker), Decimal(0))
    paid += stop * (max(Decimal(taker), Decimal(0)) + Decimal("0.0005"))
    assert size * (abs(near - stop) + paid) * Decimal(rate) <= equity * fraction
    assert size > 0
    assert size % Decimal(lot) == 0
    assert decision.margin <= equity / Decimal(rate)
    assert decision.leverage <= leverage


def size_of(decision: RiskDecision) -> Decimal:
    return decision.size if isinstance(decision, Approved) else Decimal(0)


@given(sides, st.integers(100, 5000), st.integers(1, 5000))
def test_a_wider_stop_never_makes_a_larger_size(side, distance, more):
    def size(away: int) -> Decimal:
        stop = 42250 - side.sign * away
        far = 42250 - side.sign * Decimal(away) / 2
        plan = a_plan(side, symbol=PERPETUAL, far=str(far), stop=str(stop), cost="0")
        market = an_instrument(PERPETUAL, maker="0.0002", taker="0.0005")
        return size_of(judged(plan, market))

    assert size(distance + more) <= size(distance)


@given(st.floats(0, 1), st.floats(0, 1))
def test_higher_volatility_never_makes_a_larger_size(one, two):
    assume(one < two)
    calm, wild = (size_of(judged(with_volatility(value))) for value in (one, two))
    assert wild <= calm


@given(st.integers(1, 125), st.integers(1, 125))
def test_leverage_never_changes_what_the_risk_allows(one, two):
    plan = a_plan(symbol=PERPETUAL, cost="0")
    sizes = {approved(plan, max_leverage=Decimal(x)).size for x in (one, two)}
    assert sizes == {Decimal("0.2")}
