"""The rows of a shared scan, as one transaction sees them and changes them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, Self

from sqlalchemy import ColumnElement, Row, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from snipersight.domain.shares import SLOTS, Moves, moves_of
from snipersight.storage.key_value import put_value
from snipersight.storage.leases import Lease, require_held
from snipersight.storage.schema import KEY_VALUE, LEASE

if TYPE_CHECKING:
    from sqlalchemy import Connection

ClockOf = Callable[["Connection"], int]  # microseconds UTC

_NOBODY: Final = ""
_DAY_US: Final = 86_400_000_000
_MEMBER_KEPT_US: Final = _DAY_US
# A scan that nobody ran for so long begins anew: what was planned then is past by now.
_SCOPE_KEPT_US: Final = 35 * _DAY_US
_KEPT_PER_TERM: Final = 4
_ALL: Final = range(SLOTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one member has of a scan.

    Args:
        leases: that it holds, by slot.
        scanned_ms: closes up to which these were scanned, milliseconds UTC; none: never.
        members: how many take part, itself included.
        moves: what it should still give and take.
        is_due: it is time to hold everything for its time again.
    """

    leases: Mapping[int, Lease] = field(default_factory=dict)
    scanned_ms: Mapping[int, int] = field(default_factory=dict)
    members: int = 0
    moves: Moves = field(default_factory=Moves)
    is_due: bool = True


@dataclass(frozen=True, kw_only=True)
class ShareRows:
    """The slots and members of one scan in an open transaction.

    Args:
        connection: of the transaction.
        key: of the scope.
        member: who looks.
        for_us: for how long anybody ever holds anything, microseconds.
        now_us: the database's time, read after the slots were locked.
        slots: by number; only what was ever held where they are merely looked at.
    """

    connection: Connection
    key: str
    member: str
    for_us: int
    now_us: int
    slots: dict[int, Row[tuple[object, ...]]]

    @classmethod
    def seen(
        cls, connection: Connection, key: str, *, member: str, for_us: int, clock: ClockOf
    ) -> Self:
        """Return the rows as they are, locking nothing."""
        return cls(
            connection=connection,
            key=key,
            member=member,
            for_us=for_us,
            now_us=clock(connection),
            slots=_slots(connection, key, lock=False),
        )

    @classmethod
    def locked(
        cls, connection: Connection, key: str, *, member: str, for_us: int, clock: ClockOf
    ) -> Self:
        """Return the rows once nobody else changes them, until this transaction ends."""
        slots = _slots(connection, key, lock=True)
        if len(slots) < SLOTS:
            _insert_slots(connection, key)
            slots = _slots(connection, key, lock=True)
        return cls(
            connection=connection,
            key=key,
            member=member,
            for_us=for_us,
            # The lock first, the clock second: waiting for it may take longer than a term.
            now_us=clock(connection),
            slots=slots,
        )

    @cached_property
    def members(self) -> frozenset[str]:
        """Return everybody who takes part and lives, and who looks."""
        found = select(LEASE.c.owner).where(
            LEASE.c.name.startswith(f"worker:{self.key}:"),
            LEASE.c.expires_us > self.now_us,
        )
        return frozenset(self.connection.execute(found).scalars()) | {self.member}

    def owners(self) -> tuple[str | None, ...]:
        """Return who holds each slot; None: nobody any more."""
        return tuple(self._owner(self.slots.get(slot)) for slot in _ALL)

    def moves(self) -> Moves:
        """Return what the member should give and take."""
        return moves_of(self.member, self.members, self.owners())

    def share(self) -> Share:
        """Return what the member has."""
        leases = self._leases()
        return Share(
            leases=leases,
            scanned_ms=self.scanned_ms(leases),
            members=len(self.members),
            moves=self.moves(),
            is_due=self._is_due(leases.values()),
        )

    def settle(self, *, may_give: Collection[int]) -> Share:
        """Hold, give and take, and return what the member has then."""
        moves = self.moves()
        gives = [slot for slot in moves.gives if slot in may_give]
        keeps = [slot for slot in self._leases() if slot not in gives]
        self._cut()
        self._join()
        self._store(keeps, owner=self.member, expires_us=self._end_us)
        self._store(gives, owner=_NOBODY, expires_us=self.now_us)
        self._store(moves.takes, owner=self.member, expires_us=self._end_us, is_taken=True)
        return self._read_again().share()

    def require(self, leases: Mapping[int, Lease]) -> None:
        """Make sure that leases of slots are held; see `require_held`."""
        for slot, lease in leases.items():
            require_held(self.slots.get(slot), lease, now_us=self.now_us)

    def mark(self, slots: Iterable[int], *, as_of_ms: int, believed_ms: int) -> None:
        """Store that slots were scanned up to a close, unless they were scanned further."""
        slots = tuple(slots)
        known = self.scanned_ms(slots)
        for slot in slots:
            if not as_of_ms <= known.get(slot, 0) <= believed_ms:
                put_value(
                    self.connection,
                    mark_key(self.key, slot),
                    str(as_of_ms),
                    ttl_us=_SCOPE_KEPT_US,
                    now_us=self.now_us,
                )

    def scanned_ms(self, slots: Iterable[int]) -> dict[int, int]:
        """Return the closes up to which slots were scanned, milliseconds UTC; none: never."""
        slot_of_key = {mark_key(self.key, slot): slot for slot in slots}
        found = select(KEY_VALUE.c.key, KEY_VALUE.c.value).where(
            KEY_VALUE.c.key.in_(slot_of_key), KEY_VALUE.c.expires_us > self.now_us
        )
        return {slot_of_key[row.key]: int(row.value) for row in self.connection.execute(found)}

    def leave(self) -> None:
        """Give everything back, and be no member any more."""
        self._store(self._leases(), owner=_NOBODY, expires_us=self.now_us)
        self.connection.execute(delete(LEASE).where(LEASE.c.name == self._member_name))

    @property
    def _end_us(self) -> int:
        return self.now_us + self.for_us

    @property
    def _member_name(self) -> str:
        digest = hashlib.sha256(self.member.encode()).hexdigest()[:16]
        return f"worker:{self.key}:{digest}"

    def _owner(self, row: Row[tuple[object, ...]] | None) -> str | None:
        if row is None or row.expires_us <= self.now_us:
            return None
        return str(row.owner) or None

    def _leases(self) -> dict[int, Lease]:
        return {
            slot: Lease(name=row.name, owner=row.owner, token=row.token, expires_us=row.expires_us)
            for slot, row in self.slots.items()
            if self._owner(row) == self.member
        }

    def _is_due(self, leases: Iterable[Lease]) -> bool:
        own = select(LEASE.c.expires_us).where(LEASE.c.name == self._member_name)
        member_us = self.connection.execute(own).scalar_one_or_none() or 0
        first_us = min((lease.expires_us for lease in leases), default=member_us)
        latest_us = self._end_us - self.for_us // _KEPT_PER_TERM
        return min(first_us, member_us) <= latest_us

    def _cut(self) -> None:
        """Let nothing last longer than anybody takes it for: a clock was set back since.

        A member that lives holds its own again in time; a dead one must not keep it for hours.
        """
        self.connection.execute(
            update(LEASE)
            .where(_of_scope(self.key), LEASE.c.expires_us > self._end_us)
            .values(expires_us=self._end_us)
        )

    def _join(self) -> None:
        row = {
            "name": self._member_name,
            "owner": self.member,
            "token": 1,
            "expires_us": self._end_us,
        }
        insert = _insert(self.connection)
        self.connection.execute(
            insert.on_conflict_do_update(
                index_elements=["name"], set_={"expires_us": insert.excluded.expires_us}
            ),
            row,
        )

    def _store(
        self, slots: Iterable[int], *, owner: str, expires_us: int, is_taken: bool = False
    ) -> None:
        names = [slot_name(self.key, slot) for slot in slots]
        if names:
            self.connection.execute(
                update(LEASE)
                .where(LEASE.c.name.in_(names))
                .values(owner=owner, expires_us=expires_us, token=LEASE.c.token + int(is_taken))
            )

    def _read_again(self) -> Self:
        return replace(self, slots=_slots(self.connection, self.key, lock=False))


def slot_name(key: str, slot: int) -> str:
    """Return the name of the lease of a scope's slot."""
    return f"slot:{key}:{slot:02}"


def mark_key(key: str, slot: int) -> str:
    """Return the key under which it is stored how far a slot was scanned."""
    return f"scanned:{key}:{slot:02}"


def tidy(connection: Connection, *, now_us: int) -> None:
    """Remove members that died long ago, and scans that nobody has run for long."""
    is_dead = LEASE.c.name.startswith("worker:") & (LEASE.c.expires_us < now_us - _MEMBER_KEPT_US)
    is_over = LEASE.c.name.startswith("slot:") & (LEASE.c.expires_us < now_us - _SCOPE_KEPT_US)
    is_mark = KEY_VALUE.c.key.startswith("scanned:") & (KEY_VALUE.c.expires_us < now_us)
    for column, which in ((LEASE.c.name, or_(is_dead, is_over)), (KEY_VALUE.c.key, is_mark)):
        # What somebody has locked is in use again: it is passed over, not waited for.
        old = select(column).where(which).with_for_update(skip_locked=True)
        names = connection.execute(old).scalars().all()
        if names:
            connection.execute(delete(column.table).where(column.in_(names)))


def _slots(connection: Connection, key: str, *, lock: bool) -> dict[int, Row[tuple[object, ...]]]:
    slot_of_name = {slot_name(key, slot): slot for slot in _ALL}
    found = select(LEASE).where(LEASE.c.name.in_(slot_of_name)).order_by(LEASE.c.name)
    rows = connection.execute(found.with_for_update() if lock else found)
    return {slot_of_name[row.name]: row for row in rows}


def _insert_slots(connection: Connection, key: str) -> None:
    rows = [
        {"name": slot_name(key, slot), "owner": _NOBODY, "token": 0, "expires_us": 0}
        for slot in _ALL
    ]
    connection.execute(_insert(connection).on_conflict_do_nothing(index_elements=["name"]), rows)


def _insert(connection: Connection) -> postgresql.Insert | sqlite.Insert:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return insert(LEASE)


def _of_scope(key: str) -> ColumnElement[bool]:
    return or_(LEASE.c.name.startswith(f"slot:{key}:"), LEASE.c.name.startswith(f"worker:{key}:"))
