"""Bybit's public routes: time, markets with their rules, candles, tickers, book, risk limits."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from snipersight.domain.instrument import Instrument
from snipersight.domain.units import Symbol
from snipersight.sandbox.exchange.bybit.desk import Desk
from snipersight.sandbox.exchange.bybit.fields import LINEAR
from snipersight.sandbox.exchange.bybit.names import shown
from snipersight.sandbox.exchange.bybit.paging import paged
from snipersight.sandbox.exchange.bybit.refusals import bad_parameter
from snipersight.sandbox.exchange.bybit.routes import Asked
from snipersight.sandbox.exchange.bybit.tickers import ticker_body
from snipersight.sandbox.exchange.bybit.tiers import risk_limits
from snipersight.sandbox.exchange.prices import MINUTE_MS, Bar

_DAY: Final = 1440
INTERVALS_MS: Final = {
    **{str(minutes): minutes * MINUTE_MS for minutes in (1, 3, 5, 15, 30, 60, 120, 240, 360, 720)},
    "D": _DAY * MINUTE_MS,
}
_FUNDING_MS: Final = 8 * 3_600_000
_FUNDINGS: Final = 200
_TRADING: Final = "Trading"
_LAUNCHED: Final = "1585526400000"
_NOTHING: Final = Decimal(0)


class MarketDesk:
    """The routes that need no key.

    Args:
        desk: of the venue.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world

    async def time(self, asked: Asked) -> dict[str, Any]:
        """Answer the venue's time."""
        at_us = asked.call.at_us
        return {"timeSecond": str(at_us // 1_000_000), "timeNano": f"{at_us}000"}

    async def instruments(self, asked: Asked) -> dict[str, Any]:
        """Answer the markets; nothing but linear perpetuals, all of them trading.

        Raises:
            Refusal: the category is none of Bybit's.
        """
        fields = asked.fields
        is_listed = fields.is_linear() and fields.optional("status", _TRADING) == _TRADING
        rows = [
            _instrument_body(self._world.venue_id_of(instrument.symbol), instrument)
            for instrument in (self._world.instruments.values() if is_listed else ())
            if fields.optional("baseCoin", instrument.base) == instrument.base
        ]
        wanted = fields.optional("symbol")
        kept = [row for row in rows if wanted in ("", row["symbol"])]
        return paged(kept, fields, id_name="symbol", usual=500, most=1_000)

    async def candles(self, asked: Asked) -> dict[str, Any]:
        """Answer candles, newest first.

        Raises:
            Refusal: no such market or interval.
        """
        fields = asked.fields
        symbol, step_ms = self._listed(asked), interval_ms(fields.text("interval"))
        await self._world.freshen([symbol])
        count = min(max(fields.whole("limit", 200), 1), 1_000)
        end_ms = fields.whole("end", self._world.clock() // 1_000) + 1
        start_ms = fields.whole("start", max(0, end_ms - (count + 1) * step_ms))
        if "start" in fields and "end" not in fields:
            end_ms = min(end_ms, start_ms + count * step_ms)  # the oldest from there on
        bars = await self._world.bars(symbol, step_ms=step_ms, start_ms=start_ms, end_ms=end_ms)
        rows = [_candle(bar) for bar in reversed(bars)][:count]
        return {"category": LINEAR, "symbol": self._world.venue_id_of(symbol), "list": rows}

    async def funding(self, asked: Asked) -> dict[str, Any]:
        """Answer the funding rates of one market, newest first: always the one it tells.

        Raises:
            Refusal: no such market, or a number is no number.
        """
        fields, symbol = asked.fields, self._listed(asked)
        count = min(max(fields.whole("limit", _FUNDINGS), 1), _FUNDINGS)
        end_ms = min(fields.whole("endTime", asked.call.at_ms), asked.call.at_ms)
        newest = end_ms // _FUNDING_MS
        oldest = max(-(-fields.whole("startTime", 0) // _FUNDING_MS), newest - count + 1)
        name = self._world.venue_id_of(symbol)
        rows = [
            {"symbol": name, "fundingRate": "0", "fundingRateTimestamp": str(time * _FUNDING_MS)}
            for time in range(newest, oldest - 1, -1)
        ]
        return {"category": LINEAR, "list": rows}

    async def tickers(self, asked: Asked) -> dict[str, Any]:
        """Answer prices; markets without a price yet are left out.

        Raises:
            Refusal: no such market.
        """
        symbols: Iterable[Symbol] = self._world.instruments
        if "symbol" in asked.fields:
            symbols = [self._listed(asked)]
        rows = []
        if asked.fields.is_linear():
            await self._world.freshen(tuple(symbols))
            await self._world.learn_days(tuple(symbols))
            rows = [
                ticker_body(self._desk, symbol)
                for symbol in symbols
                if symbol in self._world.tape.last
            ]
        return {"category": asked.fields.category(), "list": rows}

    async def book(self, asked: Asked) -> dict[str, Any]:
        """Answer a made-up order book around the last price.

        Raises:
            Refusal: no such market, or it has no price yet.
        """
        symbol = self._listed(asked)
        await self._world.freshen([symbol])
        if symbol not in self._world.tape.last:
            raise bad_parameter("symbol without a price")
        depth = min(max(asked.fields.whole("limit", 25), 1), 500)
        at_ms = self._world.clock() // 1_000
        return {**book_body(self._desk, symbol, depth=depth), "ts": at_ms, "cts": at_ms}

    async def limits(self, asked: Asked) -> dict[str, Any]:
        """Answer the risk limits of one market or of all.

        Raises:
            Refusal: no such market.
        """
        symbols: Iterable[Symbol] = self._world.instruments
        if "symbol" in asked.fields:
            symbols = [self._listed(asked)]
        rows = [row for symbol in symbols for row in self._limit_rows(symbol)]
        return {
            "category": asked.fields.category(),
            "list": rows if asked.fields.is_linear() else [],
            "nextPageCursor": "",
        }

    def _listed(self, asked: Asked) -> Symbol:
        asked.fields.require_linear()
        return self._desk.symbol_of(asked.fields.text("symbol"))

    def _limit_rows(self, symbol: Symbol) -> list[dict[str, Any]]:
        return [
            {
                "id": limit.number,
                "symbol": self._world.venue_id_of(symbol),
                "riskLimitValue": shown(limit.limit),
                "maintenanceMargin": shown(limit.tier.maintenance_fraction),
                "initialMargin": shown(round(1 / limit.tier.max_leverage, 4)),
                "isLowestRisk": int(limit.number == 1),
                "maxLeverage": shown(limit.tier.max_leverage),
                "mmDeduction": "",
            }
            for limit in risk_limits(self._world.instruments[symbol])
        ]


def interval_ms(name: str) -> int:
    """Return the length of an interval such as `5`, minutes, or `D`.

    Raises:
        Refusal: there is no such interval.
    """
    if name not in INTERVALS_MS:
        raise bad_parameter("interval")
    return INTERVALS_MS[name]


def book_body(desk: Desk, symbol: Symbol, *, depth: int) -> dict[str, Any]:
    """Return an order book of so many levels on each side, best first."""
    bids, asks = desk.world.engine.book(symbol, depth)
    return {
        "s": desk.world.venue_id_of(symbol),
        "b": [[shown(price), shown(size)] for price, size in bids],
        "a": [[shown(price), shown(size)] for price, size in asks],
        "u": desk.sequence + 1,
        "seq": desk.sequence + 1,
    }


def _candle(bar: Bar) -> list[str]:
    prices = [shown(price) for price in (bar.open, bar.high, bar.low, bar.close)]
    return [str(bar.open_ms), *prices, shown(bar.volume), shown(bar.volume * bar.close)]


def _instrument_body(name: str, instrument: Instrument) -> dict[str, Any]:
    tick = instrument.tick or _NOTHING
    limits = risk_limits(instrument)
    return {
        "symbol": name,
        "contractType": "LinearPerpetual",
        "status": _TRADING,
        "baseCoin": instrument.base,
        "quoteCoin": instrument.quote,
        "settleCoin": instrument.quote,
        "launchTime": _LAUNCHED,
        "deliveryTime": "0",
        "deliveryFeeRate": "",
        "priceScale": str(max(0, -int(tick.as_tuple().exponent))),
        "leverageFilter": {
            "minLeverage": "1",
            "maxLeverage": shown(limits[0].tier.max_leverage),
            "leverageStep": "0.01",
        },
        "priceFilter": {
            "minPrice": shown(tick),
            "maxPrice": shown(tick * 10_000_000),
            "tickSize": shown(tick),
        },
        "lotSizeFilter": _lot_filter(instrument),
        "unifiedMarginTrade": True,
        "fundingInterval": 480,
    }


def _lot_filter(instrument: Instrument) -> dict[str, str]:
    most = shown(instrument.max_size, "0")
    return {
        "maxOrderQty": most,
        "minOrderQty": shown(instrument.min_size or instrument.lot),
        "qtyStep": shown(instrument.lot),
        "postOnlyMaxOrderQty": most,
        "maxMktOrderQty": shown(instrument.max_market_size, most),
        "minNotionalValue": shown(instrument.min_notional, "0"),
    }
