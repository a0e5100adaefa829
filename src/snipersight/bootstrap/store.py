"""The store that the settings name, opened, with the account that is asked for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from snipersight.bootstrap.account_names import MAIN, default_account
from snipersight.bootstrap.accounts import own_settings
from snipersight.bootstrap.database_place import database_url
from snipersight.bootstrap.operations import begin_account
from snipersight.bootstrap.settings import Settings
from snipersight.domain.store import Clock
from snipersight.domain.units import Currency
from snipersight.storage.coming_accounts import ComingAccounts
from snipersight.storage.database import Database, open_database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.home import make_private_folder
from snipersight.storage.key_value import KeyValueStore
from snipersight.storage.leases import Leases
from snipersight.storage.queue import DurableQueue


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Everything durable of one home: its database and what is kept in it.

    Args:
        database: open, with today's tables.
        decisions: ledger, standing and audit.
        account_id: the account that was asked for; it exists.
        clock: what `decisions` reads, microseconds UTC.
    """

    database: Database
    decisions: SqlDecisionStore
    account_id: str
    clock: Clock

    @property
    def leases(self) -> Leases:
        """Return who owns what."""
        return Leases(self.database)

    @property
    def key_values(self) -> KeyValueStore:
        """Return small state under keys."""
        return KeyValueStore(self.database)

    @property
    def coming_accounts(self) -> ComingAccounts:
        """Return what holds for accounts that are opened later."""
        return ComingAccounts(self.database)

    def queue(self, topic: str) -> DurableQueue:
        """Return what is to be delivered: topic `message` or `event`."""
        return DurableQueue(self.database, topic)

    def close(self) -> None:
        """Let what is being written end, and close the database; a second call does nothing."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_store(
    settings: Settings,
    *,
    account_id: str | None = MAIN,
    clock: Clock | None = None,
    is_sandbox_time: bool = False,
) -> Store:
    """Open the store; the caller closes it.

    A SQLite file is created and brought up to date by itself, and so is the account, with
    `DEFAULT_ACCOUNT_BALANCE` in `ACCOUNT_CURRENCY`. Where every account was halted, a new one
    begins halted.

    Args:
        settings: which database, which home.
        account_id: which account; None: `main` where it exists, else `practice`.
        clock: microseconds UTC; the system's if not given.
        is_sandbox_time: the clock is that of a sandbox: outbox and queues go by it, too.

    Raises:
        ConfigInvalid: the URL is unusable, or the account is kept in another currency.
        StateUnavailable: the home or the database cannot be used; the message says what to do.
    """
    clock = system_us if clock is None else clock
    if settings.database_url is None:
        make_private_folder(settings.snipersight_home)
    database = open_database(database_url(settings), clock=clock if is_sandbox_time else None)
    try:
        decisions = SqlDecisionStore(database, clock=clock)
        if account_id is None:
            account_id = default_account([one.account_id for one in decisions.accounts()])
        decisions.create_account(
            account_id,
            Currency(settings.account_currency),
            own_settings(settings, account_id).default_account_balance,
            at_us=clock(),
            begin=lambda connection, unit: begin_account(
                unit,
                halt_reason=ComingAccounts(database).halt_reason(connection),
                at_us=clock(),
            ),
        )
    except BaseException:
        database.close()
        raise
    return Store(database=database, decisions=decisions, account_id=account_id, clock=clock)


def system_us() -> int:
    """Return the system's time, microseconds UTC."""
    return time.time_ns() // 1000
