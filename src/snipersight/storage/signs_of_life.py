"""Signs of life that processes leave in the store by renewing their leases."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from snipersight.storage.database_time import database_now_us
from snipersight.storage.own_lease import FOR_US
from snipersight.storage.schema import LEASE
from snipersight.storage.shares import TERM_US

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.storage.database import Database

_NOBODY: Final = ""
_WORKER: Final = "worker:"
_OPERATOR: Final = "operator:"
_OPERATOR_US: Final = 20_000_000  # longer than the longest wait for its next message
_SLOT: Final = "slot:"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOfLife:
    """One right that a process holds, or held until it stopped renewing it.

    Args:
        name: of the right.
        owner: who; unique to a process.
        seen_us: when it was renewed last, microseconds UTC of the database's clock.
        is_live: whether it has not run out.
    """

    name: str
    owner: str
    seen_us: int
    is_live: bool


def signs_of_life(database: Database) -> tuple[SignOfLife, ...]:
    """Return every right that is held or was not given back, by name; slots of a scan left out.

    Whoever ends in order gives its rights back and leaves no sign.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    return database.read(_signs)


def successor_of(dead: SignOfLife, signs: Collection[SignOfLife]) -> str:
    """Return who has taken over what a dead worker scanned; empty: nobody, or it is none.

    Those who scan the same share its parts, and take over those of one that has died; its sign is
    kept for a while all the same.
    """
    if dead.is_live or not dead.name.startswith(_WORKER):
        return ""
    scope, _, _ = dead.name.rpartition(":")
    heirs = [one for one in signs if one.is_live and one.name.startswith(f"{scope}:")]
    return min((one.owner for one in heirs), default="")


def _signs(connection: Connection) -> tuple[SignOfLife, ...]:
    now_us = database_now_us(connection)
    held = LEASE.c.owner != _NOBODY
    found = (
        select(LEASE.c.name, LEASE.c.owner, LEASE.c.expires_us)
        .where(held, LEASE.c.name.not_like(f"{_SLOT}%"))
        .order_by(LEASE.c.name)
    )
    return tuple(
        SignOfLife(
            name=row.name,
            owner=row.owner,
            seen_us=min(now_us, row.expires_us - _term_us(row.name)),
            is_live=row.expires_us > now_us,
        )
        for row in connection.execute(found)
    )


def _term_us(name: str) -> int:
    """Return for how long a right is taken each time: what tells when it was renewed."""
    if name.startswith(_OPERATOR):
        return _OPERATOR_US
    return TERM_US if name.startswith(_WORKER) else FOR_US
