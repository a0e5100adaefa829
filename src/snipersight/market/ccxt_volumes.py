"""The traded value of the last 24 hours, from a venue's tickers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from snipersight.domain.instrument import Instrument, MarketKind
from snipersight.domain.units import Symbol, exact

TICKER_TYPES: Mapping[MarketKind, str] = {MarketKind.SPOT: "spot", MarketKind.PERPETUAL: "swap"}
"""What ccxt calls the two kinds when all tickers of one kind are asked for."""


def kinds_of(instruments: Collection[Instrument]) -> tuple[MarketKind, ...]:
    """Return which kinds of market occur, spot first."""
    found = {instrument.kind for instrument in instruments}
    return tuple(kind for kind in MarketKind if kind in found)


def traded_values(
    tickers: Mapping[str, Mapping[str, Any]], symbols: Collection[Symbol]
) -> dict[Symbol, Decimal]:
    """Return the 24-hour value in quote currency of each symbol whose ticker tells it.

    Where the venue gives only the traded amount, it is valued at the average price of the 24
    hours, or at the last price.
    """
    values = ((symbol, _traded_value(tickers.get(symbol) or {})) for symbol in symbols)
    return {symbol: value for symbol, value in values if value is not None}


def _traded_value(ticker: Mapping[str, Any]) -> Decimal | None:
    if (value := ticker.get("quoteVolume")) is not None:
        return exact(value)
    amount, price = ticker.get("baseVolume"), ticker.get("vwap") or ticker.get("last")
    return None if amount is None or price is None else exact(amount) * exact(price)
