"""Compliance: every check blocks alone, in both directions, and a sound plan passes them all."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import MarketKind
from snipersight.domain.plan import PlanId, SetupId, TradePlan
from snipersight.domain.units import Price, Symbol
from snipersight.risk.compliance_checks import (
    check_for_conflicts,
    enforce_max_leverage,
    validate_risk_parameters,
)
from tests.builders import DECIDED_AT_MS, a_plan, an_instrument
from tests.builders.compliance import (
    CODES,
    LATEST,
    SIDES,
    asked,
    facts_of,
    failed,
    forged,
    found,
    holding,
    inputs_for,
)
from tests.builders.ledger import a_policy, market_facts


@pytest.mark.parametrize("side", SIDES)
def test_a_sound_plan_is_asked_everything_in_order_and_passes(side):
    checks = asked(a_plan(side))
    assert tuple(check.code for check in checks) == CODES
    assert all(checks)
    assert all(check.sentence for check in checks)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", ["PEPE", "pepe", "1000PEPE", "PEPE/USDC:USDC"])
@pytest.mark.parametrize("base", ["PEPE", "1000PEPE"])
def test_a_restricted_asset_is_refused_alone_whatever_it_is_bundled_as(side, name, base):
    plan = a_plan(side, symbol=f"{base}/USDT:USDT")
    policy = a_policy(restricted=("DOGE", name))
    assert failed(plan, policy=policy) == ["restricted_symbol"]
    check = found("restricted_symbol", asked(plan, policy=policy))
    assert (check.measured, check.limit) == ("PEPE", "DOGE, PEPE")
    assert failed(plan, policy=a_policy(restricted=("DOGE",))) == []


def test_a_restricted_asset_is_known_by_its_instrument_too():
    # Venues name some assets differently in symbol and base.
    plan = a_plan(symbol="XBT/USDT")
    facts = market_facts(an_instrument("XBT/USDT", base="BTC"))
    inputs = inputs_for(plan, facts=facts)
    assert failed(plan, inputs, a_policy(restricted=("BTC",))) == ["restricted_symbol"]


def test_a_restricted_asset_is_refused_without_facts_too():
    plan = a_plan()
    codes = failed(plan, inputs_for(plan, facts=None), a_policy(restricted=("BTC",)))
    assert codes == ["restricted_symbol", "no_market_facts"]


@pytest.mark.parametrize("side", SIDES)
def test_without_facts_nothing_about_the_market_is_passed(side):
    plan = a_plan(side)
    checks = asked(plan, inputs_for(plan, facts=None))
    assert [check.code for check in checks if not check] == ["no_market_facts"]
    unanswered = set(CODES) - {check.code for check in checks}
    assert unanswered == {
        "instrument_mismatch",
        "unknown_instrument",
        "no_short",
        "unknown_reference",
        "stale_data",
        "price_collar",
    }


@pytest.mark.parametrize("side", SIDES)
def test_each_question_to_the_market_blocks_a_plan_alone(side):
    plan = a_plan(side)
    market = an_instrument(plan.symbol)
    wrong = {
        "instrument_mismatch": {"facts": market_facts(replace(market, venue="binance"))},
        "unknown_instrument": {"facts": market_facts(replace(market, tick=None))},
        "unknown_reference": {"facts": replace(market_facts(market), reference=None)},
        "stale_data": {"facts": facts_of(plan, at_ms=DECIDED_AT_MS - 900_001)},
        "price_collar": {"facts": facts_of(plan, price="30000")},
    }
    for code, overrides in wrong.items():
        assert failed(plan, inputs_for(plan, **overrides)) == [code]


def test_a_short_on_spot_is_refused_alone():
    plan = a_plan(Direction.SHORT, symbol="BTC/USDT")
    assert plan.market is MarketKind.SPOT
    assert failed(plan) == ["no_short"]


@pytest.mark.parametrize("side", SIDES)
def test_what_is_held_blocks_a_plan_alone(side):
    plan = a_plan(side)
    ours = {"venue": plan.venue, "symbol": plan.symbol}
    conflicts = {
        "opposing_position": holding(side.opposite),
        "opposing_plan": holding(side.opposite, is_open=False),
        "foreign_position": holding(side, plan_id=None, setup_id=None, **ours),
        "already_live": holding(side, setup_id=plan.setup_id),
    }
    for code, held in conflicts.items():
        assert failed(plan, inputs_for(plan, held)) == [code]
    assert failed(plan, inputs_for(plan, holding(side), holding(side, is_open=False))) == []


def test_every_failing_check_is_collected():
    plan = a_plan(Direction.SHORT, symbol="BTC/USDT")
    held = (holding(Direction.LONG), holding(Direction.LONG, is_open=False))
    facts = market_facts(
        an_instrument("ETH/USDT", lot=None), price="1", at_ms=DECIDED_AT_MS - 10**9
    )
    policy = a_policy(
        restricted=("BTC",), min_rr="50", risk_fraction="0.02", max_risk_per_trade="0.01"
    )
    inputs = inputs_for(plan, *held, facts=facts, as_of_ms=LATEST)
    assert failed(plan, inputs, policy) == [
        "stale_plan",
        "max_risk_per_trade",
        "min_rr",
        "restricted_symbol",
        "instrument_mismatch",
        "unknown_instrument",
        "no_short",
        "stale_data",
        "price_collar",
        "opposing_position",
        "opposing_plan",
    ]


@pytest.mark.parametrize("side", SIDES)
def test_a_trade_conflicts_with_the_same_asset_in_another_quote_and_venue(side):
    for held, code in (
        (holding(side.opposite), "opposing_position"),
        (holding(side.opposite, is_open=False), "opposing_plan"),
    ):
        check = check_for_conflicts(Symbol("BTC/USDT:USDT"), side, [held])
        assert not check
        assert check.code == code
        assert "BTC/USDC on binance" in check.sentence


@pytest.mark.parametrize("side", SIDES)
def test_a_trade_does_not_conflict_with_other_assets_or_its_own_side(side):
    held = [holding(side.opposite, symbol=Symbol("ETH/USDT:USDT")), holding(side)]
    check = check_for_conflicts(Symbol("BTC/USDT:USDT"), side, held)
    assert check
    assert check.code == "conflicts"
    assert check.sentence


def test_a_trade_conflicts_with_its_own_setup_and_plan_only_where_they_are_named():
    held = [holding()]
    symbol, side = Symbol("BTC/USDT"), Direction.LONG
    assert check_for_conflicts(symbol, side, held)
    for named in ({"setup_id": SetupId("other-setup")}, {"plan_id": PlanId("other-plan")}):
        assert check_for_conflicts(symbol, side, held, **named).code == "already_live"


def test_a_foreign_position_conflicts_on_its_own_venue_or_where_none_is_named():
    held = [holding(plan_id=None, setup_id=None)]
    symbol, side = Symbol("BTC/USDC"), Direction.LONG
    assert check_for_conflicts(symbol, side, held).code == "foreign_position"
    assert check_for_conflicts(symbol, side, held, venue="binance").code == "foreign_position"
    assert check_for_conflicts(symbol, side, held, venue="sandbox")


@pytest.mark.parametrize(
    ("leverage", "cap", "passes"),
    [
        (5, 5, True),
        (Decimal(1), Decimal(5), True),
        (0.5, 3.0, True),
        (Decimal("5.0001"), Decimal(5), False),
        (125, 5, False),
        (0, 5, False),
        (-3, 5, False),
        (float("nan"), 5, False),
        (Decimal("NaN"), Decimal(5), False),
        (float("inf"), float("inf"), False),
        (3, float("nan"), False),
        (3, Decimal("NaN"), False),
        (3, 0, False),
    ],
)
def test_leverage_is_capped_inclusively_and_only_among_numbers(leverage, cap, passes):
    check = enforce_max_leverage(leverage, cap)
    assert bool(check) is passes
    assert check.code == "max_leverage"
    assert check.measured is leverage
    assert check.limit is cap
    assert str(leverage) in check.sentence


@st.composite
def mirrored_pairs(draw: Any) -> tuple[TradePlan, TradePlan, str, str]:
    """Return a long and the short of the market mirrored at 50000, and both reference prices."""
    zone, away = draw(st.integers(0, 200)), draw(st.integers(-100, 400))
    first = draw(st.integers(-100, 2000))
    long = _priced(Direction.LONG, zone=zone, away=away, first=first)
    short = _priced(Direction.SHORT, zone=zone, away=away, first=first)
    price = draw(st.integers(30_000, 70_000))
    return long, short, str(price), str(100_000 - price)


def _priced(side: Direction, *, zone: int, away: int, first: int) -> TradePlan:
    near, sign = Decimal(50_000), side.sign
    sound = a_plan(side, symbol="BTC/USDT:USDT")
    far = near - sign * zone
    return forged(
        sound,
        entry_near=near,
        entry_mid=(near + far) / 2,
        entry_far=far,
        stop_loss=replace(sound.stop_loss, price=Price(far - sign * away)),
        targets=(replace(sound.targets[0], price=Price(near + sign * first), fraction=Decimal(1)),),
        risk_reward=9.0,
    )


@given(mirrored_pairs())
def test_mirrored_plans_fail_the_same_checks(pair):
    long, short, price, mirrored_price = pair
    policy = a_policy(min_rr="1")
    one = failed(long, inputs_for(long, facts=facts_of(long, price=price)), policy)
    other = failed(short, inputs_for(short, facts=facts_of(short, price=mirrored_price)), policy)
    # The collar is a share of the price, which mirroring does not keep.
    assert [c for c in one if c != "price_collar"] == [c for c in other if c != "price_collar"]


@pytest.mark.parametrize(
    ("leverage", "cap", "sentence"),
    [
        (3, 5, "leverage 3, at most 5"),
        (6, 5, "leverage 6, at most 5"),
        (float("nan"), 5, "leverage nan and its cap 5 must be finite numbers above 0"),
        (3, 0, "leverage 3 and its cap 0 must be finite numbers above 0"),
    ],
)
def test_a_leverage_is_told_beside_its_cap(leverage, cap, sentence):
    assert enforce_max_leverage(leverage, cap).sentence == sentence


def test_what_speaks_against_nothing_says_so():
    sound = validate_risk_parameters(a_plan(), policy=a_policy())
    assert sound == Check(
        code="risk_parameters",
        passed=True,
        sentence="stop, targets, risk and reward are sound",
    )
    free = check_for_conflicts(Symbol("1000PEPE/USDT"), Direction.LONG, [])
    assert free == Check(
        code="conflicts", passed=True, sentence="nothing held in PEPE speaks against it"
    )


def test_the_assets_that_are_not_traded_are_told_in_order():
    policy = a_policy(restricted=("SOL", "btc", "ADA/USDT"))
    check = found("restricted_symbol", asked(a_plan(), policy=policy))
    assert (check.measured, check.limit) == ("BTC", "ADA, BTC, SOL")
    assert check.sentence == "BTC/USDT trades BTC, which is restricted"
