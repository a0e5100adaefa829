"""What is traded on the built-in market: assets, their markets, and the rules of each market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from snipersight.domain.instrument import (
    Fees,
    Instrument,
    MarginTier,
    MarketKind,
    parse_symbol,
    underlying_of,
)
from snipersight.domain.units import Symbol
from snipersight.domain.venues import BUILT_IN_VENUE

VENUE: Final = BUILT_IN_VENUE
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
        tick, lot: the instrument's steps, which are always known here.
        asset: whose price is quoted.
        quoted_in: asset of the quote currency, or None for USDT.
        power: leverage of a leveraged token; 1 otherwise.
        usual_price: around which the price moves for years, quote per base unit.
        turnover: usual traded value a day, in quote currency.
    """

    instrument: Instrument
    tick: Decimal
    lot: Decimal
    asset: Asset
    quoted_in: Asset | None
    power: float
    usual_price: float
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

MARKETS: Final = len(_SPOT) + len(_PERPETUALS)
MOST_MARKETS: Final = 500

# asset, power, usual price
_LEVERAGED: Final[Mapping[str, tuple[str, float, float | None]]] = {"BTCUP": ("BTC", 2.0, 18.0)}
_PERPETUAL_TURNOVER: Final = 2.6  # perpetuals trade more than spot
_CROSS_TURNOVER: Final = 0.02  # of the asset's USDT market, in the other quote currency
_LEVERAGED_TURNOVER: Final = 0.004
_MAX_ORDER_TURNOVER: Final = 0.02  # largest order, as a share of a usual day's turnover
# Position notional from which a step applies, and the divisor of the highest leverage.
_MARGIN_STEPS: Final = (("0", 1), ("50000", 2), ("500000", 3), ("5000000", 6), ("20000000", 12))


class _Rules(NamedTuple):
    """A row of the tables above."""

    symbol: str
    tick: str
    lot: str
    min_notional: str
    max_leverage: int = 1


@cache
def listings(markets: int = MARKETS) -> Mapping[Symbol, Listing]:
    """Return every market, by symbol.

    Args:
        markets: how many there are, from `MARKETS` to `MOST_MARKETS`. Those beyond the first are
            perpetuals on made-up assets, each the same however many there are, and trade less
            than all others.
    """
    more = range(1, markets - MARKETS + 1)
    assets = {row[0]: _asset(row) for row in (*_ASSETS, *map(_made_up_asset, more))}
    rows = [_Rules(*row) for row in _SPOT] + [_Rules(*row) for row in _PERPETUALS]
    rows += [_made_up_rules(number) for number in more]
    found = [_listing(rules, assets) for rules in rows]
    return MappingProxyType({item.instrument.symbol: item for item in found})


def _made_up_asset(number: int) -> tuple[str, float, float, float, float]:
    """Return a row of assets; the multiples of irrational numbers spread evenly over each range."""
    level, move, share, turnover = (
        number * root % 1.0 for root in (2**0.5, 3**0.5, 5**0.5, 7**0.5)
    )
    return (
        f"SIM{number:03}",
        float(f"{10 ** (4 * level - 2):.3g}"),
        0.033 + 0.03 * move,
        0.52 + 0.28 * share,
        5e5 + 1.5e6 * turnover,
    )


def _made_up_rules(number: int) -> _Rules:
    name, level, *_ = _made_up_asset(number)
    digits = Decimal(str(level)).adjusted()
    tick, lot = Decimal(10) ** (digits - 4), Decimal(10) ** -digits
    return _Rules(f"{name}/USDT:USDT", f"{tick:f}", f"{lot:f}", "5", 50)


def _asset(row: tuple[str, float, float, float, float]) -> Asset:
    name, level, daily_move, market_share, turnover = row
    return Asset(
        name=name,
        level=level,
        daily_move=daily_move,
        market_share=market_share,
        daily_turnover=turnover,
    )


def _listing(rules: _Rules, assets: Mapping[str, Asset]) -> Listing:
    base, quote, kind = parse_symbol(rules.symbol)
    name, power, level = _LEVERAGED.get(base, (underlying_of(base)[0], 1.0, None))
    asset = assets[name]
    quoted_in = None if quote == "USDT" else assets[quote]
    usual_price = level or asset.level * float(underlying_of(base)[1])
    usual_price /= quoted_in.level if quoted_in else 1.0
    turnover = asset.daily_turnover * _turnover_share(kind, power=power, is_cross=bool(quoted_in))
    return Listing(
        instrument=_instrument(rules, largest=turnover / usual_price * _MAX_ORDER_TURNOVER),
        tick=Decimal(rules.tick),
        lot=Decimal(rules.lot),
        asset=asset,
        quoted_in=quoted_in,
        power=power,
        usual_price=usual_price,
        turnover=turnover,
    )


def _turnover_share(kind: MarketKind, *, power: float, is_cross: bool) -> float:
    if kind is MarketKind.PERPETUAL:
        return _PERPETUAL_TURNOVER
    if power != 1.0:
        return _LEVERAGED_TURNOVER
    return _CROSS_TURNOVER if is_cross else 1.0


def _instrument(rules: _Rules, *, largest: float) -> Instrument:
    base, quote, kind = parse_symbol(rules.symbol)
    # One significant digit looks like a venue's rule, and it and its half lie on the lot.
    bound = Decimal(f"{Decimal(f'{largest:.0e}'):f}")
    is_spot = kind is MarketKind.SPOT
    return Instrument(
        venue=VENUE,
        symbol=Symbol(rules.symbol),
        kind=kind,
        base=base,
        quote=quote,
        tick=Decimal(rules.tick),
        lot=Decimal(rules.lot),
        min_size=Decimal(rules.lot),
        max_size=bound,
        max_market_size=bound / 2,
        min_notional=Decimal(rules.min_notional),
        fees=_SPOT_FEES if is_spot else _PERPETUAL_FEES,
        margin_tiers=() if is_spot else _margin_tiers(rules.max_leverage),
        source=_SOURCE,
    )


def _margin_tiers(max_leverage: int) -> tuple[MarginTier, ...]:
    return tuple(
        _margin_tier(floor, max(1, max_leverage // divisor)) for floor, divisor in _MARGIN_STEPS
    )


def _margin_tier(floor: str, leverage: int) -> MarginTier:
    return MarginTier(
        notional_floor=Decimal(floor),
        max_leverage=Decimal(leverage),
        # Half of the initial margin, as venues have it: a new position is not liquidated at once.
        maintenance_fraction=round(Decimal(1) / (2 * leverage), 4),
    )
