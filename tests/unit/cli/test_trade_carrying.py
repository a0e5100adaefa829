"""`snipersight cancel` and `flatten` beside a process that executes the account's trades."""

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from snipersight.bootstrap import session
from snipersight.bootstrap.books import Books, open_books
from snipersight.bootstrap.executor_store import take_lease
from snipersight.bootstrap.live_trades import find_live
from snipersight.bootstrap.settings import load_settings
from snipersight.cli import trade_carrying
from snipersight.cli.trade_commands import CANCEL, FLATTEN, carry_out
from snipersight.domain.commands import CommandState
from snipersight.domain.errors import LeaseLost, OrderRefused
from snipersight.storage.commands import SqlCommands
from tests.builders.execution_desk import DeskClock, a_paper_plan, paper_execution, paper_world
from tests.builders.operating import ACCOUNT, Scene, a_bench, a_scene


@dataclass
class PaperAccount:
    """An open account as the commands have it, on paper over a table of bars."""

    books: Books
    bench: Any
    clock: DeskClock

    def worlds(self) -> Any:
        return (paper_world(),)

    @asynccontextmanager
    async def execution(self, world: Any) -> Any:
        async with paper_execution(self.books, self.bench, self.clock) as execution:
            yield execution


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))


@pytest.fixture
def account(tmp_path):
    clock = DeskClock()
    with open_books(load_settings()[0], account_id=ACCOUNT, clock=clock) as books:
        yield PaperAccount(books, a_bench(tmp_path), clock)


def a_run(account: PaperAccount, **options: Any) -> Any:
    return a_scene(account.books, account.bench, account.clock, **options)


async def with_entries(scene: Scene) -> None:
    executed = await scene.trading.execute(a_paper_plan(), scene.seen())
    assert executed.trade is not None


def waiting(account: PaperAccount) -> int:
    return len(SqlCommands(account.books.store.database).waiting(ACCOUNT).commands)


@pytest.mark.parametrize("order", [CANCEL, FLATTEN], ids=["cancel", "flatten"])
async def test_beside_a_run_that_is_well_it_is_done_within_two_seconds(account, order):
    async with a_run(account) as scene:
        await with_entries(scene)
        began_s = time.monotonic()
        (view,) = await carry_out(account, find_live(account.books, None), order)
        took_s = time.monotonic() - began_s
        said = [(one["command"], one.get("state")) for one in scene.said()]
    assert order.is_done(view)
    assert took_s < 2
    assert said == [(order.kind.value, None), (order.kind.value, CommandState.DONE.value)]


async def test_what_the_run_refuses_is_told_with_its_reason(account):
    async with a_run(account) as scene:
        await with_entries(scene)
        trades = find_live(account.books, None)
        scene.trading.flatten = traded_elsewhere
        with pytest.raises(OrderRefused, match="which this process does not execute"):
            await carry_out(account, trades, FLATTEN)


async def traded_elsewhere(_trade_id: str, *, reason: str) -> tuple[()]:
    return ()


async def test_an_executor_without_a_desk_closes_what_is_left_in_the_books(account, monkeypatch):
    monkeypatch.setattr(trade_carrying, "_TAKEN_S", 0.3)
    async with a_run(account, is_running=False) as scene:
        await with_entries(scene)
        trades = find_live(account.books, None)
        with pytest.raises(LeaseLost, match="takes no commands"):
            await carry_out(account, trades, CANCEL)
        assert waiting(account) == 0
        closing = asyncio.create_task(carry_out(account, trades, FLATTEN))
        await asyncio.sleep(1)
        await scene.execution.executor.cycle()
        (view,) = await closing
    assert FLATTEN.is_done(view)
    assert waiting(account) == 0


@pytest.mark.parametrize("order", [CANCEL, FLATTEN], ids=["cancel", "flatten"])
async def test_what_a_process_that_died_meanwhile_did_not_do_is_done_here(
    account, order, monkeypatch
):
    monkeypatch.setattr(session, "now_ms", lambda: account.clock.now_ms)
    async with a_run(account, is_running=False) as scene:
        await with_entries(scene)
    dying = await take_lease(account.books.store, ACCOUNT, wait_s=0, say=lambda _: None)
    assert dying is not None
    acting = asyncio.create_task(carry_out(account, find_live(account.books, None), order))
    for _ in range(1_000):
        if acting.done() or waiting(account):
            break
        await asyncio.sleep(0.05)
    assert waiting(account) == 1
    dying.give_back()  # as its time running out does
    (view,) = await acting
    assert order.is_done(view)
    assert waiting(account) == 0
