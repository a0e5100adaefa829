"""The lease of the one process that sends from a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snipersight.storage.own_lease import FOR_US, OwnLease

if TYPE_CHECKING:
    from snipersight.storage.database import Database

SENDER_LEASE: Final = "notify-sender"


class SqlSenderLease(OwnLease):
    """The right to be the only sender; see `domain.outbox.SenderLease`.

    Args:
        database: whose deliveries are sent.
        owner: 1 to 64 characters; deliveries are claimed under it; see `OwnLease`.
        for_us: see `OwnLease`.
    """

    def __init__(self, database: Database, *, owner: str, for_us: int = FOR_US) -> None:
        super().__init__(
            database,
            SENDER_LEASE,
            owner=owner,
            unheld="another process sends the messages of this store, or none has begun to",
            for_us=for_us,
        )
