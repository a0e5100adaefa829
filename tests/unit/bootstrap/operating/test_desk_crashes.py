"""An approval is broken off at every step, and done once all the same by whoever comes after."""

import asyncio
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest

from snipersight.bootstrap.execution import Execution
from snipersight.domain.commands import Command, CommandKind
from snipersight.domain.ledger import EntryState
from tests.builders.execution_desk import a_paper_plan
from tests.builders.operating import (
    ACCOUNT,
    QUIET,
    Scene,
    a_bench,
    a_press,
    a_scene,
    told_decisions,
)
from tests.builders.paper import PaperBench
from tests.fakes.crash_points import Crash, CrashPoints

PLAN = a_paper_plan()
_JOURNALED = 3  # transactions until then: markets, reservation, the trade with its entries
STEPS = 24  # of an approval, from the press to its answer; see the last test


def break_at(scene: Scene, points: CrashPoints) -> None:
    """Let the process of a scene die at a step: around its transactions, and its requests."""
    guarded: Any = scene.execution.desk.store
    venue: Any = scene.execution.venue
    for owner, name, is_async in (
        (guarded, "transact", False),
        (venue, "prepare", True),
        (venue, "submit", True),
    ):
        setattr(owner, name, _counted(getattr(owner, name), name, points, is_async=is_async))
    noting: Any = scene.books.store.decisions
    held = type(noting).transact.__get__(noting)

    def transact(account_id, work, *, guard=None):
        if guard is not None:
            return held(account_id, work, guard=guard)
        points.step("before noting")
        result = held(account_id, work)
        points.step("after noting")
        return result

    noting.transact = transact


def _counted(call: Any, name: str, points: CrashPoints, *, is_async: bool) -> Any:
    def sync(*arguments, **options):
        points.step(f"before {name}")
        result = call(*arguments, **options)
        points.step(f"after {name}")
        return result

    async def waited(*arguments, **options):
        points.step(f"before {name}")
        result = await call(*arguments, **options)
        points.step(f"after {name}")
        return result

    return waited if is_async else sync


async def lived(tmp_path: Any, books: Any, clock: Any, points: CrashPoints) -> Command:
    """Let a person approve the plan, with a process that dies at a step; return the press."""
    press = a_press(CommandKind.APPROVE, PLAN.plan_id, key="the press")
    with suppress(Crash):
        await _live(books, a_bench(tmp_path, QUIET), clock, press, points)
    books.store.decisions.__dict__.pop("transact", None)
    return press


async def _live(
    books: Any, bench: PaperBench, clock: Any, press: Command, points: CrashPoints
) -> None:
    async with a_scene(books, bench, clock, is_running=False) as scene:
        scene.tell(PLAN)
        break_at(scene, points)
        stop = asyncio.Event()
        tasks = [
            asyncio.create_task(scene.desk.run(stop)),
            asyncio.create_task(scene.desk.submit(press)),
        ]
        while not points.is_dead and not tasks[1].done():  # noqa: ASYNC110  the dead set no event
            await asyncio.sleep(0.005)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await _gone(scene.execution)


async def _gone(execution: Execution) -> None:
    """Let everything that a dead process had under way come to nothing."""
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        if task is not execution.keeper:
            task.cancel()
            with suppress(asyncio.CancelledError, Crash, Exception):
                await task


@pytest.mark.parametrize("at", range(1, STEPS + 1))
async def test_wherever_it_dies_there_is_one_trade_and_one_answer(tmp_path, books, clock, at):
    points = CrashPoints(at=at)
    press = await lived(tmp_path, books, clock, points)
    assert points.is_dead
    async with a_scene(books, a_bench(tmp_path, QUIET), clock) as scene:
        answer = await scene.desk.submit(press)
        assert answer.is_first
        assert scene.waiting() == 0
        orders = await scene.execution.venue.open_orders()
        trades = [one for one in scene.trades() if one.plan_id == PLAN.plan_id]
        said = Counter((one["command"], one.get("state", "noted")) for one in scene.said())
    # Orders that had not left when it died are not sent by anybody any more.
    least, most = _left_before(points)
    assert len(trades) == 1
    assert len({one.client_id for one in orders}) == len(orders)
    assert least <= len(orders) <= most
    state = "done" if orders else "refused"
    assert answer.state.value == state
    assert said == {("approve", "noted"): 1, ("approve", state): 1}
    assert told_decisions(books) == 1
    entries = books.store.decisions.view(ACCOUNT, lambda unit: unit.live_entries())
    assert [one.state for one in entries] == ([EntryState.RESERVED] if orders else [])


def _left_before(points: CrashPoints) -> tuple[int, int]:
    """Return how many entries had left at least and at most; three if none was journaled."""
    steps = Counter(points.steps)
    is_journaled = steps["after prepare"] and steps["after transact"] >= _JOURNALED
    return (steps["after submit"], steps["before submit"]) if is_journaled else (3, 3)


async def test_the_steps_are_all_there_are(tmp_path, books, clock):
    points = CrashPoints()
    await lived(tmp_path, books, clock, points)
    assert len(points.steps) == STEPS, points.steps
