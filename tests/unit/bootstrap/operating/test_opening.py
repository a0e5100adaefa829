"""Whose commands a desk does: a rehearsal leaves them to the process that executes."""

import asyncio
from typing import Any

from snipersight.bootstrap.operating.markets import SourceMarket
from snipersight.bootstrap.operating.opening import open_desk
from snipersight.bootstrap.operating.records import note_command
from snipersight.bootstrap.operating.trading import Rehearsal
from snipersight.domain.commands import CommandKind
from tests.builders.operating import a_bench, a_press, a_scene
from tests.builders.profiles import a_profile


async def test_a_dry_run_does_no_command_beside_a_process_that_executes(tmp_path, books, clock):
    async def never(*_: Any) -> Any:
        raise AssertionError("nothing is to be rehearsed")

    async with a_scene(books, a_bench(tmp_path), clock, is_running=False) as scene:
        source: Any = scene.source
        market = SourceMarket(source, books, profile_of=lambda _: a_profile())
        dry = open_desk(books, trading=Rehearsal(never), market=market)
        plan = scene.tell()
        note_command(books.store.decisions, a_press(CommandKind.FLATTEN, plan.plan_id), clock=clock)
        assert await dry.take_up() == 0
        await asyncio.sleep(0)
        assert scene.waiting() == 1
    assert await dry.take_up() == 1  # nobody executes any more
    await dry.run(stopped())
    assert scene.waiting() == 0


def stopped() -> asyncio.Event:
    stop = asyncio.Event()
    stop.set()
    return stop
