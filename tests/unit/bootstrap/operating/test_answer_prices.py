"""The prices that answers show come from where orders go, else from the candles, and in time."""

import asyncio
from decimal import Decimal

from snipersight.bootstrap.operating.answer_prices import RunPrices
from snipersight.domain.errors import LeaseLost, VenueUnavailable
from snipersight.domain.observations import ReferencePrice
from snipersight.domain.units import Price, Symbol
from tests.builders import an_instrument

BTC, ETH = Symbol("BTC/USDT"), Symbol("ETH/USDT")
AWAY = VenueUnavailable("no route", where="venue", next_step="wait")


class Source:
    """A source of candles that knows some prices."""

    venue = "sandbox"

    def __init__(self, prices: dict[Symbol, object]) -> None:
        self.prices = prices

    async def now_ms(self) -> int:
        return 60_000

    async def instruments(self) -> object:
        return {BTC: an_instrument(BTC)}

    async def reference_price(self, symbol: Symbol, *, at_ms: int) -> ReferencePrice | None:
        found = self.prices.get(symbol)
        if isinstance(found, Exception):
            raise found
        if found == "never":
            await asyncio.Event().wait()
        return (
            None if found is None else ReferencePrice(price=Price(Decimal(str(found))), at_ms=at_ms)
        )


class Venue:
    """Where orders go."""

    def __init__(self, answer: Decimal | Exception | None = None) -> None:
        self.answer = answer

    async def price(self, symbol: Symbol) -> ReferencePrice | None:
        if isinstance(self.answer, Exception):
            raise self.answer
        return None if self.answer is None else ReferencePrice(price=Price(self.answer), at_ms=0)


def run_prices(source: Source, venue: Venue) -> RunPrices:
    return RunPrices(source, venue, within_s=0.05)  # type: ignore[arg-type]  # all that is asked


async def test_the_price_where_orders_go_comes_first():
    found = await run_prices(Source({BTC: 1}), Venue(Decimal(7))).of({BTC})
    assert found.quotes[BTC].last == 7
    assert found.venue == "sandbox"
    assert BTC in found.instruments


async def test_a_simulated_venue_or_one_of_another_process_shows_the_price_of_the_candles():
    for venue in (Venue(), Venue(LeaseLost("another process executes"))):
        found = await run_prices(Source({BTC: 42}), venue).of({BTC, ETH})
        assert {symbol: quote.last for symbol, quote in found.quotes.items()} == {BTC: 42}


async def test_a_price_that_nobody_tells_in_time_keeps_no_other_from_being_told():
    for trouble in (AWAY, "never"):
        found = await run_prices(Source({BTC: trouble, ETH: 5}), Venue()).of({BTC, ETH})
        assert set(found.quotes) == {ETH}


async def test_prices_can_be_asked_for_in_a_thread():
    prices_of = run_prices(Source({BTC: 42}), Venue()).from_threads(asyncio.get_running_loop())
    found = await asyncio.to_thread(prices_of, {BTC})
    assert found.quotes[BTC].mark == 42
