"""What is written and told when breakers trip or let go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.standing import AccountStanding, TrippedBreaker
from snipersight.domain.store import QueueDraft, UnitOfWork
from snipersight.risk.audit.exact_json import encode
from snipersight.risk.breakers.standing import note_unprotected
from snipersight.risk.policy import RiskPolicy

_URGENT: Final = 10


def save_standing(unit: UnitOfWork, standing: AccountStanding, *, at_us: int, actor: str) -> None:
    """Replace the account's standing; record every breaker that changed, tell of those that trip.

    Nothing is written where nothing changed. An alert has the key of the trip and its account, so that it is
    stored once however often the trip is seen.
    """
    before = unit.account.standing
    if standing == before:
        return
    unit.save_standing(standing)
    if standing.tripped == before.tripped:
        return
    for breaker in _missing(standing.tripped, before.tripped):
        unit.append(_record(breaker, "tripped", at_us=at_us, actor=actor))
        unit.enqueue(_alert(breaker, unit.account.account_id))
    for breaker in _missing(before.tripped, standing.tripped):
        unit.append(_record(breaker, "let_go", at_us=at_us, actor=actor))


def watch_protection(unit: UnitOfWork, *, at_us: int, actor: str, policy: RiskPolicy) -> None:
    """Trip the breaker of unprotected positions, or let it go, by what the ledger says now.

    Whoever asks for an entry asks this first: nobody may have looked since a stop was lost.

    Args:
        unit: the transaction.
        at_us: microseconds UTC; a clock set back makes no position younger.
        actor: who asks.
        policy: for how long a position may lack part of its stop.
    """
    row = unit.account
    now_us = max(at_us, row.last_us)
    standing = note_unprotected(row.standing, unit.live_entries(), at_us=now_us, policy=policy)
    save_standing(unit, standing, at_us=now_us, actor=actor)


def _missing(
    ones: Iterable[TrippedBreaker], others: tuple[TrippedBreaker, ...]
) -> list[TrippedBreaker]:
    known = {(one.name, one.tripped_us) for one in others}
    return [one for one in ones if (one.name, one.tripped_us) not in known]


def _record(breaker: TrippedBreaker, event: str, *, at_us: int, actor: str) -> AuditDraft:
    return AuditDraft(
        kind=AuditKind.BREAKER,
        subject=breaker.name.value,
        actor=actor,
        at_us=at_us,
        body={"event": event, "breaker": encode(breaker)},
    )


def _alert(breaker: TrippedBreaker, account_id: str) -> QueueDraft:
    return QueueDraft(
        topic="message",
        key=f"breaker:{account_id}:{breaker.name}:{breaker.tripped_us}",
        payload={"kind": "breaker", "account": account_id, "breaker": encode(breaker)},
        priority=_URGENT,
    )
