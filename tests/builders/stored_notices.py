"""Notices as they lie in the store, the audit records they refer to, and a reader of these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from snipersight.bot.notifications.notices.payload_kinds import Payload, SignalPayload
from snipersight.bot.notifications.notices.payloads import notice_draft
from snipersight.bot.notifications.notices.reading import signal_of
from snipersight.bot.notifications.notices.results import CLOSES
from snipersight.domain.audit import AuditDraft, AuditKind, AuditRecord, ChainHead
from snipersight.domain.decision import RiskDecision
from snipersight.domain.notices import Signal
from snipersight.domain.outbox import StoredNotice
from snipersight.risk.audit.chain import NO_HASH, seal
from snipersight.risk.audit.codec import decision_draft
from snipersight.risk.inputs import GateInputs
from snipersight.risk.policy import RiskPolicy
from tests.builders.decisions import an_approval, gate_inputs
from tests.builders.ledger import DECIDED_AT_US

ACCOUNT = "main"


def a_record(
    decision: RiskDecision | None = None, *, seq: int = 1, inputs: GateInputs | None = None
) -> AuditRecord:
    """Return the audit record of a verdict; an approval of the default plan if none is given."""
    verdict = an_approval() if decision is None else decision
    draft = decision_draft(
        verdict.plan,
        inputs or gate_inputs(),
        RiskPolicy(),
        verdict,
        at_us=DECIDED_AT_US,
        actor="scan",
        reserved=False,
    )
    return recorded(draft, seq=seq)


def recorded(draft: AuditDraft, *, seq: int = 1) -> AuditRecord:
    """Return a draft in its place in a chain."""
    head = ChainHead(account_id=ACCOUNT, seq=seq - 1, hash=NO_HASH)
    return seal(draft, head)


def an_operator_record(*, seq: int = 1, subject: str = "") -> AuditRecord:
    """Return a record that is no decision."""
    draft = AuditDraft(
        kind=AuditKind.OPERATOR, subject=subject, actor="cli", at_us=DECIDED_AT_US, body={}
    )
    return recorded(draft, seq=seq)


class HeldRecords:
    """Finds the records it was given."""

    def __init__(self, *records: AuditRecord) -> None:
        self.records = records

    def record(self, account_id: str, seq: int) -> AuditRecord | None:
        """Return the record of a number."""
        found = (one for one in self.records if (one.account_id, one.seq) == (account_id, seq))
        return next(found, None)

    def newest_verdict(self, account_id: str, plan_id: str) -> AuditRecord | None:
        """Return the last one given about a plan."""
        found = [
            one
            for one in self.records
            if (one.account_id, one.subject, one.kind) == (account_id, plan_id, "decision")
        ]
        return found[-1] if found else None

    def closes(self, account_id: str, entry_id: str) -> tuple[AuditRecord, ...]:
        """Return those that closed something of an entry."""
        return tuple(
            one
            for one in self.records
            if (one.account_id, one.subject) == (account_id, entry_id) and one.kind in CLOSES
        )


def a_told_signal(decision: RiskDecision | None = None, **fields: Any) -> Signal:
    """Return a signal read from its record."""
    return signal_of(a_record(decision), **fields)


def a_signal_payload(record: AuditRecord, **fields: Any) -> SignalPayload:
    """Return the notice that refers to a record."""
    values: dict[str, Any] = {
        "account": record.account_id,
        "seq": record.seq,
        "plan_id": record.subject,
    }
    return SignalPayload(**(values | fields))


def stored(
    payload: Payload | Mapping[str, object],
    *,
    key: str | None = None,
    created_us: int = DECIDED_AT_US,
) -> StoredNotice:
    """Return a notice as its claimer holds it."""
    if isinstance(payload, Mapping):
        name, held = key or "strange", payload
    else:
        draft = notice_draft(payload, key=key)
        name, held = draft.key, draft.payload
    return StoredNotice(
        item_id=1, attempt=1, owner="me", key=name, payload=held, created_us=created_us
    )
