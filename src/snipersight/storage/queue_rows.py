"""The queue table, one statement a function; the caller brings transaction and database time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from snipersight.domain.store import QueueDraft
from snipersight.risk.audit.chain import canonical
from snipersight.storage.ready_statements import ReadyStatement
from snipersight.storage.schema import QUEUE

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

_LONGEST_ERROR: Final = 1000
_LONGEST_OWNER: Final = 64


class QueueState(StrEnum):
    """Where an item is on its way."""

    PENDING = "pending"  # to be delivered, at once or later
    CLAIMED = "claimed"  # somebody is delivering it, until the claim runs out
    DONE = "done"
    DEAD = "dead"  # given up, for a person to look at

    @property
    def is_finished(self) -> bool:
        """Return whether nobody will deliver it any more."""
        return self in (QueueState.DONE, QueueState.DEAD)


UNFINISHED: Final = tuple(state.value for state in QueueState if not state.is_finished)
FINISHED: Final = tuple(state.value for state in QueueState if state.is_finished)

_Insert = TypeVar("_Insert", sqlite.Insert, postgresql.Insert)
NEW: Final = (  # columns of `item_row`
    *("topic", "key", "lane", "priority", "payload", "state", "available_us", "created_us"),
)


def new_item(statement: _Insert) -> _Insert:
    """Return an insert of an item that leaves one of the same topic and key alone."""
    return statement.on_conflict_do_nothing(index_elements=["topic", "key"])


# Inline: it must not ask for its new key, or the number of rows is not told.
_INSERT: Final = ReadyStatement(
    {
        "sqlite": new_item(sqlite.insert(QUEUE)).inline(),
        "postgresql": new_item(postgresql.insert(QUEUE)).inline(),
    },
    names=NEW,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueItem:
    """An item as its claimer holds it.

    Args:
        item_id: its place; a later one has a larger number.
        topic, key, lane, priority, payload: as drafted.
        owner: who holds the claim.
        attempt: how often it was claimed, this time included; tells one claim from the next.
        claimed_us: when, microseconds UTC of the database.
        claimed_until_us: when the claim runs out.
        last_error: what went wrong the time before; None if nothing did.
    """

    item_id: int
    topic: str
    key: str
    lane: str
    priority: int
    payload: Mapping[str, object]
    owner: str
    attempt: int
    claimed_us: int
    claimed_until_us: int
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCounts:
    """How many items of a topic, or of all, are where.

    Args:
        pending, claimed, done, dead: items in each state.
        oldest_us: when the oldest item that is not finished was stored; None if there is none.
    """

    pending: int = 0
    claimed: int = 0
    done: int = 0
    dead: int = 0
    oldest_us: int | None = None


def insert_item(connection: Connection, draft: QueueDraft, *, now_us: int) -> bool:
    """Store an item; False, and nothing stored, if its topic and key were stored before.

    Raises:
        ValueError: a name is empty or too long.
        TypeError: the payload holds what canonical JSON does not.
    """
    return insert_row(connection, item_row(draft, now_us=now_us))


def insert_row(connection: Connection, row: Mapping[str, object]) -> bool:
    """Store what `item_row` returned; False if its topic and key were stored before."""
    return _INSERT.execute(connection, row).rowcount == 1


def item_row(draft: QueueDraft, *, now_us: int) -> dict[str, object]:
    """Return a new item as values by column; raises as `insert_item` does."""
    for name, text, most in (("topic", draft.topic, 32), ("key", draft.key, 128)):
        _require_name(name, text, most)
    if len(draft.lane) > 64:
        raise ValueError(f"lane is longer than 64 characters: {draft.lane!r}")
    return {
        "topic": draft.topic,
        "key": draft.key,
        "lane": draft.lane,
        "priority": draft.priority,
        "payload": canonical(dict(draft.payload)),
        "state": QueueState.PENDING.value,
        "available_us": now_us if draft.available_us is None else draft.available_us,
        "created_us": now_us,
    }


def claim_items(
    connection: Connection, *, topic: str, owner: str, limit: int, for_us: int, now_us: int
) -> tuple[QueueItem, ...]:
    """Claim what is due: highest priority first, then oldest first.

    In a lane only the oldest unfinished item can be had, so at most one of each lane is claimed.
    Items that another transaction is claiming at this moment are passed over.

    Raises:
        ValueError: the limit or the time is not above 0, or the owner has no proper name.
    """
    _require_name("owner", owner, _LONGEST_OWNER)
    if limit < 1 or for_us < 1:
        raise ValueError(f"cannot claim {limit} items for {for_us} µs")
    due = _due(topic, now_us).limit(limit).with_for_update(skip_locked=True)
    rows = connection.execute(due).all()
    if not rows:
        return ()
    until_us = now_us + for_us
    connection.execute(
        update(QUEUE)
        .where(QUEUE.c.item_id.in_([row.item_id for row in rows]))
        .values(
            state=QueueState.CLAIMED.value,
            owner=owner,
            claimed_until_us=until_us,
            attempts=QUEUE.c.attempts + 1,
        )
    )
    return tuple(_item(row, owner=owner, now_us=now_us, until_us=until_us) for row in rows)


def finish_item(connection: Connection, item: QueueItem, *, now_us: int) -> bool:
    """Mark a claimed item as delivered; False if the claim has gone to somebody else."""
    return _let_go(connection, item, QueueState.DONE, at_us=now_us, error=None)


def bury_item(connection: Connection, item: QueueItem, *, error: str, now_us: int) -> bool:
    """Give a claimed item up, for a person to look at; its lane goes on without it."""
    return _let_go(connection, item, QueueState.DEAD, at_us=now_us, error=error)


def retry_item(connection: Connection, item: QueueItem, *, at_us: int, error: str) -> bool:
    """Hand a claimed item back, to be delivered not before `at_us`; its lane waits for it."""
    return _let_go(connection, item, QueueState.PENDING, at_us=at_us, error=error)


def extend_claim(connection: Connection, item: QueueItem, *, until_us: int) -> bool:
    """Hold a claim for longer; False if it has gone to somebody else."""
    done = connection.execute(update(QUEUE).where(_is_held(item)).values(claimed_until_us=until_us))
    return done.rowcount == 1


def count_items(connection: Connection, topic: str | None = None) -> QueueCounts:
    """Return how many items are where, in one topic or in all."""
    which = () if topic is None else (QUEUE.c.topic == topic,)
    counted = select(QUEUE.c.state, func.count()).where(*which).group_by(QUEUE.c.state)
    counts = {state: int(number) for state, number in connection.execute(counted)}
    oldest = select(func.min(QUEUE.c.created_us)).where(*which, QUEUE.c.state.in_(UNFINISHED))
    return QueueCounts(
        pending=counts.get(QueueState.PENDING.value, 0),
        claimed=counts.get(QueueState.CLAIMED.value, 0),
        done=counts.get(QueueState.DONE.value, 0),
        dead=counts.get(QueueState.DEAD.value, 0),
        oldest_us=connection.execute(oldest).scalar_one(),
    )


def _due(topic: str, now_us: int) -> Select[tuple[object, ...]]:
    is_due = or_(
        and_(QUEUE.c.state == QueueState.PENDING.value, QUEUE.c.available_us <= now_us),
        and_(QUEUE.c.state == QueueState.CLAIMED.value, QUEUE.c.claimed_until_us <= now_us),
    )
    # One pass over what is unfinished. Asking each item for an earlier one of its lane would
    # take the square of a long backlog.
    waiting = QUEUE.alias("waiting")
    heads = (
        select(func.min(waiting.c.item_id))
        .where(waiting.c.topic == topic, waiting.c.lane != "", waiting.c.state.in_(UNFINISHED))
        .group_by(waiting.c.lane)
    )
    return (
        select(QUEUE)
        .where(QUEUE.c.topic == topic, is_due)
        .where(or_(QUEUE.c.lane == "", QUEUE.c.item_id.in_(heads)))
        .order_by(QUEUE.c.priority.desc(), QUEUE.c.item_id)
    )


def _let_go(
    connection: Connection, item: QueueItem, state: QueueState, *, at_us: int, error: str | None
) -> bool:
    # For a finished item `available_us` is when it was finished: retention counts from there.
    done = connection.execute(
        update(QUEUE)
        .where(_is_held(item))
        .values(
            state=state.value,
            available_us=at_us,
            owner=None,
            claimed_until_us=None,
            last_error=None if error is None else _error_text(error),
        )
    )
    return done.rowcount == 1


def _is_held(item: QueueItem) -> ColumnElement[bool]:
    # A claim that ran out and was taken by nobody is still good: what was delivered must not be
    # delivered again. The attempt tells it from a later claim of the same owner.
    return and_(
        QUEUE.c.item_id == item.item_id,
        QUEUE.c.state == QueueState.CLAIMED.value,
        QUEUE.c.owner == item.owner,
        QUEUE.c.attempts == item.attempt,
    )


def _item(row: Row[tuple[object, ...]], *, owner: str, now_us: int, until_us: int) -> QueueItem:
    return QueueItem(
        item_id=row.item_id,
        topic=row.topic,
        key=row.key,
        lane=row.lane,
        priority=row.priority,
        payload=json.loads(row.payload),
        owner=owner,
        attempt=row.attempts + 1,
        claimed_us=now_us,
        claimed_until_us=until_us,
        last_error=row.last_error,
    )


def _error_text(error: str) -> str:
    # PostgreSQL stores no NUL in a text.
    return error.replace("\0", "\N{REPLACEMENT CHARACTER}")[:_LONGEST_ERROR]


def _require_name(name: str, text: str, most: int) -> None:
    if not 1 <= len(text) <= most:
        raise ValueError(f"{name} must have 1 to {most} characters, not {len(text)}: {text[:80]!r}")
