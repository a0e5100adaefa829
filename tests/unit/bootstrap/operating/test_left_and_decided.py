"""A plan that was left to the process that executes: a person who decides on it meanwhile goes first."""

import asyncio

import pytest

from snipersight.bootstrap.operating.decided import UNASKED
from snipersight.domain.commands import Command, CommandKind, CommandState
from snipersight.domain.ledger import Origin
from tests.builders.operating import ACCOUNT, a_bench, a_press, a_scene
from tests.fakes.venue_clients import until

APPROVE, REJECT, TOOK = CommandKind.APPROVE, CommandKind.REJECT, CommandKind.TOOK


def left(plan) -> Command:
    return a_press(APPROVE, plan.plan_id, by=(UNASKED, "SniperSight"), arguments={"mode": "paper"})


@pytest.mark.parametrize("kind", [REJECT, TOOK])
async def test_what_a_person_decides_while_a_plan_waits_unasked_keeps_it_from_being_executed(
    tmp_path, books, clock, kind
):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan, execution = scene.tell(), scene.seat.execution
        scene.seat.execution = None  # nobody executes
        await scene.desk.leave(left(plan))
        pressed = asyncio.create_task(scene.desk.submit(a_press(kind, plan.plan_id)))
        await asyncio.sleep(0.2)
        scene.seat.execution = execution
        answer = await pressed
        await until(lambda: scene.waiting() == 0)
        assert scene.trades() == ()
        assert (answer.is_first, answer.state) == (True, CommandState.DONE), answer.sentence
        entries = books.store.decisions.view(
            ACCOUNT, lambda unit: unit.entries_of_plan(plan.plan_id)
        )
        assert [one.origin for one in entries] == ([Origin.BY_HAND] if kind is TOOK else [])
