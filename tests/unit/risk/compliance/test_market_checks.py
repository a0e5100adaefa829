"""The market's say: whose rules, which side, how fresh and how near the reference price is."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Fees, MarketKind
from snipersight.domain.observations import MarketFacts
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Price
from snipersight.risk.compliance.market_checks import market_checks
from tests.builders import DECIDED_AT_MS, a_plan, an_instrument
from tests.builders.ledger import a_policy, market_facts

SIDES = tuple(Direction)


def asked(plan: TradePlan, facts: MarketFacts | None, **limits: Any) -> dict[str, Check]:
    checks = market_checks(plan, facts, as_of_ms=DECIDED_AT_MS, policy=a_policy(**limits))
    return {check.code: check for check in checks}


def seen(plan: TradePlan, **reference: Any) -> MarketFacts:
    return market_facts(an_instrument(plan.symbol), **reference)


def failed(checks: dict[str, Check]) -> list[str]:
    return [code for code, check in checks.items() if not check]


@pytest.mark.parametrize(
    "change", [{"venue": "binance"}, {"symbol": "BTC/USDC"}, {"kind": MarketKind.PERPETUAL}]
)
def test_rules_of_another_market_are_refused(change):
    plan = a_plan()
    other = replace(an_instrument("BTC/USDT"), **change)
    checks = asked(plan, market_facts(other))
    assert failed(checks) == ["instrument_mismatch"]
    assert str(next(iter(change.values()))) in str(checks["instrument_mismatch"].measured)
    assert checks["instrument_mismatch"].limit == "sandbox BTC/USDT spot"


@pytest.mark.parametrize("rule", ["tick", "lot", "fees"])
def test_an_unknown_rule_is_named(rule):
    unknown: dict[str, Any] = {rule: None}
    facts = market_facts(an_instrument(**unknown))
    checks = asked(a_plan(), facts)
    assert failed(checks) == ["unknown_instrument"]
    assert checks["unknown_instrument"].measured == rule


@pytest.mark.parametrize("bad", ["NaN", "Infinity"])
@pytest.mark.parametrize("which", ["maker", "taker"])
def test_fees_that_are_no_numbers_are_unknown(which, bad):
    fees = replace(Fees(maker=Decimal(0), taker=Decimal(0)), **{which: Decimal(bad)})
    checks = asked(a_plan(), market_facts(an_instrument(fees=fees)))
    assert failed(checks) == ["unknown_instrument"]
    assert checks["unknown_instrument"].measured == "fees"


def test_all_unknown_rules_are_named_together():
    facts = market_facts(an_instrument(tick=None, lot=None))
    assert asked(a_plan(), facts)["unknown_instrument"].measured == "tick, lot"


def test_only_a_perpetual_can_be_sold_short():
    for side in SIDES:
        plan = a_plan(side, symbol="BTC/USDT:USDT")
        assert failed(asked(plan, seen(plan))) == []
    short = a_plan(Direction.SHORT, symbol="BTC/USDT")
    checks = asked(short, seen(short))
    assert failed(checks) == ["no_short"]
    assert checks["no_short"].measured == "spot"


@pytest.mark.parametrize("price", ["NaN", "sNaN", "Infinity", "0", "-1", None])
def test_without_a_usable_reference_its_age_and_distance_are_not_passed(price):
    plan = a_plan()
    facts = seen(plan)
    reference = facts.reference
    assert reference is not None
    bad = None if price is None else replace(reference, price=Price(Decimal(price)))
    checks = asked(plan, replace(facts, reference=bad))
    assert failed(checks) == ["unknown_reference"]
    assert not {"stale_data", "price_collar"} & set(checks)
    assert checks["unknown_reference"].measured == price
    told = "unknown" if price is None else price
    assert checks["unknown_reference"].sentence.endswith(f"is {told}")


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("age_ms", "step_ms", "passes"),
    [
        (0, 0, True),
        (60_000, 0, True),
        (60_001, 0, False),
        (60_001, 900_000, True),
        (960_000, 900_000, True),
        (960_001, 900_000, False),
    ],
)
def test_a_reference_may_be_as_old_as_allowed_beyond_its_own_step(side, age_ms, step_ms, passes):
    plan = a_plan(side)
    facts = seen(plan, at_ms=DECIDED_AT_MS - age_ms, step_ms=step_ms)
    checks = asked(plan, facts, max_data_age_us=60_000_999)  # ages are whole milliseconds
    assert failed(checks) == ([] if passes else ["stale_data"])
    assert checks["stale_data"].measured == age_ms
    assert checks["stale_data"].limit == 60_000 + step_ms
    assert passes is not (f"{age_ms / 1000:g} s old" in checks["stale_data"].sentence)


@pytest.mark.parametrize(
    ("ahead_ms", "step_ms", "passes"),
    [(500, 0, True), (501, 0, False), (1, 900_000, False), (0, 900_000, True)],
)
def test_a_live_quote_may_be_ahead_by_the_allowed_skew_and_a_bar_never(ahead_ms, step_ms, passes):
    plan = a_plan()
    facts = seen(plan, at_ms=DECIDED_AT_MS + ahead_ms, step_ms=step_ms)
    checks = asked(plan, facts, max_clock_skew_ms=500)
    assert failed(checks) == ([] if passes else ["stale_data"])
    if not passes:
        assert "in the future" in checks["stale_data"].sentence


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("near", "passes"),
    [("80", True), ("79.99", False), ("120", True), ("120.01", False), ("100", True)],
)
def test_the_collar_holds_on_both_sides_of_the_reference(side, near, passes):
    away = side.sign * Decimal(1)
    plan = a_plan(
        side,
        near=near,
        far=str(Decimal(near) - away),
        stop=str(Decimal(near) - 2 * away),
        targets=(str(Decimal(near) + 9 * away),),
        cost="0",
    )
    checks = asked(plan, seen(plan, price="100"), price_collar="0.2")
    assert failed(checks) == ([] if passes else ["price_collar"])
    assert checks["price_collar"].measured == abs(Decimal(near) - 100) / 100
    assert checks["price_collar"].limit == Decimal("0.2")
    assert passes is not (f"the near edge {near} lies 20.01%" in checks["price_collar"].sentence)


def test_the_collar_is_exact_for_tiny_prices():
    plan = a_plan(
        symbol="PEPE/USDT",
        near="0.000012",
        far="0.0000119",
        stop="0.0000118",
        targets=("0.000013",),
        cost="0",
    )
    assert failed(asked(plan, seen(plan, price="0.00001"), price_collar="0.2")) == []
    assert failed(asked(plan, seen(plan, price="0.00000999"), price_collar="0.2")) == [
        "price_collar"
    ]


def test_an_unobserved_market_is_the_only_answer():
    assert list(asked(a_plan(), None)) == ["no_market_facts"]
    assert failed(asked(a_plan(), None)) == ["no_market_facts"]


@pytest.mark.parametrize(
    ("age_ms", "how"),
    [(960_001, "960.001 s old"), (-501, "0.501 s in the future"), (-90_000, "90 s in the future")],
)
def test_how_far_off_a_reference_is_is_told(age_ms, how):
    plan = a_plan()
    facts = seen(plan, at_ms=DECIDED_AT_MS - age_ms)
    check = asked(plan, facts, max_clock_skew_ms=500)["stale_data"]
    assert not check
    assert check.sentence == f"the reference price is {how}, at most 900 s old is allowed"
