"""Which signals were told and have not ended yet, by the notices in the queue."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from snipersight.domain.notices import SignalEvent
from snipersight.domain.outbox import NOTICES
from snipersight.storage.schema import QUEUE

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.storage.database import Database

_ENDS: Final = tuple(f":{event.value}" for event in SignalEvent if event.is_end)


class ToldSignals:
    """Reads the signals of an account whose end was not told.

    A signal is forgotten once its notice is pruned: nobody waits that long for an entry.

    Args:
        database: where notices are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database: Final = database

    def living(self, account_id: str) -> tuple[Mapping[str, object], ...]:
        """Return the payloads of their notices, oldest first.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        return self._database.read(lambda connection: _living(connection, account_id))


def _living(connection: Connection, account_id: str) -> tuple[Mapping[str, object], ...]:
    updates, signals = f"update:{account_id}:", f"signal:{account_id}:"
    ended = {
        name.rpartition(":")[0] for name, _ in _notices(connection, updates) if name.endswith(_ENDS)
    }
    told = _notices(connection, signals)
    return tuple(json.loads(payload) for name, payload in told if name not in ended)


def _notices(connection: Connection, prefix: str) -> Iterator[tuple[str, str]]:
    """Yield what follows the prefix in each key, and the payload, oldest first."""
    stored = (
        select(QUEUE.c.key, QUEUE.c.payload)
        .where(QUEUE.c.topic == NOTICES, QUEUE.c.key.startswith(prefix, autoescape=True))
        .order_by(QUEUE.c.item_id)
    )
    for key, payload in connection.execute(stored):
        if key.startswith(prefix):  # to SQLite `Main` is like `main`
            yield key.removeprefix(prefix), payload
