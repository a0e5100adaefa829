"""The store as the risk gate sees it: one transaction for what belongs to one decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from snipersight.domain.audit import AuditDraft, AuditRecord, ChainHead
from snipersight.domain.execution import TradeBook
from snipersight.domain.ledger import EntryId, LedgerEntry
from snipersight.domain.plan import PlanId
from snipersight.domain.quick import quick
from snipersight.domain.standing import AccountStanding
from snipersight.domain.units import Currency

T = TypeVar("T")
Clock = Callable[[], int]  # microseconds UTC


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """One account as the transaction that locked it sees it.

    Args:
        account_id: its name.
        currency: of every amount.
        standing: equity, breakers, cooldowns.
        last_us: newest time that was ever written for it; time never runs back behind it
            unless a person says that the clock was wrong.
        policy_hash: of the policy last recorded in the chain; empty before the first.
        head: newest audit record.
    """

    account_id: str
    currency: Currency
    standing: AccountStanding
    last_us: int
    policy_hash: str
    head: ChainHead


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDraft:
    """Something to be delivered after the transaction that decided it.

    Args:
        topic: which consumer takes it, `message` or `event`.
        key: idempotency key; the same topic and key is stored once, for good.
        payload: what a consumer needs; the same values as an audit body.
        lane: items of one lane are delivered in order (a chat); empty: no order.
        priority: higher goes first.
        available_us: not before; None: at once.
    """

    topic: str
    key: str
    payload: Mapping[str, object] = field(default_factory=dict)
    lane: str = ""
    priority: int = 0
    available_us: int | None = None


class UnitOfWork(Protocol):
    """One open transaction that holds the account's row locked; commits whole or not at all."""

    @property
    def account(self) -> AccountRow:
        """Return the account as it is now within the transaction."""
        ...

    @property
    def book(self) -> TradeBook:
        """Return the account's executed trades, in this same transaction."""
        ...

    def live_entries(self) -> tuple[LedgerEntry, ...]:
        """Return every entry that counts, oldest reservation first.

        The same tuple object comes back as long as nothing changed, across transactions too: what
        was derived from it may be kept.
        """
        ...

    def entry(self, entry_id: EntryId) -> LedgerEntry | None:
        """Return one entry, live or ended."""
        ...

    def entries_of_plan(self, plan_id: PlanId) -> tuple[LedgerEntry, ...]:
        """Return every entry of a plan, oldest first."""
        ...

    def save_entry(self, entry: LedgerEntry) -> None:
        """Insert or replace one entry."""
        ...

    def save_standing(self, standing: AccountStanding) -> None:
        """Replace the account's standing."""
        ...

    def note_policy(self, policy_hash: str) -> None:
        """Remember which policy the chain recorded last."""
        ...

    def reset_clock(self, at_us: int) -> None:
        """Let time run on from a moment that may lie behind what was written; a person said so."""
        ...

    def append(self, draft: AuditDraft) -> AuditRecord:
        """Add a record to the account's chain."""
        ...

    def enqueue(self, draft: QueueDraft) -> bool:
        """Store something to be delivered; False if this key was stored before."""
        ...


class DecisionStore(Protocol):
    """Runs units of work, one at a time."""

    def transact(self, account_id: str, work: Callable[[UnitOfWork], T]) -> T:
        """Run `work` in one transaction and return what it returns once that is durable.

        If `work` raises, nothing of it is kept and the error is passed on.

        Raises:
            StateUnavailable: the store cannot be written, is locked for longer than the timeout,
                or the account does not exist; nothing of `work` counts.
        """
        ...

    def view(self, account_id: str, read: Callable[[UnitOfWork], T]) -> T:
        """Run `read` on one consistent state without locking anybody out; writing in it fails.

        Raises:
            StateUnavailable: the store cannot be read, or the account does not exist.
        """
        ...
