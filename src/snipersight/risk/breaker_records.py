"""What is written and told when breakers trip or let go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.standing import AccountStanding, TrippedBreaker
from snipersight.domain.store import QueueDraft, UnitOfWork
from snipersight.risk.exact_json import encode

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
    for breaker in _missing(standing.tripped, before.tripped):
        unit.append(_record(breaker, "tripped", at_us=at_us, actor=actor))
        unit.enqueue(_alert(breaker, unit.account.account_id))
    for breaker in _missing(before.tripped, standing.tripped):
        unit.append(_record(breaker, "let_go", at_us=at_us, actor=actor))


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
