"""The lease of the one process that executes the trades of an account."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from snipersight.storage.own_lease import FOR_US, OwnLease

if TYPE_CHECKING:
    from snipersight.storage.database import Database

_PREFIX: Final = "executor:"
_LONGEST: Final = 64 - len(_PREFIX)
_DIGEST: Final = 24


class SqlExecutorLease(OwnLease):
    """The right to be the only executor of an account.

    Its `guard` goes into `SqlDecisionStore.transact`: whoever was overtaken by another executor
    writes nothing any more.

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


def executor_lease_name(account_id: str) -> str:
    """Return the name of an account's lease: `executor:<account>`, a long name cut and told apart."""
    if len(account_id) <= _LONGEST:
        return _PREFIX + account_id
    digest = hashlib.sha256(account_id.encode()).hexdigest()[:_DIGEST]
    return f"{_PREFIX}{account_id[: _LONGEST - _DIGEST - 1]}~{digest}"
