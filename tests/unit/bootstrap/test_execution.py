"""An account executed on paper in this process: orders, protection, result, and who may do it."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from snipersight.bootstrap.books import Books, open_books
from snipersight.bootstrap.executing import execute_plan, require_ready
from snipersight.bootstrap.execution import Execution, Opening, open_execution
from snipersight.bootstrap.executor_store import take_lease
from snipersight.bootstrap.following import Follower
from snipersight.bootstrap.kill_switch import pull_switch, rearm_switch, switch_now
from snipersight.bootstrap.live_trades import find_live, order_closed
from snipersight.bootstrap.narrating import Narrator
from snipersight.bootstrap.paper_origins import choice_of
from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.sources import SourceChoice
from snipersight.bootstrap.trade_views import TradeView, trades_of, views_of
from snipersight.domain.errors import ConfigInvalid, DataInvalid, LeaseLost
from snipersight.domain.execution import Mode, TradeState
from snipersight.domain.ledger import EntryState
from snipersight.domain.units import Currency, Symbol
from tests.builders.candles import rows
from tests.builders.execution_desk import DeskClock, a_paper_plan, paper_execution, paper_world
from tests.builders.paper import PERPETUAL, START_MS, STEP_MS, PaperBench

# Down through the zone, up to both targets.
WON = rows("""
    100  100.5  97.5  98.5
     98.5 105   98.5 104.5
    104.5 109  104   108.5
    108.5 109  108   108.5
""")
LOST = rows("100 100.5 97.5 98.5 \n 98.5 99 95 95.5 \n 95.5 96 95 95.5")
MINUTE_MS = 60_000


@pytest.fixture
def clock() -> DeskClock:
    return DeskClock()


@pytest.fixture
def books(clock):
    with open_books(load_settings()[0], account_id="practice", clock=clock) as opened:
        yield opened


def a_bench(tmp_path: Path, table: list[tuple[float, float, float, float]] = WON) -> PaperBench:
    # The desk keeps the venue's file in its home; the bench only serves the table.
    return PaperBench(folder=tmp_path / "unused", rows=table)


async def lived(execution: Execution, clock: DeskClock, bars: int) -> list[str]:
    """Play so many bars and return what was told."""
    told: list[str] = []
    narrator = Narrator(execution.desk, told.append)
    await narrator.begin()
    clock.now_ms = START_MS + bars * STEP_MS
    stop = asyncio.Event()
    stop.set()
    follower = Follower(execution, narrator, stop=stop, now_ms=lambda: clock.now_ms)
    await follower.follow()
    return told


def views(books: Books) -> tuple[TradeView, ...]:
    return books.store.decisions.view(
        "practice",
        lambda unit: views_of(unit, trades_of(unit, everything=True, limit=9), {}, {}),
    )


async def test_a_plan_is_executed_protected_and_followed_to_its_profit(tmp_path, books, clock):
    async with paper_execution(books, a_bench(tmp_path), clock) as execution:
        assert await require_ready(execution, [PERPETUAL]) == ()
        executed = await execute_plan(execution, a_paper_plan())
        assert executed.trade is not None
        assert len(executed.intents) == 3
        told = await lived(execution, clock, 1)
        [view] = views(books)
        assert [line.split("  ")[2].split(" filled")[0] for line in told] == [
            "entry 1",
            "entry 2",
            "entry 3",
        ]
        assert (view.protection, view.holding.held) == ("protected", executed.trade.size)
        told = await lived(execution, clock, 4)
        assert any("target 1 filled: sell" in line for line in told)
        assert any("stop moved to" in line for line in told)
        assert "closed: +" in told[-1]
        [view] = views(books)
        equity = await equity_of(execution)
    assert view.trade.state is TradeState.DONE
    assert view.entry is not None
    assert view.entry.state is EntryState.CLOSED
    assert view.realised > 0
    assert equity == Decimal(10_000) + view.realised


async def equity_of(execution: Execution) -> Decimal:
    held = {one.currency: one.total for one in await execution.venue.balances()}
    return held[Currency("USDT")]


async def test_a_loss_is_what_was_approved_and_what_the_venue_lost(tmp_path, books, clock):
    async with paper_execution(books, a_bench(tmp_path, LOST), clock) as execution:
        executed = await execute_plan(execution, a_paper_plan())
        assert executed.trade is not None
        told = await lived(execution, clock, 3)
        [view] = views(books)
        equity = await equity_of(execution)
    assert "stop filled: sell" in told[-2]
    assert "closed: −" in told[-1]
    assert equity == Decimal(10_000) + view.realised
    assert Decimal(-105) < view.realised < Decimal(-60)
    assert view.r_multiple is not None
    assert view.r_multiple < 0


async def test_a_stop_on_the_bar_of_the_entry_reaches_the_books(tmp_path, books, clock):
    crashed = rows("100 100.5 95 95.5 \n 95.5 96 95 95.5")
    async with paper_execution(books, a_bench(tmp_path, crashed), clock) as execution:
        await execute_plan(execution, a_paper_plan())
        await lived(execution, clock, 1)
        [view] = views(books)
        equity = await equity_of(execution)
    assert view.trade.state is TradeState.DONE
    assert equity == Decimal(10_000) + view.realised


async def test_one_that_was_ended_in_the_middle_is_taken_over_where_it_was(tmp_path, books, clock):
    bench = a_bench(tmp_path)
    async with paper_execution(books, bench, clock) as execution:
        await execute_plan(execution, a_paper_plan())
        await lived(execution, clock, 1)
    async with paper_execution(books, bench, clock, is_judging=False) as execution:
        await execution.executor.start()
        told = await lived(execution, clock, 4)
    assert "closed: +" in told[-1]
    assert not any("entry" in line for line in told)
    assert [one.trade.state for one in views(books)] == [TradeState.DONE]


async def test_a_rehearsal_stores_nothing_and_needs_no_lease(tmp_path, books, clock):
    said: list[str] = []
    async with (
        paper_execution(books, a_bench(tmp_path), clock, is_judging=False),
        paper_execution(books, a_bench(tmp_path), clock, mode=Mode.DRY_RUN, said=said) as rehearsal,
    ):
        executed = await execute_plan(rehearsal, a_paper_plan())
    assert executed.trade is not None
    assert sum("dry run: submit buy" in line for line in said) == 3
    assert views(books) == ()


async def test_a_second_executor_of_the_account_is_refused(tmp_path, books, clock):
    async with paper_execution(books, a_bench(tmp_path), clock):
        with pytest.raises(LeaseLost, match="another process executes the trades of account"):
            async with paper_execution(books, a_bench(tmp_path), clock):
                pass
    async with paper_execution(books, a_bench(tmp_path), clock):
        pass  # the first gave it back


async def test_one_that_was_overtaken_writes_nothing_any_more(tmp_path, books, clock):
    async with paper_execution(books, a_bench(tmp_path), clock) as execution:
        assert execution.lease is not None
        execution.lease.give_back()
        other = await take_lease(books.store, "practice", wait_s=0, say=lambda _: None)
        assert other is not None
        staged = await asyncio.to_thread(execution.executor.stage_order, a_paper_plan(), Mode.PAPER)
        assert not staged  # the gate could not reserve
        with pytest.raises(LeaseLost):
            await execution.desk.transact(lambda unit: unit.book.save_kill_switch(None))
        other.give_back()


async def test_whoever_waits_for_the_lease_says_so_once_and_gets_it(books):
    said: list[str] = []
    first = await take_lease(books.store, "practice", wait_s=0, say=said.append)
    assert first is not None
    waiting = asyncio.create_task(take_lease(books.store, "practice", wait_s=5, say=said.append))
    await asyncio.sleep(0.7)
    first.give_back()
    second = await waiting
    assert second is not None
    assert len(said) == 1
    assert "waiting for it" in said[0]


async def test_what_the_gate_or_a_safeguard_refuses_is_not_sent(tmp_path, books, clock):
    async with paper_execution(books, a_bench(tmp_path), clock) as execution:
        poor = await execute_plan(execution, a_paper_plan(near="60", far="59", stop="58"))
        assert poor.trade is None
        assert "price_collar" in {check.code for check in poor.refused}
        assert (await execute_plan(execution, a_paper_plan())).trade is not None
        again = await execute_plan(execution, a_paper_plan())
        assert again.trade is None
        assert len(await execution.venue.open_orders()) == 3


async def test_a_market_that_is_not_listed_stops_the_preflight(tmp_path, books, clock):
    async with paper_execution(books, a_bench(tmp_path), clock) as execution:
        with pytest.raises(ConfigInvalid, match="not traded here: DOGE/USDT"):
            await require_ready(execution, [Symbol("DOGE/USDT")])


async def test_a_kill_without_anything_live_is_done_at_once_and_rearmed(books):
    switch = pull_switch(books, flatten=False, reason="a test", actor="cli")
    assert switch.done_us is not None
    assert switch_now(books) == switch
    assert rearm_switch(books, actor="cli")
    assert switch_now(books) is None
    assert not rearm_switch(books, actor="cli")


async def test_a_kill_in_the_store_alone_is_carried_out_by_whoever_executes(tmp_path, books, clock):
    async with paper_execution(books, a_bench(tmp_path), clock) as execution:
        await execute_plan(execution, a_paper_plan())
        await lived(execution, clock, 1)
        switch = pull_switch(books, flatten=True, reason="", actor="cli")
        assert switch.done_us is None
        for _ in range(4):
            await execution.executor.cycle()
        done = switch_now(books)
        assert done is not None
        assert done.done_us is not None
        assert await execution.venue.positions() == ()
        refused = await execute_plan(execution, a_paper_plan())
    assert refused.trade is None


async def test_word_that_a_trade_is_to_be_closed_is_acted_upon(tmp_path, books, clock):
    async with paper_execution(books, a_bench(tmp_path), clock) as execution:
        executed = await execute_plan(execution, a_paper_plan())
        await lived(execution, clock, 1)
        [trade] = find_live(books, executed.plan.plan_id[:8])
        assert find_live(books, PERPETUAL) == find_live(books, None) == (trade,)
        order_closed(books, [trade], why="by a person")
        for _ in range(3):
            await execution.executor.cycle()
        assert await execution.venue.positions() == ()
    assert [one.trade.exit_reason for one in views(books)] == ["by a person"]


@pytest.mark.parametrize("which", ["nothing", "ETH/USDT"])
def test_a_name_that_no_live_trade_has_is_answered_with_where_they_are_shown(books, which):
    with pytest.raises(ConfigInvalid, match=f"no live trade of account practice is {which}"):
        find_live(books, which)


async def test_another_source_than_the_account_lives_by_is_refused(tmp_path, books, clock):
    async with paper_execution(books, a_bench(tmp_path), clock) as execution:
        await execute_plan(execution, a_paper_plan())
    assert choice_of(books.settings, "practice", "sandbox") == SourceChoice(seed=7)
    other = Opening(
        world=paper_world(),
        books=books,
        clock=clock,
        source=a_bench(tmp_path).source(),
        choice=SourceChoice(seed=8),
        lease_wait_s=0,
    )
    with pytest.raises(DataInvalid, match="built-in market 7, and these are built-in market 8"):
        await open_execution(other)
    async with paper_execution(books, a_bench(tmp_path), clock):
        pass  # the lease was given back
