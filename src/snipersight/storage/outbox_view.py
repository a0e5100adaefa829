"""What a person sees of the outbox: what waits, what was given up, what may have arrived twice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, case, func, or_, select, update

from snipersight.domain.outbox import DELIVERIES, NOTICES, Waiting
from snipersight.storage.outbox_chats import present_addresses
from snipersight.storage.outbox_lanes import is_stopped, is_waiting, lane_of
from snipersight.storage.outbox_notices import notices_due
from snipersight.storage.outbox_rows import draft_of
from snipersight.storage.queue_rows import QueueState
from snipersight.storage.schema import QUEUE

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from snipersight.storage.database import Database

_SHOWN: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneView:
    """What waits for one chat.

    Args:
        channel, address: where to, by now.
        waiting: deliveries that are not finished.
        oldest_us: when the oldest of them was stored, microseconds UTC.
        next_us: when its head is due or its claim runs out.
        last_error: what went wrong with one of them last; None if nothing did.
    """

    channel: str
    address: str
    waiting: int
    oldest_us: int
    next_us: int
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubledItem:
    """A delivery that was given up or is ambiguous, or a notice that could not be worded.

    Args:
        item_id, key: which.
        channel, address: where to; empty for a notice.
        state: `pending`, `claimed`, `done` or `dead`.
        attempts: how often it was tried.
        is_ambiguous: it may have arrived more than once, or although it is counted as not.
        created_us: when it was stored, microseconds UTC.
        last_error: why; None for one that arrived in the end.
    """

    item_id: int
    key: str
    channel: str
    address: str
    state: str
    attempts: int
    is_ambiguous: bool
    created_us: int
    last_error: str | None


def lanes_waiting(database: Database) -> tuple[LaneView, ...]:
    """Return the chats something waits for, by name.

    Raises:
        StateUnavailable: the database cannot be read.
    """
    return database.read(_lanes_waiting)


def notices_waiting(database: Database) -> int:
    """Return how many notices are not worded yet, those held back for a while included.

    Raises:
        StateUnavailable: the database cannot be read.
    """
    waiting = (QueueState.PENDING.value, QueueState.CLAIMED.value)
    counted = select(func.count()).where(QUEUE.c.topic == NOTICES, QUEUE.c.state.in_(waiting))
    return database.read(lambda connection: int(connection.execute(counted).scalar_one()))


def troubled(database: Database, *, limit: int = _SHOWN) -> tuple[TroubledItem, ...]:
    """Return what a person should look at, newest first.

    Raises:
        StateUnavailable: the database cannot be read.
    """
    is_dead = QUEUE.c.state == QueueState.DEAD.value
    found = (
        select(QUEUE)
        .where(QUEUE.c.topic.in_((NOTICES, DELIVERIES)), or_(is_dead, QUEUE.c.is_ambiguous))
        .order_by(QUEUE.c.item_id.desc())
        .limit(limit)
    )
    return database.read(lambda it: tuple(_troubled(row) for row in it.execute(found)))


def count_waiting(connection: Connection, *, now_us: int) -> Waiting:
    """Return how many deliveries are not finished, and when the next one is due."""
    stopped = is_stopped(QUEUE)
    rows = connection.execute(
        select(stopped.label("is_stopped"), func.count().label("number"), func.min(_next_us()))
        .where(is_waiting(QUEUE))
        .group_by("is_stopped")
    )
    found = {bool(is_stopped): (number, next_us) for is_stopped, number, next_us in rows}
    sendable, next_us = found.get(False, (0, None))
    return Waiting(
        sendable=sendable,
        stopped=found.get(True, (0, None))[0],
        next_us=next_us,
        unworded=notices_due(connection, now_us=now_us),
    )


def revive(connection: Connection, channel: str | None, address: str | None, *, now_us: int) -> int:
    """Let what was given up be tried again, unless it is too old; return how many."""
    is_dead = QUEUE.c.state == QueueState.DEAD.value
    rows = connection.execute(select(QUEUE).where(QUEUE.c.topic == DELIVERIES, is_dead)).all()
    moved = present_addresses(connection)
    wanted = [row for row in rows if _is_wanted(row, channel, address, moved, now_us)]
    again = {"state": QueueState.PENDING.value, "available_us": now_us}
    for row in wanted:
        draft = draft_of(row)
        now_at = moved.get((draft.channel, draft.address), draft.address)
        lane = lane_of(draft.channel, now_at)  # the chat may have moved since it was given up
        connection.execute(
            update(QUEUE).where(QUEUE.c.item_id == row.item_id).values(again | {"lane": lane})
        )
    if channel is not None or address is not None:
        return len(wanted)
    notices = update(QUEUE).where(QUEUE.c.topic == NOTICES, is_dead)
    return len(wanted) + connection.execute(notices.values(again)).rowcount


def hasten(
    connection: Connection, channel: str | None, address: str | None, *, now_us: int
) -> None:
    """Make what waits for a later attempt due now."""
    is_late = (QUEUE.c.state == QueueState.PENDING.value) & (QUEUE.c.available_us > now_us)
    rows = connection.execute(select(QUEUE).where(QUEUE.c.topic == DELIVERIES, is_late)).all()
    moved = present_addresses(connection)
    for row in rows:
        if _is_wanted(row, channel, address, moved, now_us):
            which = QUEUE.c.item_id == row.item_id
            connection.execute(update(QUEUE).where(which).values(available_us=now_us))


def _is_wanted(
    row: Row[Any],
    channel: str | None,
    address: str | None,
    moved: dict[tuple[str, str], str],
    now_us: int,
) -> bool:
    draft = draft_of(row)
    now_at = moved.get((draft.channel, draft.address), draft.address)
    return (
        channel in (None, draft.channel)
        and address in (None, draft.address, now_at)
        and (draft.expires_us is None or draft.expires_us > now_us)
    )


def _next_us() -> ColumnElement[int]:
    is_claimed = QUEUE.c.state == QueueState.CLAIMED.value
    return case((is_claimed, QUEUE.c.claimed_until_us), else_=QUEUE.c.available_us)


def _lanes_waiting(connection: Connection) -> tuple[LaneView, ...]:
    rows = connection.execute(
        select(
            func.min(QUEUE.c.item_id).label("item_id"),
            func.count().label("waiting"),
            func.min(QUEUE.c.created_us).label("oldest_us"),
            func.min(_next_us()).label("next_us"),
            func.max(QUEUE.c.last_error).label("last_error"),
        )
        .where(is_waiting(QUEUE))
        .group_by(QUEUE.c.lane)
        .order_by(QUEUE.c.lane)
    ).all()
    moved = present_addresses(connection)
    return tuple(_lane(connection, row, moved) for row in rows)


def _lane(connection: Connection, row: Row[Any], moved: dict[tuple[str, str], str]) -> LaneView:
    payload = select(QUEUE.c.payload).where(QUEUE.c.item_id == row.item_id)
    held = json.loads(connection.execute(payload).scalar_one())
    channel, address = held["channel"], held["address"]
    return LaneView(
        channel=channel,
        address=moved.get((channel, address), address),
        waiting=row.waiting,
        oldest_us=row.oldest_us,
        next_us=row.next_us,
        last_error=row.last_error,
    )


def _troubled(row: Row[Any]) -> TroubledItem:
    held = json.loads(row.payload) if row.topic == DELIVERIES else {}
    return TroubledItem(
        item_id=row.item_id,
        key=row.key,
        channel=str(held.get("channel", "")),
        address=str(held.get("address", "")),
        state=row.state,
        attempts=row.attempts,
        is_ambiguous=row.is_ambiguous,
        created_us=row.created_us,
        last_error=row.last_error,
    )
