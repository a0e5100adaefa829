"""Which signals were told, and which of them have not ended yet, by the notices in the queue."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, select

from snipersight.domain.notices import SignalEvent, thread_of, update_key
from snipersight.domain.outbox import NOTICES
from snipersight.storage.queue_rows import UNFINISHED
from snipersight.storage.schema import QUEUE

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.storage.database import Database

Payload = Mapping[str, object]
_ENDS: Final = tuple(f":{event.value}" for event in SignalEvent if event.is_end)
_IS_WAITING: Final = QUEUE.c.state.in_(UNFINISHED)
_TAKEN: Final = f":{SignalEvent.ENTERED.value}:actual"
_CLOSED: Final = f":{SignalEvent.CLOSED.value}:actual"


class ToldSignals:
    """Reads the signals of an account whose end was not told.

    A signal is forgotten once its notice is pruned: nobody waits that long for an entry.

    Args:
        database: where notices are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database: Final = database

    def living(self, account_id: str) -> tuple[Payload, ...]:
        """Return the payloads of their notices, oldest first.

        By the candles a signal lives on where a real position of it was closed: its audience is
        told of the signal, not of the position.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        return self._database.read(lambda connection: _living(connection, account_id))

    def told(self, account_id: str, plan_id: str) -> Payload | None:
        """Return the payload of a signal's notice; None for a plan that nobody was told of.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        key = thread_of(account_id, plan_id)
        held = self._database.read(lambda connection: _payload_of(connection, key))
        return None if held is None else json.loads(held)

    def end_of(self, account_id: str, plan_id: str) -> SignalEvent | None:
        """Return how a signal ended by the candles, as it was told; None while it has not.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        keys = {
            update_key(account_id, plan_id, event): event for event in SignalEvent if event.is_end
        }
        found = select(QUEUE.c.key).where(QUEUE.c.topic == NOTICES, QUEUE.c.key.in_(keys))
        told = self._database.read(lambda connection: connection.execute(found).scalars().all())
        return keys[told[0]] if told else None

    def taken(self, account_id: str) -> frozenset[str]:
        """Return the plans that were really traded, whatever became of them.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        return self._database.read(lambda connection: _plans(connection, account_id, _TAKEN))

    def closed(self, account_id: str) -> frozenset[str]:
        """Return the plans whose real position is closed.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        return self._database.read(lambda connection: _plans(connection, account_id, _CLOSED))

    def stored_between(
        self, account_id: str, begin_us: int, end_us: int
    ) -> tuple[tuple[Payload, ...], tuple[Payload, ...]]:
        """Return the payloads of signals and of updates stored from a moment up to another.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        of_time = QUEUE.c.created_us.between(begin_us, end_us - 1)

        def read(connection: Connection) -> tuple[tuple[Payload, ...], tuple[Payload, ...]]:
            signals = _notices(connection, f"signal:{account_id}:", of_time)
            updates = _notices(connection, f"update:{account_id}:", of_time)
            return tuple(one for _, one in signals), tuple(one for _, one in updates)

        return self._database.read(read)

    def waiting(self, account_id: str, batch: str) -> tuple[Payload, ...]:
        """Return the payloads of a batch whose notices are still to be worded, oldest first.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        told = self._database.read(
            lambda connection: tuple(
                payload for _, payload in _notices(connection, f"signal:{account_id}:", _IS_WAITING)
            )
        )
        return tuple(payload for payload in told if payload.get("batch") == batch)


def _payload_of(connection: Connection, key: str) -> str | None:
    found = select(QUEUE.c.payload).where(QUEUE.c.topic == NOTICES, QUEUE.c.key == key)
    return connection.execute(found).scalar_one_or_none()


def _living(connection: Connection, account_id: str) -> tuple[Payload, ...]:
    updates, signals = f"update:{account_id}:", f"signal:{account_id}:"
    ended = {
        name.partition(":")[0] for name, _ in _notices(connection, updates) if name.endswith(_ENDS)
    }
    told = _notices(connection, signals)
    return tuple(payload for name, payload in told if name not in ended)


def _plans(connection: Connection, account_id: str, event: str) -> frozenset[str]:
    names = (name for name, _ in _notices(connection, f"update:{account_id}:"))
    return frozenset(name.removesuffix(event) for name in names if name.endswith(event))


def _notices(
    connection: Connection, prefix: str, *conditions: ColumnElement[bool]
) -> Iterator[tuple[str, Payload]]:
    """Yield what follows the prefix in each key, and the payload, oldest first."""
    stored = (
        select(QUEUE.c.key, QUEUE.c.payload)
        .where(QUEUE.c.topic == NOTICES, QUEUE.c.key.startswith(prefix, autoescape=True))
        .where(*conditions)
        .order_by(QUEUE.c.item_id)
    )
    for key, payload in connection.execute(stored):
        if key.startswith(prefix):  # to SQLite `Main` is like `main`
            yield key.removeprefix(prefix), json.loads(payload)
