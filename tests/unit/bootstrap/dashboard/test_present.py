"""What time it is for an account, by what its bot has told and by nothing else."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bootstrap.books import Books, open_books
from snipersight.bootstrap.dashboard.present import Present, present_of
from snipersight.bootstrap.run_clock import RunClock
from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.store import system_us
from snipersight.bootstrap.told_time import FRESH_US, tell_end, tell_present, tell_time

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US
BEGAN_US = 1_752_875_700_000_000  # 2025-07-18, a year and more behind us
ACCOUNT = "practice"


@pytest.fixture
def books(monkeypatch, tmp_path):
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    with open_books(load_settings()[0], account_id=ACCOUNT, clock=lambda: BEGAN_US) as opened:
        yield opened


def present(books: Books, *, later_us: int = 0, last_us: int = BEGAN_US) -> Present:
    row = replace(books.store.decisions.accounts()[0], last_us=last_us)
    return present_of(books.store.database, row, system_us=system_us() + later_us)


async def told(books: Books, clock: RunClock) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(tell_time(books.store.database, ACCOUNT, clock), 0.2)


async def test_a_bot_that_has_written_nothing_for_hours_still_tells_what_time_it_is(books):
    clock = RunClock(scale=60.0, start_us=BEGAN_US + 3 * HOUR_US)
    await told(books, clock)
    found = present(books)
    assert abs(found.us - clock.us()) < 60 * SECOND_US
    assert found.pace == 60.0


async def test_the_time_of_a_bot_goes_on_at_its_pace_between_two_tellings(books):
    await told(books, RunClock(scale=60.0, start_us=BEGAN_US))
    ahead_us = present(books, later_us=2 * SECOND_US).us - present(books).us
    assert abs(ahead_us - 120 * SECOND_US) < 60 * SECOND_US


@pytest.mark.parametrize("is_killed", [False, True])
async def test_after_a_bot_has_ended_or_died_its_time_stands_where_it_was_told_last(
    books, is_killed
):
    clock = RunClock(scale=60.0, start_us=BEGAN_US + HOUR_US)
    await told(books, clock)
    if not is_killed:
        await tell_end(books.store.database, ACCOUNT, clock)
    for later_us in (FRESH_US + SECOND_US, 90 * 24 * HOUR_US):
        found = present(books, later_us=later_us)
        assert BEGAN_US + HOUR_US <= found.us <= clock.us()
        assert found.pace == 0.0


async def test_what_a_killed_bot_wrote_after_it_told_its_time_is_not_dated_before(books):
    await told(books, RunClock(scale=60.0, start_us=BEGAN_US))
    last_us = BEGAN_US + 90 * SECOND_US
    found = present(books, later_us=HOUR_US, last_us=last_us)
    assert found == Present(us=last_us, pace=0.0)


@pytest.mark.parametrize("silent_us", [HOUR_US + 60 * SECOND_US, 20 * 24 * HOUR_US])
def test_an_account_of_the_present_lives_by_our_clock_however_long_nothing_was_written(
    books, silent_us
):
    now_us = system_us()
    found = present(books, last_us=now_us - silent_us)
    assert abs(found.us - now_us) < 10 * SECOND_US
    assert found.pace == 1.0


async def test_an_account_that_was_rehearsed_lives_by_our_clock_once_a_bot_of_the_present_runs(
    books,
):
    await tell_end(books.store.database, ACCOUNT, RunClock(start_us=BEGAN_US))
    assert present(books).pace == 0.0
    tell_present(books.store.database, ACCOUNT)
    assert abs(present(books).us - system_us()) < 10 * SECOND_US


async def test_an_account_written_by_our_clock_after_a_rehearsal_lives_by_it(books):
    await tell_end(books.store.database, ACCOUNT, RunClock(start_us=BEGAN_US))
    found = present(books, last_us=system_us() - HOUR_US)
    assert abs(found.us - system_us()) < 10 * SECOND_US


@given(
    last_us=st.integers(0, 4_000_000_000_000_000),
    later_us=st.integers(-HOUR_US, 90 * 24 * HOUR_US),
)
def test_nothing_is_ever_dated_before_what_was_recorded_last(a_told_account, last_us, later_us):
    assert present(a_told_account, later_us=later_us, last_us=last_us).us >= last_us


@pytest.fixture(scope="module")
def a_told_account(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SNIPERSIGHT_HOME", str(tmp_path_factory.mktemp("told") / "home"))
        with open_books(load_settings()[0], account_id=ACCOUNT, clock=lambda: 1) as opened:
            asyncio.run(told(opened, RunClock(scale=60.0, start_us=BEGAN_US)))
            yield opened
