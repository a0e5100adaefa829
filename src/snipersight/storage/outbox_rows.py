"""Rows of deliveries and their attempts; the caller brings transaction and database time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from snipersight.domain.outbox import DELIVERIES, NOTICES, Delivery, DeliveryDraft, StoredNotice
from snipersight.domain.store import QueueDraft
from snipersight.storage.outbox_chats import first_messages, present_addresses
from snipersight.storage.outbox_lanes import lane_of
from snipersight.storage.queue_rows import QueueState, insert_item
from snipersight.storage.schema import QUEUE, SEND_ATTEMPT

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

_LONGEST_ERROR: Final = 1000
_NOT_TOLD: Final = "its sender ended without saying what became of it"

_NOTE_ATTEMPT: Final = {
    name: insert(SEND_ATTEMPT).on_conflict_do_nothing(index_elements=["item_id", "attempt"])
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


def insert_deliveries(
    connection: Connection, drafts: Sequence[DeliveryDraft], *, now_us: int
) -> int:
    """Store deliveries in the lanes of their chats; return how many keys were not stored before.

    Raises:
        ValueError: a name is empty or too long.
        TypeError: the body holds what canonical JSON does not.
    """
    moved = present_addresses(connection)
    stored = [insert_item(connection, _stored(draft, moved), now_us=now_us) for draft in drafts]
    return sum(stored)


def _stored(draft: DeliveryDraft, moved: Mapping[tuple[str, str], str]) -> QueueDraft:
    for name, told, most in (
        ("channel", draft.channel, 16),
        ("address", draft.address, 256),
        ("thread", draft.thread or "-", 256),
        *(("begins", thread, 256) for thread in draft.begins),
    ):
        if not 1 <= len(told) <= most:
            raise ValueError(f"{name} must have 1 to {most} characters: {told[:80]!r}")
    address = moved.get((draft.channel, draft.address), draft.address)
    return QueueDraft(
        topic=DELIVERIES,
        key=draft.key,
        payload={
            "address": draft.address,
            "begins": list(draft.begins),
            "body": draft.body,
            "channel": draft.channel,
            "expires_us": draft.expires_us,
            "thread": draft.thread,
        },
        lane=lane_of(draft.channel, address),
        priority=draft.priority,
    )


def draft_of(row: Row[Any]) -> DeliveryDraft:
    """Return a delivery as it was drafted."""
    held = json.loads(row.payload)
    return DeliveryDraft(
        key=row.key,
        channel=held["channel"],
        address=held["address"],
        body=held["body"],
        priority=row.priority,
        expires_us=held["expires_us"],
        thread=held["thread"],
        begins=tuple(held.get("begins", ())),
    )


def take(
    connection: Connection, rows: Sequence[Row[Any]], *, owner: str, for_us: int, now_us: int
) -> tuple[Delivery, ...]:
    """Claim rows that are locked and due, and note the attempts they begin."""
    if not rows:
        return ()
    was_claimed = QUEUE.c.state == QueueState.CLAIMED.value
    connection.execute(
        update(QUEUE)
        .where(QUEUE.c.item_id.in_([row.item_id for row in rows]))
        .values(
            state=QueueState.CLAIMED.value,
            owner=owner,
            claimed_until_us=now_us + for_us,
            attempts=QUEUE.c.attempts + 1,
            # Whoever held it may have sent it: nobody will ever know.
            is_ambiguous=or_(QUEUE.c.is_ambiguous, was_claimed),
            last_error=case((was_claimed, _NOT_TOLD), else_=QUEUE.c.last_error),
        )
    )
    _end_left_over(connection, rows, now_us=now_us)
    moved = present_addresses(connection)
    taken = [_delivery(row, moved=moved, owner=owner, now_us=now_us) for row in rows]
    first = first_messages(connection, [delivery.draft for delivery in taken])
    _note_attempts(connection, taken)
    return tuple(replace(one, reply_to=first.get(one.draft.key, "")) for one in taken)


def _delivery(
    row: Row[Any], *, moved: Mapping[tuple[str, str], str], owner: str, now_us: int
) -> Delivery:
    draft = draft_of(row)
    place = (draft.channel, draft.address)
    is_left_over = row.state == QueueState.CLAIMED.value
    return Delivery(
        item_id=row.item_id,
        attempt=row.attempts + 1,
        owner=owner,
        draft=replace(draft, address=moved.get(place, draft.address)),
        reply_to="",
        created_us=row.created_us,
        claimed_us=now_us,
        is_ambiguous=row.is_ambiguous or is_left_over,
        last_error=_NOT_TOLD if is_left_over else row.last_error,
    )


def _end_left_over(connection: Connection, rows: Sequence[Row[Any]], *, now_us: int) -> None:
    """Note that the attempts of senders that ended are over by now at the latest."""
    for row in rows:
        if row.state == QueueState.CLAIMED.value:
            is_it = (SEND_ATTEMPT.c.item_id == row.item_id) & SEND_ATTEMPT.c.ended_us.is_(None)
            connection.execute(update(SEND_ATTEMPT).where(is_it).values(ended_us=now_us))


def _note_attempts(connection: Connection, taken: Sequence[Delivery]) -> None:
    connection.execute(
        _NOTE_ATTEMPT[connection.dialect.name],
        [
            {
                "item_id": one.item_id,
                "attempt": one.attempt,
                "channel": one.draft.channel,
                "address": one.draft.address,
                "at_us": one.claimed_us,
            }
            for one in taken
        ],
    )


def let_go(
    connection: Connection,
    held: Delivery | StoredNotice,
    state: QueueState,
    *,
    at_us: int,
    error: str | None = None,
    is_ambiguous: bool = False,
) -> bool:
    """End a claim; False, and nothing is changed, if it has gone to somebody else.

    A claim that ran out and was taken by nobody is still good: what was delivered must not be
    delivered again.

    Args:
        connection: of the transaction.
        held: the claim.
        state: what becomes of it.
        at_us: when it was finished, or not before when it may be claimed again.
        error: why; None if nothing went wrong.
        is_ambiguous: what was sent may have arrived although nobody said so.
    """
    topic = DELIVERIES if isinstance(held, Delivery) else NOTICES
    values: dict[str, object] = {
        "state": state.value,
        "available_us": at_us,
        "owner": None,
        "claimed_until_us": None,
        "last_error": None if error is None else error_text(error),
    }
    done = connection.execute(
        update(QUEUE)
        .where(
            QUEUE.c.item_id == held.item_id,
            QUEUE.c.topic == topic,
            QUEUE.c.state == QueueState.CLAIMED.value,
            QUEUE.c.owner == held.owner,
            QUEUE.c.attempts == held.attempt,
        )
        .values(values | ({"is_ambiguous": True} if is_ambiguous else {}))
    )
    return done.rowcount == 1


def end_attempt(connection: Connection, delivery: Delivery, *, now_us: int) -> None:
    """Note when the outcome of an attempt was known, whoever holds the delivery by now."""
    connection.execute(
        update(SEND_ATTEMPT)
        .where(
            SEND_ATTEMPT.c.item_id == delivery.item_id, SEND_ATTEMPT.c.attempt == delivery.attempt
        )
        .values(ended_us=now_us)
    )


def attempts_in(
    connection: Connection, since_us: int, *, now_us: int
) -> tuple[tuple[str, str, int], ...]:
    """Return channel, address and latest possible time of attempts that began since a moment."""
    latest = func.coalesce(SEND_ATTEMPT.c.ended_us, now_us)
    found = (
        select(SEND_ATTEMPT.c.channel, SEND_ATTEMPT.c.address, latest.label("latest_us"))
        .where(SEND_ATTEMPT.c.at_us >= since_us)
        .order_by("latest_us", SEND_ATTEMPT.c.item_id)
    )
    return tuple((row.channel, row.address, row.latest_us) for row in connection.execute(found))


def error_text(error: str) -> str:
    """Return an error as it is kept: one line of characters that are seen.

    A channel says what it likes: PostgreSQL stores no NUL, no database half a surrogate pair, and
    a terminal obeys what it is shown.
    """
    line = " ".join(error.split())
    seen = (one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in line)
    return "".join(seen)[:_LONGEST_ERROR]
