"""Markets with every rule known."""

from decimal import Decimal
from typing import Any

from snipersight.domain.instrument import Fees, Instrument, MarginTier, MarketKind, parse_symbol
from snipersight.domain.units import Symbol

NO_FEES = Fees(maker=Decimal(0), taker=Decimal(0))


def an_instrument(
    symbol: str = "BTC/USDT",
    *,
    tick: str | None = "0.01",
    lot: str | None = "0.00001",
    maker: str = "0.0002",
    taker: str = "0.0005",
    **overrides: Any,
) -> Instrument:
    """Return a market of the venue `sandbox`; `BASE/QUOTE:SETTLE` makes it a perpetual."""
    base, quote, kind = parse_symbol(symbol)
    values: dict[str, Any] = {
        "venue": "sandbox",
        "symbol": Symbol(symbol),
        "kind": kind,
        "base": base,
        "quote": quote,
        "tick": None if tick is None else Decimal(tick),
        "lot": None if lot is None else Decimal(lot),
        "fees": Fees(maker=Decimal(maker), taker=Decimal(taker)),
        "margin_tiers": _TIERS if kind is MarketKind.PERPETUAL else (),
    }
    return Instrument(**(values | overrides))


_TIERS = (
    MarginTier(
        notional_floor=Decimal(0),
        max_leverage=Decimal(50),
        maintenance_fraction=Decimal("0.01"),
    ),
    MarginTier(
        notional_floor=Decimal(100_000),
        max_leverage=Decimal(20),
        maintenance_fraction=Decimal("0.025"),
    ),
)
