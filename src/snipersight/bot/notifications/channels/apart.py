"""Calls that may block for long, on threads that nothing else waits for.

The loop's own few threads carry the store: were they to hang in a service that does not answer, no
channel could send, and the right to send would be lost.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def call_apart(function: Callable[[], T]) -> T:
    """Return what a function returns, or raise what it raises, without blocking the loop.

    If nobody waits any more its thread goes on; it keeps no process from ending.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def tell(say: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has ended, and with it whoever asked
            loop.call_soon_threadsafe(lambda: None if future.done() else say())

    def run() -> None:
        try:
            result = function()
        except Exception as error:  # noqa: BLE001  whoever waits is to get it
            failure = error
            tell(lambda: future.set_exception(failure))
        else:
            tell(lambda: future.set_result(result))

    threading.Thread(target=run, name="apart", daemon=True).start()
    return await future
