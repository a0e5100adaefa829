"""A lease that one process takes, keeps, and shows to the transactions that it protects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snipersight.domain.errors import LeaseLost
from snipersight.storage.leases import Lease, Leases, require_lease

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.storage.database import Database

FOR_US: Final = 15_000_000


class OwnLease:
    """The right to be the only one who does something with a store.

    Args:
        database: the store.
        name: of the right, 1 to 64 characters.
        owner: 1 to 64 characters; unique to a process, and to each time it starts.
        unheld: what to tell whoever acts without it.
        for_us: for how long it is held without being kept: the longest that a holder which was
            killed makes its successor wait, microseconds.
    """

    def __init__(
        self, database: Database, name: str, *, owner: str, unheld: str, for_us: int = FOR_US
    ) -> None:
        self._leases: Final = Leases(database)
        self._name: Final = name
        self._owner: Final = owner
        self._unheld: Final = unheld
        self._for_us: Final = for_us
        self._lease: Lease | None = None

    @property
    def owner(self) -> str:
        """Return who takes it."""
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
            self._name, owner=self._owner, for_us=self._for_us, longest_us=self._for_us
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
                self._unheld,
                where=self._name,
                next_step="let that one go on, or end it first",
            )
        return lease

    def guard(self, connection: Connection) -> None:
        """Make sure, within a transaction, that it is held; until that ends nobody else gets it.

        Raises:
            LeaseLost: it is not, or no longer; the transaction must end.
        """
        require_lease(connection, self.held())
