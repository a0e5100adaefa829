"""The lease of the one process that executes the trades of an account."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from snipersight.domain.errors import LeaseLost
from snipersight.domain.execution import Mode
from snipersight.storage.key_value import KeyValueStore
from snipersight.storage.leases import Leases, hold_lease, renew_lease
from snipersight.storage.own_lease import FOR_US, OwnLease

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.storage.database import Database

_PREFIX: Final = "executor:"
_LONGEST: Final = 64 - len(_PREFIX)
_DIGEST: Final = 24


class SqlExecutorLease(OwnLease):
    """The right to be the only executor of an account.

    Its `guard` goes into `SqlDecisionStore.transact`: whoever was overtaken by another executor
    writes nothing any more. One that merely ran out, because the machine slept or the store was
    away, is held on where nobody took it: to give up then would leave positions to nobody.

    Args:
        database: of the account.
        account_id: whose trades.
        owner: 1 to 64 characters; unique to a process, and to each time it starts.
        for_us: see `OwnLease`.
    """

    def __init__(
        self, database: Database, account_id: str, *, owner: str, for_us: int = FOR_US
    ) -> None:
        super().__init__(
            database,
            executor_lease_name(account_id),
            owner=owner,
            unheld=f"another process executes the trades of account {account_id}, or none has "
            "begun to",
            for_us=for_us,
        )
        self._database: Final = database

    def keep(self) -> bool:
        """Take it, or hold it from now on for its time again; False while another one has it.

        Raises:
            StateUnavailable: the store cannot be written; what is held keeps its old end.
        """
        if self._lease is None:
            return super().keep()
        try:
            self._database.write(self._renew)
        except LeaseLost:
            return super().keep()
        return True

    def guard(self, connection: Connection) -> None:
        """Make sure, within a transaction, that nobody else has taken it; until that ends none can.

        Raises:
            LeaseLost: another one has, or it was never taken; the transaction must end.
        """
        hold_lease(connection, self.held(), for_us=self.for_us)

    def _renew(self, connection: Connection) -> None:
        lease = self.held()
        hold_lease(connection, lease, for_us=self.for_us)
        renew_lease(connection, lease, for_us=self.for_us)


def is_executed(database: Database, account_id: str) -> bool:
    """Return whether a process executes the trades of an account now.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    return Leases(database).is_held(executor_lease_name(account_id))


def executor_of(database: Database, account_id: str) -> str | None:
    """Return who executes the trades of an account now, `host:pid:…`; None if nobody does.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    return Leases(database).holder(executor_lease_name(account_id))


def record_mode(database: Database, account_id: str, *, owner: str, mode: Mode) -> None:
    """Keep how real the orders are of whoever executes an account; the one before is forgotten.

    Raises:
        StateUnavailable: the store cannot be written.
    """
    KeyValueStore(database).put(_mode_key(account_id), f"{mode.value} {owner}")


def recorded_mode(database: Database, account_id: str, *, owner: str) -> Mode | None:
    """Return how real the orders of an executor are, by its own word; None: it has not said so.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    kept = KeyValueStore(database).get(_mode_key(account_id))
    said, _, by = ("", "", "") if kept is None else kept.value.partition(" ")
    return Mode(said) if by == owner else None


def _mode_key(account_id: str) -> str:
    return f"mode:{executor_lease_name(account_id)}"


def executor_lease_name(account_id: str) -> str:
    """Return the name of an account's lease: `executor:<account>`, a long name cut and told apart."""
    if len(account_id) <= _LONGEST:
        return _PREFIX + account_id
    digest = hashlib.sha256(account_id.encode()).hexdigest()[:_DIGEST]
    return f"{_PREFIX}{account_id[: _LONGEST - _DIGEST - 1]}~{digest}"
