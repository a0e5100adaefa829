"""What the outbox knows of chats: which are stopped, which have moved, what was told there first."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from snipersight.domain.outbox import Delivery, DeliveryDraft, StoppedLane
from snipersight.storage.outbox_lanes import begins_lanes_of, is_waiting, lane_of
from snipersight.storage.schema import MOVED_CHAT, QUEUE, SENT_MESSAGE, STOPPED_LANE

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Table

_LONGEST_ID: Final = 256


def stop_lane(
    connection: Connection, channel: str, address: str, *, error: str, now_us: int
) -> bool:
    """Stop a chat, or with an empty address a channel; False if it was stopped before."""
    row = {
        "channel": channel,
        "address": address,
        "lane": lane_of(channel, address) if address else begins_lanes_of(channel),
        "error": error,
        "since_us": now_us,
    }
    return _insert_new(connection, STOPPED_LANE, row)


def stopped_lanes(connection: Connection) -> tuple[StoppedLane, ...]:
    """Return what is stopped, the longest stopped first."""
    columns = [STOPPED_LANE.c[name] for name in ("channel", "address", "error", "since_us")]
    ordered = select(*columns).order_by(STOPPED_LANE.c.since_us, *columns[:2])
    return tuple(StoppedLane(**row) for row in connection.execute(ordered).mappings())


def resume_lanes(connection: Connection, channel: str | None, address: str | None) -> int:
    """Let what is stopped go on, all of it or of one channel or chat; return how many."""
    which: list[ColumnElement[bool]] = []
    if channel is not None:
        which.append(STOPPED_LANE.c.channel == channel)
    if address is not None:
        which.append(STOPPED_LANE.c.address == address)
    return connection.execute(delete(STOPPED_LANE).where(*which)).rowcount


def move_chat(
    connection: Connection, channel: str, address: str, new_address: str, *, now_us: int
) -> None:
    """Lead a chat to its new address, and what waits for it along; its thread begins afresh.

    Ids of messages in the old chat mean others in the new one, or none.
    """
    if address == new_address:
        return
    moved = MOVED_CHAT
    of_channel = moved.c.channel == channel
    # The new address is one that takes messages: it leads nowhere else any more.
    connection.execute(delete(moved).where(of_channel, moved.c.address == new_address))
    connection.execute(
        update(moved)
        .where(of_channel, moved.c.new_address == address)
        .values(new_address=new_address, at_us=now_us)
    )
    row = {
        "channel": channel,
        "address": address,
        "new_address": new_address,
        "at_us": now_us,
    }
    connection.execute(delete(moved).where(of_channel, moved.c.address == address))
    connection.execute(moved.insert().values(row))
    _follow(connection, channel)


def _follow(connection: Connection, channel: str) -> None:
    """Put what waits for a channel into the lanes of where its chats are by now."""
    moved = present_addresses(connection)
    begins = begins_lanes_of(channel)
    waiting = select(QUEUE.c.item_id, QUEUE.c.lane, QUEUE.c.payload).where(
        is_waiting(QUEUE), func.substr(QUEUE.c.lane, 1, len(begins)) == begins
    )
    for row in connection.execute(waiting).all():
        address = json.loads(row.payload)["address"]
        lane = lane_of(channel, moved.get((channel, address), address))
        if lane != row.lane:
            follows = update(QUEUE).where(QUEUE.c.item_id == row.item_id)
            connection.execute(follows.values(lane=lane))


def present_addresses(connection: Connection) -> dict[tuple[str, str], str]:
    """Return the new address of every chat that has moved."""
    rows = connection.execute(select(MOVED_CHAT))
    return {(row.channel, row.address): row.new_address for row in rows}


def remember_message(
    connection: Connection, delivery: Delivery, message_id: str, *, now_us: int
) -> None:
    """Keep a message for later ones to reply to, where it is the first of a thread in its chat."""
    draft = delivery.draft
    if not 1 <= len(message_id) <= _LONGEST_ID:
        return
    for thread in (draft.thread, *draft.begins):
        if thread:
            row = {
                "thread": thread,
                "channel": draft.channel,
                "address": draft.address,
                "message_id": message_id,
                "at_us": now_us,
            }
            _insert_new(connection, SENT_MESSAGE, row)


def first_messages(connection: Connection, drafts: Iterable[DeliveryDraft]) -> dict[str, str]:
    """Return, by the key of a delivery, the first message of its thread in its chat."""
    found: dict[str, str] = {}
    for draft in drafts:
        if not draft.thread:
            continue
        first = select(SENT_MESSAGE.c.message_id).where(
            SENT_MESSAGE.c.thread == draft.thread,
            SENT_MESSAGE.c.channel == draft.channel,
            SENT_MESSAGE.c.address == draft.address,
        )
        message_id = connection.execute(first).scalar_one_or_none()
        if message_id is not None:
            found[draft.key] = message_id
    return found


def _insert_new(connection: Connection, table: Table, row: dict[str, object]) -> bool:
    """Insert a row; False if one of its key is there."""
    key = list(table.primary_key.columns)
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    insert = make(table).on_conflict_do_nothing(index_elements=key)
    return connection.execute(insert.returning(key[0]), row).first() is not None
