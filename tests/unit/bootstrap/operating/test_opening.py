"""Whose commands a desk does: a rehearsal leaves what is executed to the process that executes."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from snipersight.bootstrap.books import Books
from snipersight.bootstrap.executing import Executed
from snipersight.bootstrap.kill_switch import switch_now
from snipersight.bootstrap.operating.decided import decisions_on, is_kept_by_hand, is_rehearsed
from snipersight.bootstrap.operating.desk import OperatingDesk
from snipersight.bootstrap.operating.markets import SourceMarket
from snipersight.bootstrap.operating.opening import open_desk
from snipersight.bootstrap.operating.records import note_command
from snipersight.bootstrap.operating.trading import Rehearsal
from snipersight.domain.commands import CommandKind, CommandState
from snipersight.domain.execution import Mode
from snipersight.domain.plan import TradePlan
from snipersight.domain.standing import BreakerName
from snipersight.storage.commands import SqlCommands
from tests.builders.operating import ACCOUNT, BOB, Scene, a_bench, a_press, a_scene, of_setup
from tests.builders.profiles import a_profile
from tests.builders.situations import a_trade

APPROVE, REJECT, FLATTEN = CommandKind.APPROVE, CommandKind.REJECT, CommandKind.FLATTEN
DONE, REFUSED, WAITING = CommandState.DONE, CommandState.REFUSED, CommandState.WAITING


def a_rehearsal(scene: Scene) -> OperatingDesk:
    """Return the desk of a dry run beside, before or after an executor."""

    async def rehearse(plan: TradePlan, seen: object) -> Executed:
        return Executed(
            plan=plan, trade=replace(a_trade(), plan_id=plan.plan_id, mode=Mode.DRY_RUN)
        )

    source: Any = scene.source
    market = SourceMarket(source, scene.books, profile_of=lambda _: a_profile())
    return open_desk(scene.books, trading=Rehearsal(rehearse), market=market)


async def rehearsed(scene: Scene, kind: CommandKind, plan: TradePlan) -> str:
    """Let a person press in a dry run with nobody executing, and return the answer."""
    desk, stop = a_rehearsal(scene), asyncio.Event()
    running = asyncio.create_task(desk.run(stop))
    answer = await desk.submit(a_press(kind, plan.plan_id))
    stop.set()
    await running
    assert answer.state is DONE
    return answer.sentence


async def a_told_plan(tmp_path, books: Books, clock) -> tuple[Scene, TradePlan]:
    """Return a plan that was told, and a scene whose executor is gone."""
    async with a_scene(books, a_bench(tmp_path), clock, is_running=False) as scene:
        plan = scene.tell()
    return scene, plan


async def test_a_dry_run_does_no_command_beside_a_process_that_executes(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock, is_running=False) as scene:
        dry, plan = a_rehearsal(scene), scene.tell()
        note_command(books.store.decisions, a_press(REJECT, plan.plan_id), clock=clock)
        assert await dry.take_up() == 0
        await asyncio.sleep(0)
        assert scene.waiting() == 1
    assert await dry.take_up() == 1  # nobody executes any more
    await dry.run(stopped())
    assert scene.waiting() == 0


@pytest.mark.parametrize("kind", [APPROVE, FLATTEN, CommandKind.CANCEL])
async def test_what_is_meant_to_be_executed_is_never_rehearsed(tmp_path, books, clock, kind):
    scene, plan = await a_told_plan(tmp_path, books, clock)
    note_command(books.store.decisions, a_press(kind, plan.plan_id), clock=clock)
    assert await a_rehearsal(scene).take_up() == 0
    assert scene.waiting() == 1


async def test_a_rehearsed_approval_decides_nothing_where_orders_are_sent(tmp_path, books, clock):
    scene, plan = await a_told_plan(tmp_path, books, clock)
    assert "none was sent (dry run)" in await rehearsed(scene, APPROVE, plan)
    async with a_scene(books, a_bench(tmp_path), clock) as paper:
        assert paper.trades() == ()
        answer = await paper.desk.submit(a_press(APPROVE, plan.plan_id, by=BOB))
        assert (answer.state, answer.is_first) == (DONE, True)
        assert len(paper.trades()) == 1


async def test_a_rehearsed_rejection_keeps_no_later_run_from_the_setup(tmp_path, books, clock):
    scene, plan = await a_told_plan(tmp_path, books, clock)
    assert "dry run" in await rehearsed(scene, REJECT, plan)
    assert not is_kept_by_hand(books, plan)
    async with a_scene(books, a_bench(tmp_path), clock) as paper:
        later = paper.tell(of_setup(plan, "later"))
        answer = await paper.desk.submit(a_press(APPROVE, later.plan_id))
        assert answer.state is DONE


@pytest.mark.parametrize("kind", [APPROVE, REJECT])
async def test_within_rehearsals_the_first_decision_is_the_only_one(tmp_path, books, clock, kind):
    scene, plan = await a_told_plan(tmp_path, books, clock)
    await rehearsed(scene, kind, plan)
    answer = await a_rehearsal(scene).submit(a_press(APPROVE, plan.plan_id, by=BOB))
    assert (answer.is_first, answer.command.name) == (False, "Ann")
    database = books.store.database
    assert decisions_on(database, ACCOUNT, plan) == ()
    assert [one.command.kind for one in decisions_on(database, ACCOUNT, plan, rehearses=True)] == [
        kind
    ]


async def test_an_approval_that_a_rehearsal_left_undone_is_not_executed(tmp_path, books, clock):
    scene, plan = await a_told_plan(tmp_path, books, clock)
    press = a_press(APPROVE, plan.plan_id)
    dry = a_rehearsal(scene)
    await asyncio.wait_for(dry.leave(press), 5)  # and it is killed before it does it
    (stored,) = SqlCommands(books.store.database).waiting(ACCOUNT).commands
    assert is_rehearsed(stored.command)
    async with a_scene(books, a_bench(tmp_path), clock) as paper:
        # Telegram delivers again what was not answered: it is the same press all the same.
        answer = await paper.desk.submit(press)
        assert answer.state is REFUSED
        assert "a rehearsal (dry run), which is over" in answer.sentence
        assert paper.trades() == ()


async def test_a_press_beside_a_process_that_executes_is_meant_for_it(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        answer = await a_rehearsal(scene).submit(a_press(APPROVE, plan.plan_id))
        assert answer.state is DONE
        assert len(scene.trades()) == 1


async def test_a_kill_in_a_rehearsal_holds_and_promises_no_cancel(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        await scene.desk.submit(a_press(APPROVE, plan.plan_id))
    desk, stop = a_rehearsal(scene), asyncio.Event()
    running = asyncio.create_task(desk.run(stop))
    answer = await desk.submit(a_press(CommandKind.KILL))
    stop.set()
    await running
    assert "is cancelled by the next process that executes" in answer.sentence
    switch = switch_now(books)
    assert switch is not None
    assert switch.done_us is None
    standing = books.store.decisions.view(ACCOUNT, lambda unit: unit.account.standing)
    assert [one.name for one in standing.tripped] == [BreakerName.OPERATOR]


def stopped() -> asyncio.Event:
    stop = asyncio.Event()
    stop.set()
    return stop
