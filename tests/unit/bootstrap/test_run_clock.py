"""The clock of a run: the system's, or one that runs faster."""

import asyncio
import time

from hypothesis import given
from hypothesis import strategies as st

from snipersight.bootstrap.run_clock import RunClock

START_US = 1_780_315_200_000_000


def test_the_usual_clock_is_the_systems():
    now = [START_US]
    clock = RunClock(system_us=lambda: now[0])
    assert clock.us() == START_US
    now[0] -= 3_600_000_000  # somebody sets it back
    assert clock.ms() == (START_US - 3_600_000_000) // 1000


def test_a_sandbox_goes_on_where_it_was_left_and_never_back():
    clock = RunClock(scale=60.0, start_us=START_US)
    clock.reach(START_US + 10_000_000_000)
    reached_us = clock.us()
    assert reached_us >= START_US + 10_000_000_000
    clock.reach(START_US)
    assert clock.us() >= reached_us


@given(st.integers(-(10**15), 10**15), st.sampled_from([0.5, 1.0, 60.0, 1200.0, 3600.0]))
def test_paced_times_are_those_of_the_clock_at_the_pace_of_real_time(ahead_us: int, scale: float):
    clock = RunClock(scale=scale, start_us=START_US)
    at_us = START_US + ahead_us
    assert abs(clock.unpaced_us(clock.paced_us(at_us)) - at_us) <= scale + abs(ahead_us) / 10**9
    later_us = clock.paced_us(at_us + int(scale * 1_000_000))
    assert abs(later_us - clock.paced_us(at_us) - 1_000_000) <= 2


def test_now_is_paced_to_the_monotonic_clock():
    clock = RunClock(scale=600.0, start_us=START_US)
    assert abs(clock.paced_us(clock.us()) - time.monotonic_ns() // 1000) < 50_000


async def test_a_wait_ends_when_its_moment_comes_or_when_it_is_stopped():
    clock, stop = RunClock(scale=3600.0, start_us=START_US), asyncio.Event()
    assert await clock.sleep_until(clock.ms() + 60_000, stop=stop)
    stop.set()
    assert not await clock.sleep_until(clock.ms() + 3_600_000, stop=stop)
