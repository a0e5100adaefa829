"""Recorded funding rates at the times that positions pay them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.funding import FundingRecord, FundingUsed, due_times

HOUR = 3_600_000
EIGHT = 8 * HOUR


def rates(*payments: tuple[int, float]) -> dict[int, float]:
    return dict(FundingRecord.of(payments, interval_ms=EIGHT, source="tests").rates)


def test_a_payment_stamped_a_little_late_is_that_of_its_time():
    assert rates((EIGHT + 12, 0.1), (2 * EIGHT - 12, 0.2)) == {EIGHT: 0.1, 2 * EIGHT: 0.2}


def test_a_market_that_pays_every_four_hours_pays_the_sum():
    paid = [(4 * HOUR, 0.25), (8 * HOUR, 0.5), (12 * HOUR, 1.0), (16 * HOUR, 2.0)]
    assert rates(*paid) == {EIGHT: 0.75, 2 * EIGHT: 3.0}


def test_a_time_without_a_payment_of_its_own_is_not_known():
    assert rates((4 * HOUR, 0.25), (12 * HOUR, 1.0), (16 * HOUR, 2.0)) == {2 * EIGHT: 3.0}


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from([60_000, HOUR, EIGHT]))
def test_the_times_between_two_moments_are_those_of_the_interval(one, other, interval):
    after, until = sorted((one, other))
    found = due_times(after, until, interval)
    assert all(after < time <= until and time % interval == 0 for time in found)
    assert len(found) == until // interval - after // interval


def test_what_was_used_adds_up():
    both = FundingUsed(recorded=1, assumed=2) + FundingUsed(recorded=3)
    assert both == FundingUsed(recorded=4, assumed=2)
