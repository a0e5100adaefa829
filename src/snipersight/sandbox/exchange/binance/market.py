"""What Binance's venues tell everybody alike: time, candles, prices of one market or of all."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from snipersight.domain.orders import Quote
from snipersight.domain.units import Symbol, plain
from snipersight.sandbox.exchange.binance.candles import candle_rows
from snipersight.sandbox.exchange.binance.meter import Limits
from snipersight.sandbox.exchange.binance.protocol import Asked
from snipersight.sandbox.exchange.binance.refusals import unknown_symbol
from snipersight.sandbox.exchange.day import DAY_MS, Day
from snipersight.sandbox.exchange.world import VenueWorld

Body = Callable[[Symbol, Quote], dict[str, Any]]
_AVERAGE_DIGITS: Final = 8
_SPANS: Final = {"10s": ("SECOND", 10), "1m": ("MINUTE", 1), "1d": ("DAY", 1)}


class PublicRoutes:
    """The routes that need no key.

    Args:
        world: of the venue.
        limits: that `exchangeInfo` tells.
        most_candles: in one answer.
    """

    def __init__(self, world: VenueWorld, limits: Limits, *, most_candles: int) -> None:
        self._world = world
        self._limits = limits
        self._most_candles = most_candles

    async def ping(self, asked: Asked) -> dict[str, Any]:
        """Answer that the venue is there."""
        return {}

    async def time(self, asked: Asked) -> dict[str, Any]:
        """Answer the venue's clock; a skewed one in a fault."""
        return {"serverTime": asked.call.at_ms}

    async def klines(self, asked: Asked) -> list[list[Any]]:
        """Answer candles, oldest first."""
        symbol = await self.fresh(asked)
        return await candle_rows(self._world, symbol, asked.fields, most=self._most_candles)

    async def fresh(self, asked: Asked) -> Symbol:
        """Return the market that a request names, with a price of now.

        Raises:
            Refusal: it names none, or one that is not listed.
        """
        symbol = self.listed(asked.fields.text("symbol"))
        await self._world.freshen([symbol])
        return symbol

    def listed(self, name: str) -> Symbol:
        """Return the market of a name such as `BTCUSDT`.

        Raises:
            Refusal: there is none.
        """
        symbol = self._world.symbol_of(name)
        if symbol is None:
            raise unknown_symbol()
        return symbol

    async def of_one_or_all(self, asked: Asked, body: Body) -> object:
        """Answer the body of the market that is named, or those of all that have a price."""
        if "symbol" in asked.fields:
            symbol = await self.fresh(asked)
            return body(symbol, self._world.engine.quote(symbol))
        return await self.of_several(tuple(self._world.instruments), body)

    async def of_several(self, symbols: tuple[Symbol, ...], body: Body) -> list[dict[str, Any]]:
        """Answer the bodies of markets, as far as they have a price."""
        await self._world.freshen(symbols)
        priced = [symbol for symbol in symbols if symbol in self._world.tape.last]
        return [body(symbol, self._world.engine.quote(symbol)) for symbol in priced]

    async def learn_days(self, asked: Asked) -> None:
        """Learn what `day` tells of the market that is named, or of all."""
        name = asked.fields.optional("symbol")
        every = tuple(self._world.instruments)
        await self._world.learn_days([self.listed(name)] if name else every)

    def sides(self, symbol: Symbol, levels: int) -> dict[str, list[list[str]]]:
        """Return the order book, which is made up around the last price."""
        bids, asks = (
            [[plain(price), plain(size)] for price, size in side]
            for side in self._world.engine.book(symbol, levels)
        )
        return {"bids": bids, "asks": asks}

    def day(self, symbol: Symbol, quote: Quote) -> dict[str, Any]:
        """Return what happened within a day in one market."""
        now_ms, last = self._world.clock() // 1_000, quote.last
        # In a market where nothing was traded, the last price stands for all of the day.
        day = self._world.day(symbol) or Day.standing(last)
        change = last - day.open
        return {
            "symbol": self._world.venue_id_of(symbol),
            "priceChange": plain(change),
            "priceChangePercent": format(100 * change / day.open, ".3f"),
            "weightedAvgPrice": plain(_average(day)),
            "lastPrice": plain(last),
            "lastQty": "1",
            "openPrice": plain(day.open),
            "highPrice": plain(max(day.high, last)),
            "lowPrice": plain(min(day.low, last)),
            "volume": plain(day.volume),
            "quoteVolume": plain(day.value),
            "openTime": now_ms - DAY_MS,
            "closeTime": now_ms,
            "firstId": 1,
            "lastId": 1,
            "count": 1,
        }

    def rate_limits(self) -> list[dict[str, Any]]:
        """Return what passes, as `exchangeInfo` tells it."""
        orders = [
            _limit("ORDERS", *_SPANS[name], most)
            for name, (_, most) in self._limits.of_orders().items()
        ]
        return [_limit("REQUEST_WEIGHT", "MINUTE", 1, self._limits.weight_per_minute), *orders]


def _average(day: Day) -> Decimal:
    """Return the average price of what was traded, the last one where nothing was."""
    return round(day.value / day.volume, _AVERAGE_DIGITS) if day.volume else day.last


def _limit(kind: str, interval: str, count: int, most: int) -> dict[str, Any]:
    return {"rateLimitType": kind, "interval": interval, "intervalNum": count, "limit": most}


def largest(size: Decimal | None, lot: Decimal) -> str:
    """Return the largest size of a filter; without one, more than anybody orders."""
    return plain(lot * 10**9 if size is None else size)
