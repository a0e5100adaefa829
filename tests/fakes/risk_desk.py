"""A desk to judge plans at: one account in memory, a clock to set, ten uncorrelated markets."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from snipersight.domain.audit import AuditRecord
from snipersight.domain.decision import Rejected, RiskDecision
from snipersight.domain.direction import Direction
from snipersight.domain.ledger import EntryState, LedgerEntry
from snipersight.domain.observations import Correlations, MarketFacts, Observations
from snipersight.domain.plan import TradePlan
from snipersight.domain.standing import AccountStanding
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Currency, Symbol
from snipersight.risk.manager import RiskManager
from tests.builders import a_plan, an_instrument
from tests.builders.contexts import DECIDED_AT_MS
from tests.builders.ledger import DECIDED_AT_US, a_policy, an_entry, market_facts
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store

HOUR_US = 3_600_000_000
# Room for five trades of 1 %.
FIVE: dict[str, Any] = {"max_total": "0.05", "max_per_asset": "0.05", "max_cluster": "0.05"}
ASSETS = ("BTC", "ETH", "SOL", "XRP", "ADA", "DOT", "LTC", "BNB", "AVAX", "LINK")


def symbol_of(asset: str) -> str:
    """Return the perpetual of an asset."""
    return f"{asset}/USDT:USDT"


def a_trade(asset: str = "BTC", side: Direction = Direction.LONG, **values: Any) -> TradePlan:
    """Return a plan that risks 1 % of 10,000 with 0.2 units, without costs."""
    return a_plan(side, symbol=symbol_of(asset), cost="0", **values)


def uncorrelated(*assets: str) -> Correlations:
    """Return coefficients of 0 between all of some assets."""
    names = [Currency(asset) for asset in sorted(assets)]
    pairs = {(a, b): Decimal(0) for i, a in enumerate(names) for b in names[i + 1 :]}
    return Correlations(pairs=pairs)


def seen(*assets: str, **overrides: Any) -> Observations:
    """Return the markets of some assets, all at 42,250, none correlated with another."""
    names = assets or ASSETS
    markets = {
        Symbol(symbol_of(asset)): market_facts(
            an_instrument(symbol_of(asset), maker="0", taker="0")
        )
        for asset in names
    }
    values: dict[str, Any] = {
        "venue": "sandbox",
        "as_of_ms": DECIDED_AT_MS,
        "markets": markets,
        "correlations": uncorrelated(*names),
    }
    return Observations(**(values | overrides))


def priced(asset: str, price: str, **facts: Any) -> Observations:
    """Return the markets with one asset at another price, or with other facts."""
    markets = dict(seen().markets)
    symbol = Symbol(symbol_of(asset))
    held = market_facts(markets[symbol].instrument, price=price)
    changed: MarketFacts = replace(held, **facts)
    return seen(markets={**markets, symbol: changed})


@dataclass
class Desk:
    """A store with one account of 10,000 USDT, a clock to set, and managers on both."""

    store: MemoryDecisionStore = field(default_factory=a_memory_store)
    now_us: int = DECIDED_AT_US

    def manager(self, observed: Observations | None = None, **given: Any) -> RiskManager:
        """Return a manager that has observed the markets; `limits` changes the policy."""
        limits = {"slippage_fraction": "0"} | given.pop("limits", {})
        manager = RiskManager(
            account_id="main",
            store=given.pop("store", self.store),
            clock=lambda: self.now_us,
            policy=a_policy(**limits),
            **given,
        )
        manager.observe(observed or seen())
        return manager

    def keep(self, *entries: LedgerEntry) -> None:
        """Put entries into the ledger."""

        def save(unit: UnitOfWork) -> None:
            for entry in entries:
                unit.save_entry(entry)

        self.store.transact("main", save)

    def kinds(self) -> list[str]:
        """Return the kinds of all records, oldest first."""
        return [record.kind for record in self.store.records("main")]

    @property
    def standing(self) -> AccountStanding:
        """Return the account's standing as it is committed."""
        return self.store.view("main", lambda unit: unit.account.standing)


def codes(decision: RiskDecision) -> list[str]:
    """Return the codes that a rejection failed."""
    assert isinstance(decision, Rejected)
    return [check.code for check in decision.failed]


def a_position(asset: str = "ETH", **values: Any) -> LedgerEntry:
    """Return 10 units bought at 100, stop at 90."""
    return an_entry(symbol_of(asset), **({"filled": "10"} | values))


def body_of(record: AuditRecord) -> dict[str, Any]:
    """Return what a record holds."""
    body: dict[str, Any] = json.loads(record.body)
    return body


def released(entry: LedgerEntry) -> LedgerEntry:
    """Return a reservation after it was given back."""
    return replace(
        entry, state=EntryState.RELEASED, pending_size=entry.open_size, ended_us=DECIDED_AT_US
    )
