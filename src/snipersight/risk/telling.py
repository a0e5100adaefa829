"""What is told of a verdict and of the ledger: notices stored with what they tell of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from snipersight.domain.audit import AuditKind
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.notices import (
    SIGNAL_PRIORITY,
    UPDATE_PRIORITY,
    SignalEvent,
    lane_of_signal,
    thread_of,
    update_key,
)
from snipersight.domain.outbox import NOTICES
from snipersight.domain.plan import TradePlan
from snipersight.domain.store import QueueDraft
from snipersight.domain.units import plain
from snipersight.domain.venues import BUILT_IN_VENUE

_MICROSECONDS: Final = 1000
_EVENTS: Final = {
    AuditKind.FILLED: SignalEvent.ENTERED,
    AuditKind.STOP_MOVED: SignalEvent.STOP_MOVED,
    AuditKind.CLOSED: SignalEvent.CLOSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How the approvals of a scan are told.

    Args:
        grace_us: how long a signal waits for the others of its scan and for its picture; after
            that it is told without them, whatever became of the scan.
        offers: people are asked, by buttons, whether it is executed.
        part: tells the part of a scan that processes share from the others; empty: all of it.
    """

    grace_us: int = 0
    offers: bool = False
    part: str = ""


def batch_of(plan: TradePlan, as_of_ms: int, *, part: str = "") -> str:
    """Return what the signals of one look at a venue, or of a part of it, have in common."""
    batch = f"{plan.venue}:{plan.profile}:{as_of_ms}"
    return f"{batch}:{part}" if part else batch


def signal_notice(
    account_id: str,
    plan: TradePlan,
    *,
    seq: int,
    as_of_ms: int,
    available_us: int | None = None,
    offers: bool = False,
    part: str = "",
) -> QueueDraft:
    """Return the notice of an approved plan; the same plan of an account is told once.

    Args:
        account_id: whose verdict.
        plan: what was approved.
        seq: the audit record of the verdict, which holds everything a message says.
        as_of_ms: the moment the plan was judged for, milliseconds UTC.
        available_us: not told before, microseconds UTC; None: at once.
        offers: people are asked whether it is executed.
        part: of the scan; see `Telling`.
    """
    return QueueDraft(
        topic=NOTICES,
        key=thread_of(account_id, plan.plan_id),
        payload={
            "kind": "signal",
            "account": account_id,
            "seq": seq,
            "plan_id": plan.plan_id,
            "batch": batch_of(plan, as_of_ms, part=part),
            "practice": plan.venue == BUILT_IN_VENUE,
            "offers": offers,
        },
        lane=lane_of_signal(account_id, plan.plan_id),
        priority=SIGNAL_PRIORITY,
        available_us=available_us,
    )


def entry_notice(
    kind: AuditKind, entry: LedgerEntry, *, seq: int, at_us: int, price: str | None
) -> QueueDraft | None:
    """Return the notice of what happened to a position of a plan; None where nobody is told.

    Entered and closed are told once a plan, a moved stop each time.

    Args:
        kind: of the record.
        entry: after it.
        seq: of the record.
        at_us: when, microseconds UTC.
        price: where, as text; None for the entry's own.
    """
    event = _EVENTS.get(kind)
    if event is None or entry.plan_id is None:
        return None
    return QueueDraft(
        topic=NOTICES,
        key=_key(event, entry, seq),
        payload={
            "kind": "update",
            "account": entry.account_id,
            "plan_id": entry.plan_id,
            "entry_id": entry.entry_id,
            "event": event.value,
            "at_ms": at_us // _MICROSECONDS,
            "price": price or _price(event, entry),
            "actual": True,
            "practice": entry.venue == BUILT_IN_VENUE,
        },
        lane=lane_of_signal(entry.account_id, entry.plan_id),
        priority=UPDATE_PRIORITY,
    )


def target_notice(entry: LedgerEntry, *, target: int, at_us: int, price: str) -> QueueDraft | None:
    """Return the notice of a target whose order was filled whole; each is told once a plan.

    Args:
        entry: of the position.
        target: which one, 1 for the first.
        at_us: when, microseconds UTC.
        price: of the fill, as text.
    """
    if entry.plan_id is None:
        return None
    event, account_id = SignalEvent.TARGET_HIT, entry.account_id
    return QueueDraft(
        topic=NOTICES,
        key=update_key(account_id, entry.plan_id, event, target=target, is_actual=True),
        payload={
            "kind": "update",
            "account": account_id,
            "plan_id": entry.plan_id,
            "entry_id": entry.entry_id,
            "event": event.value,
            "at_ms": at_us // _MICROSECONDS,
            "price": price,
            "target": target,
            "actual": True,
            "practice": entry.venue == BUILT_IN_VENUE,
        },
        lane=lane_of_signal(account_id, entry.plan_id),
        priority=UPDATE_PRIORITY,
    )


def _key(event: SignalEvent, entry: LedgerEntry, seq: int) -> str:
    # Apart from what the candles alone say of the same plan: that hides no real fill.
    key = update_key(entry.account_id, entry.plan_id or "", event, is_actual=True)
    return f"{key}:{seq}" if event is SignalEvent.STOP_MOVED else key


def _price(event: SignalEvent, entry: LedgerEntry) -> str:
    if event is SignalEvent.STOP_MOVED:
        return plain(entry.stop_price)
    return plain(entry.fill_price or entry.entry_price)
