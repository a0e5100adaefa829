"""Events looked through from the newest back."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from snipersight.domain.event_log import StoredEvent
from snipersight.storage.telemetry.tables import EVENT

if TYPE_CHECKING:
    from snipersight.storage.database import Database


def list_events(
    database: Database,
    *,
    limit: int,
    types: Collection[str] = (),
    text: str = "",
    before_seq: int | None = None,
    among: int = 100_000,
) -> tuple[StoredEvent, ...]:
    """Return the newest events that match, newest first.

    Args:
        database: with the tables of telemetry.
        limit: how many at most.
        types: of these kinds; empty: of all.
        text: part of the event's JSON, in any case; empty: any.
        before_seq: only older ones than this place; None: from the newest.
        among: how many places back at most are looked through.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    found = select(EVENT.c.seq, EVENT.c.event_type, EVENT.c.at_us, EVENT.c.body, EVENT.c.key)
    if types:
        found = found.where(EVENT.c.event_type.in_(sorted(types)))
    if text:
        found = found.where(EVENT.c.body.icontains(text, autoescape=True))
    newest = select(func.max(EVENT.c.seq)).scalar_subquery() if before_seq is None else before_seq
    found = found.where(EVENT.c.seq > newest - among)
    if before_seq is not None:
        found = found.where(EVENT.c.seq < before_seq)
    rows = database.read(
        lambda it: it.execute(found.order_by(EVENT.c.seq.desc()).limit(limit)).all()
    )
    return tuple(
        StoredEvent(seq=seq, event_type=kind, at_us=at_us, body=body, key=key or "")
        for seq, kind, at_us, body, key in rows
    )
