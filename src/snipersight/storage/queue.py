"""The durable queue: what was decided in one transaction is delivered by somebody afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from snipersight.domain.store import QueueDraft
from snipersight.storage.queue_rows import (
    QueueCounts,
    QueueItem,
    bury_item,
    claim_items,
    count_items,
    extend_claim,
    finish_item,
    insert_item,
    retry_item,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.storage.database import Database

T = TypeVar("T")


class DurableQueue:
    """Items of one topic, each delivered at least once.

    A consumer claims items for a while, delivers them and acknowledges each. If it dies, its claim
    runs out and another one gets them. Items of one lane are delivered in the order in which they
    were stored: the next one is not to be had while an earlier one is unfinished. Times are those
    of the database; every method is one transaction and may raise `StateUnavailable`.

    Args:
        database: where it is kept.
        topic: which items, `message` or `event`; 1 to 32 characters.
    """

    def __init__(self, database: Database, topic: str) -> None:
        self._database: Final = database
        self._topic: Final = topic

    def put(
        self,
        key: str,
        payload: dict[str, object],
        *,
        lane: str = "",
        priority: int = 0,
        available_us: int | None = None,
    ) -> bool:
        """Store an item by itself; what belongs to a decision goes through its unit of work.

        Args:
            key: idempotency key, 1 to 128 characters.
            payload: what its consumer needs; the same values as an audit body.
            lane: what must be delivered in order; empty: no order.
            priority: higher goes first.
            available_us: not before, microseconds UTC; None: at once.

        Returns:
            False, and nothing is stored, if the key was stored before.

        Raises:
            ValueError: a name is empty or too long.
            TypeError: the payload holds what canonical JSON does not.
        """
        draft = QueueDraft(
            topic=self._topic,
            key=key,
            payload=payload,
            lane=lane,
            priority=priority,
            available_us=available_us,
        )
        return self._write(lambda connection, now_us: insert_item(connection, draft, now_us=now_us))

    def claim(self, owner: str, *, limit: int, for_us: int) -> tuple[QueueItem, ...]:
        """Claim at most `limit` items that are due, highest priority first, then oldest first.

        At most one item of each lane is claimed. No item is ever claimed by two at once.

        Args:
            owner: who delivers them, 1 to 64 characters; unique to a process.
            limit: most items, at least 1.
            for_us: microseconds until the claim runs out: longer than the delivery takes.

        Raises:
            ValueError: the owner has no proper name, or a number is not above 0.
        """
        return self._write(
            lambda connection, now_us: claim_items(
                connection,
                topic=self._topic,
                owner=owner,
                limit=limit,
                for_us=for_us,
                now_us=now_us,
            )
        )

    def acknowledge(self, item: QueueItem) -> bool:
        """Say that an item was delivered.

        Returns:
            False if the claim had run out and somebody else has taken it: it may be delivered
            twice.
        """
        return self._write(lambda connection, now_us: finish_item(connection, item, now_us=now_us))

    def retry(self, item: QueueItem, *, at_us: int, error: str) -> bool:
        """Hand an item back, to be delivered later; its lane waits for it.

        Args:
            item: as claimed.
            at_us: not before, microseconds UTC of the database; `item.claimed_us` is a moment of it.
            error: why, without secrets; kept up to 1,000 characters.

        Returns:
            False, and nothing is changed, if somebody else has taken it.
        """
        return self._write(
            lambda connection, _now_us: retry_item(connection, item, at_us=at_us, error=error)
        )

    def bury(self, item: QueueItem, *, error: str) -> bool:
        """Give an item up, for a person to look at; its lane goes on without it.

        Args:
            item: as claimed.
            error: why, without secrets; kept up to 1,000 characters.

        Returns:
            False, and nothing is changed, if somebody else has taken it.
        """
        return self._write(
            lambda connection, now_us: bury_item(connection, item, error=error, now_us=now_us)
        )

    def extend(self, item: QueueItem, *, for_us: int) -> bool:
        """Hold a claim for longer, counted from now; False if somebody else has taken it.

        Raises:
            ValueError: the time is not above 0.
        """
        if for_us < 1:
            raise ValueError(f"a claim cannot be held for {for_us} µs")
        return self._write(
            lambda connection, now_us: extend_claim(connection, item, until_us=now_us + for_us)
        )

    def counts(self) -> QueueCounts:
        """Return how many items of the topic are where."""
        return self._database.read(lambda connection: count_items(connection, self._topic))

    def _write(self, work: Callable[[Connection, int], T]) -> T:
        return self._database.write(
            lambda connection: work(connection, self._database.now_us(connection))
        )
