"""The executor of a running bot, as everybody who wants a plan executed sees it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.executing import Executed, execute_plan
from snipersight.bootstrap.running.supervising import first_of
from snipersight.domain.errors import LeaseLost

if TYPE_CHECKING:
    from snipersight.bootstrap.execution import Execution
    from snipersight.domain.observations import Observations
    from snipersight.domain.plan import TradePlan


class Trading:
    """Executes plans one at a time, as long as this process is the account's executor.

    Args:
        account_id: whose.
    """

    def __init__(self, account_id: str) -> None:
        self._account_id: Final = account_id
        self._lock: Final = asyncio.Lock()
        self._execution: Execution | None = None
        self._seen: Observations | None = None
        self._overtaken: LeaseLost | None = None
        self._news: Final = asyncio.Event()

    @property
    def execution(self) -> Execution | None:
        """Return the open executor; None while another process executes, or nobody."""
        return self._execution

    async def begin(self, execution: Execution) -> None:
        """Execute through this executor from now on."""
        async with self._lock:
            self._execution, self._overtaken = execution, None
            if self._seen is not None:
                await _observe(execution, self._seen)

    async def end(self) -> None:
        """Execute nothing any more, once what is under way has been sent."""
        async with self._lock:
            self._execution = None

    async def observe(self, seen: Observations | None) -> None:
        """Tell the executor's gate what the markets are like now.

        Raises:
            StateUnavailable: the account cannot be marked.
        """
        async with self._lock:
            self._seen = seen
            if seen is not None and self._execution is not None:
                await _observe(self._execution, seen)

    async def play(self, until_ms: int) -> None:
        """Let a simulated venue's time pass; nothing where time passes by itself, or elsewhere.

        Args:
            until_ms: the moment to play to, milliseconds UTC.

        Raises:
            StateUnavailable: the store is away and was never read.
            VenueUnavailable: a live source cannot be reached; what was played stays so.
        """
        async with self._lock:
            if self._execution is None or self._execution.paper is None:
                return
            try:
                await self._execution.play(until_ms)
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

    async def execute(self, plan: TradePlan) -> Executed:
        """Let the gate reserve a plan's budget, and send its entries if every safeguard agrees.

        Raises:
            LeaseLost: this process is not the account's executor.
            OrderRefused: the plan is for another venue or market.
            StateUnavailable: the store cannot be read or written; nothing was sent.
        """
        async with self._lock:
            if self._execution is None:
                raise LeaseLost(
                    f"this process does not execute the trades of account {self._account_id} now",
                    where=f"account {self._account_id}",
                    next_step="the process that does takes it up",
                )
            return await execute_plan(self._execution, plan)


async def _observe(execution: Execution, seen: Observations) -> None:
    if execution.gate is not None:
        await asyncio.to_thread(execution.gate.observe, seen)
