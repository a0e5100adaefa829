"""What the audit tells of orders, of the kill switch, and of what reconciliation found."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from snipersight.domain.audit import AuditDraft, AuditKind, AuditRecord
from snipersight.domain.execution import IntentState, KillSwitch, OrderIntent
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import plain
from snipersight.risk.audit.chain import Spelt
from snipersight.risk.audit.codec import BODY_FORMAT
from snipersight.risk.audit.exact_json import spell


class KillEvent(StrEnum):
    """What became of the kill switch."""

    PULLED = "pulled"
    DONE = "done"  # the venue confirmed everything that it asks for
    REARMED = "rearmed"


_JOURNALED: Final = IntentState.JOURNALED


def record_intent(unit: UnitOfWork, intent: OrderIntent, *, at_us: int, actor: str) -> AuditRecord:
    """Append the record of what an order has come to: journaled with its request, or ended.

    The intent itself is the caller's to save, in the same unit of work.

    Args:
        unit: the transaction.
        intent: as it is now; its state is the record's event.
        at_us: microseconds UTC; a clock set back records no earlier time than there was.
        actor: who caused it.
    """
    average = intent.average_price
    body: dict[str, object] = {
        "format": BODY_FORMAT,
        "event": intent.state.value,
        "client_id": intent.client_id,
        "leg": intent.leg.value,
        "index": intent.index,
        "generation": intent.generation,
        "symbol": intent.request.symbol,
        "size": plain(intent.request.size),
        "filled": plain(intent.filled_size),
        "average_price": None if average is None else plain(average),
        "venue_id": intent.venue_id,
        "problem": intent.problem,
    }
    if intent.state is _JOURNALED:
        body["request"] = Spelt(spell(intent.request))
        body["pair_id"] = intent.pair_id
    return _append(unit, AuditKind.ORDER, intent.trade_id, body, at_us=at_us, actor=actor)


def record_kill(
    unit: UnitOfWork, switch: KillSwitch, event: KillEvent, *, at_us: int, actor: str
) -> AuditRecord:
    """Append the record of what became of the kill switch; saving it is the caller's.

    Args:
        switch: as it was pulled; when re-armed, as it was until then.
        event: what became of it.
        at_us: microseconds UTC.
        actor: who caused it.
    """
    body = {
        "format": BODY_FORMAT,
        "event": event.value,
        "flatten": switch.flatten,
        "since_us": switch.since_us,
        "reason": switch.reason,
    }
    return _append(unit, AuditKind.KILL, "", body, at_us=at_us, actor=actor)


def record_reconciled(
    unit: UnitOfWork,
    subject: str,
    event: str,
    *,
    at_us: int,
    actor: str,
    **details: object,
) -> AuditRecord:
    """Append the record of a difference to the venue, and of what was done about it.

    Args:
        subject: the trade; empty where there is none.
        event: `adopted`, `cancelled`, `quarantined` …
        at_us: microseconds UTC.
        actor: who caused it.
        details: numbers as text.
    """
    body = {"format": BODY_FORMAT, "event": event, **details}
    return _append(unit, AuditKind.RECONCILED, subject, body, at_us=at_us, actor=actor)


def _append(
    unit: UnitOfWork,
    kind: AuditKind,
    subject: str,
    body: Mapping[str, object],
    *,
    at_us: int,
    actor: str,
) -> AuditRecord:
    now_us = max(at_us, unit.account.last_us)
    return unit.append(AuditDraft(kind=kind, subject=subject, actor=actor, at_us=now_us, body=body))
