"""The kill switch beside a run: its executor carries it out at once, at whatever pace it works."""

import asyncio

import pytest

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.executing import execute_plan
from snipersight.bootstrap.kill_switch import pull_switch, rearm_switch, switch_now
from snipersight.bootstrap.running.kill_watch import KillWatch
from snipersight.bootstrap.settings import load_settings
from tests.builders.execution_desk import DeskClock, a_paper_plan, paper_execution
from tests.builders.operating import a_bench


@pytest.fixture
def clock() -> DeskClock:
    return DeskClock()


@pytest.fixture
def books(clock):
    with open_books(load_settings()[0], account_id="practice", clock=clock) as opened:
        yield opened


@pytest.mark.parametrize("flatten", [False, True])
async def test_what_another_process_latched_is_carried_out_before_the_next_close(
    tmp_path, books, clock, flatten
):
    said: list[str] = []
    async with paper_execution(books, a_bench(tmp_path), clock) as execution:
        watch = KillWatch(execution, lock=asyncio.Lock(), say=said.append)
        assert (await execute_plan(execution, a_paper_plan())).trade is not None
        await watch.look()
        assert len(await execution.venue.open_orders()) == 3
        pull_switch(books, flatten=flatten, reason="a storm", actor="cli")
        await watch.look()
        switch = switch_now(books)
        assert switch is not None
        assert switch.done_us is not None
        assert await execution.venue.open_orders() == ()
        await watch.look()
    [line] = said
    assert "a storm" in line
    assert ("every position" in line) is flatten


async def test_the_watch_waits_while_the_venue_s_time_is_played(tmp_path, books, clock):
    async with paper_execution(books, a_bench(tmp_path), clock) as execution:
        lock = asyncio.Lock()
        watching = asyncio.create_task(KillWatch(execution, lock=lock, say=lambda _: None).watch())
        await execute_plan(execution, a_paper_plan())
        async with lock:
            pull_switch(books, flatten=False, reason="", actor="cli")
            await asyncio.sleep(1)
            pulled = switch_now(books)
            assert pulled is not None
            assert pulled.done_us is None
        await asyncio.sleep(1)
        done = switch_now(books)
        assert done is not None
        assert done.done_us is not None
        watching.cancel()


async def test_a_switch_that_is_rearmed_as_it_is_carried_out_is_not_pulled_again(
    tmp_path, books, clock
):
    async with paper_execution(books, a_bench(tmp_path), clock) as execution:
        watch = KillWatch(
            execution, lock=asyncio.Lock(), say=lambda _: rearm_switch(books, actor="cli")
        )
        assert (await execute_plan(execution, a_paper_plan())).trade is not None
        pull_switch(books, flatten=False, reason="a slip", actor="cli")
        await watch.look()
        assert switch_now(books) is None
