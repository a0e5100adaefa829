"""Runs a coroutine to its end for whoever has no event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run_to_end(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on an event loop of its own, and return what it returns.

    `asyncio.run` asks who handles Ctrl-C, and for that `signal` spells out the finished task with
    all that it returns, in an error message which nobody sees: seconds for the result of a large
    backtest. Here that task returns nothing.
    """
    found: list[T] = []

    async def main() -> None:
        found.append(await coroutine)

    asyncio.run(main())
    return found[0]
