"""The account of a backtest: the store that the risk gate works on, in memory and without a disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NoReturn, TypeVar

from snipersight.domain.audit import AuditDraft, AuditRecord, ChainHead
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.ledger import EntryId, LedgerEntry
from snipersight.domain.plan import PlanId
from snipersight.domain.quick import replace
from snipersight.domain.standing import AccountStanding
from snipersight.domain.store import AccountRow, QueueDraft, UnitOfWork
from snipersight.domain.units import Currency, Money

T = TypeVar("T")


@dataclass(slots=True)
class _Account:
    """One account as it is committed."""

    row: AccountRow
    keeps_records: bool
    live: dict[EntryId, LedgerEntry] = field(default_factory=dict)
    shown: tuple[LedgerEntry, ...] = ()
    ended: dict[EntryId, LedgerEntry] = field(default_factory=dict)
    drafts: list[AuditDraft] = field(default_factory=list)


class BacktestStore:
    """Implements `DecisionStore` for one account of one thread.

    Records are numbered and, if somebody wants them, kept as they were drafted; they are neither
    chained nor signed, as nothing of them leaves the process. Messages are for nobody, and dropped.

    Args:
        account_id, currency: of the account.
        balance: what it begins with.
        at_us: when it begins, microseconds UTC.
        keeps_records: whether somebody wants them.
    """

    def __init__(
        self,
        account_id: str,
        currency: Currency,
        balance: Decimal,
        *,
        at_us: int,
        keeps_records: bool = True,
    ) -> None:
        row = AccountRow(
            account_id=account_id,
            currency=currency,
            standing=AccountStanding(starting_balance=Money(balance)),
            last_us=at_us,
            policy_hash="",
            head=ChainHead(account_id=account_id, seq=0, hash=""),
        )
        self._account = _Account(row=row, keeps_records=keeps_records)

    @property
    def row(self) -> AccountRow:
        """Return the account as it is."""
        return self._account.row

    @property
    def live(self) -> tuple[LedgerEntry, ...]:
        """Return what counts, oldest reservation first."""
        return self._account.shown

    @property
    def ended(self) -> tuple[LedgerEntry, ...]:
        """Return what counted once, in the order of its end."""
        return tuple(self._account.ended.values())

    @property
    def drafts(self) -> tuple[AuditDraft, ...]:
        """Return every record that was kept, oldest first."""
        return tuple(self._account.drafts)

    def transact(self, account_id: str, work: Callable[[UnitOfWork], T]) -> T:
        """Run `work`; nothing of it is kept if it raises."""
        unit = _Unit(self._of(account_id))
        result = work(unit)
        unit.commit()
        return result

    def view(self, account_id: str, read: Callable[[UnitOfWork], T]) -> T:
        """Run `read` on what is committed; what it writes is dropped."""
        return read(_Unit(self._of(account_id)))

    def _of(self, account_id: str) -> _Account:
        if account_id != self._account.row.account_id:
            raise StateUnavailable(f"the backtest has no account {account_id!r}")
        return self._account


class _Unit:
    """One unit of work: changes beside the account, until it is committed."""

    def __init__(self, account: _Account) -> None:
        self._account = account
        self._row = account.row
        self._seq, self._last_us = self._row.head.seq, self._row.last_us
        self._changed: dict[EntryId, LedgerEntry] = {}
        self._drafts: list[AuditDraft] = []
        self._shown: tuple[LedgerEntry, ...] | None = account.shown

    @property
    def account(self) -> AccountRow:
        row = self._row
        if self._seq != row.head.seq:
            row = self._row = replace(
                row, head=replace(row.head, seq=self._seq), last_us=self._last_us
            )
        elif self._last_us != row.last_us:
            row = self._row = replace(row, last_us=self._last_us)
        return row

    @property
    def book(self) -> NoReturn:
        raise NotImplementedError("a modelled trade has no orders")

    def live_entries(self) -> tuple[LedgerEntry, ...]:
        if self._shown is None:
            self._shown = tuple(_live({**self._account.live, **self._changed}).values())
        return self._shown

    def entry(self, entry_id: EntryId) -> LedgerEntry | None:
        for held in (self._changed, self._account.live, self._account.ended):
            if entry_id in held:
                return held[entry_id]
        return None

    def entries_of_plan(self, plan_id: PlanId) -> tuple[LedgerEntry, ...]:
        account = self._account
        everything = {**account.ended, **account.live, **self._changed}
        mine = [one for one in everything.values() if one.plan_id == plan_id]
        return tuple(sorted(mine, key=lambda one: one.reserved_us))

    def save_entry(self, entry: LedgerEntry) -> None:
        self._changed[entry.entry_id] = entry
        self._shown = None

    def save_standing(self, standing: AccountStanding) -> None:
        marked_us = 0 if standing.marks is None else standing.marks.marked_us
        self._last_us = max(self._last_us, marked_us)
        self._row = replace(self._row, standing=standing, last_us=self._last_us)

    def note_policy(self, policy_hash: str) -> None:
        self._row = replace(self._row, policy_hash=policy_hash)

    def reset_clock(self, at_us: int) -> None:
        self._last_us = at_us

    def append(self, draft: AuditDraft) -> AuditRecord:
        self._seq += 1
        self._last_us = max(self._last_us, draft.at_us)
        self._drafts.append(draft)
        return AuditRecord(
            account_id=self._row.account_id,
            seq=self._seq,
            at_us=draft.at_us,
            kind=draft.kind.value,
            subject=draft.subject,
            actor=draft.actor,
            body="",
            prev_hash="",
            hash="",
        )

    def enqueue(self, draft: QueueDraft) -> bool:
        return True

    def commit(self) -> None:
        account = self._account
        account.row = self.account
        if account.keeps_records:
            account.drafts += self._drafts
        if not self._changed:
            return
        together = {**account.live, **self._changed}
        account.live = _live(together)
        gone = (one for one in self._changed.values() if not one.state.is_live)
        account.ended.update({one.entry_id: one for one in gone})
        # What was ended and lives again, by a late fill, counts once.
        for entry_id in account.live:
            account.ended.pop(entry_id, None)
        account.shown = tuple(account.live.values())


def _live(entries: dict[EntryId, LedgerEntry]) -> dict[EntryId, LedgerEntry]:
    held = [one for one in entries.values() if one.state.is_live]
    held.sort(key=lambda one: (one.reserved_us, one.entry_id))
    return {one.entry_id: one for one in held}
