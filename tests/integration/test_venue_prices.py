"""What prices cost at each venue: how many questions, and of which weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from snipersight.domain.units import Symbol
from snipersight.domain.venue import Environment
from snipersight.market.venues import Gateway, VenueConfig, open_venue
from snipersight.market.venues.base import CcxtVenue
from snipersight.sandbox.exchange import ExchangeSandbox, SandboxAccount
from snipersight.sandbox.exchange.world import VenueWorld

UNLISTED = Symbol("NOBODY/USDT:USDT")


@asynccontextmanager
async def priced(name: str) -> AsyncIterator[tuple[CcxtVenue, VenueWorld, Counter[str]]]:
    """A venue whose markets all have a price, and what it was asked."""
    account = SandboxAccount()
    asked: Counter[str] = Counter()
    async with ExchangeSandbox(accounts=[account]) as server:
        world = server.world(name)
        for number, symbol in enumerate(world.instruments):
            world.print(symbol, str(1000 * (number + 1)))
        venue = open_venue(
            VenueConfig(
                venue=name,
                environment=Environment.DEMO,
                api_key=account.api_key,
                api_secret=account.secret,
                gateway=Gateway(port=server.port, ca_file=server.ca_pem),
            )
        )
        try:
            await venue.instruments()
            await venue.now_us()
            whole = venue.calls.ask

            async def ask(method: str, *rest: object, **named: object) -> object:
                asked[method] += 1
                return await whole(method, *rest, **named)  # type: ignore[arg-type]

            venue.calls.ask = ask  # type: ignore[method-assign]
            yield venue, world, asked
        finally:
            await venue.close()


@pytest.mark.parametrize(("name", "most"), [("binanceusdm", 2), ("bybit", 1), ("binance", 1)])
async def test_prices_of_many_markets_take_few_questions_and_are_those_of_each(name, most):
    async with priced(name) as (venue, world, asked):
        symbols = list(world.instruments)
        assert len(symbols) > 3
        told = await venue.quotes([*symbols, UNLISTED])
        assert asked.total() <= most
        assert {one: told[one].last for one in symbols} == {
            one: Decimal(1000 * (number + 1)) for number, one in enumerate(symbols)
        }
        assert set(told) == set(symbols)
        assert told[symbols[1]].mark == (await venue.quote(symbols[1])).mark


@pytest.mark.parametrize("name", ["binanceusdm", "bybit", "binance"])
async def test_the_price_of_one_market_takes_two_questions_at_most(name):
    async with priced(name) as (venue, world, asked):
        quote = await venue.quote(next(iter(world.instruments)))
        assert [quote.last, quote.mark] == [Decimal(1000), Decimal(1000)]
        assert asked.total() <= 2


async def test_prices_of_a_few_markets_are_asked_for_singly_where_all_would_weigh_more():
    async with priced("binanceusdm") as (venue, world, asked):
        symbols = list(world.instruments)[:2]
        assert set(await venue.quotes(symbols)) == set(symbols)
        assert asked == {"fapiPublicGetTickerPrice": 2, "fapiPublicGetPremiumIndex": 2}


async def test_prices_of_no_market_take_no_question():
    async with priced("binance") as (venue, _world, asked):
        assert await venue.quotes([UNLISTED]) == {}
        assert asked.total() == 0
