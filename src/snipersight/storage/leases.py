"""Leases: which process owns what, for how long, by the database's clock.

A lease alone proves nothing: its holder may have been stopped for a minute without noticing. So it
bears a token that grows with every change of hands, and whoever changes what the lease protects
asks for it with `require_lease` inside that very transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import Select, select, update
from sqlalchemy.dialects import postgresql, sqlite

from snipersight.domain.errors import LeaseLost
from snipersight.storage.database_time import database_now_us
from snipersight.storage.schema import LEASE

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from snipersight.storage.database import Database

_LONGEST_NAME: Final = 64
_NOBODY: Final = ""
_NEXT_STEP: Final = "stop what it protected; another process may be doing it now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to do something alone until a moment.

    Args:
        name: what is owned.
        owner: who owns it; must be unique to a process.
        token: larger than every earlier holder's.
        expires_us: end, microseconds UTC of the database's clock.
    """

    name: str
    owner: str
    token: int
    expires_us: int


class Leases:
    """Hands out leases.

    Args:
        database: where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database: Final = database

    def acquire(
        self, name: str, *, owner: str, for_us: int, longest_us: int | None = None
    ) -> Lease | None:
        """Return the lease, or None while somebody else holds it.

        Whoever holds it already gets it for longer, under the same token.

        Args:
            name: what is owned.
            owner: who wants it.
            for_us: for how long, microseconds.
            longest_us: for how long anybody ever takes it; None: unknown. One that would last
                longer was taken before the database's clock was set back, and is cut to that: a
                holder that lives takes it again in time, one that died must not keep it for hours.

        Raises:
            StateUnavailable: the store cannot be written.
            ValueError: a name is empty or too long, or the time is not above 0.
        """
        return self._database.write(
            lambda connection: acquire_lease(
                connection, name, owner=owner, for_us=for_us, longest_us=longest_us
            )
        )

    def renew(self, lease: Lease, *, for_us: int) -> Lease:
        """Return the lease with a new end, counted from now.

        Raises:
            LeaseLost: it has run out, was released, or somebody else holds it.
            StateUnavailable: the store cannot be written; the lease keeps its old end.
            ValueError: the time is not above 0.
        """
        return self._database.write(
            lambda connection: renew_lease(connection, lease, for_us=for_us)
        )

    def release(self, lease: Lease) -> bool:
        """Give the lease back; False if it was no longer ours, and then nothing is changed.

        Raises:
            StateUnavailable: the store cannot be written; the lease ends with its time.
        """
        return self._database.write(lambda connection: release_lease(connection, lease))

    def is_held(self, name: str) -> bool:
        """Return whether anybody holds a lease whose time has not run out.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        return self.holder(name) is not None

    def holder(self, name: str) -> str | None:
        """Return who holds a lease whose time has not run out; None if nobody does.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        return self._database.read(lambda connection: _holder(connection, name))


def require_lease(connection: Connection, lease: Lease) -> None:
    """Make sure, within the transaction that it protects, that the lease is held.

    Until that transaction ends, nobody else can acquire the lease, even if its time runs out.

    Raises:
        LeaseLost: it has run out, was released, or somebody else holds it; roll back.
    """
    require_leases(connection, (lease,))


def require_leases(
    connection: Connection,
    leases: Collection[Lease],
    *,
    clock: Callable[[Connection], int] = database_now_us,
) -> None:
    """Make sure of several leases as `require_lease` does of one, in one look.

    Raises:
        LeaseLost: one of them is not held any more; roll back.
    """
    # In the order of their names, as everybody locks them: no two wait for each other.
    found = connection.execute(
        select(LEASE)
        .where(LEASE.c.name.in_([lease.name for lease in leases]))
        .order_by(LEASE.c.name)
        .with_for_update(read=True)
    )
    rows = {row.name: row for row in found}
    now_us = clock(connection)
    for lease in leases:
        require_held(rows.get(lease.name), lease, now_us=now_us)


def require_held(row: Row[tuple[object, ...]] | None, lease: Lease, *, now_us: int) -> None:
    """Make sure that a locked row of the table says that the lease is held.

    Raises:
        LeaseLost: it has run out, was released, or somebody else holds it.
    """
    _require_same(row, lease)
    if row is not None and row.expires_us <= now_us:
        late_ms = (now_us - row.expires_us) / 1000
        raise LeaseLost(
            f"the lease ran out {late_ms:,.0f} ms ago", where=lease.name, next_step=_NEXT_STEP
        )


def hold_lease(connection: Connection, lease: Lease, *, for_us: int) -> None:
    """Make sure, within a transaction, that nobody else has held a lease since it was taken.

    One that has run out and that nobody took is held again for `for_us` from now on: its holder
    was stopped for a while, or the store was away, and nothing happened behind its back.

    Raises:
        LeaseLost: it was released, or somebody else has taken it; roll back.
    """
    row = connection.execute(_locked(lease.name)).one_or_none()
    _require_same(row, lease)
    now_us = database_now_us(connection)
    if row is not None and row.expires_us <= now_us:
        end_us = now_us + for_us
        _store(
            connection,
            Lease(name=lease.name, owner=lease.owner, token=lease.token, expires_us=end_us),
        )


def acquire_lease(
    connection: Connection, name: str, *, owner: str, for_us: int, longest_us: int | None = None
) -> Lease | None:
    """Return the lease of a name within an open transaction, as `Leases.acquire` does."""
    _require_names(name, owner)
    _require_time(for_us)
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(
        insert(LEASE).on_conflict_do_nothing(index_elements=["name"]),
        {"name": name, "owner": _NOBODY, "token": 0, "expires_us": 0},
    )
    # The lock first, the clock second: waiting for the lock may take longer than a lease.
    row = connection.execute(_locked(name)).one()
    now_us = database_now_us(connection)
    is_held = row.owner != _NOBODY and row.expires_us > now_us
    if is_held and row.owner != owner:
        if longest_us is not None and row.expires_us > now_us + longest_us:
            end_us = now_us + longest_us
            cut = Lease(name=name, owner=row.owner, token=row.token, expires_us=end_us)
            _store(connection, cut)
        return None
    token = row.token if is_held else row.token + 1
    lease = Lease(name=name, owner=owner, token=token, expires_us=now_us + for_us)
    _store(connection, lease)
    return lease


def renew_lease(connection: Connection, lease: Lease, *, for_us: int) -> Lease:
    """Return the lease with a new end within an open transaction, as `Leases.renew` does."""
    _require_time(for_us)
    row = connection.execute(_locked(lease.name)).one_or_none()
    now_us = database_now_us(connection)
    require_held(row, lease, now_us=now_us)
    renewed = Lease(
        name=lease.name, owner=lease.owner, token=lease.token, expires_us=now_us + for_us
    )
    _store(connection, renewed)
    return renewed


def release_lease(connection: Connection, lease: Lease) -> bool:
    """Give the lease back within an open transaction, as `Leases.release` does."""
    done = connection.execute(
        update(LEASE)
        .where(LEASE.c.name == lease.name)
        .where(LEASE.c.owner == lease.owner, LEASE.c.token == lease.token)
        .values(owner=_NOBODY, expires_us=0)
    )
    return done.rowcount == 1


def _holder(connection: Connection, name: str) -> str | None:
    row = connection.execute(select(LEASE).where(LEASE.c.name == name)).one_or_none()
    if row is None or row.owner == _NOBODY or row.expires_us <= database_now_us(connection):
        return None
    return str(row.owner)


def _locked(name: str) -> Select[tuple[object, ...]]:
    return select(LEASE).where(LEASE.c.name == name).with_for_update()


def _store(connection: Connection, lease: Lease) -> None:
    connection.execute(
        update(LEASE)
        .where(LEASE.c.name == lease.name)
        .values(owner=lease.owner, token=lease.token, expires_us=lease.expires_us)
    )


def _require_same(row: Row[tuple[object, ...]] | None, lease: Lease) -> None:
    if row is None or (row.owner, row.token) != (lease.owner, lease.token):
        holder = row.owner if row is not None else _NOBODY
        what = f"{holder} holds the lease now" if holder else "the lease was given back"
        raise LeaseLost(what, where=lease.name, next_step=_NEXT_STEP)


def _require_names(name: str, owner: str) -> None:
    for what, text in (("name", name), ("owner", owner)):
        if not 1 <= len(text) <= _LONGEST_NAME:
            raise ValueError(f"a lease's {what} must have 1 to 64 characters: {text[:80]!r}")


def _require_time(for_us: int) -> None:
    if for_us < 1:
        raise ValueError(f"a lease cannot be held for {for_us} µs")
