"""Keeps the sender's lease while it sends, and knows when it must stop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from snipersight.bot.notifications.sending.store_calls import StoreCalls
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.outbox import SenderLease

_KEPT_PER_TERM: Final = 3  # so that one attempt or two may fail


class LeaseKeeper:
    """Holds a lease by a clock of this process.

    Its end is counted from before the store was asked, so that it ends here before it ends there.

    Args:
        lease: to hold.
        calls: how the store is called.
        now_us: microseconds of a clock that does not go back.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        lease: SenderLease,
        *,
        calls: StoreCalls,
        now_us: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._lease: Final = lease
        self._calls: Final = calls
        self._now_us: Final = now_us
        self._sleep: Final = sleep
        self._until_us = 0
        self.is_lost = False

    def is_held(self) -> bool:
        """Return whether this process may send at this moment."""
        return not self.is_lost and self._now_us() < self._until_us

    async def take(self, *, for_us: int) -> bool:
        """Wait for the lease, and return whether it came.

        Args:
            for_us: how long to wait: a holder that was killed keeps it for its term.

        Raises:
            StateUnavailable: the store is away, and was to be given up.
        """
        give_up_us = self._now_us() + for_us
        while not await self.keep():
            left_us = give_up_us - self._now_us()
            if left_us <= 0:
                return False
            await self._sleep(min(left_us, self._lease.for_us // 10 + 1) / 1e6)
        return True

    async def keep(self) -> bool:
        """Hold the lease for its term from now on; False, and lost, if another one has it.

        Raises:
            StateUnavailable: the store is away, and was to be given up.
        """
        told = await self._calls.until_done(self._keep)
        self.is_lost = not told.answer
        return not self.is_lost

    async def keep_on(self) -> None:
        """Keep it again and again, until it is lost."""
        while not self.is_lost:
            await self._sleep(self._lease.for_us / _KEPT_PER_TERM / 1e6)
            try:
                await self.keep()
            except StateUnavailable:
                return  # given up: the sender is ending

    async def give_back(self) -> None:
        """Let another one have it."""
        self._until_us = 0
        try:
            await self._calls.once(self._lease.give_back)
        except StateUnavailable:
            return  # it ends with its time

    def _keep(self) -> bool:
        asked_us = self._now_us()
        if not self._lease.keep():
            return False
        self._until_us = asked_us + self._lease.for_us
        return True
