"""What an executor works with: one account at one venue, its store, its clock, its limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from snipersight.bot.executor.actions import Timings
from snipersight.domain.errors import UnknownSymbol
from snipersight.domain.instrument import Instrument
from snipersight.domain.store import Clock, DecisionStore, UnitOfWork
from snipersight.domain.units import Currency, Symbol
from snipersight.domain.venue import Venue
from snipersight.risk.ledger.work import Clerk
from snipersight.risk.policy import RiskPolicy

T = TypeVar("T")


class InThread(Protocol):
    """Runs a function that may block, as `asyncio.to_thread` does."""

    def __call__(self, function: Callable[..., T], /, *arguments: Any) -> Awaitable[T]:
        """Return what the function returns, without blocking the loop."""
        ...


class FallbackJournal(Protocol):
    """A small durable file for what protects a position while the store cannot be written."""

    def append(self, record: Mapping[str, object]) -> None:
        """Add a record; it is on the disk when this returns.

        Raises:
            StateUnavailable: it could not be written.
        """
        ...

    def pending(self) -> tuple[Mapping[str, object], ...]:
        """Return what was appended and not cleared, oldest first.

        Raises:
            StateUnavailable: it could not be read.
        """
        ...

    def clear(self, known: int) -> bool:
        """Forget every record: the store has them.

        Args:
            known: how many there are; where another process has added one, nothing is forgotten.

        Returns:
            Whether it was done.

        Raises:
            StateUnavailable: it could not be written.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One account at one venue.

    Args:
        account_id: whose trades.
        venue: where they are.
        store: ledger, trades and audit, in one transaction.
        journal: for what protects while the store is away.
        clock: microseconds UTC; the time of what is stored and decided.
        policy: the account's limits.
        instruments: the venue's markets by symbol.
        quote_rates: account currency for one unit of a quote currency, for foreign positions; the
            account's own needs none.
        timings: how long things may take.
        request_us: longest time that a request may take until its outcome counts as unknown.
        question_us: longest time that a question may take until the venue counts as unavailable.
        patience_us: longest time that a round of a trade waits for its requests; they go on.
        actor: who acts, for the audit.
        in_thread: runs the store's calls, which block.
    """

    account_id: str
    venue: Venue
    store: DecisionStore
    journal: FallbackJournal
    clock: Clock
    policy: RiskPolicy
    instruments: Mapping[Symbol, Instrument]
    quote_rates: Mapping[Currency, Decimal] = field(default_factory=dict)
    timings: Timings = field(default_factory=Timings)
    request_us: int = 10_000_000
    question_us: int = 5_000_000
    patience_us: int = 500_000
    actor: str = "executor"
    in_thread: InThread = asyncio.to_thread

    def clerk(self) -> Clerk:
        """Return who writes, when, and by which limits."""
        return Clerk(now_us=self.clock(), actor=self.actor, policy=self.policy)

    async def transact(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run one unit of work on a thread.

        Raises:
            StateUnavailable: see `DecisionStore.transact`.
        """
        return await self.in_thread(self.store.transact, self.account_id, work)

    async def view(self, read: Callable[[UnitOfWork], T]) -> T:
        """Read one consistent state on a thread.

        Raises:
            StateUnavailable: see `DecisionStore.view`.
        """
        return await self.in_thread(self.store.view, self.account_id, read)

    def instrument(self, symbol: Symbol) -> Instrument:
        """Return the rules of a market.

        Raises:
            UnknownSymbol: the venue does not list it any more; nothing can be rounded.
        """
        found = self.instruments.get(symbol)
        if found is None:
            raise UnknownSymbol(
                f"{self.venue.name} lists no market {symbol}",
                where=self.account_id,
                next_step="close the position at the venue by hand, then `snipersight reconcile`",
            )
        return found
