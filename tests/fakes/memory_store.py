"""A store in memory that keeps the promises of the port `DecisionStore`, for tests of its users."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeVar

from snipersight.bootstrap.preview_book import BookState, MemoryTradeBook
from snipersight.domain.audit import AuditDraft, AuditRecord
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.ledger import EntryId, LedgerEntry
from snipersight.domain.plan import PlanId
from snipersight.domain.standing import AccountStanding
from snipersight.domain.store import AccountRow, QueueDraft, UnitOfWork
from snipersight.domain.units import Currency, Money
from snipersight.risk.audit.chain import canonical, empty_head, seal

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class _Book:
    """Everything committed of one account; replaced whole, never changed."""

    row: AccountRow
    entries: dict[EntryId, LedgerEntry] = field(default_factory=dict)
    live: tuple[LedgerEntry, ...] = ()
    records: tuple[AuditRecord, ...] = ()
    trades: BookState = field(default_factory=BookState)


class MemoryDecisionStore:
    """Implements `DecisionStore`: one unit of work at a time, kept whole or not at all.

    Attributes:
        error: raised by every unit of work while set, as by a store that cannot be written.
        lost_commits: while True, units of work run and then fail to commit.
        commits: how many units of work were kept.
        queue: everything stored to be delivered, oldest first.
    """

    def __init__(self) -> None:
        self.error: StateUnavailable | None = None
        self.lost_commits = False
        self.commits = 0
        self.queue: tuple[QueueDraft, ...] = ()
        self._books: dict[str, _Book] = {}
        self._lock = threading.Lock()
        self._owner: int | None = None

    def create_account(
        self, account_id: str, currency: Currency, starting_balance: Decimal, *, at_us: int
    ) -> bool:
        """Add an account and return True; an account that exists stays as it is."""
        if not starting_balance.is_finite() or starting_balance < 0:
            raise ValueError(f"an account cannot begin with {starting_balance}")
        with self._lock:
            if account_id in self._books:
                return self._keep_account(account_id, currency)
            row = AccountRow(
                account_id=account_id,
                currency=currency,
                standing=AccountStanding(starting_balance=Money(starting_balance)),
                last_us=at_us,
                policy_hash="",
                head=empty_head(account_id),
            )
            self._books[account_id] = _Book(row=row)
            return True

    def _keep_account(self, account_id: str, currency: Currency) -> bool:
        kept = self._books[account_id].row.currency
        if kept != currency:
            raise ConfigInvalid(f"account {account_id!r} is kept in {kept}, not in {currency}")
        return False

    def accounts(self) -> tuple[AccountRow, ...]:
        """Return every account, by name."""
        return tuple(self._books[name].row for name in sorted(self._books))

    def transact(self, account_id: str, work: Callable[[UnitOfWork], T]) -> T:
        """Run `work` in one transaction; nothing of it is kept if it raises."""
        if self._owner == threading.get_ident():
            raise RuntimeError("a transaction inside a transaction would wait for itself")
        with self._lock:
            self._owner = threading.get_ident()
            try:
                return self._commit(account_id, work)
            finally:
                self._owner = None

    def _commit(self, account_id: str, work: Callable[[UnitOfWork], T]) -> T:
        unit = _Unit(self._book(account_id), self.queue, may_write=True)
        try:
            result = work(unit)
        finally:
            unit.is_over = True
        if self.lost_commits:
            raise StateUnavailable("the commit failed", next_step="try again")
        self._books[account_id], self.queue = unit.kept, unit.queue
        self.commits += 1
        return result

    def view(self, account_id: str, read: Callable[[UnitOfWork], T]) -> T:
        """Run `read` on what is committed; locks nobody out."""
        unit = _Unit(self._book(account_id), self.queue, may_write=False)
        try:
            return read(unit)
        finally:
            unit.is_over = True

    def records(self, account_id: str) -> tuple[AuditRecord, ...]:
        """Return the committed chain, oldest first."""
        return self._books[account_id].records

    def entries(self, account_id: str) -> tuple[LedgerEntry, ...]:
        """Return every committed entry, live or ended, oldest reservation first."""
        return _oldest_first(self._books[account_id].entries)

    def reopened(self) -> MemoryDecisionStore:
        """Return another store on the same committed data, as after a restart."""
        other = MemoryDecisionStore()
        other._books, other.queue = dict(self._books), self.queue
        return other

    def _book(self, account_id: str) -> _Book:
        if self.error is not None:
            raise self.error
        book = self._books.get(account_id)
        if book is None:
            raise StateUnavailable(f"there is no account {account_id!r}")
        return book


class _Unit:
    """One open transaction over a private copy."""

    def __init__(self, book: _Book, queue: tuple[QueueDraft, ...], *, may_write: bool) -> None:
        self.kept = book
        self.queue = queue
        self.is_over = False
        self._may_write = may_write
        self._trades = _CheckedBook(self, book.row.account_id, book.trades)

    @property
    def account(self) -> AccountRow:
        self._ensure_open()
        return self.kept.row

    @property
    def book(self) -> MemoryTradeBook:
        self._ensure_open()
        return self._trades

    def live_entries(self) -> tuple[LedgerEntry, ...]:
        self._ensure_open()
        return self.kept.live

    def entry(self, entry_id: EntryId) -> LedgerEntry | None:
        self._ensure_open()
        return self.kept.entries.get(entry_id)

    def entries_of_plan(self, plan_id: PlanId) -> tuple[LedgerEntry, ...]:
        self._ensure_open()
        mine = {key: one for key, one in self.kept.entries.items() if one.plan_id == plan_id}
        return _oldest_first(mine)

    def save_entry(self, entry: LedgerEntry) -> None:
        if entry.account_id != self.account.account_id:
            raise ValueError(f"entry {entry.entry_id} belongs to account {entry.account_id}")
        entries = {**self.kept.entries, entry.entry_id: entry}
        live = _oldest_first({key: one for key, one in entries.items() if one.state.is_live})
        setups = [one.setup_id for one in live if one.setup_id is not None]
        if len(setups) != len(set(setups)):
            raise StateUnavailable(f"setup {entry.setup_id} is live already")
        self._write(replace(self.kept, entries=entries, live=live))

    def save_standing(self, standing: AccountStanding) -> None:
        marked_us = 0 if standing.marks is None else standing.marks.marked_us
        last_us = max(self.account.last_us, marked_us)
        row = replace(self.account, standing=standing, last_us=last_us)
        self._write(replace(self.kept, row=row))

    def note_policy(self, policy_hash: str) -> None:
        self._write(replace(self.kept, row=replace(self.account, policy_hash=policy_hash)))

    def reset_clock(self, at_us: int) -> None:
        self._write(replace(self.kept, row=replace(self.account, last_us=at_us)))

    def append(self, draft: AuditDraft) -> AuditRecord:
        record = seal(draft, self.account.head)
        head = replace(self.account.head, seq=record.seq, hash=record.hash)
        last_us = max(self.account.last_us, draft.at_us)
        row = replace(self.account, head=head, last_us=last_us)
        self._write(replace(self.kept, row=row, records=(*self.kept.records, record)))
        return record

    def enqueue(self, draft: QueueDraft) -> bool:
        self._refuse_in_view()
        canonical(dict(draft.payload))
        if any((one.topic, one.key) == (draft.topic, draft.key) for one in self.queue):
            return False
        self.queue = (*self.queue, draft)
        return True

    def _write(self, book: _Book) -> None:
        self._refuse_in_view()
        self.kept = book

    def keep_trades(self, trades: BookState) -> None:
        self._write(replace(self.kept, trades=trades))

    def _ensure_open(self) -> None:
        if self.is_over:
            raise RuntimeError("the transaction of this unit of work has ended")

    def _refuse_in_view(self) -> None:
        self._ensure_open()
        if not self._may_write:
            raise RuntimeError("this unit of work only reads")


class _CheckedBook(MemoryTradeBook):
    """A book that writes into its unit of work, and only where that allows it."""

    def __init__(self, unit: _Unit, account_id: str, state: BookState) -> None:
        super().__init__(account_id, state)
        self._unit = unit

    def keep(self, state: BookState) -> None:
        self._unit.keep_trades(state)
        super().keep(state)


def _oldest_first(entries: dict[EntryId, LedgerEntry]) -> tuple[LedgerEntry, ...]:
    return tuple(sorted(entries.values(), key=lambda one: (one.reserved_us, one.entry_id)))


def a_memory_store(
    balance: str = "10000", *, account_id: str = "main", currency: str = "USDT", at_us: int = 0
) -> MemoryDecisionStore:
    """Return a store with one account."""
    store = MemoryDecisionStore()
    store.create_account(account_id, Currency(currency), Money(Decimal(balance)), at_us=at_us)
    return store
