"""Opens the executor of an account in each of its worlds, one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from snipersight.bootstrap.books import Books
from snipersight.bootstrap.execution import (
    Execution,
    Opening,
    Say,
    open_beside,
    open_execution,
    open_world_venue,
)
from snipersight.bootstrap.paper_origins import choice_of
from snipersight.bootstrap.session import Surroundings, now_ms
from snipersight.bootstrap.sources import SourceChoice, open_source, stand_in_of
from snipersight.bootstrap.worlds import World
from snipersight.bot.telemetry.events import NullSink
from snipersight.domain.ports import CandleSource
from snipersight.domain.venue import Environment, Venue


def open_candles(surroundings: Surroundings, choice: SourceChoice) -> CandleSource:
    """Return the source of a choice, at the present; the caller closes it.

    Raises:
        ConfigInvalid: the source cannot be used.
        NoData: the directory holds no candles.
    """
    return open_source(
        choice,
        cache=surroundings.home.cache() / "candles" if surroundings.is_writable else None,
        clock=now_ms,
        as_of_ms=None,
        events=NullSink(),
        stand_in=stand_in_of(surroundings.settings),
        markets=surroundings.settings.built_in_markets,
    )


@asynccontextmanager
async def execution_in(
    surroundings: Surroundings, books: Books, world: World, *, say: Say, is_beside: bool = False
) -> AsyncIterator[Execution]:
    """Yield the executor of an account in one world; close it afterwards.

    Args:
        surroundings: settings and home.
        books: of the account.
        world: where.
        say: told what the user should know.
        is_beside: without the lease, for a kill and for verdicts.

    Raises:
        ConfigInvalid: the venue cannot be opened so.
        LeaseLost: another process executes the account's trades.
        StateUnavailable: store, journal or paper file cannot be used.
        VenueUnavailable: the venue does not answer.
    """
    async with _opening_in(surroundings, books, world, say=say) as opening:
        execution = await (open_beside(opening) if is_beside else open_execution(opening))
        try:
            yield execution
        finally:
            await execution.close()


@asynccontextmanager
async def venue_in(
    surroundings: Surroundings, books: Books, world: World, *, say: Say
) -> AsyncIterator[Venue]:
    """Yield the venue of a world for looking at it; close it afterwards.

    Raises:
        ConfigInvalid: the venue cannot be opened so.
        StateUnavailable: the paper file cannot be used.
        VenueUnavailable: the venue does not answer.
    """
    async with _opening_in(surroundings, books, world, say=say) as opening:
        venue = await open_world_venue(opening)
        try:
            yield venue
        finally:
            await venue.close()


@asynccontextmanager
async def _opening_in(
    surroundings: Surroundings, books: Books, world: World, *, say: Say
) -> AsyncIterator[Opening]:
    if world.environment is not Environment.SIMULATED:
        yield Opening(world=world, books=books, clock=books.ports.clock, say=say)
        return
    choice = choice_of(books.settings, world.account.account_id, world.venue)
    source = open_candles(surroundings, choice)
    try:
        yield Opening(
            world=world, books=books, clock=books.ports.clock, source=source, choice=choice, say=say
        )
    finally:
        await source.close()
