"""Reads of the store on few threads: more questions wait in line, too many are told to come again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, ParamSpec, TypeVar

from snipersight.web.api.problems import Busy

P = ParamSpec("P")
T = TypeVar("T")

THREADS: Final = 4
_LONGEST_LINE: Final = 100


class Reads:
    """Calls what blocks on a thread of its own; belongs to one event loop.

    Args:
        threads: how many calls run side by side.
        longest_line: how many may wait beside them.
    """

    def __init__(self, *, threads: int = THREADS, longest_line: int = _LONGEST_LINE) -> None:
        self._threads: Final = ThreadPoolExecutor(threads, thread_name_prefix="api")
        self._most: Final = threads + longest_line
        self._under_way = 0

    async def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `work` returns.

        Raises:
            Busy: too many calls wait already.
        """
        if self._under_way >= self._most:
            raise Busy(
                f"{self._under_way} questions wait already",
                where="the store",
                next_step="ask again in a moment, and fewer at a time",
            )
        self._under_way += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, partial(work, *args, **kwargs))
        finally:
            self._under_way -= 1

    def close(self) -> None:
        """Begin no further call; a second call does nothing."""
        self._threads.shutdown(wait=False, cancel_futures=True)
