"""The store of decisions: one transaction for each, with the account's row locked throughout."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final, TypeVar

from sqlalchemy import Connection

from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.standing import AccountStanding
from snipersight.domain.store import AccountRow, Clock, UnitOfWork
from snipersight.domain.units import Currency, Money
from snipersight.storage.account_rows import (
    StoredAccount,
    all_accounts,
    find_account,
    insert_account,
)
from snipersight.storage.database import Database
from snipersight.storage.live_entries import LiveEntries
from snipersight.storage.row_codecs import Unreadable
from snipersight.storage.unit_of_work import SqlUnitOfWork

T = TypeVar("T")
Guard = Callable[[Connection], None]
Beginning = Callable[[Connection, UnitOfWork], None]


class SqlDecisionStore:
    """Runs units of work on a database; several threads and processes may share it.

    Args:
        database: where.
        clock: microseconds UTC, for what is stored without a time of its own.
    """

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database: Final = database
        self._clock: Final = clock
        self._live: Final = LiveEntries()

    def transact(
        self, account_id: str, work: Callable[[UnitOfWork], T], *, guard: Guard | None = None
    ) -> T:
        """Run `work` in one transaction and return what it returns once that is durable.

        If `work` raises, nothing of it is kept and the error is passed on.

        Args:
            account_id: whose row is locked.
            work: what to do; it runs on the writer thread.
            guard: runs first in the same transaction and may raise, `require_lease` for one.

        Raises:
            OutcomeUnknown: it is unknown whether it was stored.
            StateUnavailable: the store cannot be written, is locked for longer than the timeout,
                or the account does not exist; nothing of `work` counts.
        """
        unit, account, result = self._database.write(
            lambda connection: self._decide(connection, account_id, work, guard)
        )
        unit.keep(account)
        return result

    def view(self, account_id: str, read: Callable[[UnitOfWork], T]) -> T:
        """Run `read` on one consistent state without locking anybody out; writing in it fails.

        Raises:
            StateUnavailable: the store cannot be read, or the account does not exist.
            RuntimeError: `read` tried to change something.
        """
        return self._database.read(lambda connection: self._look(connection, account_id, read))

    def create_account(
        self,
        account_id: str,
        currency: Currency,
        starting_balance: Decimal,
        *,
        at_us: int,
        begin: Beginning | None = None,
    ) -> bool:
        """Create an account with an empty ledger; one that exists stays as it is.

        Args:
            account_id: its name, 1 to 64 characters.
            currency: of every amount, for good.
            starting_balance: what it begins with, not negative.
            at_us: now, microseconds UTC.
            begin: what to do with a new account, in the transaction that creates it.

        Returns:
            Whether it was created.

        Raises:
            ConfigInvalid: it exists in another currency.
            StateUnavailable: the store cannot be read or written.
            ValueError: the name or the balance is impossible.
        """
        if not 1 <= len(account_id) <= 64:
            raise ValueError(f"an account cannot be called {account_id!r}")
        if not starting_balance.is_finite() or starting_balance < 0:
            raise ValueError(f"an account cannot begin with {starting_balance}")
        standing = AccountStanding(starting_balance=Money(starting_balance))

        def create(connection: Connection) -> bool:
            if self._exists(connection, account_id, currency):
                return False
            insert_account(
                connection, account_id, currency=currency, standing=standing, at_us=at_us
            )
            if begin is not None:
                self._decide(connection, account_id, lambda unit: begin(connection, unit), None)
            return True

        if self._database.read(lambda it: self._exists(it, account_id, currency)):
            return False
        return self._database.write(create)

    def accounts(self) -> tuple[AccountRow, ...]:
        """Return every account, by name.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        return self._database.read(lambda it: self._understood(lambda: all_accounts(it)))

    def _decide(
        self,
        connection: Connection,
        account_id: str,
        work: Callable[[UnitOfWork], T],
        guard: Guard | None,
    ) -> tuple[SqlUnitOfWork, StoredAccount, T]:
        if guard is not None:
            guard(connection)
        account = self._account(connection, account_id, lock=True)
        unit = SqlUnitOfWork(connection, account, live=self._live, clock=self._clock)
        try:
            result = self._understood(lambda: work(unit))
            return unit, unit.finish(), result
        finally:
            unit.abandon()

    def _look(self, connection: Connection, account_id: str, read: Callable[[UnitOfWork], T]) -> T:
        account = self._account(connection, account_id)
        unit = SqlUnitOfWork(connection, account, live=self._live, clock=None)
        try:
            return self._understood(lambda: read(unit))
        finally:
            unit.abandon()

    def _account(
        self, connection: Connection, account_id: str, *, lock: bool = False
    ) -> StoredAccount:
        account = self._understood(lambda: find_account(connection, account_id, lock=lock))
        if account is None:
            raise StateUnavailable(
                f"there is no account {account_id!r}",
                where=self._database.place,
                next_step="run `snipersight db check`",
            )
        return account

    def _exists(self, connection: Connection, account_id: str, currency: Currency) -> bool:
        account = self._understood(lambda: find_account(connection, account_id))
        if account is not None and account.row.currency != currency:
            raise ConfigInvalid(
                f"account {account_id!r} is kept in {account.row.currency}, not in {currency}",
                where="ACCOUNT_CURRENCY",
                next_step=f"set it to {account.row.currency}, or begin with another database",
            )
        return account is not None

    def _understood(self, read: Callable[[], T]) -> T:
        """Turn a row that makes no sense into an error of the store."""
        try:
            return read()
        except Unreadable as error:
            raise StateUnavailable(
                f"the database holds a row that makes no sense: {error}",
                where=self._database.place,
                next_step="run `snipersight audit verify`, then restore a backup",
            ) from error
