"""A halt by the operator, positions without their stop, and what time and re-arming lift."""

from dataclasses import replace
from decimal import Decimal

import pytest

from snipersight.domain.standing import BreakerName, TradingState
from snipersight.risk.breakers.standing import halt, note_unprotected, resume, settle
from tests.builders.ledger import a_policy, an_entry
from tests.builders.standings import (
    DAY,
    HOUR,
    MIDNIGHT,
    MONDAY,
    WEDNESDAY,
    account,
    breaker,
    marked,
    names,
    started,
)


def test_a_halt_holds_until_a_person_resumes():
    halted = halt(account(), at_us=WEDNESDAY, reason="news")
    tripped = breaker(halted, BreakerName.OPERATOR)
    assert (tripped.state, tripped.until_us) == (TradingState.HALTED, None)
    assert (tripped.sentence, tripped.tripped_us) == ("news", WEDNESDAY)
    assert settle(halted, at_us=WEDNESDAY + 1000 * DAY) == halted
    for rearm in (True, False):
        assert names(resume(halted, at_us=WEDNESDAY, rearm=rearm)) == set()


def test_a_second_halt_changes_nothing_and_one_without_a_reason_says_whose_it_is():
    halted = halt(account(), at_us=WEDNESDAY)
    assert breaker(halted, BreakerName.OPERATOR).sentence == "halted by the operator"
    assert halt(halted, at_us=WEDNESDAY + HOUR, reason="again") == halted


def test_resuming_settles_what_has_ended():
    fallen = marked(started(), "9600")
    assert names(resume(fallen, at_us=MIDNIGHT, rearm=False)) == set()


def test_what_is_in_order_is_left_as_it_is():
    calm = started()
    assert settle(calm, at_us=MONDAY) is calm
    assert resume(calm, at_us=WEDNESDAY, rearm=False) is calm
    assert note_unprotected(calm, (), at_us=WEDNESDAY, policy=a_policy()) is calm


@pytest.mark.parametrize(
    ("age_us", "trips"), [(0, False), (29_999_999, False), (30_000_000, True), (HOUR, True)]
)
def test_a_position_without_its_stop_trips_when_its_time_is_over(age_us, trips):
    entries = [
        an_entry(filled="10"),
        an_entry(entry_id="naked", filled="10", unprotected_since_us=WEDNESDAY - age_us),
        an_entry(entry_id="new", filled="10", unprotected_since_us=WEDNESDAY),
    ]
    noted = note_unprotected(account(), entries, at_us=WEDNESDAY, policy=a_policy())
    assert names(noted) == ({BreakerName.UNPROTECTED} if trips else set())
    if trips:
        tripped = breaker(noted, BreakerName.UNPROTECTED)
        assert (tripped.state, tripped.until_us) == (TradingState.HALTED, None)
        assert tripped.tripped_us == WEDNESDAY
        assert (tripped.measured, tripped.limit) == (Decimal(age_us) / 1_000_000, Decimal(30))
        assert "30 s are allowed" in tripped.sentence


def test_an_unprotected_position_lets_go_once_it_is_covered_and_never_by_re_arming():
    naked = an_entry(filled="10", unprotected_since_us=WEDNESDAY - HOUR)
    noted = note_unprotected(account(), [naked], at_us=WEDNESDAY, policy=a_policy())
    later = WEDNESDAY + HOUR
    assert note_unprotected(noted, [naked], at_us=later, policy=a_policy()) == noted
    assert names(resume(noted, at_us=later, rearm=True)) == {BreakerName.UNPROTECTED}
    assert settle(noted, at_us=later) == noted
    covered = replace(naked, unprotected_since_us=None)
    assert names(note_unprotected(noted, [covered], at_us=later, policy=a_policy())) == set()


def test_without_any_tolerance_a_covered_account_does_not_trip():
    policy = a_policy(max_unprotected_us=0)
    noted = note_unprotected(account(), [an_entry(filled="1")], at_us=WEDNESDAY, policy=policy)
    assert names(noted) == set()


def test_without_any_tolerance_a_naked_position_trips_at_once_whatever_the_clock():
    for since in (WEDNESDAY, WEDNESDAY + HOUR):
        naked = an_entry(filled="10", unprotected_since_us=since)
        policy = a_policy(max_unprotected_us=0)
        noted = note_unprotected(account(), [naked], at_us=WEDNESDAY, policy=policy)
        assert names(noted) == {BreakerName.UNPROTECTED}
