"""A venue's markets as instruments: steps, bounds and fees, exactly as ccxt tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from snipersight.domain.errors import DataInvalid
from snipersight.domain.instrument import Fees, Instrument, parse_symbol
from snipersight.domain.units import Symbol, exact, plain

_DECIMAL_PLACES: Final = 2  # ccxt's names for how a venue states precision
_TICK_SIZE: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The markets of a venue.

    Args:
        instruments: active spot markets and linear perpetuals.
        unreadable: symbols left out because their name or rules cannot be read, sorted.
    """

    instruments: Mapping[Symbol, Instrument]
    unreadable: tuple[str, ...]


def listing_of(markets: Iterable[Mapping[str, Any]], *, venue: str, precision_mode: int) -> Listing:
    """Return the active spot markets and linear perpetuals among ccxt's markets.

    Inverse contracts, dated futures, options, inactive markets and perpetuals settled in another
    currency than their quote are not served and not counted.

    Args:
        markets: ccxt's unified market structures.
        venue: the exchange's short name.
        precision_mode: how the exchange states precision (ccxt's `precisionMode`).
    """
    instruments: dict[Symbol, Instrument] = {}
    unreadable: list[str] = []
    for market in markets:
        if not is_served(market):
            continue
        try:
            instrument = instrument_of(market, venue=venue, precision_mode=precision_mode)
        except (DataInvalid, ValueError):
            unreadable.append(str(market["symbol"]))
        else:
            instruments[instrument.symbol] = instrument
    return Listing(instruments=instruments, unreadable=tuple(sorted(unreadable)))


def is_served(market: Mapping[str, Any]) -> bool:
    """Return whether a market is traded now, and is spot or a linear perpetual.

    ccxt's `active` is None where the venue does not say; such a market counts as traded.
    """
    if market.get("active") is False:
        return False
    if market.get("spot"):
        return True
    return bool(market.get("swap") and market.get("linear")) and (
        market.get("settle") == market.get("quote")
    )


def instrument_of(market: Mapping[str, Any], *, venue: str, precision_mode: int) -> Instrument:
    """Return one market's rules; what ccxt does not know stays None.

    Sizes of contracts are turned into base units by the contract size. ccxt publishes the fees of
    the venue's lowest tier.

    Raises:
        DataInvalid: the symbol cannot be read, or its rules contradict one another.
        ValueError: a rule is no finite number.
    """
    base, quote, kind = parse_symbol(str(market["symbol"]))
    contract = _positive(market.get("contractSize")) or Decimal(1)
    limits = market.get("limits") or {}
    precision = market.get("precision") or {}
    return Instrument(
        venue=venue,
        symbol=Symbol(str(market["symbol"])),
        kind=kind,
        base=base,
        quote=quote,
        tick=_step(precision.get("price"), precision_mode),
        lot=_in_base(_step(precision.get("amount"), precision_mode), contract),
        min_size=_in_base(_bound(limits, "amount", "min"), contract),
        max_size=_in_base(_bound(limits, "amount", "max"), contract),
        max_market_size=_in_base(_bound(limits, "market", "max"), contract),
        min_notional=_bound(limits, "cost", "min"),
        fees=_fees(market),
        source=f"{venue} public market list through ccxt",
    )


def _fees(market: Mapping[str, Any]) -> Fees | None:
    maker, taker = market.get("maker"), market.get("taker")
    if maker is None or taker is None or market.get("percentage") is False:
        return None
    return Fees(maker=exact(maker), taker=exact(taker))


def _step(precision: float | None, mode: int) -> Decimal | None:
    """Return a price or size step; None where it is not a fixed step (significant digits)."""
    if precision is None or mode not in (_TICK_SIZE, _DECIMAL_PLACES):
        return None
    if mode == _DECIMAL_PLACES:
        return Decimal(1).scaleb(-int(precision))
    return _positive(precision)


def _bound(limits: Mapping[str, Any], of: str, side: str) -> Decimal | None:
    return _positive((limits.get(of) or {}).get(side))


def _positive(value: float | None) -> Decimal | None:
    # Venues write 0 for "no rule".
    return None if value is None or value == 0 else Decimal(plain(exact(value)))


def _in_base(size: Decimal | None, contract: Decimal) -> Decimal | None:
    return None if size is None else Decimal(plain(size * contract))
