"""The store of the one process that executes: whoever was overtaken writes nothing any more."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from snipersight.bootstrap.store import Store
from snipersight.domain.direction import Direction
from snipersight.domain.errors import LeaseLost, StateUnavailable
from snipersight.domain.store import UnitOfWork
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.executor_lease import SqlExecutorLease

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")
_KEPT_PER_TERM: Final = 4
_TRY_S: Final = 0.5


class Right(Protocol):
    """What only one process has at a time."""

    def guard(self, connection: Connection) -> None:
        """Make sure, within a transaction, that it is held; `LeaseLost` if it is not."""
        ...


class GuardedStore:
    """A `DecisionStore` whose every transaction makes sure that the right to write is still held.

    Args:
        decisions: the store.
        right: the executor's lease, or a part of a scan.
    """

    def __init__(self, decisions: SqlDecisionStore, right: Right) -> None:
        self._decisions: Final = decisions
        self._right: Final = right

    def transact(self, account_id: str, work: Callable[[UnitOfWork], T]) -> T:
        """Run a unit of work; `LeaseLost` if another process has taken over."""
        return self._decisions.transact(account_id, work, guard=self._right.guard)

    def view(self, account_id: str, read: Callable[[UnitOfWork], T]) -> T:
        """Read one consistent state."""
        return self._decisions.view(account_id, read)


async def take_lease(
    store: Store, account_id: str, *, wait_s: float, say: Callable[[str], object]
) -> SqlExecutorLease | None:
    """Return the right to execute an account's trades; None while another process has it.

    Args:
        store: of the account.
        account_id: whose trades.
        wait_s: how long to wait for it: a holder that was killed keeps it for its term.
        say: told once that it is waited for.

    Raises:
        StateUnavailable: the store cannot be written.
    """
    owner = f"{socket.gethostname()[:24]}:{os.getpid()}:{secrets.token_hex(4)}"
    lease = SqlExecutorLease(store.database, account_id, owner=owner)
    waited_s, is_said = 0.0, False
    while not await asyncio.to_thread(lease.keep):
        if waited_s >= wait_s:
            return None
        if not is_said:
            say(f"Another process executes the trades of account {account_id}; waiting for it …")
            is_said = True
        await asyncio.sleep(_TRY_S)
        waited_s += _TRY_S
    return lease


async def keep_lease(lease: SqlExecutorLease) -> None:
    """Keep the lease until another one has it; its guard notices that.

    A store that is away is asked again and again: giving up would end the executor with its term.
    """
    while True:
        await asyncio.sleep(lease.for_us / _KEPT_PER_TERM / 1_000_000)
        with suppress(StateUnavailable):
            if not await asyncio.to_thread(lease.keep):
                return


def lease_taken(account_id: str) -> LeaseLost:
    """Return the error of a command that needs what another process has."""
    return LeaseLost(
        f"another process executes the trades of account {account_id}",
        where=f"account {account_id}",
        next_step="end it (Ctrl-C), then repeat this; `kill` and `flatten` work beside it",
    )


class NoJournal:
    """A `FallbackJournal` of what is only rehearsed: it keeps nothing."""

    def append(self, record: Mapping[str, object]) -> None:
        """Keep nothing."""

    def pending(self) -> tuple[Mapping[str, object], ...]:
        """Return nothing."""
        return ()

    def clear(self, known: int) -> bool:
        """Forget nothing."""
        return known == 0


class NothingFired:
    """`RecentSignals` of what is only rehearsed: every signal is the first."""

    def claim(
        self,
        account_id: str,
        symbol: str,
        direction: Direction,
        *,
        window_us: int,
        by: str,
        unit: UnitOfWork | None = None,
    ) -> bool:
        """Return True, and remember nothing."""
        return True
