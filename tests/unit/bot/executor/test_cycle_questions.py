"""How little a venue is asked: once for all prices, not at all for what merely confirms."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from snipersight.bot.executor.actions import Timings
from snipersight.domain.units import Symbol
from snipersight.domain.venue import EventKind, VenueEvent
from tests.fakes.executor_desk import ExecutorDesk
from tests.fakes.scripted_venue import Fate, events_of
from tests.fakes.venue_clients import until

MANY = ("BTC", "ETH", "SOL", "XRP", "ADA")
LARGE = {"max_total": "0.9", "max_per_asset": "0.5", "max_cluster": "0.9", "max_positions": 99}


async def with_trades(count: int, **venue: object) -> ExecutorDesk:
    """A desk with a filled trade in each of so many markets."""
    desk = ExecutorDesk(*MANY[:count], policy=LARGE, venue=venue)
    for symbol in desk.symbols:
        await desk.put_on(desk.plan(symbol))
    for symbol in desk.symbols:
        desk.price("42000", symbol)
    await desk.cycles(3)
    desk.venue.log.clear()
    return desk


def asked(desk: ExecutorDesk) -> Counter[str]:
    """How often the venue was asked what."""
    return Counter(one.split()[0] for one in desk.venue.log)


async def test_a_cycle_over_many_trades_asks_once_for_all_prices_and_orders():
    desk = await with_trades(5)
    await desk.executor._cycle.tend(desk.trades)
    assert asked(desk) == {"quotes": 1, "open_orders": 1}


async def test_a_cycle_over_a_few_trades_asks_for_each():
    desk = await with_trades(3)
    await desk.executor._cycle.tend(desk.trades)
    assert asked(desk) == {"quote": 3, "open_orders": 3}


async def test_open_orders_are_asked_for_singly_as_long_as_that_costs_the_venue_less():
    desk = await with_trades(5, abilities={"orders_alone": 5})
    await desk.executor._cycle.tend(desk.trades)
    assert asked(desk) == {"quotes": 1, "open_orders": 5}


async def test_prices_that_were_not_told_at_once_are_asked_for_singly():
    desk = await with_trades(5)
    desk.venue.script("quotes", Fate.BUSY)
    await desk.executor._cycle.tend(desk.trades)
    assert asked(desk) == {"quotes": 1, "quote": 5, "open_orders": 1}


async def test_prices_that_a_slow_cycle_outlived_are_asked_for_again():
    desk = await with_trades(5)
    quotes = desk.venue.quotes

    async def late(symbols):
        told = await quotes(symbols)
        desk.clock.advance(2)
        return told

    desk.venue.quotes = late  # type: ignore[method-assign]
    await desk.executor._cycle.tend(desk.trades)
    assert asked(desk)["quote"] == 5


async def test_the_store_is_read_as_often_for_a_trade_among_many_as_for_one():
    reads = {}
    for count in (1, 5):
        desk = await with_trades(count)
        views: list[object] = []
        view = desk.store.view
        desk.store.view = lambda *of, views=views, view=view: views.append(of) or view(*of)
        await desk.executor.cycle()
        reads[count] = len(views)
    assert reads[5] <= reads[1] + 4, "at most one reading more for each trade more"


@asynccontextmanager
async def monitored(desk: ExecutorDesk) -> AsyncIterator[None]:
    """The desk's executor monitoring, after its first cycle."""
    task = asyncio.create_task(desk.executor.monitor_execution())
    await until(lambda: "quote" in asked(desk))
    await _calm(desk)
    desk.venue.log.clear()
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _calm(desk: ExecutorDesk) -> None:
    """Wait until the first comparison, which runs beside, asks no more."""
    count = -1
    while count != len(desk.venue.log):
        count = len(desk.venue.log)
        await asyncio.sleep(0.05)


async def test_an_acknowledgement_on_the_stream_asks_nothing():
    desk = ExecutorDesk(desk={"timings": Timings(poll_us=60_000_000)})
    await desk.put_on()
    news = [told for one in desk.venue.engine.drain() for told in events_of(one)]
    async with monitored(desk):
        for event in news:
            desk.executor.ears.hear(event)
        await asyncio.sleep(0.05)
        assert asked(desk) == {}


@pytest.mark.parametrize("kind", ["mention", "position", "fill"])
async def test_what_may_have_changed_something_has_its_market_alone_looked_at(kind):
    desk = ExecutorDesk("BTC", "ETH", desk={"timings": Timings(poll_us=60_000_000)})
    for symbol in desk.symbols:
        await desk.put_on(desk.plan(symbol))
    desk.venue.engine.drain()
    symbol = Symbol(desk.symbols[1])
    async with monitored(desk):
        if kind == "mention":
            desk.executor.ears.mention(symbol)
        elif kind == "position":
            desk.executor.ears.hear(VenueEvent(kind=EventKind.POSITION, symbol=symbol))
        else:
            desk.price("42240", symbol)
            desk.venue.tell()
        await until(lambda: "open_orders" in asked(desk))
        await asyncio.sleep(0.05)
        assert set(desk.venue.requests("open_orders")) == {symbol}


async def test_what_is_told_while_a_market_is_looked_after_is_taken_up_after_that():
    desk = ExecutorDesk(desk={"timings": Timings(poll_us=60_000_000), "question_us": 100_000})
    await desk.put_on()
    desk.venue.engine.drain()
    async with monitored(desk):
        desk.venue.script("open_orders", Fate.HANGS)
        desk.executor.ears.mention(Symbol(desk.symbol))
        await until(lambda: "open_orders" in asked(desk))
        desk.price("42240")
        desk.venue.tell()
        await until(lambda: desk.open_stops() == desk.position() > 0)
