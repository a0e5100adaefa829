"""The kinds of notices as they lie in the store, and how urgent each is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from snipersight.domain.notices import (
    SIGNAL_PRIORITY,
    UPDATE_PRIORITY,
    Alert,
    Digest,
    PlainText,
    Severity,
    SignalEvent,
)
from snipersight.domain.standing import TrippedBreaker


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalPayload:
    """A verdict that is to be told.

    Args:
        account: whose.
        seq: its audit record.
        plan_id: the plan that the record must be about.
        batch: the scan it came from; empty for none.
        is_practice: its market is the built-in one.
        is_offered: people are asked whether it is executed.
    """

    account: str
    seq: int
    plan_id: str
    batch: str = ""
    is_practice: bool = False
    is_offered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePayload:
    """An event in the life of a signal; the other fields are those of `SignalUpdate`.

    Args:
        account: whose.
        plan_id: the plan that was told.
        seq: the audit record of its verdict; None: the newest verdict on the plan.
        entry_id: of the ledger, for what happened to a real position; empty for none.
    """

    account: str
    plan_id: str
    event: SignalEvent
    at_ms: int
    seq: int | None = None
    price: Decimal | None = None
    target: int | None = None
    net_r: Decimal | None = None
    is_actual: bool = False
    detail: str = ""
    is_practice: bool = False
    entry_id: str = ""
    is_for_audience: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerPayload:
    """A breaker that tripped; the risk gate stores it with the trip itself."""

    account: str
    breaker: TrippedBreaker


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryPayload:
    """What a scan found; the fields are those of `ScanSummary`, the signals by audit record."""

    account: str
    batch: str
    profile: str
    venue: str
    as_of_ms: int
    seqs: tuple[int, ...]
    funnel: tuple[tuple[str, int], ...]
    scanned: int
    regimes: Mapping[str, int]
    is_practice: bool = False


Payload = (
    SignalPayload | UpdatePayload | BreakerPayload | Alert | SummaryPayload | Digest | PlainText
)


def priority_of(payload: Payload) -> int:
    """Return how urgent it is: alerts, then signals, their updates, and everything else."""
    match payload:
        case Alert(severity=Severity.CRITICAL):
            return 40
        case Alert() | BreakerPayload():
            return 30
        case SignalPayload():
            return SIGNAL_PRIORITY
        case UpdatePayload():
            return UPDATE_PRIORITY
        case _:
            return 10
