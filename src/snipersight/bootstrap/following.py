"""Looks after trades until they have ended or somebody stops it, and tells what happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from snipersight.bootstrap.execution import Execution
from snipersight.bootstrap.narrating import Narrator
from snipersight.bot.executor.books import Look
from snipersight.bot.executor.trades import is_idle

_POLL_S: Final = 5.0  # between two looks for closed bars, and for a kill switch that was pulled
_TOLD_S: Final = 1.0

Progress = Callable[[int], object]


class Follower:
    """Follows the trades of an execution.

    Args:
        execution: open.
        narrator: tells what happens.
        stop: set by whoever has seen enough.
        now_ms: the present, milliseconds UTC.
        on_moment: told of each moment that a simulated venue was played to.
    """

    def __init__(
        self,
        execution: Execution,
        narrator: Narrator,
        *,
        stop: asyncio.Event,
        now_ms: Callable[[], int],
        on_moment: Progress = lambda _: None,
    ) -> None:
        self._execution: Final = execution
        self._narrator: Final = narrator
        self._stop: Final = stop
        self._now_ms: Final = now_ms
        self._on_moment: Final = on_moment

    async def catch_up(self) -> Look:
        """Play the time that has passed at a simulated venue, and tell what happened in it.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: the store is away and was never read.
            VenueUnavailable: a live source cannot be reached.
        """
        look = await self._execution.play(self._now_ms(), on_bar=self._after_bar)
        await self._narrator.tell()
        return look

    async def follow(self) -> Look:
        """Look after everything until nothing is left, or until it is stopped.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: the store is away and was never read.
            VenueUnavailable: a live source cannot be reached.
        """
        if self._execution.paper is None:
            return await self._monitor()
        look = await self.catch_up()
        while not is_idle(look) and not self._stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _POLL_S)
            look = await self.catch_up()
        return look

    async def _monitor(self) -> Look:
        executor = self._execution.executor
        waker = asyncio.create_task(self._wake_on_stop())
        teller = asyncio.create_task(self._tell_on())
        try:
            return await executor.monitor_execution(
                until=lambda look: self._stop.is_set() or is_idle(look)
            )
        finally:
            for task in (waker, teller):
                task.cancel()
            await asyncio.gather(waker, teller, return_exceptions=True)
            await self._narrator.tell()

    async def _wake_on_stop(self) -> None:
        await self._stop.wait()
        self._execution.executor.ears.wake()

    async def _tell_on(self) -> None:
        while True:
            await asyncio.sleep(_TOLD_S)
            await self._narrator.tell()

    async def _after_bar(self, moment_ms: int) -> None:
        await self._narrator.tell()
        self._on_moment(moment_ms)
