"""The desk itself: who does what, in which order, and what happens while the store is away."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.kill_switch import rearm_switch, switch_now
from snipersight.bootstrap.operating.account_commands import AtOnce
from snipersight.bootstrap.operating.records import (
    SettledBefore,
    Settling,
    done,
    note_command,
    refused,
)
from snipersight.bootstrap.operations import resume_entries
from snipersight.bootstrap.settings import load_settings
from snipersight.domain.commands import COMMANDS, Command, CommandKind, CommandState
from snipersight.domain.decision import Check
from snipersight.domain.errors import LeaseLost, StateUnavailable
from snipersight.domain.standing import BreakerName
from snipersight.domain.store import QueueDraft
from snipersight.storage.commands import SqlCommands
from tests.builders.operating import ACCOUNT, BOB, QUIET, Scene, a_bench, a_press, a_scene

APPROVE, PAUSE, RESUME = CommandKind.APPROVE, CommandKind.PAUSE, CommandKind.RESUME
CANCEL, FLATTEN = CommandKind.CANCEL, CommandKind.FLATTEN


def halted(scene: Scene) -> bool:
    standing = scene.books.store.decisions.view(ACCOUNT, lambda unit: unit.account.standing)
    return any(one.name is BreakerName.OPERATOR for one in standing.tripped)


class FailingStore:
    """A store whose writes fail while it is away."""

    def __init__(self, store: Any) -> None:
        self._transact = store.transact
        self.is_away = False
        store.transact = self

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if self.is_away:
            raise StateUnavailable("the disk is full", where="snipersight.db")
        return self._transact(*arguments, **options)


async def test_nothing_is_done_of_what_cannot_be_stored(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        store = FailingStore(books.store.decisions)
        store.is_away = True
        with pytest.raises(StateUnavailable, match="the disk is full"):
            await scene.desk.submit(a_press(APPROVE, plan.plan_id))
        store.is_away = False
        assert (scene.waiting(), scene.trades()) == (0, ())


async def test_a_store_that_goes_away_after_the_press_is_waited_for(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        store = FailingStore(scene.execution.desk.store)
        store.is_away = True
        press = a_press(APPROVE, plan.plan_id)
        waiting = await scene.desk.submit(press)
        assert waiting.state is CommandState.WAITING
        assert waiting.sentence == "It is stored, and told once it is done."
        assert scene.trades() == ()
        store.is_away = False
        answer = await until_settled(scene, press)
        assert (answer.state, len(scene.trades())) == (CommandState.DONE, 1)


async def until_settled(scene: Scene, press: Command) -> Any:
    for _ in range(10):
        answer = await scene.desk.submit(press)
        if answer.state is not CommandState.WAITING:
            return answer
    raise AssertionError("it was not settled within twenty seconds")


async def test_a_kill_holds_also_while_the_store_is_away(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        await scene.desk.submit(a_press(APPROVE, plan.plan_id))
        assert len(await scene.execution.venue.open_orders()) == 3
        stores = [
            FailingStore(books.store.decisions),
            FailingStore(scene.execution.desk.store),
        ]
        for store in stores:
            store.is_away = True
        answer = await scene.desk.submit(a_press(CommandKind.KILL))
        assert answer.state is CommandState.DONE
        assert "The store is away" in answer.sentence
        assert await scene.execution.venue.open_orders() == ()
        for store in stores:
            store.is_away = False


async def test_what_a_process_found_stored_at_its_start_is_done(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock, is_running=False) as scene:
        plan = scene.tell()
        note_command(books.store.decisions, a_press(APPROVE, plan.plan_id), clock=clock)
        assert await scene.desk.take_up() == 1
        running = asyncio.create_task(scene.desk.run(scene.stop))
        answer = await until_settled(scene, a_press(APPROVE, plan.plan_id, by=BOB))
        assert (answer.command.name, len(scene.trades())) == ("Ann", 1)
        assert scene.waiting() == 0
        scene.stop.set()
        await running


async def test_what_is_about_one_plan_is_done_in_the_order_it_was_said(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock, is_running=False) as scene:
        plan = scene.tell()
        kinds = [APPROVE, CANCEL, FLATTEN]
        for kind in kinds:
            note_command(books.store.decisions, a_press(kind, plan.plan_id), clock=clock)
        for left in range(len(kinds), 0, -1):
            assert scene.waiting() == left
            assert await scene.desk.take_up() == 1
            assert await scene.desk.take_up() == 0  # the next one waits for it
            while scene.waiting() == left:  # noqa: ASYNC110  nothing tells of it
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.01)
        assert [one["command"] for one in scene.said() if "state" in one] == kinds


async def test_pauses_and_resumes_are_done_in_the_order_they_were_said(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock, is_running=False) as scene:
        kinds = [PAUSE, RESUME, PAUSE, RESUME, PAUSE]
        answers = await asyncio.gather(*(scene.desk.submit(a_press(kind)) for kind in kinds))
        assert {one.state for one in answers} == {CommandState.DONE}
        assert (halted(scene), scene.waiting()) == (True, 0)


async def test_commands_of_another_account_and_another_executor_are_left_alone(
    tmp_path, books, clock
):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        with open_books(books.settings, account_id="main", clock=clock):
            press = replace(a_press(FLATTEN, "a-plan"), account_id="main")
            answer = await scene.desk.submit(press)
            pause = replace(a_press(PAUSE), account_id="main")
            assert (await scene.desk.submit(pause)).state is CommandState.DONE
        assert answer.state is CommandState.WAITING
        assert not halted(scene)
    main = SqlCommands(books.store.database).waiting("main")
    assert [one.command.key for one in main.commands] == [press.key]


async def test_a_desk_whose_process_does_not_execute_only_stores(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        scene.seat.execution = None
        press = a_press(APPROVE, plan.plan_id)
        note_command(books.store.decisions, press, clock=clock)
        assert (scene.waiting(), await scene.desk.take_up()) == (1, 0)
        answer = await scene.desk.submit(press)
        assert answer.state is CommandState.WAITING
        with pytest.raises(LeaseLost, match="does not execute the trades of account practice"):
            scene.trading.transact(ACCOUNT, lambda unit: None)
        scene.seat.execution = scene.execution
        assert (await until_settled(scene, press)).state is CommandState.DONE


async def test_a_pause_is_done_at_once_also_while_nobody_executes(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        scene.seat.execution = None
        answer = await scene.desk.submit(a_press(PAUSE))
        assert answer.state is CommandState.DONE
        assert (halted(scene), scene.waiting()) == (True, 0)


async def test_what_somebody_lifted_is_not_carried_out_by_the_next_executor(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        scene.seat.execution = None
        paused, killed = a_press(PAUSE), a_press(CommandKind.KILL)
        await scene.desk.submit(paused)
        await scene.desk.submit(killed)
        rearm_switch(books, actor="cli")
        resume_entries(books.ports, rearm=False, actor="cli")
        scene.seat.execution = scene.execution
        assert (await until_settled(scene, killed)).state is CommandState.REFUSED
        assert (await scene.desk.submit(paused)).state is CommandState.DONE
        assert not halted(scene)
        assert switch_now(books) is None


async def test_a_kill_holds_entries_at_once_and_waits_for_whoever_can_cancel(
    tmp_path, books, clock
):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        await scene.desk.submit(a_press(APPROVE, plan.plan_id))
        scene.seat.execution = None
        press = a_press(CommandKind.KILL)
        answer = await scene.desk.submit(press)
        assert answer.state is CommandState.WAITING
        assert "What works is cancelled as soon as" in answer.sentence
        assert halted(scene)
        assert switch_now(books) is not None
        scene.seat.execution = scene.execution
        assert (await until_settled(scene, press)).state is CommandState.DONE
        assert await scene.execution.venue.open_orders() == ()


def test_nothing_of_a_pause_is_kept_unless_all_of_it_is(books, clock):
    def breaks(unit: Any, command: Command, at_us: int) -> Any:
        AtOnce(books)(unit, command, at_us)
        raise StateUnavailable("the disk is full", where="snipersight.db")

    with pytest.raises(StateUnavailable):
        note_command(books.store.decisions, a_press(PAUSE), clock=clock, at_once=breaks)
    standing = books.store.decisions.view(ACCOUNT, lambda unit: unit.account.standing)
    assert standing.tripped == ()
    assert SqlCommands(books.store.database).waiting(ACCOUNT).commands == ()


async def test_whoever_was_overtaken_does_nothing_and_the_next_one_does_it(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path, QUIET), clock) as first:
        plan = first.tell()
        assert first.execution.lease is not None
        first.execution.lease.give_back()
        async with a_scene(books, a_bench(tmp_path, QUIET), clock, is_running=False) as second:
            press = a_press(APPROVE, plan.plan_id)
            answer = await first.desk.submit(press)
            assert (answer.state, second.trades()) == (CommandState.WAITING, ())
            running = asyncio.create_task(second.desk.run(second.stop))
            settled = await second.desk.submit(press)
            assert (settled.state, len(second.trades())) == (CommandState.DONE, 1)
            second.stop.set()
            await running


def test_of_two_who_settle_the_second_keeps_nothing(books, clock):
    noted = note_command(books.store.decisions, a_press(PAUSE), clock=clock)
    one, other = (Settling(noted.stored, books.store.decisions, clock=clock) for _ in range(2))
    one.settle(done("first"))
    draft = QueueDraft(topic="message", key="an effect")
    with pytest.raises(SettledBefore):
        other.joined(lambda _: done("second")).transact(ACCOUNT, lambda unit: unit.enqueue(draft))
    assert books.store.queue("message").counts().pending == 0
    assert (one.is_settled, other.is_settled) == (True, False)


def test_what_the_ledger_refused_is_not_settled_as_done(books, clock):
    noted = note_command(books.store.decisions, a_press(PAUSE), clock=clock)
    settling = Settling(noted.stored, books.store.decisions, clock=clock)
    check = Check(code="unknown_entry", passed=False, sentence="no such entry")
    joined = settling.joined(lambda _: done("filled"))
    assert joined.transact(ACCOUNT, lambda unit: check) is check
    assert not settling.is_settled
    settling.settle(refused("no such entry"))
    stored = SqlCommands(books.store.database).named(noted.stored.key)
    assert stored is not None
    assert stored.settled is not None
    assert stored.settled.state is CommandState.REFUSED


async def test_a_command_that_cannot_be_read_is_buried_and_keeps_no_other(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        queue = books.store.queue(COMMANDS)
        queue.put("do:practice:strange", {"command": {"kind": "dance"}, "stored_us": 1})
        answer = await scene.desk.submit(a_press(APPROVE, plan.plan_id))
        assert answer.state is CommandState.DONE
        assert queue.counts().dead == 1


async def test_a_fault_of_the_program_is_answered_and_not_tried_for_ever(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:

        async def broken(stored: object, settling: object) -> Any:
            raise ZeroDivisionError

        doers: Any = scene.desk._work.doers
        doers[CANCEL] = broken
        answer = await scene.desk.submit(a_press(CANCEL, "a-plan"))
    assert answer.state is CommandState.REFUSED
    assert "a fault of the program stopped it" in answer.sentence.lower()


async def test_names_that_no_database_can_hold_are_stored_all_the_same(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        press = a_press(PAUSE, by=("telegram:3", "An\ud800n\0a"))
        assert (await scene.desk.submit(press)).state is CommandState.DONE
        assert scene.said()[0]["said"]["name"] == "An?n\0a"


async def test_the_press_that_came_first_counts_however_long_it_takes_to_store(
    tmp_path, books, clock
):
    async with a_scene(books, a_bench(tmp_path), clock, is_running=False) as scene:
        plan, held = scene.tell(), books.store.decisions.transact
        delays = iter((0.05, 0.0, 0.0))

        def slowly(*arguments: Any, **options: Any) -> Any:
            time.sleep(next(delays, 0.0))
            return held(*arguments, **options)

        books.store.decisions.transact = slowly
        await asyncio.gather(
            scene.desk.leave(a_press(CommandKind.REJECT, plan.plan_id, by=BOB)),
            scene.desk.leave(a_press(APPROVE, plan.plan_id)),
        )
        books.store.decisions.transact = held
        [stored] = SqlCommands(books.store.database).waiting(ACCOUNT).commands
    assert stored.command.kind is CommandKind.REJECT


async def test_presses_from_many_sides_at_once_make_one_order_each(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        presses = [
            a_press(APPROVE, plan.plan_id, by=(f"telegram:{one}", f"P{one}")) for one in range(12)
        ]
        answers = await asyncio.gather(*map(scene.desk.submit, presses))
        assert [one.is_first for one in answers].count(True) == 1
        assert {one.state for one in answers} == {CommandState.DONE}
        assert (len(scene.trades()), len(scene.said())) == (1, 2)


def test_a_switch_that_nobody_pulled_is_not_there():
    with open_books(load_settings()[0], account_id="practice") as books:
        assert switch_now(books) is None
