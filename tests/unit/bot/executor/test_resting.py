"""When the venue is asked more rarely: while only what lies there can act, and is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal

from snipersight.bot.executor.actions import Flatten, Timings
from snipersight.bot.executor.resting import is_at_rest
from snipersight.bot.executor.trade_file import Changes
from snipersight.bot.executor.trades import TradeExecutor
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.execution import ManagementRules
from snipersight.domain.venue import EventKind, VenueEvent
from tests.fakes.executor_desk import ExecutorDesk
from tests.fakes.scripted_venue import Fate
from tests.fakes.venue_clients import until

UP = VenueEvent(kind=EventKind.CONNECTED)
OFTEN = {"timings": Timings(poll_us=2_000, rest_poll_us=60_000_000)}


async def held(**changes: object) -> ExecutorDesk:
    """A desk whose only trade is filled, covered, and has its targets at the venue."""
    desk = ExecutorDesk(**changes)  # type: ignore[arg-type]
    await desk.put_on()
    desk.price("42000")
    await desk.cycles(3)
    desk.venue.engine.drain()
    return desk


@asynccontextmanager
async def monitored(desk: ExecutorDesk) -> AsyncIterator[Callable[[], int]]:
    """The desk's executor monitoring; gives how often the venue was asked."""
    task = asyncio.create_task(desk.executor.monitor_execution())
    try:
        yield lambda: len(desk.venue.requests("open_orders"))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_covered_position_with_its_targets_rests():
    desk = await held()
    assert is_at_rest(await desk.executor.books.look())


async def test_entries_in_the_book_do_not_rest():
    desk = ExecutorDesk()
    await desk.put_on()
    assert not is_at_rest(await desk.executor.books.look())
    desk.price("42240")  # the near edge alone
    await desk.cycles(2)
    assert desk.position() > 0
    assert not is_at_rest(await desk.executor.books.look())


async def test_a_stop_that_trails_does_not_rest():
    desk = await held(rules=ManagementRules(trailing_atr=Decimal(2)))
    assert not is_at_rest(await desk.executor.books.look())


async def test_a_stop_that_waits_for_break_even_does_not_rest():
    desk = await held()
    desk.venue.script("quote", *[Fate.BUSY] * 50)  # without a price the stop stays where it is
    desk.price("43010")
    await desk.cycles(2)
    assert not is_at_rest(await desk.executor.books.look())
    desk.venue._scripted["quote"].clear()
    desk.price("43020")
    await desk.cycles(3)
    assert desk.trade.stop_price > desk.trade.initial_stop
    assert is_at_rest(await desk.executor.books.look())


async def test_nothing_rests_while_a_kill_is_at_work_or_the_store_away():
    desk = await held()
    await desk.executor.kill(actor="test")
    assert not is_at_rest(await desk.executor.books.look())
    await desk.cycles(2)
    assert is_at_rest(await desk.executor.books.look()), "the kill is done"
    desk.store.error = StateUnavailable("locked")
    assert not is_at_rest(await desk.executor.books.look())


async def test_at_rest_and_with_the_stream_up_the_venue_is_left_alone():
    desk = await held(desk=OFTEN)
    async with monitored(desk) as asked:
        desk.executor.ears.hear(UP)
        await asyncio.sleep(0.05)
        before = asked()
        await asyncio.sleep(0.1)
        assert asked() == before


async def test_at_rest_without_a_stream_the_venue_is_asked_at_the_usual_pace():
    desk = await held(desk=OFTEN)
    async with monitored(desk) as asked:
        before = asked()
        await until(lambda: asked() > before + 3)


async def test_at_rest_a_close_that_another_process_asked_for_is_seen_at_the_usual_pace():
    desk = await held(desk=OFTEN)
    other = TradeExecutor(desk.desk, terms=desk.terms)
    async with monitored(desk):
        desk.executor.ears.hear(UP)
        await asyncio.sleep(0.05)
        close = Changes(
            trade_id=desk.trade.trade_id, at_us=desk.clock(), verdicts=(Flatten(why="by hand"),)
        )
        await other.books.write(close)
        await until(lambda: desk.position() == 0)


async def test_a_stream_that_is_down_again_ends_the_rest():
    desk = await held(desk=OFTEN)
    async with monitored(desk) as asked:
        desk.executor.ears.hear(UP)
        await asyncio.sleep(0.05)
        before = asked()
        desk.executor.ears.hear(VenueEvent(kind=EventKind.SILENT))
        await until(lambda: asked() > before + 3)
