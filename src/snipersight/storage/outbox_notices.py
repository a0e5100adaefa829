"""Rows of notices: who words them, one at a time; the caller brings transaction and database time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update

from snipersight.domain.outbox import NOTICES, StoredNotice
from snipersight.storage.queue_rows import QueueItem, QueueState, claim_items
from snipersight.storage.schema import QUEUE

if TYPE_CHECKING:
    from sqlalchemy import Connection

_IS_NOTICE: Final[ColumnElement[bool]] = QUEUE.c.topic == NOTICES
_IS_CLAIMED: Final[ColumnElement[bool]] = QUEUE.c.state == QueueState.CLAIMED.value
_IS_PENDING: Final[ColumnElement[bool]] = QUEUE.c.state == QueueState.PENDING.value


def claim_in_turn(
    connection: Connection, *, owner: str, limit: int, for_us: int, now_us: int
) -> tuple[StoredNotice, ...]:
    """Claim what is due; nothing while a claim of anybody lasts, so that none is overtaken.

    Args:
        connection: of a transaction in which nobody else claims.
        owner: who words them.
        limit: most notices.
        for_us: for how long, the same for everybody: a claim that would last longer was made
            before the database's clock was set back, and must not silence all for hours.
        now_us: of the database, from when nobody else could claim any more.

    Raises:
        ValueError: the owner has no proper name, or a number is not above 0.
    """
    is_held = _IS_CLAIMED & QUEUE.c.claimed_until_us.between(now_us + 1, now_us + for_us)
    if connection.execute(select(exists().where(_IS_NOTICE, is_held))).scalar_one():
        return ()
    # All at once, also those past the limit: whoever held them must store none of them after all.
    handed_back = update(QUEUE).where(_IS_NOTICE, _IS_CLAIMED)
    connection.execute(
        handed_back.values(state=QueueState.PENDING.value, owner=None, claimed_until_us=None)
    )
    items = claim_items(
        connection, topic=NOTICES, owner=owner, limit=limit, for_us=for_us, now_us=now_us
    )
    return _notices_of(connection, items)


def notices_due(connection: Connection, *, now_us: int) -> int:
    """Return how many notices are due or being worded; not those that are held back."""
    is_due = or_(_IS_CLAIMED, _IS_PENDING & (QUEUE.c.available_us <= now_us))
    counted = select(func.count()).select_from(QUEUE).where(_IS_NOTICE, is_due)
    return int(connection.execute(counted).scalar_one())


def due_in_batch(connection: Connection, batch: str, *, key: str | None = None) -> list[int]:
    """Return the places of a batch's notices that are not finished, or of the one with a key.

    Which batch a notice belongs to stands in its payload alone: a lane would put its notices in an
    order that nobody asked for.
    """
    pending = select(QUEUE.c.item_id, QUEUE.c.payload).where(and_(_IS_NOTICE, _IS_PENDING))
    rows = connection.execute(pending if key is None else pending.where(QUEUE.c.key == key))
    return [row.item_id for row in rows if json.loads(row.payload).get("batch") == batch]


def _notices_of(connection: Connection, items: Sequence[QueueItem]) -> tuple[StoredNotice, ...]:
    """Return claimed items as notices, with the time when each was stored."""
    stored = select(QUEUE.c.item_id, QUEUE.c.created_us).where(
        QUEUE.c.item_id.in_([item.item_id for item in items])
    )
    created = {row.item_id: row.created_us for row in connection.execute(stored)}
    return tuple(
        StoredNotice(
            item_id=item.item_id,
            attempt=item.attempt,
            owner=item.owner,
            key=item.key,
            payload=item.payload,
            created_us=created[item.item_id],
        )
        for item in items
    )
