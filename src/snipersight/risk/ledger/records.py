"""How changes of the ledger are written: the entry and its audit record, always both."""

from __future__ import annotations

from collections.abc import Sequence

from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.store import UnitOfWork
from snipersight.risk.audit.codec import BODY_FORMAT, encode_entry
from snipersight.risk.ledger.moves import expire, is_due
from snipersight.risk.telling import entry_notice


def save_entry(
    unit: UnitOfWork,
    kind: AuditKind,
    entry: LedgerEntry,
    *,
    at_us: int,
    actor: str,
    **details: object,
) -> None:
    """Save an entry, append the record of what happened to it, and tell of it where it matters.

    Args:
        unit: the transaction.
        kind: what happened.
        entry: whole, after it.
        at_us: when it was recorded, microseconds UTC.
        actor: who caused it.
        details: what the entry does not tell: the fill's size, the reason; numbers as text.
    """
    unit.save_entry(entry)
    body = {"format": BODY_FORMAT, "entry": encode_entry(entry), **details}
    draft = AuditDraft(kind=kind, subject=entry.entry_id, actor=actor, at_us=at_us, body=body)
    record = unit.append(draft)
    price = details.get("price")
    notice = entry_notice(
        kind, entry, seq=record.seq, at_us=at_us, price=price if isinstance(price, str) else None
    )
    # That stops cover a position, or do not, is recorded as a stop that moved and is no news.
    if notice is not None and "is_covered" not in details:
        unit.enqueue(notice)


def expire_due(unit: UnitOfWork, *, at_us: int, actor: str) -> tuple[LedgerEntry, ...]:
    """Give back every pending size that time ends, each with a record of its own.

    What our executor ordered is left alone, see `is_due`.

    Returns:
        The entries after it, oldest reservation first; most often none.
    """
    due = [entry for entry in unit.live_entries() if is_due(entry, at_us=at_us)]
    expired = tuple(expire(entry, at_us=at_us) for entry in due)
    for entry in expired:
        save_entry(unit, AuditKind.EXPIRED, entry, at_us=at_us, actor=actor)
    return expired


def still_counting(entries: Sequence[LedgerEntry], *, at_us: int) -> tuple[LedgerEntry, ...]:
    """Return the live entries as they count now: what has reached its end counts no longer.

    For those who only read; the ledger itself changes with `expire_due`.
    """
    now = (expire(entry, at_us=at_us) if is_due(entry, at_us=at_us) else entry for entry in entries)
    return tuple(entry for entry in now if entry.state.is_live)
