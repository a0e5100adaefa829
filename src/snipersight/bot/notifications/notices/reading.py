"""From what lies in the store to the facts of a message: the decision is read from its record."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final, Protocol

from snipersight.bot.notifications.notices.alerts import breaker_alert
from snipersight.bot.notifications.notices.payload_kinds import (
    BreakerPayload,
    Payload,
    SignalPayload,
    SummaryPayload,
    UpdatePayload,
)
from snipersight.bot.notifications.notices.results import net_r_of
from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.errors import DataInvalid, SniperSightError
from snipersight.domain.notices import (
    Notice,
    ScanSummary,
    Signal,
    SignalEvent,
    SignalUpdate,
)
from snipersight.risk.audit.codec import RecordedDecision, decode_decision

_NEXT_STEP: Final = "see `snipersight audit verify`; the message can only be given up"


class DecisionReader(Protocol):
    """Finds audit records; every method may raise `StateUnavailable`."""

    def record(self, account_id: str, seq: int) -> AuditRecord | None:
        """Return the record of a number, whatever it tells of; None if there is none."""
        ...

    def newest_verdict(self, account_id: str, plan_id: str) -> AuditRecord | None:
        """Return the newest decision about a plan; None if there is none."""
        ...

    def closes(self, account_id: str, entry_id: str) -> tuple[AuditRecord, ...]:
        """Return the records that closed a part or all of an entry of the ledger, oldest first."""
        ...


def read_notice(payload: Payload, read: DecisionReader) -> Notice:
    """Return the facts that a payload stands for.

    Args:
        payload: as decoded.
        read: finds an audit record.

    Raises:
        DataInvalid: the record is missing, is about something else, or holds no plan that can be.
        StateUnavailable: the audit cannot be read; the same call may succeed later.
    """
    match payload:
        case SignalPayload():
            return _told(payload, read)
        case UpdatePayload():
            return _update(payload, read)
        case SummaryPayload():
            return _summary(payload, read)
        case BreakerPayload():
            return breaker_alert(payload.account, payload.breaker)
        case _:
            return payload


def _told(payload: SignalPayload, read: DecisionReader) -> Signal:
    record = _record(payload.account, payload.seq, read)
    _require_about(record, payload.plan_id)
    signal = signal_of(record, batch=payload.batch, is_practice=payload.is_practice)
    return replace(signal, is_offered=payload.is_offered)


def _update(payload: UpdatePayload, read: DecisionReader) -> SignalUpdate:
    if payload.seq is None:
        record = _newest(payload.account, payload.plan_id, read)
    else:
        record = _record(payload.account, payload.seq, read)
    _require_about(record, payload.plan_id)
    signal = signal_of(record, is_practice=payload.is_practice)
    net_r = payload.net_r
    if payload.event is SignalEvent.CLOSED and payload.entry_id:
        net_r = net_r_of(read.closes(payload.account, payload.entry_id), signal.decision.plan)
    return SignalUpdate(
        signal=signal,
        event=payload.event,
        at_ms=payload.at_ms,
        price=payload.price,
        target=payload.target,
        net_r=net_r,
        is_actual=payload.is_actual,
        detail=payload.detail,
        is_for_audience=payload.is_for_audience,
    )


def _summary(payload: SummaryPayload, read: DecisionReader) -> ScanSummary:
    records = [_record(payload.account, seq, read) for seq in payload.seqs]
    return ScanSummary(
        batch=payload.batch,
        profile=payload.profile,
        venue=payload.venue,
        as_of_ms=payload.as_of_ms,
        signals=tuple(
            signal_of(record, batch=payload.batch, is_practice=payload.is_practice)
            for record in records
        ),
        funnel=payload.funnel,
        scanned=payload.scanned,
        regimes=payload.regimes,
        is_practice=payload.is_practice,
    )


def _record(account: str, seq: int, read: DecisionReader) -> AuditRecord:
    record = read.record(account, seq)
    if record is None:
        raise _unusable(account, seq, "does not exist")
    if record.kind != AuditKind.DECISION:
        raise _unusable(account, seq, f"is no decision but {record.kind!r}")
    return record


def _newest(account: str, plan_id: str, read: DecisionReader) -> AuditRecord:
    record = read.newest_verdict(account, plan_id)
    if record is None:
        raise DataInvalid(
            f"account {account} knows no verdict on plan {plan_id}",
            where="notice",
            next_step=_NEXT_STEP,
        )
    return record


def _require_about(record: AuditRecord, plan_id: str) -> None:
    if record.subject != plan_id:
        what = f"is about {record.subject or 'no plan'!r}, not about {plan_id!r}"
        raise _unusable(record.account_id, record.seq, what)


def signal_of(record: AuditRecord, *, batch: str = "", is_practice: bool = False) -> Signal:
    """Return the signal whose verdict lies in an audit record.

    The last price is the independent one that the verdict was held against; where there was none,
    the close that the plan was made at.

    Raises:
        DataInvalid: the record holds no decision on a plan that can be.
    """
    recorded = _decision_of(record)
    inputs = recorded.inputs
    facts = inputs.facts
    reference = facts.reference if facts is not None else None
    return Signal(
        decision=recorded.decision,
        account_id=record.account_id,
        currency=inputs.account.currency,
        instrument=facts.instrument if facts is not None else None,
        last_price=reference.price if reference is not None else recorded.plan.last_price,
        judged_ms=record.at_us // 1000,
        equity=inputs.account.equity,
        batch=batch,
        is_practice=is_practice,
    )


def _decision_of(record: AuditRecord) -> RecordedDecision:
    """Return what a record tells of, with a plan that its own constructor accepts."""
    try:
        body = json.loads(record.body)
        recorded = decode_decision(body)
        # A plan is read back as it was judged, however broken; a message needs a sound one.
        replace(recorded.plan)
    except (SniperSightError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
        what = error.what if isinstance(error, SniperSightError) else str(error)
        raise _unusable(record.account_id, record.seq, f"cannot be told: {what}") from error
    return recorded


def _unusable(account: str, seq: int, what: str) -> DataInvalid:
    return DataInvalid(
        f"record {seq} of account {account} {what}", where="notice", next_step=_NEXT_STEP
    )
