"""Long work in a thread that ends soon after nobody waits for it any more."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
Progress = Callable[[str, int, int], object]


class _Left(BaseException):
    """Nobody waits: raised within the work, and read by nobody."""


async def done_in_thread(work: Callable[[Progress], T], *, progress: Progress) -> T:
    """Return what work in a thread returns; cancelled, the work ends when it next tells of itself.

    Args:
        work: is given what it tells its progress to.
        progress: told, from the thread.
    """
    left = threading.Event()

    def tell(what: str, done: int, count: int) -> None:
        if left.is_set():
            raise _Left
        progress(what, done, count)

    try:
        return await asyncio.to_thread(work, tell)
    except asyncio.CancelledError:
        left.set()
        raise
