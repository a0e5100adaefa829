"""Wishes from the dashboard: who may, what is stored, and what becomes of it with and without a bot."""

import asyncio
import itertools

import pytest

from snipersight.bootstrap.access.commanding import PERMITTED, DashboardCommands, Wish, least_scope
from snipersight.bootstrap.books import Books, open_books
from snipersight.bootstrap.dashboard.errors import NotKnown
from snipersight.bootstrap.dashboard.store import DashboardStore
from snipersight.bootstrap.kill_switch import rearm_switch, switch_now
from snipersight.bootstrap.operations import resume_entries
from snipersight.bootstrap.settings import load_settings
from snipersight.domain.access import AccessRefused, Caller, Scope
from snipersight.domain.commands import CommandAnswer, CommandKind, CommandState
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.execution import Mode
from snipersight.domain.standing import BreakerName, TrippedBreaker
from tests.builders.execution_desk import DeskClock
from tests.builders.operating import ACCOUNT, a_bench, a_scene

ANN = Caller(name="ann", scope=Scope.ADMIN, token_id="0123abcd")
APPROVE, REJECT, CANCEL = CommandKind.APPROVE, CommandKind.REJECT, CommandKind.CANCEL
PAUSE, KILL, TOOK = CommandKind.PAUSE, CommandKind.KILL, CommandKind.TOOK


@pytest.fixture
def clock() -> DeskClock:
    return DeskClock()


@pytest.fixture
def books(tmp_path, monkeypatch, clock):
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    with open_books(load_settings()[0], account_id=ACCOUNT, clock=clock) as opened:
        yield opened


@pytest.fixture
def commands(books, clock):
    store = DashboardStore(books.settings, clock=clock)
    opened = DashboardCommands(store, still_valid=lambda _: None, answer_s=0.5)
    yield opened
    opened.close()
    store.close()


def halted(books: Books) -> list[TrippedBreaker]:
    standing = books.store.decisions.view(ACCOUNT, lambda unit: unit.account.standing)
    return [one for one in standing.tripped if one.name is BreakerName.OPERATOR]


async def test_a_pause_holds_at_once_with_no_bot_alive(books, commands):
    answer = await commands.give(ANN, Wish(kind=PAUSE, reason="news at eight"))
    assert (answer.state, answer.is_first) == (CommandState.DONE, True)
    (breaker,) = halted(books)
    assert breaker.sentence == "news at eight"


async def test_a_kill_holds_at_once_with_no_bot_alive(books, commands):
    answer = await commands.give(ANN, Wish(kind=KILL, flatten=True))
    switch = switch_now(books)
    assert switch is not None
    assert (switch.flatten, switch.actor) == (True, "dashboard:ann")
    assert answer.state is CommandState.WAITING
    assert "No new entry is sent" in answer.sentence


async def test_a_stop_that_is_said_again_stops_again_even_under_the_same_key(books, commands):
    await commands.give(ANN, Wish(kind=PAUSE, key="same"))
    resume_entries(books.ports, rearm=False, actor="cli")
    assert not halted(books)
    await commands.give(ANN, Wish(kind=PAUSE, key="same"))
    assert halted(books)
    await commands.give(ANN, Wish(kind=KILL, key="same"))
    rearm_switch(books, actor="cli")
    await commands.give(ANN, Wish(kind=KILL, key="same"))
    assert switch_now(books) is not None


async def test_it_neither_resumes_nor_closes_a_single_trade(books, commands):
    forbidden = set(CommandKind) - set(PERMITTED)
    assert forbidden == {CommandKind.RESUME, CommandKind.FLATTEN}
    for kind in forbidden:
        with pytest.raises(AccessRefused, match=f"the dashboard does not {kind}"):
            await commands.give(ANN, Wish(kind=kind, subject="x"))


async def test_nobody_does_what_is_beyond_their_scope(books, commands):
    refused = 0
    for kind, scope in itertools.product(PERMITTED, Scope):
        least = least_scope(kind)
        assert least is (Scope.ADMIN if kind is KILL else Scope.TRADE)
        if not scope.covers(least):
            caller = Caller(name="bob", scope=scope, token_id="1")
            with pytest.raises(AccessRefused, match=f"has scope {scope}"):
                await commands.give(caller, Wish(kind=kind, subject="x"))
            refused += 1
    assert refused == 7
    assert not halted(books)
    assert switch_now(books) is None


async def test_a_page_that_outlives_its_token_does_nothing(books, clock):
    def refuse(caller: Caller) -> None:
        raise AccessRefused(f"{caller.name} is revoked")

    store = DashboardStore(books.settings, clock=clock)
    commands = DashboardCommands(store, still_valid=refuse)
    with pytest.raises(AccessRefused, match="ann is revoked"):
        await commands.give(ANN, Wish(kind=PAUSE))
    assert not halted(books)
    commands.close()
    store.close()


async def test_what_names_nothing_that_is_known_is_refused_with_nothing_stored(books, commands):
    for wish in (
        Wish(kind=APPROVE, subject="  "),
        Wish(kind=APPROVE, subject="unknown"),
        Wish(kind=CANCEL, subject="x" * 200),
        Wish(kind=APPROVE, subject="x", key="k" * 65),
        Wish(kind=CANCEL, subject="x\x00"),
    ):
        with pytest.raises(ConfigInvalid):
            await commands.give(ANN, wish)
    with pytest.raises(NotKnown):
        await commands.give(ANN, Wish(kind=PAUSE, account="nobody"))


async def test_a_plan_is_approved_by_the_process_that_executes_and_once(
    tmp_path, books, clock, commands
):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        wish = Wish(kind=APPROVE, subject=plan.plan_id[:12], key="press")
        first, second = await asyncio.gather(commands.give(ANN, wish), commands.give(ANN, wish))
        answer = await settled(commands, wish, first)
        assert answer.state is CommandState.DONE, answer
        assert "were sent" in answer.sentence
        assert {first.command.key, second.command.key} == {"dashboard:0123abcd:press"}
        assert len(scene.trades()) == 1
        assert {one["actor"] for one in scene.said()} == {"dashboard:ann"}


async def settled(commands: DashboardCommands, wish: Wish, answer: CommandAnswer) -> CommandAnswer:
    for _ in range(20):
        if answer.state is not CommandState.WAITING:
            return answer
        answer = await commands.give(ANN, wish)
    raise AssertionError("it was not settled in time")


async def test_what_was_approved_while_nobody_executed_is_sent_by_nobody_later(
    tmp_path, books, clock, commands
):
    async with a_scene(books, a_bench(tmp_path), clock, is_running=False) as scene:
        plan = scene.tell()
    answer = await commands.give(ANN, Wish(kind=APPROVE, subject=plan.plan_id))
    assert answer.state is CommandState.WAITING
    assert "No process executes this account now" in answer.sentence
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        assert scene.trading.mode is Mode.PAPER
        wish = Wish(kind=REJECT, subject=plan.plan_id)
        rejected = await settled(commands, wish, await commands.give(ANN, wish))
        assert (rejected.state, scene.trades()) == (CommandState.DONE, ())


async def test_texts_of_people_are_cut_and_stay_on_one_line(books, commands):
    await commands.give(ANN, Wish(kind=PAUSE, reason="a\nb\r\x00" + "c" * 500))
    (breaker,) = halted(books)
    assert breaker.sentence.startswith("a b")
    assert len(breaker.sentence) <= 200


async def test_a_store_that_is_away_says_so_and_nothing_is_done(books, commands):
    file = books.settings.snipersight_home / "snipersight.db"
    moved = file.rename(file.with_suffix(".away"))
    with pytest.raises(StateUnavailable):
        await commands.give(ANN, Wish(kind=PAUSE))
    moved.rename(file)
    assert not halted(books)
    assert (await commands.give(ANN, Wish(kind=PAUSE))).state is CommandState.DONE
