"""Ledger entries, claims, policies and observations. 10,000 USDT at 1 % is 100 USDT of risk."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from snipersight.domain.direction import Direction
from snipersight.domain.exposure import Amounts, Basis
from snipersight.domain.instrument import Instrument, parse_symbol, underlying_of
from snipersight.domain.ledger import EntryId, EntryState, LedgerEntry, Origin
from snipersight.domain.observations import (
    Correlations,
    MarketFacts,
    Observations,
    ReferencePrice,
)
from snipersight.domain.plan import PlanId, SetupId
from snipersight.domain.units import Currency, Price, Size, Symbol
from snipersight.risk.exposure.book import Claim
from snipersight.risk.policy import RiskPolicy
from tests.builders.contexts import DECIDED_AT_MS
from tests.builders.instruments import an_instrument

DECIDED_AT_US = DECIDED_AT_MS * 1000


def an_entry(
    symbol: str = "BTC/USDT:USDT",
    *,
    entry_id: str = "entry-1",
    direction: Direction = Direction.LONG,
    pending: str | None = None,
    filled: str = "0",
    entry: str = "100",
    fill: str | None = None,
    stop: str | None = None,
    cost: str = "0",
    leverage: str = "1",
    quote_rate: str = "1",
    **overrides: Any,
) -> LedgerEntry:
    """Return a reservation of 10 units at 100 with the stop 10 away: risk 100, notional 1,000.

    Args:
        pending, filled: sizes as text; something filled makes it open, with nothing pending
            unless said; its fill price is `entry` unless said.
        entry, fill, stop: prices as text.
        cost: per unit, quote currency.
        overrides: any other field of `LedgerEntry`.
    """
    base, _, kind = parse_symbol(symbol)
    is_open = Decimal(filled) > 0
    unfilled = pending if pending is not None else "0" if is_open else "10"
    near = Decimal(entry)
    values: dict[str, Any] = {
        "entry_id": EntryId(entry_id),
        "account_id": "main",
        "origin": Origin.APPROVED,
        "state": EntryState.OPEN if is_open else EntryState.RESERVED,
        "plan_id": PlanId(f"plan-{entry_id}"),
        "setup_id": SetupId(f"setup-{entry_id}"),
        "venue": "sandbox",
        "symbol": Symbol(symbol),
        "market": kind,
        "underlying": underlying_of(base)[0],
        "direction": direction,
        "pending_size": Size(Decimal(unfilled)),
        "open_size": Size(Decimal(filled)),
        "entry_price": Price(near),
        "fill_price": Price(Decimal(fill) if fill else near) if is_open else None,
        "stop_price": Price(
            Decimal(stop) if stop else near * (1 - direction.sign * Decimal("0.1"))
        ),
        "cost_per_unit": Decimal(cost),
        "leverage": Decimal(leverage),
        "quote_rate": Decimal(quote_rate),
        "reserved_us": DECIDED_AT_US,
        "expires_us": DECIDED_AT_US + 3_600_000_000,
        "opened_us": DECIDED_AT_US if is_open else None,
    }
    return LedgerEntry(**(values | overrides))


def a_claim(
    symbol: str = "BTC/USDT:USDT",
    *,
    direction: Direction = Direction.LONG,
    risk: str = "100",
    notional: str = "1000",
    margin: str | None = None,
    **overrides: Any,
) -> Claim:
    """Return a pending claim of a plan; `margin` is the notional unless said."""
    amounts = Amounts(
        risk=Decimal(risk), notional=Decimal(notional), margin=Decimal(margin or notional)
    )
    values: dict[str, Any] = {
        "venue": "sandbox",
        "symbol": Symbol(symbol),
        "underlying": underlying_of(parse_symbol(symbol)[0])[0],
        "direction": direction,
        "plan_id": PlanId(f"plan-{symbol}"),
        "setup_id": SetupId(f"setup-{symbol}"),
        "amounts": amounts,
        "is_open": False,
    }
    return Claim(**(values | overrides))


def a_policy(**limits: Any) -> RiskPolicy:
    """Return the default policy with some limits set; numbers as text become exact."""
    exact: dict[str, Any] = {
        name: Decimal(value) if isinstance(value, str) and name != "basis" else value
        for name, value in limits.items()
    }
    if "basis" in limits:
        exact["basis"] = Basis(limits["basis"])
    return RiskPolicy(**exact)


def correlations(**pairs: str) -> Correlations:
    """Return correlations by pair: `correlations(BTC_ETH="0.8")`."""
    measured = {}
    for pair, value in pairs.items():
        one, other = sorted(pair.split("_"))
        measured[Currency(one), Currency(other)] = Decimal(value)
    return Correlations(pairs=measured, window="180 returns of 4h")


def market_facts(
    instrument: Instrument | None = None,
    *,
    price: str = "42250",
    quote_rate: str | None = "1",
    quote_volume: str | None = "1000000000",
    **reference: Any,
) -> MarketFacts:
    """Return a market with every fact known; `reference` overrides `ReferencePrice`."""
    values: dict[str, Any] = {
        "price": Price(Decimal(price)),
        "at_ms": DECIDED_AT_MS,
        "source": "sandbox",
    }
    return MarketFacts(
        instrument=instrument or an_instrument(),
        quote_rate=None if quote_rate is None else Decimal(quote_rate),
        reference=ReferencePrice(**(values | reference)),
        quote_volume=None if quote_volume is None else Decimal(quote_volume),
    )


def observations(
    *instruments: Instrument,
    correlations: Correlations | None = None,
    facts: Mapping[Symbol, MarketFacts] | None = None,
    **overrides: Any,
) -> Observations:
    """Return markets observed at the moment the builders decide at, BTC/USDT unless said."""
    seen = {one.symbol: market_facts(one) for one in instruments or (an_instrument(),)}
    values: dict[str, Any] = {
        "venue": "sandbox",
        "as_of_ms": DECIDED_AT_MS,
        "markets": {**seen, **(facts or {})},
        "correlations": correlations or Correlations(),
    }
    return Observations(**(values | overrides))
