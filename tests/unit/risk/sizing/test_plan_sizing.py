"""The largest size that keeps every cap, at the borders of each: worked by hand, to the last digit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.exposure import Amounts
from snipersight.domain.instrument import Instrument
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Size
from snipersight.risk.gate import judge
from snipersight.risk.inputs import ExposureView
from snipersight.risk.sizing.plan_sizing import Sizing, SizingInputs, entry_fee, size_plan
from tests.builders import a_plan, an_instrument
from tests.builders.gating import gate_inputs
from tests.builders.ledger import a_policy

PERPETUAL = "BTC/USDT:USDT"
SHORT = a_plan(Direction.SHORT, cost="0")  # 0.2 of them risk 100 and are worth 8450
NO_SHARE = {"smallest_share": "0"}


def _market(**rules: Any) -> Instrument:
    return an_instrument(PERPETUAL, **({"maker": "0", "taker": "0"} | rules))


def _sized(plan: TradePlan, market: Instrument | None = None, **given: Any) -> Sizing:
    values: dict[str, Any] = {
        "instrument": market or _market(),
        "equity": Decimal(10_000),
        "capacity": Decimal(10_000),
        "quote_rate": Decimal(1),
        "quote_volume": Decimal(10**9),
        "headrooms": (),
        "policy": a_policy(**({"slippage_fraction": "0"} | given.pop("limits", {}))),
    }
    return size_plan(plan, SizingInputs(**(values | given)))


def _judged(plan: TradePlan, market: Instrument | None = None, **given: Any) -> Any:
    policy = a_policy(**({"slippage_fraction": "0"} | given.pop("limits", {})))
    return judge(plan, gate_inputs(market or _market(), **given), policy)


def _failed(plan: TradePlan, market: Instrument | None = None, **given: Any) -> list[str]:
    return [check.code for check in _judged(plan, market, **given).failed]


def _held(risk: str) -> ExposureView:
    return ExposureView(total=Amounts(risk=Decimal(risk)))


@pytest.mark.parametrize(("whole", "at_market"), [("0.05", "0.07"), ("0.07", "0.05")])
def test_of_two_largest_orders_the_smaller_one_caps_the_size(whole, at_market):
    market = _market(max_size=Decimal(whole), max_market_size=Decimal(at_market))
    sizing = _sized(SHORT, market)
    assert (sizing.size, sizing.bound_by) == (Decimal("0.05"), "above_maximum")


@pytest.mark.parametrize("rule", ["lot", "fees"])
def test_without_a_lot_or_fees_there_is_no_size(rule):
    with pytest.raises(ValueError, match=rf"^the {rule}s? of {PERPETUAL} (is|are) unknown$"):
        _sized(SHORT, _market(**{rule: None}))


def test_without_fees_no_fee_is_assumed():
    with pytest.raises(ValueError, match=rf"^the fees of {PERPETUAL} are unknown$"):
        entry_fee(_market(fees=None))


def test_a_quotient_that_does_not_end_is_rounded_down():
    # 100 ÷ 150: in 28 digits it would end with a 7, which loses more than the budget.
    plan = a_plan(symbol=PERPETUAL, far="42180", stop="42100", cost="0")
    sizing = _sized(plan, _market(lot="1E-28"))
    assert sizing.size == Decimal("0.6666666666666666666666666666")


def test_what_was_wanted_takes_the_margin_of_its_own_step():
    # 40 away: 2.5 of them are worth 100,000, where leverage 20 begins.
    plan = a_plan(symbol=PERPETUAL, near="40000", far="39980", stop="39960", cost="0")
    sizing = _sized(plan, limits={"max_leverage": "50", "liquidation_cushion": "0"})
    assert sizing.wanted.notional == 100_000
    assert sizing.wanted.margin == 5_000


@pytest.mark.parametrize(
    ("margin", "size"),
    [
        ("5000", "2.5"),  # 5000 × 20 is the floor of the step itself
        ("4999", "2.4"),
        ("3000", "2.4"),  # leverage 50 would carry 3.75, but only below 100,000
        ("1900", "2.3"),  # 95000
    ],
)
def test_at_the_floor_of_a_step_its_own_leverage_counts(margin, size):
    plan = a_plan(symbol=PERPETUAL, near="40000", far="39980", stop="39960", cost="0")
    limits = {"max_leverage": "50", "liquidation_cushion": "0"}
    sizing = _sized(plan, _market(lot="0.1"), capacity=Decimal(margin), limits=limits)
    assert sizing.size == Decimal(size)


def test_a_larger_trade_is_cut_to_the_floor_of_a_step_that_is_just_carried():
    # 3 of them are wanted; 5000 × 20 carries 100,000, where leverage 20 begins.
    plan = a_plan(symbol=PERPETUAL, near="40000", far="39980", stop="39960", cost="0")
    sizing = _sized(
        plan,
        _market(lot="0.1"),
        equity=Decimal(12_000),
        capacity=Decimal(5_000),
        limits={"max_leverage": "50", "liquidation_cushion": "0"},
    )
    assert (sizing.size, sizing.bound_by) == (Decimal("2.5"), "margin")


def test_small_accounts_are_bound_by_their_small_limits():
    # 10 at 1 % risk 0.1; of 1 for all trades 0.95 is taken.
    decision = _judged(SHORT, _market(lot="1E-8"), equity="10", view=_held("0.95"))
    assert decision.size == Decimal("0.0001")
    assert decision.risk == Decimal("0.05")


def test_a_small_position_takes_its_share_of_the_margin_too():
    # Worth 0.845, and a tenth of 1 is each position's share: 9 would fit, 5 is the most.
    assert _judged(SHORT, _market(lot="1E-8"), equity="1").leverage == 5


def test_a_limit_in_account_currency_binds_a_size_in_another():
    # 50 are left, and a unit loses 500 quote units of 0.5 each.
    assert _judged(SHORT, quote_rate="0.5", view=_held("950")).size == Decimal("0.2")


def test_a_used_up_limit_refuses_and_shrinks_nothing_to_zero():
    assert _failed(SHORT, view=_held("1000"), limits=NO_SHARE) == ["max_total"]


@pytest.mark.parametrize(
    ("given", "size", "bound_by"),
    [
        ({}, "0.2", "risk"),
        ({"quote_volume": "422500"}, "0.1", "liquidity"),
        ({"quote_volume": "211250"}, "0.05", "liquidity"),  # a quarter, the smallest share
        ({"market": _market(max_size=Decimal("0.05"))}, "0.05", "above_maximum"),
        ({"view": _held("950")}, "0.1", "max_total"),
        ({"margin": Decimal(845)}, "0.1", "margin"),
    ],
)
def test_the_tightest_cap_is_told(given, size, bound_by):
    decision = _judged(SHORT, **given)
    assert decision.size == Decimal(size)
    (budget,) = [check for check in decision.checks if check.code == "risk_budget"]
    assert budget.sentence.endswith(f"bound by {bound_by}")


def test_a_market_without_any_volume_is_not_liquid():
    assert _failed(SHORT, quote_volume="0", limits=NO_SHARE) == ["liquidity"]


def test_a_market_of_little_volume_is_traded_little():
    # 1 % of 1 buys 0.01 ÷ 42250.
    decision = _judged(SHORT, _market(lot="1E-9"), quote_volume="1", limits=NO_SHARE)
    assert decision.size == Decimal("2.36E-7")


@pytest.mark.parametrize(
    ("margin", "measured"),
    [("8.45", "1000"), ("8.95", "16900"), ("4", "2112.5")],
)
def test_a_fee_that_takes_all_of_the_margin_is_refused(margin, measured):
    # 457.75 away and 42.25 of fee: 0.2 are wanted, and 8.45 is their fee. What is left to back
    # them is nothing, 0.5 or less than nothing.
    plan = a_plan(Direction.SHORT, stop="42707.75", cost="0")
    decision = _judged(plan, _market(maker="0.001"), margin=Decimal(margin))
    check = decision.failed[0]
    assert (check.code, check.measured) == ("max_leverage", Decimal(measured))


def test_a_limit_of_notional_binds_a_size_in_another_currency():
    # 2112.5 of 50,000 are left in account currency; a unit is worth 42250 × 0.5.
    held = ExposureView(total=Amounts(notional=Decimal("47887.5")))
    assert _judged(SHORT, quote_rate="0.5", view=held).size == Decimal("0.1")


@pytest.mark.parametrize(
    ("held", "size"),
    [
        # All of 8450: 0.1998 are worth 8441.55 and their fee 8.44155; 0.1999 would take 8454.22.
        (None, "0.1998"),
        # 10,000 less 1550 of margin and 1.55 of fee leave 8448.45, and 0.1998 take 8449.99.
        (Amounts(margin=Decimal(1550), notional=Decimal(1550)), "0.1997"),
        # The fee is of the notional, 15.5 here, whatever margin backs it.
        (Amounts(margin=Decimal(1550), notional=Decimal(15_500)), "0.1994"),
    ],
)
def test_without_leverage_the_fees_of_all_entries_find_their_place(held, size):
    market = _market(maker="0.0002", taker="0.001", lot="0.0001")
    given = {"capacity": Decimal(8450)} if held is None else {"held": held}
    limits = {"max_leverage": "1", "risk_fraction": "0.02"}
    sizing = _sized(SHORT, market, limits=limits, **given)
    assert (sizing.size, sizing.bound_by) == (Size(Decimal(size)), "margin")
    assert sizing.leverage == Decimal(1)


def test_with_leverage_left_a_fee_raises_the_leverage_and_takes_nothing_of_the_size():
    held = Amounts(margin=Decimal(1550), notional=Decimal(1550))
    market = _market(maker="0", taker="0.001")
    roomy = {"max_positions": "1", "risk_fraction": "0.0108456"}
    sizing = _sized(SHORT, market, limits=roomy, held=held)
    assert (sizing.bound_by, sizing.leverage) == ("risk", Decimal(2))
    without = _sized(SHORT, market, limits=roomy)
    assert (without.size, without.leverage) == (sizing.size, Decimal(1))


def test_margin_that_its_own_limit_refuses_is_refused_by_that_alone():
    full = ExposureView(total=Amounts(margin=Decimal(10_000), notional=Decimal(10_000)))
    assert _failed(SHORT, _market(taker="0.001"), view=full) == ["max_margin"]


def test_fees_that_take_the_last_of_the_margin_are_told_by_the_leverage_they_would_need():
    view = ExposureView(total=Amounts(margin=Decimal(9_000), notional=Decimal(1_000_000)))
    decision = _judged(SHORT, _market(taker="0.001"), view=view, limits={"max_total": "1"})
    failed = {check.code: check for check in decision.failed}
    assert "max_leverage" in failed
    assert "free margin of 0.00" in failed["max_leverage"].sentence
