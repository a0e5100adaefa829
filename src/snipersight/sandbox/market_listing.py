"""What is traded on the built-in market: assets, their markets, and the rules of each market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Final

from snipersight.domain.instrument import (
    Fees,
    Instrument,
    MarginTier,
    MarketKind,
    parse_symbol,
)
from snipersight.domain.units import Symbol

VENUE: Final = "sandbox"
_SOURCE: Final = "built-in market"
_SPOT_FEES: Final = Fees(maker=Decimal("0.001"), taker=Decimal("0.001"))
_PERPETUAL_FEES: Final = Fees(maker=Decimal("0.0002"), taker=Decimal("0.0005"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """How one asset moves against USDT.

    Args:
        name: its currency code.
        level: usual price in USDT.
        daily_move: deviation of its daily log return; 0.03 is 3 %.
        market_share: correlation of its returns with the market factor, 0 to 1.
        daily_turnover: usual traded value of its spot market a day, in USDT.
    """

    name: str
    level: float
    daily_move: float
    market_share: float
    daily_turnover: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One market: its rules, and what its price is made of.

    Args:
        instrument: the rules.
        numerator: asset whose price is quoted.
        denominator: asset it is divided by (the quote currency), or None for USDT.
        power: leverage of a leveraged token; 1 otherwise.
        units: how many of the asset one unit holds (1000PEPE: 1000).
        turnover: usual traded value a day, in quote currency.
    """

    instrument: Instrument
    numerator: Asset
    denominator: Asset | None = None
    power: float = 1.0
    units: float = 1.0
    turnover: float


# name, level, daily move, market share, daily turnover
_ASSETS: Final = (
    ("BTC", 62_000.0, 0.0245, 0.96, 1.6e9),
    ("ETH", 3_100.0, 0.031, 0.86, 9.0e8),
    ("SOL", 145.0, 0.042, 0.78, 5.0e8),
    ("BNB", 560.0, 0.029, 0.76, 2.2e8),
    ("XRP", 0.62, 0.037, 0.68, 3.2e8),
    ("DOGE", 0.14, 0.045, 0.72, 2.6e8),
    ("ADA", 0.46, 0.039, 0.77, 1.1e8),
    ("AVAX", 31.0, 0.044, 0.77, 9.0e7),
    ("LINK", 15.5, 0.041, 0.75, 8.5e7),
    ("DOT", 6.4, 0.038, 0.79, 5.0e7),
    ("LTC", 82.0, 0.033, 0.74, 6.5e7),
    ("BCH", 410.0, 0.038, 0.70, 4.8e7),
    ("TRX", 0.125, 0.030, 0.50, 4.5e7),
    ("NEAR", 5.6, 0.051, 0.70, 6.5e7),
    ("APT", 8.8, 0.050, 0.69, 4.2e7),
    ("ARB", 0.92, 0.049, 0.74, 5.2e7),
    ("OP", 2.1, 0.050, 0.72, 4.6e7),
    ("SUI", 1.25, 0.055, 0.63, 7.5e7),
    ("INJ", 24.0, 0.054, 0.64, 3.6e7),
    ("PEPE", 0.0000112, 0.064, 0.58, 1.8e8),
    ("WIF", 2.3, 0.067, 0.55, 8.0e7),
    ("UNI", 8.9, 0.044, 0.68, 3.3e7),
    ("AAVE", 105.0, 0.043, 0.70, 2.7e7),
    ("ATOM", 7.9, 0.039, 0.76, 2.4e7),
    ("FIL", 5.2, 0.044, 0.75, 2.6e7),
    ("ETC", 25.0, 0.040, 0.75, 2.8e7),
    ("ICP", 11.0, 0.046, 0.68, 2.0e7),
    ("XLM", 0.11, 0.037, 0.66, 1.7e7),
    ("EUR", 1.085, 0.0042, 0.25, 1.2e7),
    ("USDC", 1.0, 0.00012, 0.10, 4.5e8),
)

# symbol, tick, lot, smallest notional
_SPOT: Final = (
    ("BTC/USDT", "0.01", "0.00001", "5"),
    ("ETH/USDT", "0.01", "0.0001", "5"),
    ("SOL/USDT", "0.01", "0.001", "5"),
    ("BNB/USDT", "0.1", "0.001", "5"),
    ("XRP/USDT", "0.0001", "1", "5"),
    ("DOGE/USDT", "0.00001", "1", "1"),
    ("ADA/USDT", "0.0001", "0.1", "5"),
    ("AVAX/USDT", "0.01", "0.01", "5"),
    ("LINK/USDT", "0.01", "0.01", "5"),
    ("DOT/USDT", "0.001", "0.01", "5"),
    ("LTC/USDT", "0.01", "0.001", "5"),
    ("BCH/USDT", "0.1", "0.001", "5"),
    ("TRX/USDT", "0.00001", "0.1", "5"),
    ("NEAR/USDT", "0.001", "0.1", "5"),
    ("APT/USDT", "0.001", "0.01", "5"),
    ("ARB/USDT", "0.0001", "0.1", "5"),
    ("OP/USDT", "0.001", "0.01", "5"),
    ("SUI/USDT", "0.0001", "0.1", "5"),
    ("INJ/USDT", "0.01", "0.01", "5"),
    ("PEPE/USDT", "0.00000001", "1", "1"),
    ("WIF/USDT", "0.001", "0.01", "5"),
    ("UNI/USDT", "0.001", "0.01", "5"),
    ("AAVE/USDT", "0.01", "0.001", "5"),
    ("ATOM/USDT", "0.001", "0.01", "5"),
    ("FIL/USDT", "0.001", "0.01", "5"),
    ("ETC/USDT", "0.01", "0.01", "5"),
    ("ICP/USDT", "0.001", "0.01", "5"),
    ("XLM/USDT", "0.0001", "1", "5"),
    ("EUR/USDT", "0.0001", "0.1", "5"),
    ("USDC/USDT", "0.0001", "1", "5"),
    ("BTCUP/USDT", "0.001", "0.01", "5"),
    ("BTC/EUR", "0.01", "0.00001", "5"),
)

# symbol, tick, lot, smallest notional, highest leverage
_PERPETUALS: Final = (
    ("BTC/USDT:USDT", "0.1", "0.001", "100", 125),
    ("ETH/USDT:USDT", "0.01", "0.001", "20", 100),
    ("SOL/USDT:USDT", "0.01", "0.01", "5", 75),
    ("BNB/USDT:USDT", "0.01", "0.01", "5", 75),
    ("XRP/USDT:USDT", "0.0001", "0.1", "5", 75),
    ("DOGE/USDT:USDT", "0.00001", "1", "5", 75),
    ("ADA/USDT:USDT", "0.0001", "1", "5", 75),
    ("AVAX/USDT:USDT", "0.001", "1", "5", 50),
    ("LINK/USDT:USDT", "0.001", "0.01", "20", 50),
    ("LTC/USDT:USDT", "0.01", "0.001", "20", 50),
    ("NEAR/USDT:USDT", "0.001", "1", "5", 50),
    ("ARB/USDT:USDT", "0.0001", "0.1", "5", 50),
    ("SUI/USDT:USDT", "0.0001", "0.1", "5", 50),
    ("1000PEPE/USDT:USDT", "0.0000001", "1", "5", 50),
)

# Where a market is not simply its base asset against USDT.
_LEVERAGED: Final = {"BTCUP": ("BTC", 2.0, 18.0, 6.0e6)}  # asset, power, level, turnover
_PERPETUAL_TURNOVER: Final = 2.6  # perpetuals trade more than spot
_CROSS_TURNOVER: Final = 0.02  # of the asset's USDT market, in the other quote currency
_MAX_ORDER_TURNOVER: Final = 0.02  # largest order, as a share of a usual day's turnover
# Position notional from which a step applies, divisor of the highest leverage, maintenance.
_MARGIN_STEPS: Final = (
    ("0", 1, "0.004"),
    ("50000", 2, "0.01"),
    ("500000", 3, "0.02"),
    ("5000000", 6, "0.05"),
    ("20000000", 12, "0.125"),
)


@cache
def listings() -> Mapping[Symbol, Listing]:
    """Return every market, by symbol."""
    assets = {row[0]: _asset(row) for row in _ASSETS}
    spot = [_spot(*row, assets=assets) for row in _SPOT]
    perpetuals = [_perpetual(*row, assets=assets) for row in _PERPETUALS]
    return MappingProxyType({item.instrument.symbol: item for item in (*spot, *perpetuals)})


def _asset(row: tuple[str, float, float, float, float]) -> Asset:
    name, level, daily_move, market_share, turnover = row
    return Asset(
        name=name,
        level=level,
        daily_move=daily_move,
        market_share=market_share,
        daily_turnover=turnover,
    )


def _spot(
    symbol: str, tick: str, lot: str, min_notional: str, *, assets: Mapping[str, Asset]
) -> Listing:
    base, quote, _ = parse_symbol(symbol)
    if base in _LEVERAGED:
        return _leveraged(symbol, tick, lot, min_notional, assets=assets)
    asset = assets[base]
    denominator = None if quote == "USDT" else assets[quote]
    turnover = asset.daily_turnover * (1.0 if denominator is None else _CROSS_TURNOVER)
    price = asset.level / (1.0 if denominator is None else denominator.level)
    return Listing(
        instrument=_instrument(symbol, tick, lot, min_notional, largest=turnover / price),
        numerator=asset,
        denominator=denominator,
        turnover=turnover,
    )


def _leveraged(
    symbol: str, tick: str, lot: str, min_notional: str, *, assets: Mapping[str, Asset]
) -> Listing:
    name, power, level, turnover = _LEVERAGED[parse_symbol(symbol)[0]]
    asset = assets[name]
    return Listing(
        instrument=_instrument(symbol, tick, lot, min_notional, largest=turnover / level),
        numerator=asset,
        power=power,
        units=level / asset.level,
        turnover=turnover,
    )


def _perpetual(
    symbol: str,
    tick: str,
    lot: str,
    min_notional: str,
    max_leverage: int,
    *,
    assets: Mapping[str, Asset],
) -> Listing:
    bare = _instrument(symbol, tick, lot, min_notional, largest=1e9)
    asset = assets[bare.underlying]
    units = 1000.0 if bare.base != bare.underlying else 1.0
    turnover = asset.daily_turnover * _PERPETUAL_TURNOVER
    largest = turnover / (asset.level * units)
    tiers = _margin_tiers(max_leverage)
    return Listing(
        instrument=_instrument(symbol, tick, lot, min_notional, largest=largest, tiers=tiers),
        numerator=asset,
        units=units,
        turnover=turnover,
    )


def _instrument(
    symbol: str,
    tick: str,
    lot: str,
    min_notional: str,
    *,
    largest: float,
    tiers: tuple[MarginTier, ...] = (),
) -> Instrument:
    base, quote, kind = parse_symbol(symbol)
    step = Decimal(lot)
    # Two significant digits of the largest order look like a venue's rule and lie on the lot.
    bound = Decimal(f"{largest * _MAX_ORDER_TURNOVER:.1e}")
    return Instrument(
        venue=VENUE,
        symbol=Symbol(symbol),
        kind=kind,
        base=base,
        quote=quote,
        tick=Decimal(tick),
        lot=step,
        min_size=step,
        max_size=bound,
        max_market_size=bound / 2,
        min_notional=Decimal(min_notional),
        fees=_SPOT_FEES if kind is MarketKind.SPOT else _PERPETUAL_FEES,
        margin_tiers=tiers,
        source=_SOURCE,
    )


def _margin_tiers(max_leverage: int) -> tuple[MarginTier, ...]:
    return tuple(
        MarginTier(
            notional_floor=Decimal(floor),
            max_leverage=Decimal(max(1, max_leverage // divisor)),
            maintenance_fraction=Decimal(maintenance),
        )
        for floor, divisor, maintenance in _MARGIN_STEPS
    )
