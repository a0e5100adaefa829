"""Everything about one signal: the idea, the verdict, what people said and what orders made of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.dashboard.accounts import account_names
from snipersight.bootstrap.dashboard.deciding import decidable
from snipersight.bootstrap.dashboard.errors import NotKnown
from snipersight.bootstrap.dashboard.event_list import event_row
from snipersight.bootstrap.dashboard.history_words import told
from snipersight.bootstrap.dashboard.plan_reading import plan_of_json
from snipersight.bootstrap.dashboard.signal_list import signal_row
from snipersight.bootstrap.dashboard.signal_states import newest_taken
from snipersight.bootstrap.dashboard.views_signals import (
    REPLAYED,
    CommandRow,
    EventRow,
    GateVerdict,
    HistoryLine,
    SignalView,
)
from snipersight.bootstrap.trade_views import TradeView, views_of
from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.commands import CommandState
from snipersight.domain.decision import Approved
from snipersight.domain.evidence import SignalKey
from snipersight.domain.execution import TradeId
from snipersight.domain.plan import PlanId
from snipersight.risk.audit.codec import RecordedDecision, decode_decision
from snipersight.risk.audit.query import AuditQuery, body_of
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.commands import SqlCommands, StoredCommand
from snipersight.storage.telemetry.event_listing import list_events
from snipersight.storage.telemetry.signal_listing import ListedSignal, signals_of_plan

if TYPE_CHECKING:
    from snipersight.bootstrap.books import Books
    from snipersight.bootstrap.dashboard.store import DashboardStore
    from snipersight.domain.ledger import LedgerEntry
    from snipersight.domain.plan import TradePlan
    from snipersight.domain.store import UnitOfWork

_MOST_RECORDS: Final = 300
_MOST_EVENTS: Final = 50
_SEARCHED_EVENTS: Final = 5_000  # the audit tells the whole story; events only the latest of it
_SIZES: Final = ("size", "notional", "margin", "leverage", "risk", "risk_fraction")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What the store of decisions holds of a plan."""

    trades: tuple[TradeView, ...]
    entries: tuple[LedgerEntry, ...]


def account_of_signal(store: DashboardStore, plan_id: str, account: str | None) -> str | None:
    """Return which account knows a signal; see `DashboardReader.account_of_signal`."""
    names = account_names(store)
    first = [one for one in names if one == account]
    return next((one for one in (*first, *names) if _knows(store, plan_id, one)), None)


def _knows(store: DashboardStore, plan_id: str, account: str) -> bool:
    if _listed(store, plan_id, (account,)) is not None:
        return True
    return next(_newest_records(store.books(account), plan_id), None) is not None


def signal_view(store: DashboardStore, plan_id: str, account: str | None) -> SignalView:
    """Return everything about one signal; see `DashboardReader.signal`."""
    names = account_names(store)
    account = account or account_of_signal(store, plan_id, None)
    listed = _listed(store, plan_id, (account,) if account else (REPLAYED,))
    if listed is not None and listed.signal.account_id not in names:
        return _of_evidence_alone(store, listed)
    return _judged(
        store, plan_id, account or (listed.signal.account_id if listed else None), listed
    )


def _of_evidence_alone(store: DashboardStore, listed: ListedSignal) -> SignalView:
    """Return a signal of a replay: no account stands behind it."""
    return SignalView(
        row=signal_row(listed, None),
        account_id=listed.signal.account_id,
        plan_id=listed.signal.plan_id,
        plan=_plan(store, None, listed),
        verdict=None,
        closed_because="it was replayed: nobody can trade it any more",
        read_ms=store.clock() // 1000,
    )


def _judged(
    store: DashboardStore, plan_id: str, account: str | None, listed: ListedSignal | None
) -> SignalView:
    books = store.books(account)
    records = _records(books, plan_id)
    if listed is None and not records:
        raise NotKnown(
            f"nothing is kept of a signal {plan_id!r}",
            where="plan_id",
            next_step="the list of signals shows those that are",
        )
    decided = [one for one in reversed(records) if one.kind == AuditKind.DECISION]
    recorded = decode_decision(body_of(decided[0])) if decided else None
    held = books.ports.store.view(books.ports.account_id, lambda unit: _held(unit, plan_id))
    said = SqlCommands(books.store.database).about(books.ports.account_id, plan_id)
    may, closed_because = decidable(
        books, recorded, said=said, trades=held.trades, entries=held.entries
    )
    return SignalView(
        row=None if listed is None else signal_row(listed, newest_taken(held.entries, held.trades)),
        account_id=books.ports.account_id,
        plan_id=plan_id,
        plan=_plan(store, recorded, listed),
        verdict=_verdict(decided, is_held=bool(held.entries)),
        trades=held.trades,
        entries=held.entries,
        commands=tuple(map(command_row, said)),
        history=tuple(map(_line, records)),
        events=_events(store, plan_id),
        may=may,
        closed_because=closed_because,
        read_ms=store.clock() // 1000,
    )


def command_row(stored: StoredCommand) -> CommandRow:
    """Return what somebody said as pages show it."""
    command, settled = stored.command, stored.settled
    return CommandRow(
        key=stored.key,
        kind=command.kind,
        subject=command.subject,
        account_id=command.account_id,
        actor=command.actor,
        name=command.name,
        at_ms=command.at_us // 1000,
        state=CommandState.WAITING if settled is None else settled.state,
        sentence="" if settled is None else settled.sentence,
    )


def _listed(store: DashboardStore, plan_id: str, accounts: Collection[str]) -> ListedSignal | None:
    telemetry = store.telemetry()
    if telemetry is None:
        return None
    return next(iter(signals_of_plan(telemetry.database, plan_id, accounts)), None)


def _records(books: Books, plan_id: str) -> list[AuditRecord]:
    """Return the newest records about a plan or its entries, oldest first."""
    return list(islice(_newest_records(books, plan_id), _MOST_RECORDS))[::-1]


def _newest_records(books: Books, plan_id: str) -> Iterator[AuditRecord]:
    log = AuditLog(books.store.database)
    query = AuditQuery(subject=plan_id)
    return log.records(books.ports.account_id, query, newest_first=True)


def _held(unit: UnitOfWork, plan_id: str) -> _Held:
    entries = unit.entries_of_plan(PlanId(plan_id))
    found = (unit.book.trade(TradeId(one.entry_id)) for one in entries)
    trades = [one for one in found if one is not None]
    return _Held(trades=views_of(unit, trades, {}, {}), entries=entries)


def _plan(
    store: DashboardStore, recorded: RecordedDecision | None, listed: ListedSignal | None
) -> TradePlan | None:
    if recorded is not None:
        return recorded.plan
    telemetry = store.telemetry()
    if listed is None or telemetry is None:
        return None
    whole = telemetry.evidence.signal(SignalKey(listed.signal.key))
    return None if whole is None else plan_of_json(whole.plan_json, profile=whole.profile)


def _verdict(decided: Sequence[AuditRecord], *, is_held: bool) -> GateVerdict | None:
    """Return the verdict that orders went by, else the newest one; None: there was none.

    A plan that is held is judged again at every close, and refused because it is.

    Args:
        decided: records of decisions, newest first.
        is_held: whether budget was ever taken for it.
    """
    judged = ((decode_decision(body_of(one)), one) for one in decided)
    found = next(judged, None)
    if found is None:
        return None
    if is_held:
        found = next((one for one in chain([found], judged) if one[0].is_reserved), found)
    recorded, record = found
    decision = recorded.decision
    is_approved = isinstance(decision, Approved)
    sizes = {name: getattr(decision, name) for name in _SIZES} if is_approved else {}
    return GateVerdict(
        is_approved=is_approved,
        judged_ms=record.at_us // 1000,
        seq=record.seq,
        checks=decision.checks,
        policy_hash=recorded.policy_hash,
        is_reserved=recorded.is_reserved,
        **sizes,
    )


def _line(record: AuditRecord) -> HistoryLine:
    return HistoryLine(
        at_ms=record.at_us // 1000,
        kind=record.kind,
        seq=record.seq,
        actor=record.actor,
        sentence=told(record, body_of(record)),
    )


def _events(store: DashboardStore, plan_id: str) -> tuple[EventRow, ...]:
    telemetry = store.telemetry()
    if telemetry is None:
        return ()
    found = list_events(
        telemetry.database, text=f'"{plan_id}', limit=_MOST_EVENTS, among=_SEARCHED_EVENTS
    )
    return tuple(map(event_row, found))
