"""What is said on the dashboard is dated and judged by the bot's time: the two share no clock."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from snipersight.bootstrap.access.commanding import DashboardCommands, Wish
from snipersight.bootstrap.books import Books, open_books
from snipersight.bootstrap.dashboard.store import DashboardStore
from snipersight.bootstrap.kill_switch import switch_now
from snipersight.bootstrap.run_clock import RunClock
from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.store import system_us
from snipersight.bootstrap.told_time import tell_end, tell_time
from snipersight.domain.access import Caller, Scope
from snipersight.domain.commands import CommandAnswer, CommandKind, CommandState
from snipersight.domain.store import Clock
from tests.builders.execution_desk import DeskClock
from tests.builders.operating import ACCOUNT, a_bench, a_scene
from tests.builders.paper import START_MS, STEP_MS

ANN = Caller(name="ann", scope=Scope.ADMIN, token_id="0123abcd")
MINUTE_US = 60_000_000
HOURS = ((100.0, 100.0, 100.0, 100.0),) * (8 * 3_600_000 // STEP_MS)


class BotClock:
    """The clock of a bot whose time runs sixty times as fast as ours."""

    def __init__(self) -> None:
        self.run = RunClock(scale=60.0, start_us=START_MS * 1000)

    @property
    def now_ms(self) -> int:
        """Return milliseconds UTC."""
        return self.run.ms()

    def __call__(self) -> int:
        """Return microseconds UTC."""
        return self.run.us()

    def pass_minutes(self, minutes: int) -> None:
        """Let so many of its minutes pass."""
        self.run.reach(self.run.us() + minutes * MINUTE_US)


@contextmanager
def books_of(clock: Clock) -> Iterator[Books]:
    with open_books(load_settings()[0], account_id=ACCOUNT, clock=clock) as opened:
        yield opened


@contextmanager
def commands_by(books: Books, clock: Clock) -> Iterator[DashboardCommands]:
    store = DashboardStore(books.settings, clock=clock)
    commands = DashboardCommands(store, still_valid=lambda _: None, answer_s=0.5)
    yield commands
    commands.close()
    store.close()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("APPROVAL_MINUTES", "0")


async def told(books: Books, clock: BotClock) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(tell_time(books.store.database, ACCOUNT, clock.run), 0.2)


async def settled(commands: DashboardCommands, wish: Wish) -> CommandAnswer:
    for _ in range(20):
        answer = await commands.give(ANN, wish)
        if answer.state is not CommandState.WAITING:
            return answer
    raise AssertionError("it was not settled in time")


@pytest.mark.parametrize("minutes", [30, 180])
async def test_a_rehearsal_that_wrote_nothing_for_hours_takes_an_approval(tmp_path, minutes):
    clock: Any = BotClock()  # for a scene, which only reads it
    with books_of(clock) as books, commands_by(books, system_us) as commands:
        async with a_scene(books, a_bench(tmp_path, HOURS), clock) as scene:
            plan = scene.tell()
            clock.pass_minutes(minutes)
            await told(books, clock)
            wish = Wish(kind=CommandKind.APPROVE, subject=plan.plan_id, key="press")
            answer = await settled(commands, wish)
            assert answer.state is CommandState.DONE, answer.sentence
            assert len(scene.trades()) == 1


@pytest.mark.parametrize("minutes", [59, 61, 240])
async def test_an_account_of_the_present_that_wrote_nothing_takes_an_approval(tmp_path, minutes):
    clock, ours = DeskClock(), DeskClock()
    with books_of(clock) as books, commands_by(books, ours) as commands:
        async with a_scene(books, a_bench(tmp_path, HOURS), clock) as scene:
            plan = scene.tell()
            clock.now_ms += minutes * 60_000
            ours.now_ms = clock.now_ms - 1_500  # two machines never agree to the second
            wish = Wish(kind=CommandKind.APPROVE, subject=plan.plan_id, key="press")
            answer = await settled(commands, wish)
            assert answer.state is CommandState.DONE, answer.sentence
            assert len(scene.trades()) == 1


async def test_an_approval_that_waited_for_ten_minutes_is_carried_out_by_nobody(tmp_path):
    clock, ours = DeskClock(), DeskClock()
    with books_of(clock) as books, commands_by(books, ours) as commands:
        async with a_scene(books, a_bench(tmp_path, HOURS), clock) as scene:
            plan = scene.tell()
            clock.now_ms += 11 * 60_000  # only the executor's: what was said was said before
            wish = Wish(kind=CommandKind.APPROVE, subject=plan.plan_id, key="press")
            answer = await settled(commands, wish)
            assert (answer.state, scene.trades()) == (CommandState.REFUSED, ())
            assert "too late" in answer.sentence


async def test_a_kill_is_dated_when_it_was_pulled_by_the_time_of_the_bot():
    clock = BotClock()
    with books_of(clock) as books, commands_by(books, system_us) as commands:
        clock.pass_minutes(98)
        await told(books, clock)
        before_us = clock()
        await commands.give(ANN, Wish(kind=CommandKind.KILL))
        switch = switch_now(books)
        assert switch is not None
        # It is told every few seconds, and a second of ours is a minute of its.
        assert before_us - MINUTE_US // 10 <= switch.since_us <= clock()


async def test_a_kill_after_the_bot_has_ended_is_dated_no_later_than_the_account_has_lived():
    clock = BotClock()
    with books_of(clock) as books, commands_by(books, system_us) as commands:
        clock.pass_minutes(98)
        await tell_end(books.store.database, ACCOUNT, clock.run)
        ended_us = clock()
        await commands.give(ANN, Wish(kind=CommandKind.KILL))
        switch = switch_now(books)
        assert switch is not None
        assert ended_us - MINUTE_US <= switch.since_us <= ended_us
