"""Audit records: what was decided or changed, chained so that nothing can be altered unseen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from snipersight.domain.quick import quick


class AuditKind(StrEnum):
    """What a record tells of."""

    DECISION = "decision"  # the gate approved or rejected a plan
    QUALITY_GATE = "quality_gate"  # a gate before the risk gate passed or failed
    POLICY = "policy"  # the limits in force, written once whenever they change
    RESERVED = "reserved"
    FILLED = "filled"
    REDUCED = "reduced"
    STOP_MOVED = "stop_moved"
    RELEASED = "released"
    EXPIRED = "expired"
    CLOSED = "closed"
    FUNDING = "funding"  # paid or received by an open position
    ORDER = "order"  # an order was journaled before it was sent, or has ended
    KILL = "kill"  # the kill switch was pulled, is done, or was re-armed
    RECONCILED = "reconciled"  # what was found at the venue, and what was done about it
    FLOW = "flow"  # deposit or withdrawal
    BREAKER = "breaker"  # tripped, let go or re-armed
    OPERATOR = "operator"  # a person's command
    PRUNED = "pruned"  # older records were archived


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class AuditDraft:
    """A record before it has its place in the chain.

    Args:
        kind: what it tells of.
        subject: what it is about, a plan id or an entry id; may be empty.
        actor: who caused it, `scan`, `cli`, `telegram:<user>`.
        at_us: when, microseconds UTC.
        body: values of text, int, bool, None, lists and mappings of these; numbers that are not
            whole are text. Keys are ASCII.
    """

    kind: AuditKind
    subject: str
    actor: str
    at_us: int
    body: Mapping[str, object] = field(default_factory=dict)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """A record in its place.

    Args:
        account_id: whose chain.
        seq: 1, 2, 3 …
        at_us, kind, subject, actor: as drafted; `kind` is text, a newer version may know more.
        body: canonical JSON.
        prev_hash: hash of the record before, 64 hex digits; 64 zeros for the first.
        hash: of everything above, 64 hex digits.
    """

    account_id: str
    seq: int
    at_us: int
    kind: str
    subject: str
    actor: str
    body: str
    prev_hash: str
    hash: str


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """The newest record of a chain; seq 0 and 64 zeros for an empty one."""

    account_id: str
    seq: int
    hash: str
