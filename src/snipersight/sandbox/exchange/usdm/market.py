"""What Binance USD-M tells everybody: time, rules, prices, candles."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from snipersight.domain.instrument import Instrument
from snipersight.domain.orders import Quote
from snipersight.domain.units import Symbol, plain
from snipersight.sandbox.exchange.binance.market import PublicRoutes, largest
from snipersight.sandbox.exchange.binance.meter import Limits
from snipersight.sandbox.exchange.binance.protocol import Asked
from snipersight.sandbox.exchange.usdm.bodies import TYPES
from snipersight.sandbox.exchange.usdm.desk import Desk

_FUNDING_MS: Final = 8 * 3_600_000
_RATE: Final = "0.00010000"
_FUNDINGS: Final = 100
_MOST_FUNDINGS: Final = 1_000
_LISTED_MS: Final = 1_569_398_400_000
_NEVER_MS: Final = 4_133_404_800_000
_DEPTH: Final = 20
_DEEPEST: Final = 1_000
_MOST_CANDLES: Final = 1_500


class MarketDesk(PublicRoutes):
    """The routes that need no key.

    Args:
        desk: of the venue.
        limits: that `exchangeInfo` tells.
    """

    def __init__(self, desk: Desk, limits: Limits) -> None:
        super().__init__(desk.world, limits, most_candles=_MOST_CANDLES)

    async def exchange_info(self, asked: Asked) -> dict[str, Any]:
        """Answer every market with its filters."""
        return {
            "timezone": "UTC",
            "serverTime": asked.call.at_ms,
            "futuresType": "U_MARGINED",
            "rateLimits": self.rate_limits(),
            "exchangeFilters": [],
            "assets": [{"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-100"}],
            "symbols": [
                _market(self._world.venue_id_of(symbol), rules)
                for symbol, rules in self._world.instruments.items()
            ],
        }

    async def depth(self, asked: Asked) -> dict[str, Any]:
        """Answer the order book, which is made up around the last price."""
        symbol, at_ms = await self.fresh(asked), asked.call.at_ms
        levels = min(asked.fields.whole("limit", _DEPTH) or _DEPTH, _DEEPEST)
        return {"lastUpdateId": at_ms, "E": at_ms, "T": at_ms, **self.sides(symbol, levels)}

    async def ticker_price(self, asked: Asked) -> object:
        """Answer the last price of one market or of all."""
        return await self.of_one_or_all(asked, self._price)

    async def book_ticker(self, asked: Asked) -> object:
        """Answer the best bid and ask of one market or of all."""
        return await self.of_one_or_all(asked, self._book_ticker)

    async def ticker_day(self, asked: Asked) -> object:
        """Answer what happened within a day in one market or in all."""
        await self.learn_days(asked)
        return await self.of_one_or_all(asked, self.day)

    async def premium_index(self, asked: Asked) -> object:
        """Answer the mark price and funding rate of one market or of all."""
        return await self.of_one_or_all(asked, self._premium)

    async def funding_rates(self, asked: Asked) -> list[dict[str, Any]]:
        """Answer the funding rates of one market, oldest first: always the one it tells.

        Raises:
            Refusal: no such market, or a number is no number.
        """
        symbol, fields = await self.fresh(asked), asked.fields
        count = min(max(fields.whole("limit", _FUNDINGS), 1), _MOST_FUNDINGS)
        end_ms = min(fields.whole("endTime", asked.call.at_ms), asked.call.at_ms)
        start_ms = fields.whole("startTime", 0) or max(0, end_ms - count * _FUNDING_MS + 1)
        times = range(-(-start_ms // _FUNDING_MS) * _FUNDING_MS, end_ms + 1, _FUNDING_MS)
        name = self._world.venue_id_of(symbol)
        return [
            {"symbol": name, "fundingRate": _RATE, "fundingTime": time, "markPrice": ""}
            for time in times[:count]
        ]

    def _price(self, symbol: Symbol, quote: Quote) -> dict[str, Any]:
        name, at_ms = self._world.venue_id_of(symbol), quote.at_us // 1_000
        return {"symbol": name, "price": plain(quote.last), "time": at_ms}

    def _book_ticker(self, symbol: Symbol, quote: Quote) -> dict[str, Any]:
        return {
            "symbol": self._world.venue_id_of(symbol),
            "bidPrice": plain(quote.bid or quote.last),
            "bidQty": "1",
            "askPrice": plain(quote.ask or quote.last),
            "askQty": "1",
            "time": quote.at_us // 1_000,
        }

    def _premium(self, symbol: Symbol, quote: Quote) -> dict[str, Any]:
        mark, at_ms = plain(quote.mark), quote.at_us // 1_000
        return {
            "symbol": self._world.venue_id_of(symbol),
            "markPrice": mark,
            "indexPrice": mark,
            "estimatedSettlePrice": mark,
            "lastFundingRate": _RATE,
            "nextFundingTime": (at_ms // _FUNDING_MS + 1) * _FUNDING_MS,
            "interestRate": _RATE,
            "time": at_ms,
        }


def _market(name: str, rules: Instrument) -> dict[str, Any]:
    return {
        "symbol": name,
        "pair": name,
        "contractType": "PERPETUAL",
        "deliveryDate": _NEVER_MS,
        "onboardDate": _LISTED_MS,
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": rules.base,
        "quoteAsset": rules.quote,
        "marginAsset": rules.quote,
        "pricePrecision": _digits(rules.tick),
        "quantityPrecision": _digits(rules.lot),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "settlePlan": 0,
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012000",
        "marketTakeBound": "0.30",
        "filters": _filters(rules),
        "orderTypes": [*TYPES.values(), "TRAILING_STOP_MARKET"],
        "timeInForce": ["GTC"],
    }


def _filters(rules: Instrument) -> list[dict[str, Any]]:
    tick, lot = rules.tick or Decimal(1), rules.lot or Decimal(1)
    sizes = {"minQty": plain(rules.min_size or lot), "stepSize": plain(lot)}
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": plain(tick),
            "maxPrice": plain(tick * 10**9),
            "tickSize": plain(tick),
        },
        {"filterType": "LOT_SIZE", "maxQty": largest(rules.max_size, lot), **sizes},
        {"filterType": "MARKET_LOT_SIZE", "maxQty": largest(rules.max_market_size, lot), **sizes},
        {"filterType": "MAX_NUM_ORDERS", "limit": 200},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": 10},
        {"filterType": "MIN_NOTIONAL", "notional": plain(rules.min_notional or Decimal(0))},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": "1.1500",
            "multiplierDown": "0.8500",
            "multiplierDecimal": "4",
        },
    ]


def _digits(step: Decimal | None) -> int:
    if step is None:
        return 8
    return max(0, -int(Decimal(plain(step)).as_tuple().exponent))
