"""When books and venue are compared as a whole, so that no trade waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from snipersight.bot.executor.actions import Alarm
from snipersight.bot.executor.books import Look, TradeBooks
from snipersight.bot.executor.desk import Desk
from snipersight.bot.executor.kill import KillWork
from snipersight.bot.executor.listening import Ears
from snipersight.bot.executor.reconciler import Reconciler
from snipersight.bot.executor.reconciling.outcome import Reconciled
from snipersight.domain.errors import StateUnavailable, VenueUnavailable

_SECOND_US: Final = 1_000_000


class Comparisons:
    """Has books and venue compared every so many cycles.

    A comparison asks a lot, and longer than usual of a venue that is slow: while `run` runs, it
    is done beside the cycles instead of within one.

    Args:
        desk: account and venue.
        books: its trades.
        reconciler: compares.
        kill: is finished after each cycle.
        ears: told what broke the stream.
        every: cycles between two comparisons; the same in time, at the usual pace.
    """

    def __init__(
        self,
        desk: Desk,
        books: TradeBooks,
        reconciler: Reconciler,
        kill: KillWork,
        ears: Ears,
        *,
        every: int,
    ) -> None:
        self._desk: Final = desk
        self._books: Final = books
        self._reconciler: Final = reconciler
        self._kill: Final = kill
        self._ears: Final = ears
        self.every = every
        self._cycles = 0
        self._compared_us = desk.clock()
        self._is_beside = False
        self._due: Final = asyncio.Event()

    async def first(self, cycle: Callable[[], Awaitable[object]]) -> Reconciled:
        """Compare for the first time, and do not let trades wait for long meanwhile.

        Args:
            cycle: looks after everything once; done each time that the retry pause is over.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: the store cannot be read.
        """
        comparing = asyncio.create_task(self._reconciler.reconcile(), name="first comparison")
        pause_s = self._desk.timings.retry_us / _SECOND_US
        self._is_beside = True
        try:
            while not (await asyncio.wait([comparing], timeout=pause_s))[0]:
                await cycle()
            return await comparing
        finally:
            self._is_beside = False
            self._due.clear()
            comparing.cancel()
            await asyncio.gather(comparing, return_exceptions=True)

    async def run(self) -> None:
        """Compare whenever that is due, until cancelled.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: the store cannot be read.
        """
        self._is_beside = True
        try:
            while True:
                await self._due.wait()
                self._due.clear()
                await self._compare()
        finally:
            self._is_beside = False

    async def after_trades(self, look: Look) -> bool:
        """Finish a kill and compare the books, where that is due.

        Returns:
            Whether the account is to be looked at again.
        """
        await self._kill.finish(look)
        self._cycles += 1
        now_us = self._desk.clock()
        late_us = self._compared_us + self.every * self._desk.timings.poll_us
        if self._cycles % self.every and now_us < late_us:
            return look.kill is not None
        self._compared_us = now_us
        if self._is_beside:
            self._due.set()
            return look.kill is not None
        await self._compare()
        return True

    async def _compare(self) -> None:
        """Compare the books; what breaks there must not end the care for the trades."""
        try:
            await self._reconciler.reconcile()
        except StateUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  told, and tried again in the next comparison
            await self._tell_broken("Comparing books and venue", error)
        broke, self._ears.broke = self._ears.broke, None
        if broke is not None and not isinstance(broke, VenueUnavailable):
            await self._tell_broken("The venue's stream", broke)

    async def _tell_broken(self, what: str, error: Exception) -> None:
        name = type(error).__name__
        text = f"{what} broke off: {name}: {error}. It is tried again; the trades are looked after."
        await self._books.tell(Alarm(subject=f"execution:broke:{what}:{name}", text=text))
