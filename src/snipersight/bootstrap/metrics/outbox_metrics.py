"""Metrics of messages that wait, and of the store they wait in."""

from __future__ import annotations

from typing import Final

from snipersight.bootstrap.store import Store
from snipersight.bot.telemetry.metrics.families import Family
from snipersight.domain.outbox import DELIVERIES, NOTICES
from snipersight.storage.outbox import SqlOutbox
from snipersight.storage.queue_rows import QueueCounts
from snipersight.storage.shrinking import size_bytes

# What a person knows them as.
_TOPICS: Final = {NOTICES: "notice", DELIVERIES: "delivery"}


class OutboxReader:
    """Counts what waits to be told, and what could not be.

    Args:
        store: whose outbox.
    """

    def __init__(self, store: Store) -> None:
        self._store: Final = store

    def __call__(self) -> tuple[Family, ...]:
        """Return the metrics of the outbox and of the database."""
        outbox = SqlOutbox(self._store.database)
        counts = {name: self._store.queue(topic).counts() for topic, name in _TOPICS.items()}
        now_us = outbox.now_us()
        return (
            Family(
                name="outbox_items",
                help="Notices and deliveries by where they are; dead ones were given up.",
                labels=("topic", "state"),
                values={
                    (topic, state): float(getattr(count, state))
                    for topic, count in counts.items()
                    for state in ("pending", "claimed", "dead")
                },
            ),
            Family(
                name="outbox_oldest_seconds",
                help="Age of the oldest item that waits; 0 where none does.",
                labels=("topic",),
                values={(topic,): _age_s(count, now_us) for topic, count in counts.items()},
            ),
            Family(
                name="outbox_stopped_chats",
                help="Chats and channels that take nothing until a person has looked.",
                values={(): float(len(outbox.stopped()))},
            ),
            Family(
                name="database_size_bytes",
                help="Disk that the store of accounts, audit and messages takes.",
                values={(): float(size_bytes(self._store.database))},
            ),
        )


def _age_s(count: QueueCounts, now_us: int) -> float:
    return 0.0 if count.oldest_us is None else max(0, now_us - count.oldest_us) / 1e6
