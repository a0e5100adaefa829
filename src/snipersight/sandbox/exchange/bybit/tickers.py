"""A market's prices and its last day, as Bybit writes them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from snipersight.domain.units import Symbol
from snipersight.sandbox.exchange.bybit.desk import Desk
from snipersight.sandbox.exchange.bybit.names import shown
from snipersight.sandbox.exchange.prices import MINUTE_MS, Bar
from snipersight.sandbox.exchange.world import VenueWorld

_HOUR_MS: Final = 60 * MINUTE_MS
_DAY_MS: Final = 24 * _HOUR_MS
_FUNDING_MS: Final = 8 * _HOUR_MS
_NOTHING: Final = Decimal(0)
_FRACTION: Final = Decimal("0.000001")


async def day_of(world: VenueWorld, symbol: Symbol) -> list[Bar]:
    """Return the last 24 hours of a market, oldest first; the last bar is being formed."""
    now_ms = world.clock() // 1_000
    return await world.bars(symbol, step_ms=_HOUR_MS, start_ms=now_ms - _DAY_MS, end_ms=now_ms + 1)


def ticker_body(desk: Desk, symbol: Symbol, day: Sequence[Bar]) -> dict[str, Any]:
    """Return a market's prices; without a day behind it the last price stands for all of it."""
    quote = desk.world.engine.quote(symbol)
    begin = day[0].open if day else quote.last
    now_ms = desk.world.clock() // 1_000
    size = shown(desk.world.instruments[symbol].lot, "1")
    return {
        "symbol": desk.world.venue_id_of(symbol),
        "lastPrice": shown(quote.last),
        "indexPrice": shown(quote.mark),
        "markPrice": shown(quote.mark),
        "prevPrice24h": shown(begin),
        "price24hPcnt": shown(((quote.last - begin) / begin).quantize(_FRACTION)),
        "highPrice24h": shown(max((bar.high for bar in day), default=quote.last)),
        "lowPrice24h": shown(min((bar.low for bar in day), default=quote.last)),
        "prevPrice1h": shown(day[-1].open if day else quote.last),
        "openInterest": "0",
        "openInterestValue": "0",
        "turnover24h": shown(sum((bar.volume * bar.close for bar in day), _NOTHING)),
        "volume24h": shown(sum((bar.volume for bar in day), _NOTHING)),
        "fundingRate": "0",
        "nextFundingTime": str((now_ms // _FUNDING_MS + 1) * _FUNDING_MS),
        "bid1Price": shown(quote.bid, "0"),
        "bid1Size": size,
        "ask1Price": shown(quote.ask, "0"),
        "ask1Size": size,
    }
