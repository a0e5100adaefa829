"""What one decision reads and changes, inside the transaction that holds its account's row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from sqlalchemy import Connection

from snipersight.domain.audit import AuditDraft, AuditRecord
from snipersight.domain.ledger import EntryId, LedgerEntry
from snipersight.domain.plan import PlanId
from snipersight.domain.standing import AccountStanding
from snipersight.domain.store import AccountRow, Clock, QueueDraft
from snipersight.risk.audit.chain import seal
from snipersight.storage import ledger_rows
from snipersight.storage.account_rows import StoredAccount
from snipersight.storage.joint_writes import append_and_update, save_and_enqueue
from snipersight.storage.live_entries import LiveEntries
from snipersight.storage.queue_rows import insert_item
from snipersight.storage.trade_book import SqlTradeBook

T = TypeVar("T")
_AT_ONCE_US: Final = 0  # due by any clock, also one that runs behind ours


class SqlUnitOfWork:
    """A unit of work on an open transaction; of use until that ends.

    Args:
        connection: in a transaction that holds the account's row, or in a reading one.
        account: as that transaction found it.
        live: live entries that earlier transactions left behind.
        clock: for what is stored without a time of its own; None: nothing may be changed.
    """

    def __init__(
        self,
        connection: Connection,
        account: StoredAccount,
        *,
        live: LiveEntries,
        clock: Clock | None,
    ) -> None:
        self._connection: Final = connection
        self._found: Final = account
        self._cache: Final = live
        self._clock: Final = clock
        self._row = account.row
        self._live: tuple[LedgerEntry, ...] | None = None
        self._unsaved: LedgerEntry | None = None
        self._records: Final[list[AuditRecord]] = []
        self._has_new_ledger = False
        self._is_over = False
        self._book: Final = SqlTradeBook(
            connection,
            account.row.account_id,
            ensure_open=self._ensure_open,
            ensure_writable=self._ensure_writable,
        )

    @property
    def account(self) -> AccountRow:
        """Return the account as it is now within the transaction."""
        self._ensure_open()
        return self._row

    @property
    def book(self) -> SqlTradeBook:
        """Return the account's executed trades, in this same transaction."""
        return self._book

    def live_entries(self) -> tuple[LedgerEntry, ...]:
        """Return every entry that counts, oldest reservation first."""
        self._ensure_open()
        if self._live is None:
            self._live = self._cache.of(self._connection, self._found)
        return self._live

    def entry(self, entry_id: EntryId) -> LedgerEntry | None:
        """Return one entry, live or ended."""
        self._ensure_open()
        self._store_unsaved()
        return ledger_rows.find_entry(self._connection, self._row.account_id, entry_id)

    def entries_of_plan(self, plan_id: PlanId) -> tuple[LedgerEntry, ...]:
        """Return every entry of a plan, oldest first."""
        self._ensure_open()
        self._store_unsaved()
        return ledger_rows.entries_of_plan(self._connection, self._row.account_id, plan_id)

    def save_entry(self, entry: LedgerEntry) -> None:
        """Insert or replace one entry.

        Raises:
            ValueError: it belongs to another account. If only its id does, that is noticed by
                what is done next, at the latest when the transaction ends.
        """
        self._ensure_writable()
        if entry.account_id != self._row.account_id:
            raise ValueError(f"entry {entry.entry_id} belongs to account {entry.account_id}")
        before = self.live_entries()
        self._store_unsaved()
        self._unsaved = entry  # until something else is stored or read: then in one statement
        self._live = _with(before, entry)
        self._has_new_ledger = True

    def save_standing(self, standing: AccountStanding) -> None:
        """Replace the account's standing."""
        self._ensure_writable()
        marked_us = 0 if standing.marks is None else standing.marks.marked_us
        self._row = replace(self._row, standing=standing, last_us=max(self._row.last_us, marked_us))

    def note_policy(self, policy_hash: str) -> None:
        """Remember which policy the chain recorded last."""
        self._ensure_writable()
        self._row = replace(self._row, policy_hash=policy_hash)

    def reset_clock(self, at_us: int) -> None:
        """Let time run on from a moment that may lie behind what was written."""
        self._ensure_writable()
        self._row = replace(self._row, last_us=at_us)

    def append(self, draft: AuditDraft) -> AuditRecord:
        """Add a record to the account's chain.

        Raises:
            TypeError: the body holds a float or something that JSON does not know.
        """
        self._ensure_writable()
        record = seal(draft, self._row.head)
        self._records.append(record)
        head = replace(self._row.head, seq=record.seq, hash=record.hash)
        self._row = replace(self._row, head=head, last_us=max(self._row.last_us, draft.at_us))
        return record

    def enqueue(self, draft: QueueDraft) -> bool:
        """Store something to be delivered; False if this key was stored before."""
        now_us = self._ensure_writable()()
        if draft.available_us is None:
            draft = replace(draft, available_us=_AT_ONCE_US)
        if self._unsaved is None:
            return insert_item(self._connection, draft, now_us=now_us)
        is_new = save_and_enqueue(self._connection, self._unsaved, draft, now_us=now_us)
        self._unsaved = None
        return is_new

    def run(self, work: Callable[[Connection], T]) -> T:
        """Run statements that belong to this transaction and return what they give."""
        self._ensure_writable()
        return work(self._connection)

    def finish(self) -> StoredAccount:
        """Write the records and what changed of the account's row; return it. Nothing may follow."""
        self._is_over = True
        self._store_unsaved()
        revision = self._found.ledger_revision + self._has_new_ledger
        account = StoredAccount(row=self._row, ledger_revision=revision)
        if account != self._found:
            append_and_update(self._connection, self._records, account, found=self._found)
        return account

    def keep(self, account: StoredAccount) -> None:
        """Leave the live entries to later transactions, once this one is certainly committed."""
        if self._has_new_ledger and self._live is not None:
            self._cache.keep(account, self._live)

    def abandon(self) -> None:
        """Allow nothing any more."""
        self._is_over = True

    def _store_unsaved(self) -> None:
        if self._unsaved is not None:
            ledger_rows.save_entry(self._connection, self._unsaved)
            self._unsaved = None

    def _ensure_open(self) -> None:
        if self._is_over:
            raise RuntimeError("the transaction of this unit of work has ended")

    def _ensure_writable(self) -> Clock:
        self._ensure_open()
        if self._clock is None:
            raise RuntimeError("this unit of work only reads")
        return self._clock


def _with(entries: tuple[LedgerEntry, ...], entry: LedgerEntry) -> tuple[LedgerEntry, ...]:
    others = [other for other in entries if other.entry_id != entry.entry_id]
    if entry.state.is_live:
        others.append(entry)
        others.sort(key=ledger_rows.age)
    return tuple(others)
