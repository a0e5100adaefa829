"""Work beside the caller's: ended together, and never failing unseen."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine


class Background:
    """Tasks that run until they are done or all is closed."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None

    def start(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Begin a piece of work; call it inside the event loop."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def raise_failure(self) -> None:
        """Raise what a piece of work failed with, if one has."""
        if self._failure is not None:
            raise self._failure

    async def close(self) -> None:
        """End everything."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failure = self._failure or error
