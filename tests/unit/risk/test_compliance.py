"""Compliance: every check blocks alone, in both directions, and a sound plan passes them all."""

import copy
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import MarketKind
from snipersight.domain.observations import MarketFacts
from snipersight.domain.plan import PlanId, SetupId, TradePlan
from snipersight.domain.units import Price, Symbol
from snipersight.risk.compliance_checks import (
    check_for_conflicts,
    compliance_checks,
    enforce_max_leverage,
    validate_risk_parameters,
    validate_trade_plan_completeness,
)
from snipersight.risk.inputs import ExposureView, GateInputs, Holding
from snipersight.risk.policy import RiskPolicy
from tests.builders import DECIDED_AT_MS, a_plan, an_instrument
from tests.builders.gating import gate_inputs
from tests.builders.ledger import a_policy, market_facts

CODES = (
    "incomplete_plan",
    "stop_on_wrong_side",
    "targets_on_wrong_side",
    "stale_plan",
    "max_risk_per_trade",
    "min_rr",
    "restricted_symbol",
    "no_market_facts",
    "instrument_mismatch",
    "unknown_instrument",
    "no_short",
    "unknown_reference",
    "stale_data",
    "price_collar",
    "opposing_position",
    "opposing_plan",
    "foreign_position",
    "already_live",
)
SIDES = tuple(Direction)
LATEST = DECIDED_AT_MS + 8 * 3_600_000  # when the plans of `a_plan` end


def forged(plan: TradePlan, **changes: Any) -> TradePlan:
    """Return a plan with other fields that came past its constructor."""
    other = copy.copy(plan)
    for name, value in changes.items():
        object.__setattr__(other, name, value)
    return other


def facts_of(plan: TradePlan, **reference: Any) -> MarketFacts:
    return market_facts(an_instrument(plan.symbol), **reference)


def inputs_for(plan: TradePlan, *held: Holding, **overrides: Any) -> GateInputs:
    return gate_inputs(
        an_instrument(plan.symbol), view=ExposureView(holdings=tuple(held)), **overrides
    )


def holding(direction: Direction = Direction.LONG, **overrides: Any) -> Holding:
    """Return another plan's position in BTC/USDC on another venue."""
    values: dict[str, Any] = {
        "venue": "binance",
        "symbol": Symbol("BTC/USDC"),
        "direction": direction,
        "plan_id": PlanId("other-plan"),
        "setup_id": SetupId("other-setup"),
        "is_open": True,
    }
    return Holding(**(values | overrides))


def asked(
    plan: TradePlan, inputs: GateInputs | None = None, policy: RiskPolicy | None = None
) -> tuple[Check, ...]:
    return compliance_checks(plan, inputs or inputs_for(plan), policy or a_policy())


def failed(
    plan: TradePlan, inputs: GateInputs | None = None, policy: RiskPolicy | None = None
) -> list[str]:
    refusals = [check for check in asked(plan, inputs, policy) if not check]
    assert all(check.sentence for check in refusals)
    return [check.code for check in refusals]


def found(code: str, checks: tuple[Check, ...]) -> Check:
    return next(check for check in checks if check.code == code)


@pytest.mark.parametrize("side", SIDES)
def test_a_sound_plan_is_asked_everything_in_order_and_passes(side):
    checks = asked(a_plan(side))
    assert tuple(check.code for check in checks) == CODES
    assert all(checks)
    assert all(check.sentence for check in checks)


# --------------------------------------------------------------- completeness


@pytest.mark.parametrize("name", [item.name for item in fields(TradePlan)])
def test_a_plan_without_a_field_is_incomplete_and_asked_nothing_else(name):
    plan = forged(a_plan(), **{name: None})
    checks = asked(plan, gate_inputs())
    assert [check.code for check in checks] == ["incomplete_plan"]
    assert f"{name} is missing" in validate_trade_plan_completeness(plan).sentence


def test_what_is_no_plan_lacks_everything():
    nothing: Any = None
    check = validate_trade_plan_completeness(nothing)
    assert not check
    assert (check.measured, check.limit) == (len(fields(TradePlan)), 0)


def test_a_plan_whose_fields_were_never_set_is_incomplete():
    assert failed(object.__new__(TradePlan), gate_inputs()) == ["incomplete_plan"]


# ----------------------------------------------------------- stop and targets


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("away", [0, 100, 600])
def test_a_stop_that_does_not_lie_beyond_the_zone_is_refused_alone(side, away):
    # The far edge is 200 from the near one: at it, between the edges, and beyond the entry.
    sound = a_plan(side)
    stop = sound.entry_far + side.sign * away
    plan = forged(sound, stop_loss=replace(sound.stop_loss, price=Price(stop)))
    assert failed(plan) == ["stop_on_wrong_side"]
    check = validate_risk_parameters(plan, policy=a_policy())
    assert check.code == "stop_on_wrong_side"
    assert (check.measured, check.limit) == (stop, sound.entry_far)


@pytest.mark.parametrize("side", SIDES)
def test_a_stop_at_the_entry_risks_nothing_and_earns_nothing(side):
    sound = a_plan(side)
    plan = forged(sound, stop_loss=replace(sound.stop_loss, price=sound.entry_near))
    assert failed(plan, policy=a_policy(min_rr="0.5")) == ["stop_on_wrong_side", "min_rr"]
    assert found("min_rr", asked(plan)).measured == 0


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("at", [0, -50])
def test_a_first_target_not_beyond_the_entry_is_refused_alone(side, at):
    sound = a_plan(side)
    first = replace(sound.targets[0], price=Price(sound.entry_near + side.sign * at))
    plan = forged(sound, targets=(first, *sound.targets[1:]))
    assert failed(plan) == ["targets_on_wrong_side"]
    check = validate_risk_parameters(plan, policy=a_policy())
    assert check.code == "targets_on_wrong_side"
    assert (check.measured, check.limit) == (first.price, sound.entry_near)


@pytest.mark.parametrize("side", SIDES)
def test_targets_must_come_nearest_first(side):
    sound = a_plan(side)
    one, two, three = sound.targets
    again = replace(two, price=one.price)
    for targets in ((one, again, three), (two, one, three)):
        assert failed(forged(sound, targets=targets)) == ["targets_on_wrong_side"]


# ----------------------------------------------------------------------- times


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("as_of_ms", "said"),
    [
        (DECIDED_AT_MS, None),
        (LATEST - 1, None),
        (LATEST, "ended at 2024-06-07 18:00:00+00:00"),
        (LATEST + 1, "ended at 2024-06-07 18:00:00+00:00"),
        (DECIDED_AT_MS - 1, "made at 2024-06-07 10:00:00+00:00, later than"),
    ],
)
def test_a_plan_counts_from_its_close_until_exactly_before_its_end(side, as_of_ms, said):
    plan = a_plan(side)
    fresh = facts_of(plan, at_ms=as_of_ms)
    inputs = inputs_for(plan, facts=fresh, as_of_ms=as_of_ms)
    assert failed(plan, inputs) == ([] if said is None else ["stale_plan"])
    check = found("stale_plan", asked(plan, inputs))
    assert said is None or check.sentence.startswith(said)
    moment = datetime.fromtimestamp(as_of_ms / 1000, UTC).isoformat()
    assert (check.measured, check.limit) == (moment, "2024-06-07T18:00:00+00:00")


def test_a_plan_of_another_zone_ends_at_the_same_moment():
    plan = a_plan()
    moved = plan.valid_until.astimezone(timezone(timedelta(hours=9)))
    inputs = inputs_for(plan, facts=facts_of(plan, at_ms=LATEST), as_of_ms=LATEST)
    assert failed(replace(plan, valid_until=moved), inputs) == ["stale_plan"]


# ---------------------------------------------------------------------- limits


@pytest.mark.parametrize("side", SIDES)
def test_wanting_more_risk_than_a_trade_may_take_is_refused_alone(side):
    plan = a_plan(side)
    at_limit = a_policy(risk_fraction="0.01", max_risk_per_trade="0.01")
    above = a_policy(risk_fraction="0.010001", max_risk_per_trade="0.01")
    assert failed(plan, policy=at_limit) == []
    assert failed(plan, policy=above) == ["max_risk_per_trade"]
    check = validate_risk_parameters(plan, policy=above)
    assert (check.code, check.measured, check.limit) == (
        "max_risk_per_trade",
        Decimal("0.010001"),
        Decimal("0.01"),
    )


@pytest.mark.parametrize("side", SIDES)
def test_a_reward_below_the_least_is_refused_alone(side):
    plan = a_plan(side, targets=("43250",) if side is Direction.LONG else ("41250",))
    kept = replace(plan, risk_reward=1.5)
    assert failed(kept, policy=a_policy(min_rr="1.5")) == []
    assert failed(kept, policy=a_policy(min_rr="1.51")) == ["min_rr"]
    check = validate_risk_parameters(kept, policy=a_policy(min_rr="1.51"))
    assert (check.code, check.measured, check.limit) == (
        "min_rr",
        Decimal("1.5"),
        Decimal("1.51"),
    )


@pytest.mark.parametrize("side", SIDES)
def test_a_plan_cannot_claim_more_than_its_prices_give(side):
    # 1000 to win, 500 to lose: 2 before costs, whatever the plan says.
    plan = a_plan(side, targets=("43250",) if side is Direction.LONG else ("41250",))
    boasting = replace(plan, risk_reward=9.0)
    assert found("min_rr", asked(boasting)).measured == 2
    assert failed(boasting, policy=a_policy(min_rr="2")) == []
    assert failed(boasting, policy=a_policy(min_rr="2.01")) == ["min_rr"]


def test_each_target_earns_by_its_fraction():
    # 750, 1400 and 2100 away on 500: 0.5 × 1.5 + 0.3 × 2.8 + 0.2 × 4.2 = 2.43.
    assert found("min_rr", asked(replace(a_plan(), risk_reward=9.0))).measured == Decimal("2.43")


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


# --------------------------------------------------------------- market, ledger


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


# --------------------------------------------------------- the four as specified


@pytest.mark.parametrize("side", SIDES)
def test_risk_parameters_of_a_sound_plan_pass(side):
    check = validate_risk_parameters(a_plan(side), policy=a_policy())
    assert check
    assert check.code == "risk_parameters"
    assert check.sentence


def test_risk_parameters_of_an_incomplete_plan_are_not_looked_at():
    plan = forged(a_plan(), entry_far=None)
    assert validate_risk_parameters(plan, policy=a_policy()).code == "incomplete_plan"


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


# ------------------------------------------------------------------------ laws


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


# ------------------------------------------------------------------ what is said


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


def test_every_problem_of_a_plan_is_told_in_one_sentence():
    plan = forged(a_plan(), atr=Decimal(0), targets=())
    assert validate_trade_plan_completeness(plan) == Check(
        code="incomplete_plan",
        passed=False,
        measured=2,
        limit=0,
        sentence="atr is 0; no target",
    )


def test_a_plan_that_has_ended_says_when():
    plan = a_plan()
    facts = facts_of(plan, at_ms=LATEST)
    check = found("stale_plan", asked(plan, inputs_for(plan, facts=facts, as_of_ms=LATEST)))
    assert check.sentence == ("ended at 2024-06-07 18:00:00+00:00, it is 2024-06-07T18:00:00+00:00")


def test_the_assets_that_are_not_traded_are_told_in_order():
    policy = a_policy(restricted=("SOL", "btc", "ADA/USDT"))
    check = found("restricted_symbol", asked(a_plan(), policy=policy))
    assert (check.measured, check.limit) == ("BTC", "ADA, BTC, SOL")
    assert check.sentence == "BTC/USDT trades BTC, which is restricted"
