"""The operator's halt of every account, kept for those that are opened later."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from snipersight.storage.key_value import ABSENT, compare_and_set_value, get_value, put_value

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.storage.database import Database

_KEY: Final = "halt of accounts to come"
_NOT_HALTED: Final = ""


class ComingAccounts:
    """Whether accounts that do not exist yet begin halted; it outlives the process.

    Args:
        database: where that is kept.
    """

    def __init__(self, database: Database) -> None:
        self._database: Final = database

    def halt(self, reason: str) -> None:
        """Let accounts begin halted from now on.

        Whoever lists the accounts afterwards misses none that begins without the halt.

        Args:
            reason: for the reader; may be empty.

        Raises:
            StateUnavailable: the store cannot be written; nothing was changed.
        """
        self._put(json.dumps({"reason": reason}))

    def resume(self) -> None:
        """Let accounts begin as usual again.

        Raises:
            StateUnavailable: the store cannot be written; nothing was changed.
        """
        self._put(_NOT_HALTED)

    def halt_reason(self, connection: Connection) -> str | None:
        """Return why an account begins halted, maybe without a word; None: it does not.

        Args:
            connection: in the transaction that creates the account. Nobody halts or resumes
                until it ends.
        """
        now_us = self._database.now_us(connection)
        # Stores nothing over what is there, but locks it, and if nothing is there makes what
        # can be locked: a halt at the same time comes before this look or after the account.
        compare_and_set_value(
            connection, _KEY, _NOT_HALTED, expected_version=ABSENT, now_us=now_us, ttl_us=None
        )
        found = get_value(connection, _KEY, now_us=now_us)
        if found is None or found.value == _NOT_HALTED:
            return None
        return str(json.loads(found.value)["reason"])

    def _put(self, value: str) -> None:
        self._database.write(
            lambda connection: put_value(
                connection,
                _KEY,
                value,
                ttl_us=None,
                now_us=self._database.now_us(connection),
            )
        )
