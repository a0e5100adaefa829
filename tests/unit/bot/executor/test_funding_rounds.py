"""Funding is asked for when it may have been paid, and not with every comparison."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.executor.reconciling.funding import is_due
from tests.fakes.executor_desk import ExecutorDesk
from tests.fakes.scripted_venue import Fate

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US


def asked(*minutes: float) -> list[float]:
    """At which of these minutes of the clock funding is asked for."""
    last_us, found = None, []
    for minute in minutes:
        now_us = round(minute * MINUTE_US)
        if is_due(last_us, now_us=now_us):
            last_us = now_us
            found.append(minute)
    return found


def test_around_the_full_hour_every_comparison_asks_and_else_every_tenth_minute():
    minutes = [58, 59, 60, 61, 62, 63, 64, 65, 70, 73, 74, 83, 119, 120]
    assert asked(*minutes) == [58, 60, 61, 62, 63, 73, 83, 119, 120]


@given(
    paid_hour=st.integers(1, 500),
    listed_s=st.integers(0, 179),
    phase_s=st.integers(0, 59),
)
def test_a_payment_of_the_full_hour_is_booked_within_a_minute_of_being_listed(
    paid_hour: int, listed_s: int, phase_s: int
):
    listed = paid_hour * 60 + listed_s / 60
    rounds = asked(*(paid_hour * 60 - 30 + phase_s / 60 + minute for minute in range(90)))
    assert any(listed <= minute <= listed + 1 for minute in rounds)


def test_a_clock_that_was_set_back_asks():
    assert is_due(10 * HOUR_US + 30 * MINUTE_US, now_us=9 * HOUR_US + 30 * MINUTE_US)


async def test_a_question_that_was_not_answered_is_asked_again_at_once():
    desk = ExecutorDesk()
    await desk.put_on()
    desk.price("42000")
    await desk.cycles(3)
    desk.clock.advance(600)  # well after the hour
    await desk.cycles(3)
    before = len(desk.venue.requests("funding"))
    desk.clock.advance(660)
    desk.venue.script("funding", Fate.BUSY)
    await desk.cycles(4)
    assert len(desk.venue.requests("funding")) == before + 2
