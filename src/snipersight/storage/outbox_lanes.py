"""Lanes of deliveries: which one is at the head of each chat's line and may be sent now."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
)

from snipersight.domain.outbox import DELIVERIES
from snipersight.storage.queue_rows import QueueState
from snipersight.storage.schema import QUEUE, STOPPED_LANE

if TYPE_CHECKING:
    from sqlalchemy import CTE, Connection

_LONGEST_LANE: Final = 64
_ADVISORY_LOCK: Final = 0x5349_4F42  # any number, the same in all processes
# Spelt out, not bound: only so do both databases see that their partial index fits.
_WAITING_STATES: Final[tuple[ColumnElement[str], ...]] = (
    literal_column("'pending'"),
    literal_column("'claimed'"),
)
_CLAIMED: Final[ColumnElement[str]] = literal_column("'claimed'")
_DELIVERY_TOPIC: Final[ColumnElement[str]] = literal_column(f"'{DELIVERIES}'")


def lane_of(channel: str, address: str) -> str:
    """Return the name of a chat's lane, `telegram:-100123`; a long address stands as its hash."""
    lane = f"{channel}:{address}"
    if len(lane) <= _LONGEST_LANE:
        return lane
    digest = hashlib.sha256(address.encode()).hexdigest()[:32]
    return f"{channel}:#{digest}"


def begins_lanes_of(channel: str) -> str:
    """Return what the lanes of a channel, and no others, begin with."""
    return f"{channel}:"


def one_at_a_time(connection: Connection) -> None:
    """Let nobody else claim, move or stop until the transaction ends.

    Two that claim at once could each take another head of one lane, if it grew in between. A
    transaction of SQLite that writes is alone anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


def due_heads(
    *, now_us: int, only_owner: str | None, but_not: Collection[tuple[str, str]]
) -> Select[tuple[Any, ...]]:
    """Return the rows that may be sent now, most urgent first: at most one of each lane.

    Args:
        now_us: of the database.
        only_owner: whose claims hold until they run out; those of all others are void, because
            whoever made them has lost the lease. None: every claim holds.
        but_not: chats, and with an empty address channels, to pass over.
    """
    holds = QUEUE.c.claimed_until_us > now_us
    if only_owner is not None:
        holds = and_(holds, QUEUE.c.owner == only_owner)
    is_claimed = QUEUE.c.state == QueueState.CLAIMED.value
    is_due = or_(
        and_(QUEUE.c.state == QueueState.PENDING.value, QUEUE.c.available_us <= now_us),
        and_(is_claimed, ~holds),
    )
    busy = QUEUE.alias("busy")
    is_busy = select(busy.c.lane).where(
        busy.c.topic == _DELIVERY_TOPIC,
        busy.c.state == _CLAIMED,
        busy.c.claimed_until_us > now_us,
        *(() if only_owner is None else (busy.c.owner == only_owner,)),
    )
    return (
        select(QUEUE)
        .where(QUEUE.c.item_id.in_(_heads()), is_due, QUEUE.c.lane.not_in(is_busy))
        .where(~is_stopped(QUEUE), *_passed_over(but_not))
        .order_by(QUEUE.c.priority.desc(), QUEUE.c.item_id)
    )


def is_waiting(table: FromClause) -> ColumnElement[bool]:
    """Return whether a row is a delivery that is not finished; the partial index answers it."""
    return and_(table.c.topic == _DELIVERY_TOPIC, table.c.state.in_(_WAITING_STATES))


def is_stopped(table: FromClause) -> ColumnElement[bool]:
    """Return whether the lane of a row, or its channel, is stopped."""
    stopped = STOPPED_LANE
    begins = func.substr(table.c.lane, 1, func.length(stopped.c.lane)) == stopped.c.lane
    is_same = or_(
        and_(stopped.c.address != "", stopped.c.lane == table.c.lane),
        and_(stopped.c.address == "", begins),
    )
    return exists().where(is_same).correlate(table)


def _heads() -> Select[tuple[int]]:
    """Return the head of every lane, by two look-ups in the index a lane: not by reading them."""
    lanes = _lanes()
    top, head = QUEUE.alias("top"), QUEUE.alias("head")
    highest = (
        select(func.max(top.c.priority))
        .where(is_waiting(top), top.c.lane == lanes.c.lane)
        .correlate(lanes)
        .scalar_subquery()
    )
    oldest = (
        select(func.min(head.c.item_id))
        .where(is_waiting(head), head.c.lane == lanes.c.lane, head.c.priority == highest)
        .correlate(lanes)
        .scalar_subquery()
    )
    return select(oldest).select_from(lanes).where(lanes.c.lane.is_not(None))


def _lanes() -> CTE:
    """Return the lanes in which something waits, each found from the one before."""
    first, later = QUEUE.alias("first"), QUEUE.alias("later")
    lowest = select(first.c.lane).where(is_waiting(first)).order_by(first.c.lane).limit(1)
    found = select(lowest.scalar_subquery().label("lane")).cte("lanes", recursive=True)
    following = (
        select(later.c.lane)
        .where(is_waiting(later), later.c.lane > found.c.lane)
        .order_by(later.c.lane)
        .limit(1)
        .correlate(found)
        .scalar_subquery()
    )
    return found.union_all(select(following).where(found.c.lane.is_not(None)))


def _passed_over(but_not: Collection[tuple[str, str]]) -> list[ColumnElement[bool]]:
    lanes = sorted(lane_of(channel, address) for channel, address in but_not if address)
    channels = sorted(begins_lanes_of(channel) for channel, address in but_not if not address)
    conditions = [
        func.substr(QUEUE.c.lane, 1, len(beginning)) != beginning for beginning in channels
    ]
    return [*conditions, QUEUE.c.lane.not_in(lanes)] if lanes else conditions
