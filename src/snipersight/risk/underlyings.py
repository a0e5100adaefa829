"""The asset behind a symbol, whatever it is quoted in and however it is bundled."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from snipersight.domain.instrument import underlying_of
from snipersight.domain.units import Currency, Symbol

_KEPT: Final = 4096  # more symbols than any venue lists


@lru_cache(maxsize=_KEPT)
def underlying(symbol: Symbol) -> Currency:
    """Return what a symbol's trades add up under: PEPE for 1000PEPE/USDT:USDT and PEPE/USDC.

    Text without a quote currency is taken as the base itself; nothing is refused, so that a
    position in a market we could not trade still counts.
    """
    base = symbol.partition("/")[0].strip().upper()
    return underlying_of(base)[0]


@lru_cache(maxsize=64)
def restricted_assets(names: tuple[str, ...]) -> frozenset[Currency]:
    """Return the assets that a list of assets or symbols names: `btc`, `1000PEPE`, `BTC/USDT`."""
    return frozenset(underlying(Symbol(name)) for name in names)
