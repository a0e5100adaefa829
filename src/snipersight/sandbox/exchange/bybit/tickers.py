"""A market's prices and its last day, as Bybit writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from snipersight.domain.units import Symbol
from snipersight.sandbox.exchange.bybit.desk import Desk
from snipersight.sandbox.exchange.bybit.names import shown
from snipersight.sandbox.exchange.day import Day

_FUNDING_MS: Final = 8 * 3_600_000
_FRACTION: Final = Decimal("0.000001")


def ticker_body(desk: Desk, symbol: Symbol) -> dict[str, Any]:
    """Return a market's prices; without a day behind it the last price stands for all of it."""
    quote = desk.world.engine.quote(symbol)
    last = quote.last
    day = desk.world.day(symbol) or Day.standing(last)
    now_ms = desk.world.clock() // 1_000
    size = shown(desk.world.instruments[symbol].lot, "1")
    return {
        "symbol": desk.world.venue_id_of(symbol),
        "lastPrice": shown(last),
        "indexPrice": shown(quote.mark),
        "markPrice": shown(quote.mark),
        "prevPrice24h": shown(day.open),
        "price24hPcnt": shown(((last - day.open) / day.open).quantize(_FRACTION)),
        "highPrice24h": shown(max(day.high, last)),
        "lowPrice24h": shown(min(day.low, last)),
        "prevPrice1h": shown(day.hour_open),
        "openInterest": "0",
        "openInterestValue": "0",
        "turnover24h": shown(day.value),
        "volume24h": shown(day.volume),
        "fundingRate": "0",
        "nextFundingTime": str((now_ms // _FUNDING_MS + 1) * _FUNDING_MS),
        "bid1Price": shown(quote.bid, "0"),
        "bid1Size": size,
        "ask1Price": shown(quote.ask, "0"),
        "ask1Size": size,
    }
