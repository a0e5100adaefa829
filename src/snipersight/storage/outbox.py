"""The outbox in the database: notices until they are worded, deliveries until they are sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy import update

from snipersight.domain.outbox import (
    NOTICES,
    Delivery,
    DeliveryDraft,
    StoppedLane,
    StoredNotice,
    Waiting,
)
from snipersight.domain.store import QueueDraft
from snipersight.storage.key_value import ABSENT, compare_and_set_value, delete_value
from snipersight.storage.leases import require_lease
from snipersight.storage.outbox_chats import (
    move_chat,
    remember_message,
    resume_lanes,
    stop_lane,
    stopped_lanes,
)
from snipersight.storage.outbox_lanes import lock_due_heads, one_at_a_time
from snipersight.storage.outbox_notices import claim_in_turn, due_in_batch
from snipersight.storage.outbox_rows import (
    attempts_in,
    end_attempt,
    error_text,
    insert_deliveries,
    let_go,
    take,
)
from snipersight.storage.outbox_view import count_waiting, hasten, revive
from snipersight.storage.queue_rows import QueueState, insert_item
from snipersight.storage.schema import QUEUE

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.storage.database import Database
    from snipersight.storage.outbox_lease import SqlSenderLease

T = TypeVar("T")
Guard = Callable[["Connection"], None]

_LONGEST_OWNER: Final = 64


class SqlOutbox:
    """The outbox of a store, on either kind of database; see `domain.outbox.Outbox`.

    Args:
        database: where it is kept.
        lease: of the sender. With it, deliveries are claimed only while it is held, and what
            others hold then counts as left behind by them: a sender that was killed keeps no chat
            waiting. Without it, claims of others hold until they run out.
        guard: runs first in every transaction that changes something, and may raise: whoever scans
            no more must tell nothing of it.
    """

    def __init__(
        self,
        database: Database,
        *,
        lease: SqlSenderLease | None = None,
        guard: Guard | None = None,
    ) -> None:
        self._database: Final = database
        self._lease: Final = lease
        self._guard: Final = guard

    def put(self, draft: QueueDraft) -> bool:
        """Store a notice by itself; False if its key was stored before.

        Raises:
            ValueError: it is of another topic, or a name is empty or too long.
            TypeError: the payload holds what canonical JSON does not.
        """
        _require_notice(draft)
        return self._write(lambda connection, now_us: insert_item(connection, draft, now_us=now_us))

    def put_instead(self, draft: QueueDraft, keys: Collection[str]) -> bool:
        """Store a notice that says what others say too; those that still wait are done with it.

        Both in one transaction: each of them is told by itself or by this one. A notice that is
        being worded already is told by itself as well.

        Returns:
            False, and nothing is changed, if its key was stored before.

        Raises:
            ValueError: as `put`.
            TypeError: as `put`.
        """
        _require_notice(draft)

        def work(connection: Connection, now_us: int) -> bool:
            if not insert_item(connection, draft, now_us=now_us):
                return False
            connection.execute(
                update(QUEUE)
                .where(QUEUE.c.topic == NOTICES, QUEUE.c.key.in_(keys))
                .where(QUEUE.c.state == QueueState.PENDING.value)
                .values(state=QueueState.DONE.value, available_us=now_us)
            )
            return True

        return self._write(work)

    def put_once_within(self, draft: QueueDraft, *, subject: str, window_us: int) -> bool:
        """Store a notice unless one of the same subject was stored within the window.

        Raises:
            ValueError: as `put`; or the window is not above 0.
            TypeError: as `put`.
        """
        _require_notice(draft)
        key = f"told:{hashlib.sha256(subject.encode()).hexdigest()}"

        def work(connection: Connection, now_us: int) -> bool:
            version = compare_and_set_value(
                connection, key, "", expected_version=ABSENT, ttl_us=window_us, now_us=now_us
            )
            if version is None:
                return False
            if insert_item(connection, draft, now_us=now_us):
                return True
            # Nothing was told now, so that nothing must keep silent for it.
            delete_value(connection, key, expected_version=version, now_us=now_us)
            return False

        return self._write(work)

    def release(self, batch: str, *, key: str | None = None) -> int:
        """Make the notices of a batch due now; return how many of it wait to be worded.

        Args:
            batch: a notice belongs to the one that its payload names under `batch`.
            key: of the one notice of it that is meant; None: all.
        """

        def work(connection: Connection, now_us: int) -> int:
            places = due_in_batch(connection, batch, key=key)
            connection.execute(
                update(QUEUE)
                .where(QUEUE.c.item_id.in_(places), QUEUE.c.state == QueueState.PENDING.value)
                .where(QUEUE.c.available_us > now_us)
                .values(available_us=now_us)
            )
            return len(places)

        return self._write(work)

    def claim_notices(self, owner: str, *, limit: int, for_us: int) -> tuple[StoredNotice, ...]:
        """Claim notices that are due, highest priority first, then oldest first.

        Nothing while a claim of anybody lasts. What was claimed and ran out is let go.

        Raises:
            ValueError: the owner has no proper name, or a number is not above 0.
        """

        def work(connection: Connection) -> tuple[StoredNotice, ...]:
            one_at_a_time(connection)
            now_us = self._database.now_us(connection)  # not before it is our turn
            return claim_in_turn(connection, owner=owner, limit=limit, for_us=for_us, now_us=now_us)

        return self._database.write(work)

    def fan_out(
        self, notices: Sequence[StoredNotice], deliveries: Sequence[DeliveryDraft]
    ) -> int | None:
        """Finish notices and store what became of them; return how many deliveries are new.

        None, and nothing is changed, if a claim has gone to somebody else.

        Raises:
            ValueError: a name is empty or too long.
            TypeError: a body holds what canonical JSON does not.
        """

        def work(connection: Connection, now_us: int) -> int:
            for notice in notices:
                if not let_go(connection, notice, QueueState.DONE, at_us=now_us):
                    raise _ClaimGone
            return insert_deliveries(connection, deliveries, now_us=now_us)

        try:
            return self._write(work)
        except _ClaimGone:
            return None

    def refuse_notice(self, notice: StoredNotice, *, error: str) -> bool:
        """Give up a notice that cannot be worded, for a person to look at."""
        return self._write(
            lambda connection, now_us: let_go(
                connection, notice, QueueState.DEAD, at_us=now_us, error=error
            )
        )

    def claim_deliveries(
        self,
        owner: str,
        *,
        limit: int,
        for_us: int,
        but_not: Collection[tuple[str, str]] = (),
        at_least: int = 0,
    ) -> tuple[Delivery, ...]:
        """Claim deliveries that are due: at most one of each chat, the head of its lane.

        Raises:
            LeaseLost: the lease is not held.
            ValueError: the owner has no proper name, or a number is not above 0.
        """
        if limit < 1 or for_us < 1:
            raise ValueError(f"cannot claim {limit} deliveries for {for_us} µs")
        if not 1 <= len(owner) <= _LONGEST_OWNER:
            raise ValueError(f"an owner must have 1 to {_LONGEST_OWNER} characters: {owner[:80]!r}")

        def work(connection: Connection, now_us: int) -> tuple[Delivery, ...]:
            one_at_a_time(connection)
            if self._lease is not None:
                require_lease(connection, self._lease.held())
            only_owner = None if self._lease is None else owner
            rows = lock_due_heads(
                connection,
                now_us=now_us,
                limit=limit,
                only_owner=only_owner,
                but_not=but_not,
                at_least=at_least,
            )
            return take(connection, rows, owner=owner, for_us=for_us, now_us=now_us)

        return self._write(work)

    def delivered(self, delivery: Delivery, *, message_id: str) -> bool:
        """Finish a delivery and remember its message; False if the claim has gone elsewhere.

        The message is remembered all the same: it is there.
        """

        def work(connection: Connection, now_us: int) -> bool:
            end_attempt(connection, delivery, now_us=now_us)
            remember_message(connection, delivery, message_id, now_us=now_us)
            return let_go(connection, delivery, QueueState.DONE, at_us=now_us)

        return self._write(work)

    def retry(
        self, delivery: Delivery, *, at_us: int, error: str, is_ambiguous: bool = False
    ) -> bool:
        """Hand a delivery back, not to be sent before `at_us`; its chat waits for it."""

        def work(connection: Connection, now_us: int) -> bool:
            end_attempt(connection, delivery, now_us=now_us)
            return let_go(
                connection,
                delivery,
                QueueState.PENDING,
                at_us=at_us,
                error=error,
                is_ambiguous=is_ambiguous,
            )

        return self._write(work)

    def bury(self, delivery: Delivery, *, error: str) -> bool:
        """Give a delivery up, for a person to look at; its chat goes on without it."""

        def work(connection: Connection, now_us: int) -> bool:
            end_attempt(connection, delivery, now_us=now_us)
            return let_go(connection, delivery, QueueState.DEAD, at_us=now_us, error=error)

        return self._write(work)

    def stop(self, channel: str, address: str, *, error: str) -> bool:
        """Stop a chat, or with an empty address a channel; False if it was stopped before."""
        return self._write(
            lambda connection, now_us: stop_lane(
                connection, channel, address, error=error_text(error), now_us=now_us
            )
        )

    def stopped(self) -> tuple[StoppedLane, ...]:
        """Return what is stopped, the longest stopped first."""
        return self._database.read(stopped_lanes)

    def resume(self, channel: str | None = None, address: str | None = None) -> int:
        """Let what is stopped go on, and what was given up be tried again; return how many.

        What waits for a later attempt is tried at once: whoever asks has looked. Deliveries that
        are too old stay given up. Notices that could not be worded are tried again when neither
        channel nor address is named.
        """

        def work(connection: Connection, now_us: int) -> int:
            one_at_a_time(connection)
            revived = revive(connection, channel, address, now_us=now_us)
            hasten(connection, channel, address, now_us=now_us)
            return resume_lanes(connection, channel, address) + revived

        return self._write(work)

    def move(self, channel: str, address: str, new_address: str) -> None:
        """Send what goes to a chat to its new address from now on.

        Raises:
            ValueError: the new address is empty or longer than 256 characters.
        """
        if not 1 <= len(new_address) <= 256:
            raise ValueError(f"a chat cannot move to {new_address[:80]!r}")

        def work(connection: Connection, now_us: int) -> None:
            one_at_a_time(connection)
            move_chat(connection, channel, address, new_address, now_us=now_us)

        self._write(work)

    def waiting(self) -> Waiting:
        """Return how many deliveries are not finished, and when the next one is due."""
        return self._database.read(
            lambda connection: count_waiting(connection, now_us=self._database.now_us(connection))
        )

    def attempts_since(self, since_us: int) -> tuple[tuple[str, str, int], ...]:
        """Return channel, address and latest possible time of the attempts since, oldest first."""
        return self._database.read(
            lambda connection: attempts_in(
                connection, since_us, now_us=self._database.now_us(connection)
            )
        )

    def now_us(self) -> int:
        """Return the database's time, microseconds UTC."""
        return self._database.read(self._database.now_us)

    def _write(self, work: Callable[[Connection, int], T]) -> T:
        def guarded(connection: Connection) -> T:
            if self._guard is not None:
                self._guard(connection)
            return work(connection, self._database.now_us(connection))

        return self._database.write(guarded)


class _ClaimGone(Exception):
    """Roll back: somebody else has a notice."""


def _require_notice(draft: QueueDraft) -> None:
    if draft.topic != NOTICES:
        raise ValueError(f"a notice has topic {NOTICES!r}, not {draft.topic!r}")
