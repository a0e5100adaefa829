"""Where the account's executor sits in a running bot: here, or in another process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.running.supervising import first_of
from snipersight.bootstrap.voiding import end_void
from snipersight.domain.errors import LeaseLost

if TYPE_CHECKING:
    from snipersight.bootstrap.execution import Execution
    from snipersight.domain.decision import Candidate


class ExecutorSeat:
    """Holds the executor while this process has it.

    The lock is held while a simulated venue's time is played: nothing else is asked of it then.
    """

    def __init__(self) -> None:
        self.lock: Final = asyncio.Lock()
        self._execution: Execution | None = None
        self._overtaken: LeaseLost | None = None
        self._news: Final = asyncio.Event()

    @property
    def execution(self) -> Execution | None:
        """Return the executor at work; None while another process executes, or none does."""
        return self._execution

    async def take(self, execution: Execution) -> None:
        """Let an executor work here from now on."""
        async with self.lock:
            self._execution, self._overtaken = execution, None

    async def leave(self) -> None:
        """Have no executor any more, once what is under way has been sent."""
        async with self.lock:
            self._execution = None

    async def play(self, until_ms: int) -> None:
        """Let a simulated venue's time pass; nothing where time passes by itself, or elsewhere.

        Args:
            until_ms: the moment to play to, milliseconds UTC.

        Raises:
            StateUnavailable: the store is away and was never read.
            VenueUnavailable: a live source cannot be reached; what was played stays so.
        """
        async with self.lock:
            if self._execution is None or self._execution.paper is None:
                return
            with self._noticing():
                await self._execution.play(until_ms)

    async def end_void(self, ended: Iterable[Candidate]) -> None:
        """Cancel the entries of void plans; nothing where another process executes.

        Args:
            ended: what a scan says has ended.

        Raises:
            StateUnavailable: the store is away.
        """
        async with self.lock:
            if self._execution is not None:
                with self._noticing():
                    await end_void(self._execution, ended)

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        """Have no executor any more where another one has taken over."""
        try:
            yield
        except LeaseLost as error:
            self._overtaken, self._execution = error, None
            self._news.set()

    async def until_lost(self, stop: asyncio.Event) -> None:
        """Wait until it is stopped, or another executor has taken over.

        Raises:
            LeaseLost: it has.
        """
        await first_of(self._news, stop=stop)
        self._news.clear()
        if self._overtaken is not None:
            raise self._overtaken
