"""What no stream told, and what the venue did not answer, is found out long before the deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from snipersight.bot.executor.actions import Flatten, Timings
from snipersight.bot.executor.trade_file import Changes
from snipersight.bot.executor.trades import TradeExecutor
from snipersight.domain.execution import Leg
from snipersight.domain.orders import VenuePosition
from snipersight.domain.units import Symbol
from snipersight.domain.venue import EventKind, VenueEvent
from tests.fakes.executor_desk import BTC, ExecutorDesk
from tests.fakes.scripted_venue import ACCOUNT, Fate
from tests.fakes.venue_clients import until

UP = VenueEvent(kind=EventKind.CONNECTED)
OFTEN = {"timings": Timings(poll_us=2_000)}
SOON = {"timings": Timings(poll_us=60_000_000, retry_us=2_000)}


async def held(**changes: object) -> ExecutorDesk:
    """A desk whose only trade is filled, covered, and has its targets at the venue."""
    desk = ExecutorDesk(**changes)  # type: ignore[arg-type]
    await desk.put_on()
    desk.price("42000")
    await desk.cycles(3)
    desk.venue.engine.drain()
    return desk


@asynccontextmanager
async def monitored(desk: ExecutorDesk) -> AsyncIterator[None]:
    """The desk's executor monitoring with its stream up, after its first cycle."""
    task = asyncio.create_task(desk.executor.monitor_execution())
    desk.executor.ears.hear(UP)
    await asyncio.sleep(0.05)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def end_stop(desk: ExecutorDesk) -> None:
    """Let the venue end the stop, and lose the event that tells of it."""
    (stop,) = [one for one in desk.executor.books.known.files[0].intents if one.leg is Leg.STOP]
    desk.venue.engine.cancel(ACCOUNT, Symbol(BTC), client_id=stop.client_id, at_us=desk.clock())
    desk.venue.engine.drain()
    assert desk.open_stops() == 0


def is_covered_again(desk: ExecutorDesk) -> bool:
    """Return whether a stop covers the position, and let a moment pass for pauses to end."""
    desk.clock.advance(0.01)
    return desk.open_stops() == desk.position() > 0


async def test_a_stop_that_ended_unheard_is_replaced_at_the_next_poll_though_the_stream_is_up():
    desk = await held(desk=OFTEN)
    async with monitored(desk):
        end_stop(desk)
        await until(lambda: is_covered_again(desk))


async def test_a_close_that_another_process_asked_for_is_seen_at_the_next_poll():
    desk = await held(desk=OFTEN)
    other = TradeExecutor(desk.desk, terms=desk.terms)
    async with monitored(desk):
        close = Changes(
            trade_id=desk.trade.trade_id, at_us=desk.clock(), verdicts=(Flatten(why="by hand"),)
        )
        await other.books.write(close)
        await until(lambda: desk.position() == 0)


async def test_a_market_that_the_venue_did_not_tell_of_is_asked_for_again_before_the_next_poll():
    desk = ExecutorDesk(desk=SOON)
    await desk.put_on()
    desk.price("42000")
    desk.venue.engine.drain()
    desk.venue.script("open_orders", *[Fate.BUSY] * 6)
    async with monitored(desk):
        await until(lambda: desk.open_stops() == desk.position() > 0)


async def test_an_order_that_went_and_was_not_told_of_is_asked_for_again_before_the_next_poll():
    desk = await held(desk=SOON)
    desk.venue.script("order", *[Fate.BUSY] * 6)
    end_stop(desk)
    async with monitored(desk):
        await until(lambda: is_covered_again(desk))


async def test_a_market_that_is_never_told_of_is_asked_for_more_and_more_rarely():
    timings = Timings(poll_us=80_000, retry_us=10_000)
    desk = await held(desk={"timings": timings})
    pauses = []
    desk.executor.ears.remind = lambda symbol, *, after_s: pauses.append(after_s)  # type: ignore[method-assign]
    desk.venue.script("open_orders", *[Fate.BUSY] * 5)
    for _ in range(6):
        await desk.executor._cycle.tend([desk.trade])
    assert pauses == pytest.approx([0.01, 0.02, 0.04, 0.08, 0.08])


def hold_comparisons_up(desk: ExecutorDesk) -> asyncio.Event:
    """Let the venue tell its positions only once the event is set."""
    positions, may_tell = desk.venue.positions, asyncio.Event()

    async def late() -> tuple[VenuePosition, ...]:
        await may_tell.wait()
        return await positions()

    desk.venue.positions = late  # type: ignore[method-assign]
    return may_tell


async def test_a_stop_that_was_refused_at_the_start_does_not_wait_for_the_first_comparison():
    desk = ExecutorDesk(desk={"timings": Timings(retry_us=2_000)})
    await desk.put_on()
    desk.price("42000")
    desk.venue.script("submit", Fate.BUSY)
    may_tell = hold_comparisons_up(desk)
    executor = desk.restarted()
    executor._comparisons.every = 99  # cycles: the first comparison is that of the start
    starting = asyncio.create_task(executor.start())
    await until(lambda: is_covered_again(desk))
    assert not starting.done()
    may_tell.set()
    assert (await starting).is_complete


async def test_polls_go_on_while_books_and_venue_are_compared():
    desk = await held(desk=OFTEN | {"question_us": 60_000_000})
    may_tell = hold_comparisons_up(desk)
    async with monitored(desk):
        end_stop(desk)
        await until(lambda: is_covered_again(desk))
        may_tell.set()


async def test_the_deadline_of_what_no_stream_told_runs_from_the_look_before():
    desk = await held()
    end_stop(desk)
    desk.clock.advance(1)  # one second went by after the last look
    desk.venue.script("submit", *[Fate.BUSY] * 9)
    await desk.cycle()
    assert desk.trade.uncovered_since_us == desk.clock() - 2_000_000


async def test_the_deadline_of_what_the_stream_told_runs_from_now():
    desk = await held()
    end_stop(desk)
    desk.clock.advance(2)
    desk.venue.script("submit", *[Fate.BUSY] * 9)
    (stop,) = [one for one in desk.executor.books.known.files[0].intents if one.leg is Leg.STOP]
    order = desk.venue.engine.order(ACCOUNT, client_id=stop.client_id)
    desk.executor.ears.hear(VenueEvent(kind=EventKind.ORDER, order=order))
    await desk.executor._cycle.heed(Symbol(BTC))
    assert desk.trade.uncovered_since_us == desk.clock()
