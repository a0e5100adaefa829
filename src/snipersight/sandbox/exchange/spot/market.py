"""What Binance spot tells everybody: time, rules, prices, candles."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final

from snipersight.domain.instrument import Instrument
from snipersight.domain.orders import Quote
from snipersight.domain.units import Symbol, plain
from snipersight.sandbox.exchange.binance.market import Body, PublicRoutes, largest
from snipersight.sandbox.exchange.binance.meter import Limits
from snipersight.sandbox.exchange.binance.protocol import Asked
from snipersight.sandbox.exchange.binance.refusals import illegal
from snipersight.sandbox.exchange.spot.bodies import money
from snipersight.sandbox.exchange.spot.desk import Desk
from snipersight.sandbox.exchange.spot.reading import KINDS
from snipersight.sandbox.exchange.spot.rules import (
    BAND,
    MOST_ALGO_ORDERS,
    MOST_ORDERS,
    highest_price,
)

_DEPTH: Final = 100
_DEEPEST: Final = 5_000
_MOST_CANDLES: Final = 1_000
_MOST_NOTIONAL: Final = Decimal(9_000_000)


class MarketDesk(PublicRoutes):
    """The routes that need no key.

    Args:
        desk: of the venue.
        limits: that `exchangeInfo` tells.
    """

    def __init__(self, desk: Desk, limits: Limits) -> None:
        super().__init__(desk.world, limits, most_candles=_MOST_CANDLES)

    async def exchange_info(self, asked: Asked) -> dict[str, Any]:
        """Answer markets with their filters: those that are named, or all."""
        named = self._named(asked)
        symbols = tuple(self._world.instruments) if named is None else named
        return {
            "timezone": "UTC",
            "serverTime": asked.call.at_ms,
            "rateLimits": self.rate_limits(),
            "exchangeFilters": [],
            "symbols": [
                _market(self._world.venue_id_of(symbol), self._world.instruments[symbol])
                for symbol in symbols
            ],
        }

    async def depth(self, asked: Asked) -> dict[str, Any]:
        """Answer the order book, which is made up around the last price."""
        symbol = await self.fresh(asked)
        levels = min(asked.fields.whole("limit", _DEPTH) or _DEPTH, _DEEPEST)
        return {"lastUpdateId": asked.call.at_ms, **self.sides(symbol, levels)}

    async def ticker_price(self, asked: Asked) -> object:
        """Answer the last price of one market, of several, or of all."""
        return await self._tickers(asked, self._price)

    async def book_ticker(self, asked: Asked) -> object:
        """Answer the best bid and ask of one market, of several, or of all."""
        return await self._tickers(asked, self._book_ticker)

    async def ticker_day(self, asked: Asked) -> object:
        """Answer what happened within a day in one market, in several, or in all."""
        await self.learn_days(asked)
        return await self._tickers(asked, self._day)

    async def _tickers(self, asked: Asked, body: Body) -> object:
        if "symbols" not in asked.fields:
            return await self.of_one_or_all(asked, body)
        return await self.of_several(self._named(asked) or (), body)

    def _named(self, asked: Asked) -> tuple[Symbol, ...] | None:
        """Return the markets that a request names, None where it names none.

        Raises:
            Refusal: one is not listed, or it is no list of names.
        """
        fields = asked.fields
        if "symbols" not in fields:
            return (self.listed(fields.text("symbol")),) if "symbol" in fields else None
        try:
            names = json.loads(fields.text("symbols"))
        except ValueError:
            raise illegal("symbols") from None
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise illegal("symbols")
        return tuple(self.listed(name) for name in names)

    def _price(self, symbol: Symbol, quote: Quote) -> dict[str, Any]:
        return {"symbol": self._world.venue_id_of(symbol), "price": money(quote.last)}

    def _book_ticker(self, symbol: Symbol, quote: Quote) -> dict[str, Any]:
        return {"symbol": self._world.venue_id_of(symbol), **_best(quote)}

    def _day(self, symbol: Symbol, quote: Quote) -> dict[str, Any]:
        day = self.day(symbol, quote)
        return {**day, "prevClosePrice": day["openPrice"], **_best(quote)}


def _best(quote: Quote) -> dict[str, str]:
    return {
        "bidPrice": money(quote.bid or quote.last),
        "bidQty": money(Decimal(1)),
        "askPrice": money(quote.ask or quote.last),
        "askQty": money(Decimal(1)),
    }


def _market(name: str, rules: Instrument) -> dict[str, Any]:
    is_offered = dict.fromkeys(("ocoAllowed", "isSpotTradingAllowed"), True)
    is_missing = dict.fromkeys(
        (
            "icebergAllowed",
            "otoAllowed",
            "opoAllowed",
            "quoteOrderQtyMarketAllowed",
            "allowTrailingStop",
            "cancelReplaceAllowed",
            "amendAllowed",
            "pegInstructionsAllowed",
            "isMarginTradingAllowed",
        ),
        False,
    )
    return {
        "symbol": name,
        "status": "TRADING",
        "baseAsset": rules.base,
        "baseAssetPrecision": 8,
        "quoteAsset": rules.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": list(KINDS),
        **is_offered,
        **is_missing,
        "filters": _filters(rules),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "NONE",
        "allowedSelfTradePreventionModes": ["NONE"],
    }


def _filters(rules: Instrument) -> list[dict[str, Any]]:
    tick, lot = rules.tick or Decimal(1), rules.lot or Decimal(1)
    low, high = (plain(share) for share in BAND)
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": money(tick),
            "maxPrice": money(highest_price(rules)),
            "tickSize": money(tick),
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": money(rules.min_size or lot),
            "maxQty": largest(rules.max_size, lot),
            "stepSize": money(lot),
        },
        {
            # Of what is not limited more than by the filter above, the venue says 0.
            "filterType": "MARKET_LOT_SIZE",
            "minQty": money(None),
            "maxQty": largest(rules.max_market_size, lot),
            "stepSize": money(None),
        },
        {
            "filterType": "PERCENT_PRICE_BY_SIDE",
            "bidMultiplierUp": high,
            "bidMultiplierDown": low,
            "askMultiplierUp": high,
            "askMultiplierDown": low,
            "avgPriceMins": 5,
        },
        {
            "filterType": "NOTIONAL",
            "minNotional": money(rules.min_notional),
            "applyMinToMarket": True,
            "maxNotional": money(_MOST_NOTIONAL),
            "applyMaxToMarket": False,
            "avgPriceMins": 5,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": MOST_ORDERS},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": MOST_ALGO_ORDERS},
    ]
