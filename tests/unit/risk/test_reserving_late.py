"""Budget is taken at the moment of the clock: old plans and old markets take none."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from snipersight.domain.decision import Approved, Rejected
from snipersight.domain.ledger import Origin
from snipersight.domain.plan import TradePlan
from snipersight.risk.audit.codec import decode_decision
from snipersight.risk.audit.replay import replay
from tests.builders.ledger import DECIDED_AT_US, a_policy
from tests.fakes.risk_desk import Desk, a_trade, body_of, codes

_POLICY = a_policy(slippage_fraction="0")
_AGE_US = _POLICY.max_data_age_us
_EARLY = timedelta(seconds=1)


def a_short_trade(ends_in: timedelta = _EARLY) -> TradePlan:
    """Return a plan that ends so long after the moment it is decided at."""
    plan = a_trade()
    return a_trade(valid_until=plan.created_at + ends_in)


@pytest.mark.parametrize("late_us", [1_000_000, 3_600_000_000])
def test_a_plan_that_has_ended_by_the_clock_takes_no_budget(late_us: int) -> None:
    desk = Desk()
    manager = desk.manager()
    desk.now_us += late_us
    decision = manager.validate_plan(a_short_trade(), reserve=Origin.APPROVED)
    assert codes(decision)[0] == "stale_plan"
    assert desk.store.entries("main") == ()
    assert desk.store.queue == ()


def test_a_plan_takes_budget_until_its_last_microsecond() -> None:
    desk = Desk()
    manager = desk.manager()
    desk.now_us += 999_999
    assert manager.validate_plan(a_short_trade(), reserve=Origin.APPROVED)


@pytest.mark.parametrize("gap_us", [_AGE_US + 1, -_AGE_US - 1])
def test_markets_of_another_moment_give_no_budget(gap_us: int) -> None:
    desk = Desk()
    desk.now_us -= max(-gap_us, 0)  # an account that was never written later
    manager = desk.manager()
    desk.now_us += max(gap_us, 0)
    decision = manager.validate_plan(a_trade(), reserve=Origin.APPROVED)
    assert isinstance(decision, Rejected)
    assert codes(decision) == ["stale_data"]
    (check,) = [one for one in decision.checks if one.code == "stale_data"]
    assert (check.measured, check.limit) == (Decimal(gap_us) / 1000, Decimal(_AGE_US) / 1000)
    assert check.passed is False
    assert desk.store.entries("main") == ()


@pytest.mark.parametrize(("gap_us", "when"), [(1_800_500_000, "ago"), (-1_800_500_000, "ahead")])
def test_how_far_away_the_markets_are_is_told(gap_us: int, when: str) -> None:
    desk = Desk()
    desk.now_us -= max(-gap_us, 0)
    manager = desk.manager()
    desk.now_us += max(gap_us, 0)
    decision = manager.validate_plan(a_trade(), reserve=Origin.APPROVED)
    assert isinstance(decision, Rejected)
    (check,) = decision.failed
    assert check.sentence == (
        f"the markets were observed 1800.5 s {when}, at most 900 s is allowed"
    )


def test_a_plan_is_held_against_the_clock_and_told_so() -> None:
    desk = Desk()
    manager = desk.manager()
    desk.now_us += 2_000_000
    decision = manager.validate_plan(a_short_trade(), reserve=Origin.APPROVED)
    assert isinstance(decision, Rejected)
    check = decision.failed[0]
    assert (check.code, check.measured) == ("stale_plan", "2024-06-07T10:00:02+00:00")
    assert check.sentence == ("ended at 2024-06-07 10:00:01+00:00, it is 2024-06-07T10:00:02+00:00")


def test_markets_just_recent_enough_give_budget() -> None:
    desk = Desk()
    manager = desk.manager()
    desk.now_us += _AGE_US
    assert manager.validate_plan(a_trade(), reserve=Origin.APPROVED)


def test_a_scan_of_recorded_markets_is_held_against_their_moment_only() -> None:
    desk = Desk()
    manager = desk.manager()
    desk.now_us += 30 * 86_400_000_000
    assert manager.validate_plan(a_trade())


@pytest.mark.parametrize("late_us", [0, 2_000_000, _AGE_US + 1])
def test_the_record_tells_that_budget_was_asked_for_and_replays(late_us: int) -> None:
    desk = Desk()
    manager = desk.manager()
    desk.now_us += late_us
    decision = manager.validate_plan(a_short_trade(), reserve=Origin.APPROVED)
    assert isinstance(decision, Approved) is (late_us == 0)
    (record,) = [one for one in desk.store.records("main") if one.kind == "decision"]
    body = body_of(record)
    assert decode_decision(body).inputs.is_reserving
    assert replay(body, policies={_POLICY.hash: _POLICY}, today=_POLICY)


def test_a_record_of_before_the_mark_was_kept_still_replays() -> None:
    desk = Desk()
    desk.manager().validate_plan(a_trade())
    (record,) = [one for one in desk.store.records("main") if one.kind == "decision"]
    body = body_of(record)
    del body["inputs"]["is_reserving"]
    assert decode_decision(body).inputs.at_us == DECIDED_AT_US
    assert replay(body, policies={_POLICY.hash: _POLICY}, today=_POLICY)
