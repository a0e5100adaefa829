"""The outbox as a sender sees it where time runs faster: requests and limits take real time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.run_clock import RunClock
from snipersight.domain.outbox import Delivery, StoredNotice, Waiting
from snipersight.storage.outbox import SqlOutbox

if TYPE_CHECKING:
    from snipersight.storage.database import Database
    from snipersight.storage.outbox_lease import SqlSenderLease


class PacedOutbox(SqlOutbox):
    """Tells every time by a clock at the pace of real time, and keeps it by the run's.

    Claims last as long in real time as they are asked for; what is to be told late is told late
    by the run's clock.

    Args:
        database: where it is kept; its clock is the run's.
        lease: see `SqlOutbox`.
        clock: of the run.
    """

    def __init__(self, database: Database, *, lease: SqlSenderLease, clock: RunClock) -> None:
        super().__init__(database, lease=lease)
        self._clock: Final = clock

    def now_us(self) -> int:
        """Return the paced time, microseconds."""
        return self._clock.paced_us(super().now_us())

    def claim_notices(self, owner: str, *, limit: int, for_us: int) -> tuple[StoredNotice, ...]:
        """Claim notices that are due, for so long in real time; see `SqlOutbox`."""
        return super().claim_notices(owner, limit=limit, for_us=self._stretched(for_us))

    def claim_deliveries(
        self,
        owner: str,
        *,
        limit: int,
        for_us: int,
        but_not: Collection[tuple[str, str]] = (),
        at_least: int = 0,
    ) -> tuple[Delivery, ...]:
        """Claim deliveries that are due, for so long in real time; see `SqlOutbox`."""
        claimed = super().claim_deliveries(
            owner,
            limit=limit,
            for_us=self._stretched(for_us),
            but_not=but_not,
            at_least=at_least,
        )
        return tuple(self._paced(one) for one in claimed)

    def retry(
        self, delivery: Delivery, *, at_us: int, error: str, is_ambiguous: bool = False
    ) -> bool:
        """Hand a delivery back, not to be sent before a paced moment; see `SqlOutbox`."""
        return super().retry(
            delivery,
            at_us=self._clock.unpaced_us(at_us),
            error=error,
            is_ambiguous=is_ambiguous,
        )

    def waiting(self) -> Waiting:
        """Return what is not finished, and the paced moment when the next one is due."""
        found = super().waiting()
        if found.next_us is None:
            return found
        return replace(found, next_us=self._clock.paced_us(found.next_us))

    def attempts_since(self, since_us: int) -> tuple[tuple[str, str, int], ...]:
        """Return channel, address and paced time of the attempts since a paced moment."""
        found = super().attempts_since(self._clock.unpaced_us(since_us))
        return tuple(
            (channel, address, self._clock.paced_us(at_us)) for channel, address, at_us in found
        )

    def _stretched(self, for_us: int) -> int:
        return max(1, int(for_us * self._clock.scale))

    def _paced(self, delivery: Delivery) -> Delivery:
        draft, expires_us = delivery.draft, delivery.draft.expires_us
        if expires_us is not None:
            draft = replace(draft, expires_us=self._clock.paced_us(expires_us))
        return replace(
            delivery,
            draft=draft,
            created_us=self._clock.paced_us(delivery.created_us),
            claimed_us=self._clock.paced_us(delivery.claimed_us),
        )
