"""What a venue allows and charges for one market."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from snipersight.domain.errors import DataInvalid
from snipersight.domain.units import Currency, Symbol


class MarketKind(StrEnum):
    """Spot (owned, no shorts) or a linear perpetual (margin, both sides)."""

    SPOT = "spot"
    PERPETUAL = "perpetual"


_PERPETUAL: Final = MarketKind.PERPETUAL
_NOTHING: Final = Decimal(0)
_ONE: Final = Decimal(1)


_MULTIPLIER: Final = re.compile(r"^(10{3,7}|1M)(?=[A-Z])")


def underlying_of(base: str) -> tuple[Currency, Decimal]:
    """Return the asset behind a base name and how many of it one unit holds.

    1000PEPE is 1,000 PEPE; BTC is 1 BTC; 1INCH has no multiplier.
    """
    match = _MULTIPLIER.match(base)
    if match is None:
        return Currency(base), Decimal(1)
    many = match.group(1)
    return Currency(base[match.end() :]), Decimal(1_000_000 if many == "1M" else many)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """Fractions of notional: 0.001 is 0.1 %.

    Args:
        maker: paid when a resting order is filled; may be negative (a rebate).
        taker: paid when an order fills at once.
    """

    maker: Decimal
    taker: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginTier:
    """A step of a perpetual's margin table.

    Args:
        notional_floor: position notional from which the tier applies, in quote currency.
        max_leverage: highest leverage allowed in the tier.
        maintenance_fraction: maintenance margin as a fraction of notional.

    Raises:
        DataInvalid: a number is not finite, the floor or fraction is negative, the fraction is 1
            or more, or the leverage is below 1.
    """

    notional_floor: Decimal
    max_leverage: Decimal
    maintenance_fraction: Decimal

    def __post_init__(self) -> None:
        """Refuse numbers that nothing can be computed with."""
        for name, least in (
            ("notional_floor", _NOTHING),
            ("max_leverage", _ONE),
            ("maintenance_fraction", _NOTHING),
        ):
            value: Decimal = getattr(self, name)
            if not value.is_finite() or value < least:
                raise DataInvalid(f"{name} of a margin tier is {value}")
        if self.maintenance_fraction >= _ONE:
            raise DataInvalid(
                f"maintenance_fraction of a margin tier is {self.maintenance_fraction}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One market of one venue. None means unknown, and unknown declines a plan.

    Args:
        venue: short name, `binance`, `binanceusdm`, `sandbox`.
        symbol: ccxt's unified symbol.
        kind: spot or perpetual.
        base, quote: currencies of the pair (base may carry a multiplier, 1000PEPE).
        tick: price step, above 0.
        lot: size step in base units, above 0.
        min_size, max_size: bounds of one order in base units.
        max_market_size: bound of one market order; a protective stop is one.
        min_notional: smallest order value in quote currency.
        fees: maker and taker fractions.
        margin_tiers: lowest notional first; empty for spot or when unknown.
        source: where these rules come from, for the reader of a report.

    Raises:
        DataInvalid: a step or bound is zero, negative or contradictory.
    """

    venue: str
    symbol: Symbol
    kind: MarketKind
    base: Currency
    quote: Currency
    tick: Decimal | None
    lot: Decimal | None
    min_size: Decimal | None = None
    max_size: Decimal | None = None
    max_market_size: Decimal | None = None
    min_notional: Decimal | None = None
    fees: Fees | None = None
    margin_tiers: tuple[MarginTier, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse steps and bounds that cannot be."""
        for name in ("tick", "lot", "max_size", "max_market_size"):
            self._require(name, positive=True)
        for name in ("min_size", "min_notional"):
            self._require(name, positive=False)
        if self.min_size and self.max_size and self.min_size > self.max_size:
            raise DataInvalid(
                f"min_size {self.min_size} above max_size {self.max_size}", where=self.symbol
            )

    def _require(self, name: str, *, positive: bool) -> None:
        value: Decimal | None = getattr(self, name)
        if value is None:
            return
        if not value.is_finite() or value < 0 or (positive and value == 0):
            raise DataInvalid(f"{name} is {value}", where=f"{self.venue} {self.symbol}")

    @property
    def underlying(self) -> Currency:
        """Return the asset that limits add up by: BTC for BTC/USDT and BTC/USDC:USDC alike."""
        return underlying_of(self.base)[0]

    @property
    def allows_short(self) -> bool:
        """Return whether a short can be opened: never on spot."""
        return self.kind is _PERPETUAL

    def missing(self) -> tuple[str, ...]:
        """Return the names of the rules a plan needs that are unknown."""
        return tuple(name for name in ("tick", "lot", "fees") if getattr(self, name) is None)


def parse_symbol(symbol: str) -> tuple[Currency, Currency, MarketKind]:
    """Return base, quote and kind of a unified symbol.

    Raises:
        DataInvalid: the text is not `BASE/QUOTE` or `BASE/QUOTE:SETTLE`.
    """
    match = re.fullmatch(r"([A-Z0-9]{1,20})/([A-Z0-9]{2,10})(:[A-Z0-9]{2,10})?", symbol)
    if match is None:
        raise DataInvalid(
            f"{symbol!r} is not a symbol",
            next_step="write it as BTC/USDT (spot) or BTC/USDT:USDT (perpetual)",
        )
    kind = MarketKind.PERPETUAL if match.group(3) else MarketKind.SPOT
    return Currency(match.group(1)), Currency(match.group(2)), kind
