"""The lease of the one process that sends from a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snipersight.domain.errors import LeaseLost
from snipersight.storage.leases import Lease, Leases

if TYPE_CHECKING:
    from snipersight.storage.database import Database

SENDER_LEASE: Final = "notify-sender"
FOR_US: Final = 15_000_000


class SqlSenderLease:
    """The right to be the only sender; see `domain.outbox.SenderLease`.

    Args:
        database: whose deliveries are sent.
        owner: 1 to 64 characters; unique to a process, and to each time it starts.
        for_us: for how long it is held without being kept: the longest that a sender which was
            killed makes its successor wait, microseconds.
    """

    def __init__(self, database: Database, *, owner: str, for_us: int = FOR_US) -> None:
        self._leases: Final = Leases(database)
        self._owner: Final = owner
        self._for_us: Final = for_us
        self._lease: Lease | None = None

    @property
    def owner(self) -> str:
        """Return who takes it, and claims deliveries under it."""
        return self._owner

    @property
    def for_us(self) -> int:
        """Return for how long it is held from the moment it is kept, microseconds."""
        return self._for_us

    def keep(self) -> bool:
        """Take it, or hold it from now on for its time again; False while another one has it.

        Raises:
            StateUnavailable: the store cannot be written; what is held keeps its old end.
        """
        self._lease = self._leases.acquire(
            SENDER_LEASE, owner=self._owner, for_us=self._for_us, longest_us=self._for_us
        )
        return self._lease is not None

    def give_back(self) -> None:
        """Let another one have it at once; nothing happens if it is not held."""
        lease, self._lease = self._lease, None
        if lease is not None:
            self._leases.release(lease)

    def held(self) -> Lease:
        """Return the lease, for a transaction to check.

        Raises:
            LeaseLost: it was never taken, or another one has it.
        """
        lease = self._lease
        if lease is None:
            raise LeaseLost(
                "another process sends the messages of this store, or none has begun to",
                where=SENDER_LEASE,
                next_step="let that one go on, or end it first",
            )
        return lease
