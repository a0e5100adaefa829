"""The gate: worked sizes, what binds them, and what it refuses to size."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.confluence import Confluence, Factor, Tier
from snipersight.domain.decision import Approved, Check, Rejected, RiskDecision
from snipersight.domain.direction import Direction
from snipersight.domain.exposure import Amounts
from snipersight.domain.instrument import Fees, Instrument, MarginTier
from snipersight.domain.plan import TradePlan
from snipersight.risk.gate import judge, terminal_reason
from snipersight.risk.inputs import ClusterLoad, ExposureView
from snipersight.risk.sizing.plan_sizing import volatility_factor
from tests.builders import a_plan, an_instrument
from tests.builders.gating import gate_inputs
from tests.builders.ledger import a_policy

PERPETUAL = "BTC/USDT:USDT"


def judged(
    plan: TradePlan,
    instrument: Instrument | None = None,
    *,
    limits: dict[str, Any] | None = None,
    **given: Any,
) -> RiskDecision:
    """Return the verdict on a plan in a market without costs; `given` as `gate_inputs` takes it."""
    market = instrument or an_instrument(plan.symbol, maker="0", taker="0")
    policy = a_policy(**({"slippage_fraction": "0"} | (limits or {})))
    return judge(plan, gate_inputs(market, **given), policy)


def approved(plan: TradePlan, instrument: Instrument | None = None, **given: Any) -> Approved:
    decision = judged(plan, instrument, **given)
    assert isinstance(decision, Approved), decision.failed
    return decision


def refusals(plan: TradePlan, instrument: Instrument | None = None, **given: Any) -> list[str]:
    decision = judged(plan, instrument, **given)
    assert isinstance(decision, Rejected)
    return [check.code for check in decision.failed]


def check_of(decision: RiskDecision, code: str) -> Check:
    (check,) = [check for check in decision.checks if check.code == code]
    return check


def test_a_worked_size():
    # 100 may be lost; 42250 - 41750 is 500, so 0.2.
    decision = approved(a_plan(cost="0"))
    assert decision.size == Decimal("0.2")
    assert decision.notional == Decimal("8450.0")
    assert decision.margin == Decimal("8450.0")
    assert decision.leverage == 1
    assert decision.risk == 100
    assert decision.risk_fraction == Decimal("0.01")
    assert decision.policy_hash == a_policy(slippage_fraction="0").hash
    assert decision.reservation_id is None


def test_fees_and_slippage_belong_to_the_loss():
    # 42250 × 0.001 + 41750 × (0.002 + 0.0005) = 146.625; 100 ÷ 646.625 = 0.154649…
    market = an_instrument("BTC/USDT", maker="0.001", taker="0.002")
    decision = approved(a_plan(cost="0"), market, limits={"slippage_fraction": "0.0005"})
    assert decision.size == Decimal("0.15464")
    assert decision.risk == Decimal("0.15464") * Decimal("646.625")


def test_a_rebate_is_no_gain_to_count_on():
    market = an_instrument("BTC/USDT", maker="-0.001", taker="-0.002")
    assert approved(a_plan(cost="0"), market).size == Decimal("0.2")


def test_the_larger_of_the_plans_cost_and_ours_counts():
    # The plan says 125: 100 ÷ 625.
    assert approved(a_plan(cost="125")).size == Decimal("0.16")


@pytest.mark.parametrize(("lot", "size"), [("0.03", "0.18"), ("0.15", "0.15"), ("0.2", "0.2")])
def test_the_size_goes_down_to_the_lot(lot, size):
    market = an_instrument("BTC/USDT", lot=lot, maker="0", taker="0")
    assert approved(a_plan(cost="0"), market).size == Decimal(size)


def test_a_quote_currency_is_converted():
    # One quote unit is worth 0.5: the budget of 100 is 200 in quote currency.
    decision = approved(a_plan(cost="0"), quote_rate="0.5")
    assert decision.size == Decimal("0.4")
    assert decision.risk == 100


def test_spot_is_capped_by_what_is_there_to_pay_with():
    # 0.5 BTC are wanted; 10000 ÷ (42250 × 1.001) buys 0.236449…
    plan = a_plan(stop="42050", far="42100", cost="0")
    market = an_instrument("BTC/USDT", maker="0.001", taker="0")
    decision = approved(plan, market)
    assert decision.size == Decimal("0.23644")
    assert decision.notional + decision.notional * Decimal("0.001") <= 10000
    half = approved(plan, market, margin=Decimal(5000))
    assert half.size == Decimal("0.11822")
    assert "bound by margin" in check_of(half, "risk_budget").sentence


def test_a_quarter_of_the_wanted_size_is_traded_and_less_is_refused():
    # 1 BTC is wanted for 42250; a quarter of it costs 10562.5.
    plan = a_plan(stop="42150", far="42200", cost="0")
    assert approved(plan, equity="10000", margin=Decimal("10000"), limits={"smallest_share": "0.2"})
    assert refusals(plan) == ["max_leverage", "max_margin"]
    assert check_of(judged(plan), "max_leverage").measured == Decimal("4.225")


def test_a_position_takes_its_share_of_the_margin_so_that_others_fit():
    # A tenth of 10000 is each position's share: 8450 at leverage 5, the most allowed.
    plan = a_plan(Direction.SHORT, cost="0")
    assert approved(plan).leverage == 5
    assert approved(plan, limits={"max_positions": 4}).leverage == 4  # 8450 ÷ 2500
    assert approved(plan, limits={"max_positions": 1}).leverage == 1
    assert approved(plan, limits={"max_positions": 4}).margin == Decimal("2112.5")
    assert approved(plan).size == approved(plan, limits={"max_positions": 1}).size


def test_less_free_margin_takes_more_leverage_and_then_less_size():
    # 1 BTC for 42250 on 10000.
    plan = a_plan(Direction.SHORT, far="42300", stop="42350", cost="0")
    alone = {"max_positions": 1, "max_leverage": "10"}
    assert approved(plan, limits=alone).leverage == 5
    assert approved(plan, limits=alone, margin=Decimal(5000)).leverage == 9
    small = approved(plan, limits=alone | {"max_leverage": "3"})
    assert small.leverage == 3
    assert small.size == Decimal("0.71005")  # 30000 ÷ 42250
    assert small.risk < 72  # a smaller trade risks less; leverage made up for nothing


def test_margin_held_by_others_is_not_there_twice():
    view = ExposureView(total=Amounts(margin=Decimal(9_000)))
    decision = approved(a_plan(Direction.SHORT, cost="0"), view=view)
    assert decision.margin <= 1000
    assert decision.leverage == 5
    assert decision.size == Decimal("0.11834")  # 1000 × 5 ÷ 42250


def test_a_limit_shrinks_a_trade_down_to_its_smallest_share():
    plan = a_plan(cost="0")
    for held, size in (("900", "0.2"), ("940", "0.12"), ("975", "0.05")):
        view = ExposureView(total=Amounts(risk=Decimal(held)))
        assert approved(plan, view=view).size == Decimal(size)
    view = ExposureView(total=Amounts(risk=Decimal("975.01")))
    assert refusals(plan, view=view) == ["max_total"]
    assert judged(plan, view=view).checks[-1].code == "liquidity"  # the rest was asked too


def test_a_limit_that_refuses_shrinks_nothing_below_the_venues_minimum():
    market = an_instrument("BTC/USDT", maker="0", taker="0", min_size=Decimal("0.1"))
    view = ExposureView(total=Amounts(risk=Decimal(990)))
    assert refusals(a_plan(cost="0"), market, view=view) == ["max_total"]


def test_a_cluster_of_opposed_positions_leaves_the_room_that_correlation_leaves():
    # Long 600 is held at ρ = 0.8: √(x² - 2·x·480 + 600²) ≤ 600 up to x = 960.
    load = ClusterLoad(long=Decimal(600), square=Decimal(360_000), cross=Decimal(480))
    plan = a_plan(Direction.SHORT, cost="0")
    wide = {"max_cluster": "0.06", "max_per_asset": "0.1", "max_risk_per_trade": "0.05"}
    view = ExposureView(cluster=load)
    decision = approved(plan, view=view, limits=wide | {"risk_fraction": "0.05"})
    assert decision.risk == 500
    assert approved(plan, view=view, limits=wide).risk == 100


@pytest.mark.parametrize("bound", ["max_size", "max_market_size"])
def test_the_venues_largest_order_and_market_order_cap_the_size(bound):
    rules: dict[str, Any] = {"maker": "0", "taker": "0", bound: Decimal("0.05")}
    assert approved(a_plan(cost="0"), an_instrument("BTC/USDT", **rules)).size == Decimal("0.05")


def test_a_trade_is_a_small_share_of_what_its_market_trades():
    # 1 % of 422,500 is 4225, half of what is wanted.
    assert approved(a_plan(cost="0"), quote_volume="422500").size == Decimal("0.1")


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
    decision = judged(a_plan(cost="0"), market)
    assert isinstance(decision, Rejected)
    assert str(terminal_reason(decision)) == "declined:below_minimum"
    assert len(decision.failed) == 1


def test_the_minimum_itself_is_enough():
    bounds: dict[str, Any] = {"min_size": Decimal("0.2"), "min_notional": Decimal(8450)}
    market = an_instrument("BTC/USDT", maker="0", taker="0", **bounds)
    assert approved(a_plan(cost="0"), market).size == Decimal("0.2")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"equity": "0"}, "equity"),
        ({"equity": "-5"}, "equity"),
        ({"equity": "NaN"}, "equity"),
        ({"equity": "Infinity"}, "equity"),
        ({"margin": Decimal(0)}, "available_margin"),
        ({"margin": Decimal(-1)}, "available_margin"),
        ({"margin": Decimal("NaN")}, "available_margin"),
        ({"quote_rate": None}, "quote_rate"),
        ({"quote_rate": "0"}, "quote_rate"),
        ({"quote_rate": "NaN"}, "quote_rate"),
    ],
)
@pytest.mark.parametrize("side", Direction)
def test_missing_or_impossible_input_is_refused(side, given, code):
    assert refusals(a_plan(side, symbol=PERPETUAL, cost="0"), **given) == [code]


def test_an_unknown_equity_says_why():
    inputs = gate_inputs(equity="NaN")
    check = check_of(judge(a_plan(), inputs, a_policy()), "equity")
    assert check.measured is None
    assert check.sentence == "equity in USDT: unknown"


@pytest.mark.parametrize("rule", ["tick", "lot", "fees"])
def test_unknown_rules_are_refused(rule):
    unknown: dict[str, Any] = {rule: None}
    assert refusals(a_plan(), an_instrument("BTC/USDT", **unknown)) == ["unknown_instrument"]


def test_fees_that_are_no_numbers_are_refused():
    fees = Fees(maker=Decimal("NaN"), taker=Decimal(0))
    market = an_instrument("BTC/USDT", fees=fees)
    assert refusals(a_plan(), market) == ["unknown_instrument"]


@pytest.mark.parametrize("cost", ["NaN", "Infinity", "-1"])
def test_a_plans_cost_that_is_no_number_is_refused(cost):
    plan = a_plan(cost="0", round_trip_cost=Decimal(cost))
    assert refusals(plan) == ["round_trip_cost"]


def a_tier(maintenance: str) -> MarginTier:
    return MarginTier(
        notional_floor=Decimal(0),
        max_leverage=Decimal(125),
        maintenance_fraction=Decimal(maintenance),
    )


def test_liquidation_caps_leverage_and_with_it_the_size():
    # A stop 5 % away, liquidation at least 7.5 % away, 1 % of it maintenance: at most leverage 11.
    plan = a_plan(near="40000", far="39000", stop="38000", targets=("44000",), symbol=PERPETUAL)
    market = an_instrument(PERPETUAL, maker="0", taker="0", margin_tiers=(a_tier("0.01"),))
    wide = {
        "risk_fraction": "0.9",
        "max_risk_per_trade": "0.9",
        "max_per_asset": "1",
        "max_total": "1",
        "max_cluster": "1",
        "max_leverage": "50",
        "max_positions": 1,
    }
    decision = approved(plan, market, price="40000", limits=wide)
    assert decision.leverage == 11
    assert decision.size == Decimal("2.75")  # 11 × 10000 ÷ 40000 and not 4.5
    price = check_of(decision, "liquidation").measured
    assert isinstance(price, Decimal)
    assert price <= 37000


def test_a_long_without_leverage_is_never_liquidated_however_wide_its_stop():
    plan = a_plan(near="40000", far="20000", stop="10000", targets=("80000",), symbol=PERPETUAL)
    market = an_instrument(PERPETUAL, maker="0", taker="0")
    assert approved(plan, market, price="40000").leverage == 1


def test_a_short_whose_stop_lies_beyond_its_liquidation_is_refused():
    plan = a_plan(
        Direction.SHORT, near="40000", far="60000", stop="90000", targets=("20000",), cost="0"
    )
    assert refusals(plan, price="40000") == ["liquidation"]


def test_a_perpetual_with_an_unknown_margin_table_is_never_leveraged():
    market = an_instrument(PERPETUAL, maker="0", taker="0", margin_tiers=())
    decision = approved(a_plan(symbol=PERPETUAL, cost="0"), market)
    assert decision.leverage == 1
    assert decision.size == Decimal("0.2")


def test_each_margin_step_offers_its_largest_position():
    # Leverage 50 ends below 100,000, where 20 begins: 3000 carry 99,999.99… and no more.
    plan = a_plan(symbol=PERPETUAL, far="42240", stop="42230", cost="0")
    limits = {"max_leverage": "50", "smallest_share": "0.01", "liquidation_cushion": "0"}
    market = an_instrument(PERPETUAL, maker="0", taker="0", lot="0.0001")
    sizes = [
        approved(plan, market, margin=Decimal(margin), limits=limits).notional
        for margin in (1_000, 1_999, 2_001, 3_000, 4_999, 5_001, 6_000)
    ]
    assert sizes == sorted(sizes)
    assert sizes[2] == sizes[3] == sizes[4]
    assert 99_990 < sizes[3] < 100_000 < sizes[5]


def test_a_margin_step_begins_at_its_floor_and_ends_before_the_next():
    # 2.5 × 40000 is the floor of the step with leverage 20: the lower one ends at 2.4.
    plan = a_plan(near="40000", far="39990", stop="39980", symbol=PERPETUAL, cost="0")
    market = an_instrument(PERPETUAL, maker="0", taker="0", lot="0.1")
    limits = {"max_leverage": "50", "smallest_share": "0.01", "liquidation_cushion": "0"}
    given: dict[str, Any] = {"price": "40000", "margin": Decimal(3000), "limits": limits}
    assert approved(plan, market, **given).size == Decimal("2.4")


def test_a_step_that_liquidates_at_once_carries_nothing():
    harmless, deadly = a_tier("0.01"), replace(a_tier("0.98"), notional_floor=Decimal(4000))
    market = an_instrument(PERPETUAL, maker="0", taker="0", margin_tiers=(harmless, deadly))
    plan = a_plan(Direction.SHORT, cost="0")
    assert 3999 < approved(plan, market).notional < 4000
    full = ExposureView(total=Amounts(margin=Decimal(10_000)))
    assert refusals(plan, market, view=full) == ["max_margin"]


def test_more_free_margin_than_equity_buys_no_more():
    plan = a_plan(far="42245", stop="42240", cost="0")
    market = an_instrument("BTC/USDT", maker="0.001", taker="0")
    limits = {"smallest_share": "0"}
    decision = approved(plan, market, margin=Decimal(50_000), limits=limits)
    assert 9_980 < decision.notional * Decimal("1.001") <= 10_000


def volatile(value: float) -> TradePlan:
    """Return a plan whose ATR was graded `value` against its own window."""
    factor = Factor(
        name="volatile", value=value, weight=0, contribution=0, sentence="ATR of its window"
    )
    return a_plan(cost="0", confluence=Confluence(score=0, tier=Tier.C, factors=(factor,)))


@pytest.mark.parametrize(("value", "factor"), [(0, "1"), (0.5, "0.75"), (1, "0.5"), (7, "0.5")])
def test_unusual_volatility_shrinks_a_size_down_to_the_floor(value, factor):
    plan = volatile(value)
    assert volatility_factor(plan, floor=Decimal("0.5")) == Decimal(factor)
    assert approved(plan).size == Decimal("0.2") * Decimal(factor)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_grade_that_is_no_number_counts_as_the_most_unusual(value):
    assert volatility_factor(volatile(value), floor=Decimal("0.5")) == Decimal("0.5")


def test_a_grade_below_zero_lifts_nothing():
    assert volatility_factor(volatile(-3.0), floor=Decimal("0.5")) == 1


def test_a_plan_without_that_factor_is_not_scaled():
    assert volatility_factor(a_plan(), floor=Decimal("0.5")) == 1


def test_of_what_is_no_plan_nothing_but_that_is_said():
    plan = a_plan()
    object.__setattr__(plan, "entry_near", "a lot")
    assert refusals(plan) == ["incomplete_plan"]
    assert {check.code for check in judged(plan).checks} >= {"halted", "clock_skew"}


def test_where_no_limit_leaves_anything_and_the_volume_is_unknown_each_is_told():
    # After a large loss everything held may be beyond its limit at once.
    load = ClusterLoad(long=Decimal(800), square=Decimal(640_000), cross=Decimal(800))
    view = ExposureView(
        asset=Amounts(risk=Decimal(600)),
        total=Amounts(risk=Decimal(1100), notional=Decimal(60_000)),
        cluster=load,
    )
    told = ["max_per_asset", "max_cluster", "max_total", "max_gross_notional", "liquidity"]
    assert refusals(a_plan(cost="0"), view=view, quote_volume=None) == told
    assert refusals(a_plan(cost="0"), view=view) == told[:-1]
