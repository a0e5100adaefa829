"""What breakers, cooldowns and clocks say of an entry: each blocks alone, at its exact border."""

from dataclasses import replace
from typing import Any

import pytest

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.plan import TradePlan
from snipersight.domain.standing import BreakerName, Cooldown, TradingState, TrippedBreaker
from snipersight.domain.units import Symbol
from snipersight.risk.breakers.checks import breaker_checks
from tests.builders import a_plan
from tests.builders.gating import gate_inputs
from tests.builders.ledger import DECIDED_AT_US, a_policy

CODES = (
    "clock_backwards",
    "clock_skew",
    "halted",
    "daily_loss",
    "weekly_loss",
    "drawdown",
    "loss_streak",
    "unprotected_position",
    "cooldown",
)
CODE_OF = {name: name.value for name in BreakerName} | {BreakerName.OPERATOR: "halted"}
LATER = DECIDED_AT_US + 3_600_000_000


def asked(
    plan: TradePlan | None = None, *, skew_limit: int = 1000, **inputs: Any
) -> tuple[Check, ...]:
    policy = a_policy(max_clock_skew_ms=skew_limit)
    return breaker_checks(gate_inputs(**inputs), policy, plan=plan or a_plan())


def failed(plan: TradePlan | None = None, **inputs: Any) -> list[Check]:
    return [check for check in asked(plan, **inputs) if not check]


def codes(checks: list[Check]) -> list[str]:
    assert all(check.sentence for check in checks)
    return [check.code for check in checks]


def a_breaker(name: BreakerName, **overrides: Any) -> TrippedBreaker:
    values: dict[str, Any] = {"state": TradingState.REDUCING, "tripped_us": 0, "until_us": None}
    return TrippedBreaker(name=name, **(values | overrides))


def a_cooldown(symbol: str, direction: Direction, *, until_us: int = LATER) -> Cooldown:
    return Cooldown(symbol=Symbol(symbol), direction=direction, until_us=until_us)


def test_everything_is_asked_in_order_and_nothing_holds_an_account_in_order():
    checks = asked()
    assert tuple(check.code for check in checks) == CODES
    assert all(checks)
    assert all(check.sentence for check in checks)


@pytest.mark.parametrize("name", BreakerName)
def test_each_breaker_blocks_alone_under_its_code(name):
    breaker = a_breaker(name, sentence="why")
    checks = asked(tripped=(breaker,))
    assert tuple(check.code for check in checks) == CODES
    refused = [check for check in checks if not check]
    assert codes(refused) == [CODE_OF[name]]
    assert refused[0].sentence == "why"


def test_every_breaker_that_holds_is_told_with_its_numbers():
    breakers = tuple(
        a_breaker(name, measured=number, limit=2 * number)
        for number, name in enumerate(reversed(BreakerName), 1)
    )
    refused = failed(tripped=breakers)
    assert codes(refused) == list(CODES[2:8])
    assert [(check.measured, check.limit) for check in refused] == [
        (number, 2 * number) for number in range(6, 0, -1)
    ]


@pytest.mark.parametrize(
    ("behind_us", "passes"), [(-5, True), (0, True), (1_000_000, True), (1_000_001, False)]
)
def test_a_clock_set_back_by_more_than_a_second_blocks_alone(behind_us, passes):
    refused = failed(last_us=DECIDED_AT_US + behind_us)
    assert codes(refused) == ([] if passes else ["clock_backwards"])


def test_a_clock_set_back_is_told_in_seconds():
    (check,) = failed(last_us=DECIDED_AT_US + 90_000_000)
    assert (check.measured, check.limit) == (90, 1)
    assert "90 s behind" in check.sentence
    assert "2024-06-07 10:00:00 UTC" in check.sentence


@pytest.mark.parametrize(
    ("skew_ms", "passes"),
    [(0, True), (500, True), (-500, True), (501, False), (-501, False), (None, False)],
)
def test_a_skew_beyond_the_limit_or_unknown_blocks_alone(skew_ms, passes):
    refused = failed(clock_skew_ms=skew_ms, skew_limit=500)
    assert codes(refused) == ([] if passes else ["clock_skew"])
    skew = asked(clock_skew_ms=skew_ms, skew_limit=500)[1]
    assert (skew.measured, skew.limit) == (skew_ms, 500)


def test_an_unknown_skew_is_told_as_unknown():
    (refused,) = failed(clock_skew_ms=None)
    assert refused.sentence == "how far the venue's clock and ours differ is unknown"


@pytest.mark.parametrize("side", Direction)
def test_a_cooldown_blocks_its_asset_in_its_direction_alone(side):
    plan = a_plan(side, symbol="1000PEPE/USDT:USDT")
    for stopped in ("1000PEPE/USDT:USDT", "PEPE/USDC"):
        refused = failed(plan, cooldowns=(a_cooldown(stopped, side),))
        assert codes(refused) == ["cooldown"]
        assert refused[0].measured == f"{side} {stopped}"
        assert refused[0].limit == "2024-06-07 11:00:00 UTC"
        assert failed(plan, cooldowns=(a_cooldown(stopped, side.opposite),)) == []
    assert failed(plan, cooldowns=(a_cooldown("BTC/USDT", side),)) == []


def test_the_longest_cooldown_is_the_one_told():
    plan = a_plan()
    long = a_cooldown("BTC/USDC", Direction.LONG, until_us=LATER + 60_000_000)
    short = replace(long, symbol=Symbol("BTC/USDT"), until_us=LATER)
    for both in ((short, long), (long, short)):
        (check,) = failed(plan, cooldowns=both)
        assert check.measured == "LONG BTC/USDC"
        assert "11:01:00" in check.sentence


def test_without_a_plan_every_cooldown_counts():
    inputs = gate_inputs(cooldowns=(a_cooldown("ETH/USDT", Direction.SHORT),))
    refused = [check for check in breaker_checks(inputs, a_policy()) if not check]
    assert codes(refused) == ["cooldown"]
