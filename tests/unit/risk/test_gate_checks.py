"""What is asked of a size, whatever computed it: the checks measure again and trust nobody."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.decision import Check
from snipersight.domain.instrument import Instrument
from snipersight.risk.gate_checks import account_checks, liquidity_check, size_checks
from snipersight.risk.sizing.plan_sizing import Sizing, SizingInputs, size_plan
from tests.builders import a_plan, an_instrument
from tests.builders.gating import gate_inputs
from tests.builders.ledger import a_policy

PERPETUAL = "BTC/USDT:USDT"
PLAN = a_plan(symbol=PERPETUAL, cost="0")  # near 42250, stop 41750


def _inputs(instrument: Instrument, **given: Any) -> SizingInputs:
    values: dict[str, Any] = {
        "instrument": instrument,
        "equity": Decimal(10_000),
        "capacity": Decimal(10_000),
        "quote_rate": Decimal(1),
        "quote_volume": Decimal(10**9),
        "headrooms": (),
        "policy": a_policy(slippage_fraction="0"),
    }
    return SizingInputs(**(values | given))


def _asked(inputs: SizingInputs, **forged: Any) -> dict[str, Check]:
    """Return the checks of a size, with some of its figures forged."""
    sizing: Sizing = replace(size_plan(PLAN, inputs), **forged)
    return {check.code: check for check in size_checks(PLAN, inputs, sizing)}


@pytest.mark.parametrize("cost", ["NaN", "Infinity"])
def test_a_cost_that_is_no_number_is_told_and_measures_nothing(cost):
    plan = a_plan(cost="0", round_trip_cost=Decimal(cost))
    check = account_checks(plan, gate_inputs().account, None)[-1]
    assert (check.code, check.passed, check.measured) == ("round_trip_cost", False, None)
    assert check.sentence == f"a round trip costs {cost} per unit"


@pytest.mark.parametrize(("notional", "passes"), [("9990", True), ("9991", False)])
def test_the_fee_of_the_entry_is_paid_from_the_same_margin(notional, passes):
    # 10000 pay 9990.0099… and 0.1 % of it.
    inputs = _inputs(an_instrument(PERPETUAL, maker="0.001", taker="0"))
    check = _asked(inputs, notional=Decimal(notional), leverage=Decimal(1))["max_leverage"]
    assert check.passed is passes


def test_free_margin_is_told_in_the_quote_currency():
    market = an_instrument(PERPETUAL, maker="0", taker="0")
    inputs = _inputs(market, quote_rate=Decimal("0.5"), capacity=Decimal(100))
    check = _asked(inputs, notional=Decimal(2_000), leverage=Decimal(5))["max_leverage"]
    assert check == Check(
        code="max_leverage",
        passed=False,
        measured=Decimal(10),
        limit=Decimal(5),
        sentence="a position of 2000 needs more than leverage 5 on free margin of 200.00",
    )


def test_leverage_without_a_margin_table_is_refused_and_its_liquidation_told():
    market = an_instrument(PERPETUAL, maker="0", taker="0", margin_tiers=())
    checks = _asked(_inputs(market), leverage=Decimal(2))
    assert checks["max_leverage"] == Check(
        code="max_leverage",
        passed=False,
        measured=Decimal(2),
        limit=Decimal(1),
        sentence="a position of 8450 needs more than leverage 1 on free margin of 10000.00",
    )
    # 42250 × (1 - 1/2), as nothing is known of maintenance.
    assert checks["liquidation"] == Check(
        code="liquidation",
        passed=True,
        measured=Decimal(21_125),
        limit=Decimal(41_500),
        sentence="the stop fills well before the venue liquidates",
    )


def test_a_position_without_leverage_is_liquidated_nowhere():
    market = an_instrument(PERPETUAL, maker="0", taker="0", margin_tiers=())
    assert _asked(_inputs(market))["liquidation"] == Check(
        code="liquidation",
        passed=True,
        sentence="not leveraged, so nothing is liquidated before the stop",
    )


@pytest.mark.parametrize(("lot", "said"), [("0.25", "0.25"), ("1E+6", "1000000")])
def test_of_no_position_only_the_lot_is_asked(lot, said):
    market = an_instrument(PERPETUAL, lot=lot, maker="0", taker="0")
    assert list(_asked(_inputs(market)).values()) == [
        Check(
            code="below_minimum",
            passed=False,
            measured=Decimal(0),
            limit=Decimal(lot),
            sentence=f"the budget buys less than one lot of {said}",
        )
    ]


def test_a_loss_beyond_the_budget_is_told_with_what_bound_the_size():
    market = an_instrument(PERPETUAL, maker="0", taker="0")
    inputs = _inputs(market)
    claim = size_plan(PLAN, inputs).claim
    assert _asked(inputs, claim=claim + claim, bound_by="margin")["risk_budget"] == Check(
        code="risk_budget",
        passed=False,
        measured=Decimal(200),
        limit=Decimal(100),
        sentence="loses 200.00 at the stop with costs, budget 100.00; bound by margin",
    )


def test_an_unknown_volume_is_told():
    market = an_instrument(PERPETUAL, maker="0", taker="0")
    inputs = _inputs(market, quote_volume=None)
    assert liquidity_check(inputs, size_plan(PLAN, inputs)) == Check(
        code="liquidity",
        passed=False,
        sentence="the traded value of the last 24 hours is unknown",
    )
