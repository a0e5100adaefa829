"""A copy of an account to try things on: nothing that is done to it is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from snipersight.bootstrap.preview_book import BookState, MemoryTradeBook
from snipersight.domain.audit import AuditDraft, AuditRecord
from snipersight.domain.ledger import EntryId, LedgerEntry
from snipersight.domain.plan import PlanId
from snipersight.domain.standing import AccountStanding
from snipersight.domain.store import AccountRow, DecisionStore, QueueDraft, UnitOfWork
from snipersight.risk.audit.chain import seal

T = TypeVar("T")


class PreviewStore:
    """A `DecisionStore` over one account's state as it was first read, kept in memory.

    Units of work see what earlier ones did; the store below is only read, once.

    Args:
        inner: the account's own store.
    """

    def __init__(self, inner: DecisionStore) -> None:
        self._inner = inner
        self._units: dict[str, _Copy] = {}

    def transact(self, account_id: str, work: Callable[[UnitOfWork], T]) -> T:
        """Run `work` on the copy; if it raises, nothing of it counts.

        Raises:
            StateUnavailable: the account cannot be read.
        """
        unit = self._unit(account_id).again()
        result = work(unit)
        self._units[account_id] = unit
        return result

    def view(self, account_id: str, read: Callable[[UnitOfWork], T]) -> T:
        """Run `read` on the copy; what it changes is forgotten.

        Raises:
            StateUnavailable: the account cannot be read.
        """
        return read(self._unit(account_id).again())

    def _unit(self, account_id: str) -> _Copy:
        if account_id not in self._units:
            self._units[account_id] = self._inner.view(
                account_id,
                lambda unit: _Copy(
                    unit.account,
                    unit.live_entries(),
                    MemoryTradeBook.copied(account_id, unit.book).state,
                ),
            )
        return self._units[account_id]


class _Copy:
    """A unit of work in memory; what has ended by the time of the copy is unknown."""

    def __init__(self, account: AccountRow, live: tuple[LedgerEntry, ...], book: BookState) -> None:
        self._account = account
        self._live = live
        self._ended: tuple[LedgerEntry, ...] = ()
        self._book = MemoryTradeBook(account.account_id, book)

    def again(self) -> _Copy:
        """Return another unit of work on the same state."""
        other = _Copy(self._account, self._live, self._book.state)
        other._ended = self._ended
        return other

    @property
    def account(self) -> AccountRow:
        """Return the account."""
        return self._account

    @property
    def book(self) -> MemoryTradeBook:
        """Return the account's executed trades."""
        return self._book

    def live_entries(self) -> tuple[LedgerEntry, ...]:
        """Return every entry that counts; the same tuple while nothing changed."""
        return self._live

    def entry(self, entry_id: EntryId) -> LedgerEntry | None:
        """Return one entry."""
        return next((one for one in self._all() if one.entry_id == entry_id), None)

    def entries_of_plan(self, plan_id: PlanId) -> tuple[LedgerEntry, ...]:
        """Return the entries of a plan."""
        return tuple(one for one in self._all() if one.plan_id == plan_id)

    def save_entry(self, entry: LedgerEntry) -> None:
        """Insert or replace one entry."""
        others = [one for one in self._all() if one.entry_id != entry.entry_id]
        both = sorted((*others, entry), key=lambda one: (one.reserved_us, one.entry_id))
        self._live = tuple(one for one in both if one.state.is_live)
        self._ended = tuple(one for one in both if not one.state.is_live)

    def save_standing(self, standing: AccountStanding) -> None:
        """Replace the standing."""
        self._account = replace(self._account, standing=standing)

    def note_policy(self, policy_hash: str) -> None:
        """Replace the noted policy."""
        self._account = replace(self._account, policy_hash=policy_hash)

    def reset_clock(self, at_us: int) -> None:
        """Let time run on from a moment."""
        self._account = replace(self._account, last_us=at_us)

    def append(self, draft: AuditDraft) -> AuditRecord:
        """Return the record that would have been stored, and go on behind it."""
        record = seal(draft, self._account.head)
        head = replace(self._account.head, seq=record.seq, hash=record.hash)
        last_us = max(self._account.last_us, draft.at_us)
        self._account = replace(self._account, head=head, last_us=last_us)
        return record

    def enqueue(self, draft: QueueDraft) -> bool:
        """Deliver nothing."""
        return False

    def _all(self) -> tuple[LedgerEntry, ...]:
        return (*self._live, *self._ended)
