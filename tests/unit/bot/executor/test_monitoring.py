"""Trades followed by the venue's stream, by polls, and to their end; and a dry run of it all."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from decimal import Decimal

import pytest

from snipersight.bot.executor import listening
from snipersight.bot.executor.actions import Timings
from snipersight.bot.executor.desk import Desk
from snipersight.bot.executor.dry_run import DryRunVenue
from snipersight.bot.executor.trades import Staged, TradeExecutor
from snipersight.domain.execution import Mode, TradeState
from snipersight.domain.venue import EventKind, VenueEvent
from tests.fakes.executor_desk import BTC, ExecutorDesk, at_once
from tests.fakes.scripted_venue import ACCOUNT, Fate

SLOW = {"timings": Timings(poll_us=60_000_000)}


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that other tasks bring about."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  the desk has nothing to wait for
            await asyncio.sleep(0.001)


async def test_a_fill_on_the_stream_is_covered_long_before_the_next_poll():
    desk = ExecutorDesk(desk=SLOW)
    await desk.put_on()
    desk.venue.engine.drain()
    monitor = asyncio.create_task(desk.executor.monitor_execution())
    await until(lambda: len(desk.venue.requests("quote")) > 1)
    desk.price("42240")
    begun = time.perf_counter()
    desk.venue.tell()
    await until(lambda: desk.open_stops() == desk.position() > 0)
    assert time.perf_counter() - begun < 1
    monitor.cancel()
    with pytest.raises(asyncio.CancelledError):
        await monitor


async def test_without_a_stream_polls_find_the_fill():
    desk = ExecutorDesk(desk={"timings": Timings(poll_us=5_000)})
    await desk.put_on()
    monitor = asyncio.create_task(desk.executor.monitor_execution())
    desk.price("42240")
    await until(lambda: desk.open_stops() == desk.position() > 0)
    monitor.cancel()
    with pytest.raises(asyncio.CancelledError):
        await monitor


async def test_monitoring_ends_with_the_last_trade():
    desk = ExecutorDesk(desk={"timings": Timings(poll_us=5_000)})
    await desk.put_on()
    desk.price("42000")
    await desk.cycles(2)
    desk.price("41700")
    look = await asyncio.wait_for(desk.executor.monitor_execution(), timeout=5)
    assert look.files == ()
    assert desk.trade.state is TradeState.DONE


async def test_events_told_twice_out_of_order_and_for_nobody_change_nothing():
    desk = ExecutorDesk(desk=SLOW)
    await desk.put_on()
    desk.price("42240")
    told = [one for one in desk.venue.engine.drain() if one.order or one.fill]
    for event in [*told, *reversed(told)]:
        kind = EventKind.ORDER if event.order else EventKind.FILL
        desk.executor.ears.hear(VenueEvent(kind=kind, order=event.order, fill=event.fill))
    desk.venue.script("open_orders", *[Fate.BUSY] * 2)
    await desk.cycles(2)
    assert desk.open_stops() == desk.position() == desk.entry().open_size > 0


async def test_a_dry_run_is_the_same_executor_on_a_venue_that_only_writes_down():
    paper = ExecutorDesk()
    lines: list[str] = []
    venue = DryRunVenue(
        name="sandbox",
        instruments=paper.markets,
        prices={paper.plan().symbol: Decimal(42550)},
        clock=paper.clock,
        log=lines.append,
    )
    desk = Desk(
        account_id=ACCOUNT,
        venue=venue,
        store=paper.store,
        journal=paper.journal,
        clock=paper.clock,
        policy=paper.policy,
        instruments=paper.markets,
        in_thread=at_once,
    )
    executor = TradeExecutor(desk, gate=paper.gate(), terms=paper.terms)
    staged = executor.stage_order(paper.plan())
    assert isinstance(staged, Staged)
    assert await executor.submit_order(staged.approved)  # dry-run unless told otherwise
    await executor.cycle()
    await executor.cancel_order(BTC)
    assert [line.split()[0] for line in lines] == ["prepare", *["submit"] * 3, *["cancel"] * 3]
    assert "buy 0.09446 BTC/USDT:USDT limit at 42250" in lines[1]
    await executor.cycle()
    assert paper.trade.state is TradeState.DONE
    refused = await executor.submit_order(staged.approved, mode=Mode.LIVE)
    assert refused.check.code == "wrong_environment"


async def test_cancelling_entries_leaves_what_is_filled_protected():
    desk = ExecutorDesk()
    await desk.put_on()
    desk.price("42240")
    await desk.cycles(2)
    (trade,) = await desk.executor.cancel_order(desk.trade.plan_id)
    await desk.cycles(2)
    assert trade.symbol == BTC
    assert desk.open_stops() == desk.position() == desk.entry().open_size > 0
    assert desk.entry().pending_size == 0
    assert await desk.executor.cancel_order("nothing of that name") == ()


async def test_a_stream_that_tells_nonsense_does_not_end_the_care_for_the_trades(monkeypatch):
    monkeypatch.setattr(listening, "_AGAIN_S", 0.001)
    desk = ExecutorDesk(desk={"timings": Timings(poll_us=5_000)})
    await desk.put_on()

    async def events() -> AsyncIterator[VenueEvent]:
        yield VenueEvent(kind=EventKind.CONNECTED)
        raise KeyError("a field that was always there")

    desk.venue.events = events  # type: ignore[method-assign]
    monitor = asyncio.create_task(desk.executor.monitor_execution())
    await asyncio.sleep(0.05)
    desk.price("42240")
    await until(lambda: monitor.done() or desk.open_stops() == desk.position() > 0)
    await until(lambda: monitor.done() or "execution" in desk.told())
    assert not monitor.done()
    monitor.cancel()
    with pytest.raises(asyncio.CancelledError):
        await monitor


async def test_a_comparison_that_breaks_is_told_of_and_ends_no_cycle():
    desk = ExecutorDesk()
    await desk.put_on()

    async def positions() -> tuple[()]:
        raise KeyError("a field that was always there")

    desk.venue.positions = positions  # type: ignore[method-assign]
    desk.price("42240")
    await desk.cycles(3)
    assert desk.open_stops() == desk.position() > 0
    assert desk.told().count("execution") == 1


async def test_entries_that_the_venue_was_too_busy_for_are_not_sent_once_a_person_cancelled():
    desk = ExecutorDesk()
    desk.venue.script("submit", *[Fate.BUSY] * 3)
    await desk.put_on()
    await desk.executor.cancel_order(BTC)
    await desk.cycles(4)
    assert len(desk.venue.requests("submit")) == 3
    assert desk.trade.state is TradeState.DONE
