"""A command beside a bot of another time records by that bot's time, and never by its own."""

import asyncio
from contextlib import suppress

import pytest

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.kill_switch import pull_switch, rearm_switch
from snipersight.bootstrap.run_clock import RunClock
from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.store import system_us
from snipersight.bootstrap.told_time import AccountTime, ToldTime, tell_end, tell_time, told_time
from snipersight.cli.account_opening import follow_time

BEGAN_US = 1_780_315_200_000_000  # 2026-06-01
SECOND_US = 1_000_000
ACCOUNT = "practice"


@pytest.fixture
def time():
    return AccountTime()


@pytest.fixture
def books(time):
    clock = RunClock(start_us=BEGAN_US)
    with open_books(load_settings()[0], account_id=ACCOUNT, clock=clock.us):
        pass  # the account begins in the bot's time
    with open_books(load_settings()[0], account_id=ACCOUNT, clock=time) as opened:
        yield opened


async def told(books, clock: RunClock) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(tell_time(books.store.database, ACCOUNT, clock), 0.2)


def newest_us(books) -> int:
    return int(books.store.decisions.view(ACCOUNT, lambda unit: unit.account.last_us))


async def test_a_kill_and_its_end_are_recorded_in_the_time_of_the_bot_beside_them(books, time):
    clock = RunClock(scale=300.0, start_us=BEGAN_US + 3600 * SECOND_US)
    await told(books, clock)
    assert time.follow(books.store.database, ACCOUNT, is_sandbox=True)
    switch = pull_switch(books, flatten=False, reason="", actor="cli")
    assert rearm_switch(books, actor="cli")
    assert BEGAN_US + 3600 * SECOND_US <= switch.since_us <= newest_us(books)
    assert newest_us(books) <= clock.us()  # or the bot would lie behind its own account


def test_without_such_a_bot_commands_go_by_the_systems_time(books, time):
    assert not time.follow(books.store.database, ACCOUNT, is_sandbox=True)
    assert abs(time() - system_us()) < SECOND_US


async def test_the_time_of_a_bot_that_is_gone_counts_no_more(books):
    await told(books, RunClock(scale=300.0, start_us=BEGAN_US))
    assert told_time(books.store.database, ACCOUNT, now_us=system_us()) is not None
    for later_us in (16 * SECOND_US, -16 * SECOND_US):
        now_us = system_us() + later_us
        assert told_time(books.store.database, ACCOUNT, now_us=now_us) is None


def test_what_was_told_goes_on_at_its_own_pace():
    shown = ToldTime(shown_us=BEGAN_US, system_us=5, scale=300.0)
    assert shown.at(5 + SECOND_US) == BEGAN_US + 300 * SECOND_US


def test_a_kill_is_never_recorded_before_what_is_newest(books):
    with open_books(load_settings()[0], account_id=ACCOUNT, clock=lambda: BEGAN_US - 1) as behind:
        switch = pull_switch(behind, flatten=False, reason="", actor="cli")
        assert switch.since_us == newest_us(behind)
        assert switch.since_us >= BEGAN_US


async def test_where_nothing_but_the_present_is_traded_no_sandboxs_time_is_followed(books, time):
    await told(books, RunClock(scale=300.0, start_us=BEGAN_US))
    assert not time.follow(books.store.database, ACCOUNT, is_sandbox=False)
    assert abs(time() - system_us()) < SECOND_US


async def test_after_a_bots_end_its_time_stands_still(books, time):
    clock = RunClock(scale=3600.0, start_us=BEGAN_US)
    await told(books, clock)
    await tell_end(books.store.database, ACCOUNT, clock)
    ended_us = clock.us()
    assert time.follow(books.store.database, ACCOUNT, is_sandbox=True)
    await asyncio.sleep(0.5)  # half an hour of its time
    assert abs(time() - ended_us) < 60 * SECOND_US


@pytest.mark.parametrize(
    ("account", "gateway", "is_followed"),
    [("main", "", False), ("main", "127.0.0.1:9", True), ("practice", "", True)],
)
async def test_commands_follow_a_sandbox_only_where_their_own_settings_know_one(
    monkeypatch, tmp_path, account, gateway, is_followed
):
    authority = tmp_path / "ca.pem"
    authority.touch()
    monkeypatch.setenv("EXCHANGE_GATEWAY", gateway)
    monkeypatch.setenv("EXCHANGE_GATEWAY_CA", str(authority) if gateway else "")
    time = AccountTime()
    with open_books(load_settings()[0], account_id=account, clock=time) as books:
        await tell_end(books.store.database, account, RunClock(start_us=BEGAN_US))
        follow_time(time, books)
    assert (abs(time() - BEGAN_US) < SECOND_US) is is_followed
