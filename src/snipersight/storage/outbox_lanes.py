"""Lanes of deliveries: which one is at the head of each chat's line and may be sent now."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    bindparam,
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
    from sqlalchemy import CTE, Connection, Row

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


def lock_due_heads(
    connection: Connection,
    *,
    now_us: int,
    limit: int,
    only_owner: str | None,
    but_not: Collection[tuple[str, str]],
    at_least: int,
) -> Sequence[Row[Any]]:
    """Return the rows that may be sent now, most urgent first: at most one of each lane.

    Args:
        connection: of a transaction that changes the rows; they are locked for it.
        now_us: of the database.
        limit: most rows.
        only_owner: whose claims hold until they run out; those of all others are void, because
            whoever made them has lost the lease. None: every claim holds.
        but_not: chats, and with an empty address channels, to pass over.
        at_least: lowest priority that may be sent now.
    """
    found = _due_heads(is_leased=only_owner is not None)
    for channel in sorted(channel for channel, address in but_not if not address):
        beginning = begins_lanes_of(channel)
        found = found.where(func.substr(QUEUE.c.lane, 1, len(beginning)) != beginning)
    values = {
        "now_us": now_us,
        "most": limit,
        "owner": only_owner,
        "least": at_least,
        "over": sorted(lane_of(channel, address) for channel, address in but_not if address),
    }
    return connection.execute(found, values).all()


@cache  # to build it takes longer than to run it
def _due_heads(*, is_leased: bool) -> Select[tuple[Any, ...]]:
    now_us = bindparam("now_us", type_=BigInteger)
    holds = QUEUE.c.claimed_until_us > now_us
    busy = QUEUE.alias("busy")
    is_held = busy.c.claimed_until_us > now_us
    if is_leased:
        owner = bindparam("owner", type_=String)
        holds, is_held = holds & (QUEUE.c.owner == owner), is_held & (busy.c.owner == owner)
    is_due = or_(
        and_(QUEUE.c.state == QueueState.PENDING.value, QUEUE.c.available_us <= now_us),
        and_(QUEUE.c.state == QueueState.CLAIMED.value, ~holds),
    )
    busy_lanes = select(busy.c.lane).where(
        busy.c.topic == _DELIVERY_TOPIC, busy.c.state == _CLAIMED, is_held
    )
    return (
        select(QUEUE)
        .where(QUEUE.c.item_id.in_(_heads()), is_due, QUEUE.c.lane.not_in(busy_lanes))
        .where(~is_stopped(QUEUE), QUEUE.c.lane.not_in(bindparam("over", expanding=True)))
        .where(QUEUE.c.priority >= bindparam("least", type_=Integer))
        .order_by(QUEUE.c.priority.desc(), QUEUE.c.item_id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(of=QUEUE)
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
