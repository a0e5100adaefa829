"""What the gate says of a refusal: code, value, limit and sentence of every one there is."""

from __future__ import annotations

from decimal import Decimal

import pytest

from snipersight.domain.decision import Check, Rejected
from snipersight.domain.direction import Direction
from snipersight.domain.standing import Cooldown
from snipersight.domain.units import Symbol
from snipersight.risk.gate import terminal_reason
from tests.builders import a_plan
from tests.builders.gate_scenes import BOTH, SCENES, Scene, judged
from tests.builders.gating import gate_inputs
from tests.builders.ledger import a_policy

LONG, SHORT = Direction.LONG, Direction.SHORT
# The one thing that `SCENES` changes of that trade, and what is said of it.
REFUSALS = [
    (
        "clock_backwards",
        BOTH,
        Decimal("2"),
        Decimal("1"),
        (
            "the clock is 2 s behind what was recorded before: it says 2024-06-07 10:00:00 UTC. "
            "If that is right, say `snipersight risk resume --accept-clock`"
        ),
    ),
    (
        "clock_skew",
        BOTH,
        Decimal("1001"),
        Decimal("1000"),
        "the venue's clock differs from ours by 1001 ms, at most 1000 ms",
    ),
    ("halted", BOTH, None, None, "it holds"),
    ("daily_loss", BOTH, None, None, "it holds"),
    ("weekly_loss", BOTH, None, None, "it holds"),
    ("drawdown", BOTH, None, None, "it holds"),
    ("loss_streak", BOTH, None, None, "it holds"),
    ("unprotected_position", BOTH, None, None, "it holds"),
    (
        "cooldown",
        (LONG,),
        "LONG BTC/USDT",
        "2024-06-07 10:00:00 UTC",
        "LONG BTC/USDT was stopped out; no entry in that asset and direction until 2024-06-07 10:00:00 UTC",
    ),
    (
        "cooldown",
        (SHORT,),
        "SHORT BTC/USDT",
        "2024-06-07 10:00:00 UTC",
        "SHORT BTC/USDT was stopped out; no entry in that asset and direction until 2024-06-07 10:00:00 UTC",
    ),
    ("incomplete_plan", BOTH, 1, 0, "atr is NaN"),
    (
        "stop_on_wrong_side",
        (LONG,),
        Decimal("42750"),
        Decimal("42050"),
        "the stop 42750 of a LONG is not beyond the entry zone's far edge 42050",
    ),
    (
        "stop_on_wrong_side",
        (SHORT,),
        Decimal("41750"),
        Decimal("42450"),
        "the stop 41750 of a SHORT is not beyond the entry zone's far edge 42450",
    ),
    (
        "targets_on_wrong_side",
        (LONG,),
        Decimal("43000"),
        Decimal("43650"),
        "the target 43000 of a LONG is not beyond 43650",
    ),
    (
        "targets_on_wrong_side",
        (SHORT,),
        Decimal("41500"),
        Decimal("40850"),
        "the target 41500 of a SHORT is not beyond 40850",
    ),
    (
        "stale_plan",
        BOTH,
        "2024-06-07T10:00:00+00:00",
        "2024-06-07T18:00:00+00:00",
        "made at 2024-06-07 10:00:00.001000+00:00, later than the moment 2024-06-07T10:00:00+00:00",
    ),
    (
        "max_risk_per_trade",
        BOTH,
        Decimal("0.011"),
        Decimal("0.01"),
        "1.10% of equity at risk, at most 1.00%",
    ),
    ("min_rr", BOTH, Decimal("2.4299999999999997"), Decimal("2.5"), "2.43 R for 1 R, at least 2.5"),
    ("restricted_symbol", BOTH, "BTC", "BTC", "BTC/USDT:USDT trades BTC, which is restricted"),
    ("no_market_facts", BOTH, None, None, "the plan's market was not observed"),
    (
        "instrument_mismatch",
        BOTH,
        "binance BTC/USDT:USDT perpetual",
        "sandbox BTC/USDT:USDT perpetual",
        "rules of another market",
    ),
    ("unknown_instrument", BOTH, "lot", None, "unknown rules: lot"),
    ("no_short", (SHORT,), "spot", None, "SHORT on spot"),
    ("unknown_reference", BOTH, None, None, "the price to hold the plan against is unknown"),
    (
        "stale_data",
        BOTH,
        Decimal("900001"),
        Decimal("900000"),
        "the reference price is 900.001 s old, at most 900 s old is allowed",
    ),
    (
        "price_collar",
        BOTH,
        Decimal("0.2071428571428571428571428571"),
        Decimal("0.2"),
        "the near edge 42250 lies 20.71% from the reference price 35000, at most 20.00%",
    ),
    (
        "opposing_position",
        (LONG,),
        "SHORT BTC/USDC on binance",
        None,
        "a SHORT position in BTC/USDC on binance is against this LONG",
    ),
    (
        "opposing_position",
        (SHORT,),
        "LONG BTC/USDC on binance",
        None,
        "a LONG position in BTC/USDC on binance is against this SHORT",
    ),
    (
        "opposing_plan",
        (LONG,),
        "SHORT BTC/USDC on binance",
        None,
        "a SHORT pending plan in BTC/USDC on binance is against this LONG",
    ),
    (
        "opposing_plan",
        (SHORT,),
        "LONG BTC/USDC on binance",
        None,
        "a LONG pending plan in BTC/USDC on binance is against this SHORT",
    ),
    (
        "foreign_position",
        (LONG,),
        "LONG BTC/USDT:USDT on sandbox",
        None,
        "a LONG position in BTC/USDT:USDT on sandbox was not opened by a plan of ours",
    ),
    (
        "foreign_position",
        (SHORT,),
        "SHORT BTC/USDT:USDT on sandbox",
        None,
        "a SHORT position in BTC/USDT:USDT on sandbox was not opened by a plan of ours",
    ),
    (
        "already_live",
        (LONG,),
        "other",
        None,
        "setup ba5e55cc9ca0a4b2 is open already, in BTC/USDC on binance",
    ),
    (
        "already_live",
        (SHORT,),
        "other",
        None,
        "setup 902771e4f1ac313c is open already, in BTC/USDC on binance",
    ),
    ("equity", BOTH, Decimal("0"), Decimal("0"), "equity in USDT: 0"),
    ("available_margin", BOTH, Decimal("0"), Decimal("0"), "available margin: 0"),
    ("quote_rate", BOTH, None, Decimal("0"), "USDT per USDT: unknown"),
    ("round_trip_cost", BOTH, Decimal("-1"), Decimal("0"), "a round trip costs -1 per unit"),
    (
        "below_minimum",
        BOTH,
        Decimal("0.2"),
        Decimal("0.21"),
        "size 0.200 is below the minimum 0.21",
    ),
    (
        "above_maximum",
        BOTH,
        Decimal("0.2"),
        Decimal("0.04"),
        "size 0.200 is above the maximum 0.04",
    ),
    (
        "max_leverage",
        BOTH,
        Decimal("22"),
        Decimal("5"),
        "a position of 8450 needs more than leverage 5 on free margin of 400.00",
    ),
    (
        "liquidation",
        (LONG,),
        Decimal("1690000"),
        Decimal("41500"),
        "liquidated at 1690000 at leverage 5; it must lie at 41500 or beyond",
    ),
    (
        "liquidation",
        (SHORT,),
        Decimal("25606.06060606060606060606061"),
        Decimal("43000"),
        "liquidated at 25606.061 at leverage 5; it must lie at 43000 or beyond",
    ),
    (
        "max_per_asset",
        BOTH,
        Decimal("600"),
        Decimal("500"),
        "risk in this asset would be 600.00, at most 500.00; 0.00 is left of 100.00 wanted",
    ),
    (
        "max_cluster",
        BOTH,
        Decimal("850"),
        Decimal("750"),
        "risk in its correlated cluster would be 850.00, at most 750.00; 0.00 is left of 100.00 wanted",
    ),
    (
        "max_total",
        BOTH,
        Decimal("1100"),
        Decimal("1000"),
        "risk in all trades would be 1100.00, at most 1000.00; 0.00 is left of 100.00 wanted",
    ),
    (
        "max_gross_notional",
        BOTH,
        Decimal("58450"),
        Decimal("50000"),
        "notional in all trades would be 58450.00, at most 50000.00; 0.00 is left of 8450.00 wanted",
    ),
    (
        "max_margin",
        BOTH,
        Decimal("10690"),
        Decimal("9000"),
        "margin in all trades would be 10690.00, at most 9000.00; 0.00 is left of 1690.00 wanted",
    ),
    ("max_positions", BOTH, Decimal("11"), Decimal("10"), "would be trade 11, at most 10"),
    (
        "liquidity",
        BOTH,
        Decimal("8450"),
        Decimal("1000"),
        "worth 8450.00, at most 1000.00 of the market's 24 hours",
    ),
]
CASES = [
    pytest.param(code, side, (measured, limit, sentence), id=f"{code}-{side}")
    for code, sides, measured, limit, sentence in REFUSALS
    for side in sides
]


def _said(check: Check) -> tuple[object, object, str]:
    return check.measured, check.limit, check.sentence


@pytest.mark.parametrize(("code", "side", "said"), CASES)
def test_a_refusal_tells_what_was_found_and_what_is_allowed(code, side, said):
    decision = judged(SCENES[code], side)
    assert isinstance(decision, Rejected)
    (check,) = decision.failed
    assert check.passed is False
    assert (check.code, _said(check)) == (code, said)


def test_every_refusal_has_its_words():
    asked = {(code, side) for code, scene in SCENES.items() for side in scene.sides}
    assert {(code, side) for code, sides, *_ in REFUSALS for side in sides} == asked


@pytest.mark.parametrize("code", SCENES)
def test_a_refused_plan_ends_by_its_first_failed_check(code):
    side = SCENES[code].sides[0]
    decision = judged(SCENES[code], side)
    assert isinstance(decision, Rejected)
    stage = "declined" if code == "below_minimum" else "rejected"
    assert str(terminal_reason(decision)) == f"{stage}:{code}"


def test_of_several_failed_checks_the_first_ends_a_plan():
    limits = {"min_rr": "50", "price_collar": "0.1"}
    decision = judged(SCENES["price_collar"], LONG, **limits)
    assert isinstance(decision, Rejected)
    assert str(terminal_reason(decision)) == "rejected:min_rr"


@pytest.mark.parametrize("code", SCENES)
def test_a_refusal_names_its_plan_and_its_limits(code):
    scene, plan = SCENES[code], a_plan(cost="0")
    decision = judged(scene, scene.sides[0])
    assert type(decision.plan) is type(plan)
    assert decision.policy_hash == a_policy(**({"slippage_fraction": "0"} | scene.policy)).hash


@pytest.mark.parametrize(
    ("symbol", "side"), [("BTC/USDT", SHORT), ("ETH/USDT:USDT", LONG), ("ETH/USDT:USDT", SHORT)]
)
def test_a_cooldown_of_another_side_or_asset_is_none_of_a_plans(symbol, side):
    until_us = gate_inputs().at_us + 1
    cooldown = Cooldown(symbol=Symbol(symbol), direction=side, until_us=until_us)
    assert judged(Scene(inputs={"cooldowns": (cooldown,)}), LONG)
