"""Who scans what: members of a scan, their leases of its slots, and how far each slot was scanned.

Whoever changes any of it locks the slots first, in the order of their names, so that one member
settles after the other. Leases end by the database's own clock, also where a run lives by another
time. How far a slot was scanned is stored by its holder alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

from snipersight.domain.shares import SLOTS, Scope
from snipersight.storage.database_time import database_now_us
from snipersight.storage.leases import Lease, require_leases
from snipersight.storage.share_rows import ClockOf, Share, ShareRows, tidy

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.storage.database import Database

TERM_US: Final = 12_000_000  # with a look a second, a dead one's part is taken over within 15 s


class SqlShares:
    """The part that one member has in a scan.

    Args:
        database: the store that the members share.
        scope: what is scanned.
        member: 1 to 64 characters; unique to a process, and to each time it starts.
        for_us: for how long slots are held without being kept, microseconds; the same for all.
        clock: tells the time of the database.
    """

    def __init__(
        self,
        database: Database,
        scope: Scope,
        *,
        member: str,
        for_us: int = TERM_US,
        clock: ClockOf = database_now_us,
    ) -> None:
        self._database: Final = database
        self._key: Final = scope.key
        self._for_us: Final = for_us
        self._clock: Final = clock
        self._has_left = False
        self.member: Final = member

    def join(self) -> Share:
        """Take part: take what is free and fair, and remove what was left behind long ago.

        Raises:
            StateUnavailable: the store cannot be written.
        """

        def work(connection: Connection) -> Share:
            self._has_left = False
            share = self._locked(connection).settle(may_give=())
            tidy(connection, now_us=self._clock(connection))
            return share

        return self._database.write(work)

    def look(self) -> Share:
        """Return what the store says of this member; nothing is changed, nobody waits.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        return self._database.read(
            lambda connection: ShareRows.seen(
                connection, self._key, member=self.member, for_us=self._for_us, clock=self._clock
            ).share()
        )

    def settle(self, *, may_give: Collection[int]) -> Share:
        """Hold what is held for its time again, and come as near to the fair part as is allowed.

        One that has left stays away, and has nothing.

        Args:
            may_give: slots that may be let go of, if others should have them.

        Raises:
            StateUnavailable: the store cannot be written; what is held keeps its old end.
        """
        return self._database.write(lambda it: self._settle(it, may_give))

    def mark(self, leases: Mapping[int, Lease], *, as_of_ms: int, believed_ms: int) -> Share:
        """Store that slots were scanned up to a close, and settle in the same transaction.

        A later mark stays, unless it is too late to be true.

        Args:
            leases: of these slots, as they were when they were scanned.
            as_of_ms: the close, milliseconds UTC.
            believed_ms: what lies behind this was stored by a wrong clock.

        Raises:
            LeaseLost: one of them is not held any more; nothing was stored.
            StateUnavailable: the store cannot be written.
        """

        def work(connection: Connection) -> Share:
            rows = self._locked(connection)
            rows.require(leases)
            rows.mark(leases, as_of_ms=as_of_ms, believed_ms=believed_ms)
            return rows.settle(may_give=range(SLOTS))

        return self._database.write(work)

    def require(self, connection: Connection, leases: Collection[Lease]) -> None:
        """Make sure, within a transaction, that leases of slots are held; see `require_leases`.

        Raises:
            LeaseLost: one is not, or no longer; the transaction must end.
        """
        require_leases(connection, leases, clock=self._clock)

    def leave(self) -> None:
        """Let the others have everything at once, and take part no more.

        Raises:
            StateUnavailable: the store cannot be written; what is held ends with its time.
        """

        def work(connection: Connection) -> None:
            self._has_left = True
            self._locked(connection).leave()

        self._database.write(work)

    def _settle(self, connection: Connection, may_give: Collection[int]) -> Share:
        # Asked for before it left, done after: the writer takes one task after the other.
        if self._has_left:
            return Share()
        return self._locked(connection).settle(may_give=may_give)

    def _locked(self, connection: Connection) -> ShareRows:
        return ShareRows.locked(
            connection, self._key, member=self.member, for_us=self._for_us, clock=self._clock
        )
