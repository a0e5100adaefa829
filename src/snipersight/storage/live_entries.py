"""The live entries of an account, decoded once for each change of its ledger."""

from __future__ import annotations

import threading
from typing import Final, NamedTuple

from sqlalchemy import Connection

from snipersight.domain.ledger import LedgerEntry
from snipersight.storage.account_rows import StoredAccount
from snipersight.storage.ledger_rows import live_entries


class _Kept(NamedTuple):
    revision: int
    entries: tuple[LedgerEntry, ...]


class LiveEntries:
    """Entries by account and ledger revision; every committed change has a revision of its own.

    Only what is committed is kept, so neither a rollback nor another process can make it wrong:
    the revision is read in the transaction that uses it.
    """

    def __init__(self) -> None:
        self._kept: Final[dict[str, _Kept]] = {}
        self._lock: Final = threading.Lock()

    def of(self, connection: Connection, account: StoredAccount) -> tuple[LedgerEntry, ...]:
        """Return the live entries of an account as its transaction found it.

        Call it before that transaction changes the ledger.
        """
        account_id = account.row.account_id
        kept = self._kept.get(account_id)
        if kept is not None and kept.revision == account.ledger_revision:
            return kept.entries
        entries = live_entries(connection, account_id)
        self.keep(account, entries)
        return entries

    def keep(self, account: StoredAccount, entries: tuple[LedgerEntry, ...]) -> None:
        """Remember what is committed; an older revision than the one known is left out."""
        account_id = account.row.account_id
        with self._lock:
            kept = self._kept.get(account_id)
            if kept is None or kept.revision < account.ledger_revision:
                self._kept[account_id] = _Kept(account.ledger_revision, entries)
