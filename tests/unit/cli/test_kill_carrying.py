"""`snipersight kill` beside a process that executes the account's trades, and after its death."""

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from snipersight.bootstrap.books import Books, open_books
from snipersight.bootstrap.executing import execute_plan
from snipersight.bootstrap.executor_store import take_lease
from snipersight.bootstrap.kill_switch import pull_switch, switch_now
from snipersight.bootstrap.running.kill_watch import KillWatch
from snipersight.bootstrap.settings import load_settings
from snipersight.cli.kill_carrying import carry_out
from tests.builders.execution_desk import DeskClock, a_paper_plan, paper_execution, paper_world
from tests.builders.operating import a_bench


@dataclass
class PaperAccount:
    """An open account as the command has it, on paper over a table of bars."""

    books: Books
    bench: Any
    clock: DeskClock

    def worlds(self) -> Any:
        return (paper_world(),)

    @asynccontextmanager
    async def execution(self, world: Any, *, is_beside: bool = False) -> Any:
        assert not is_beside  # the simulated venue lives in one process
        async with paper_execution(self.books, self.bench, self.clock) as execution:
            yield execution


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))


@pytest.fixture
def account(tmp_path):
    clock = DeskClock()
    with open_books(load_settings()[0], account_id="practice", clock=clock) as books:
        yield PaperAccount(books, a_bench(tmp_path), clock)


def pulled(account: PaperAccount) -> Any:
    return pull_switch(account.books, flatten=True, reason="a test", actor="cli")


def is_done(account: PaperAccount) -> bool:
    switch = switch_now(account.books)
    return switch is not None and switch.done_us is not None


async def test_beside_a_run_that_is_well_a_kill_is_done_within_two_seconds(account):
    async with account.execution(None) as running:
        assert (await execute_plan(running, a_paper_plan())).trade is not None
        watch = KillWatch(running, lock=asyncio.Lock(), say=lambda _: None)
        watching = asyncio.create_task(watch.watch())
        began_s = time.monotonic()
        pulled(account)
        by = await carry_out(account)
        took_s = time.monotonic() - began_s
        watching.cancel()
        assert running.lease is not None
        assert by is not None
        assert running.lease.owner.startswith(f"{by}:")
    assert is_done(account)
    assert took_s < 2


async def test_what_a_dead_process_left_is_taken_over_and_carried_out(account):
    async with account.execution(None) as running:
        await execute_plan(running, a_paper_plan())
    dead = await take_lease(account.books.store, "practice", wait_s=0, say=lambda _: None)
    assert dead is not None
    pulled(account)
    killing = asyncio.create_task(carry_out(account))
    await asyncio.sleep(1.5)
    assert not is_done(account)
    dead.give_back()  # as its time running out does
    assert await killing is None
    assert is_done(account)


async def test_where_nobody_executes_the_command_does_it_by_itself(account):
    async with account.execution(None) as before:
        await execute_plan(before, a_paper_plan())
    pulled(account)
    assert await carry_out(account) is None
    assert is_done(account)
