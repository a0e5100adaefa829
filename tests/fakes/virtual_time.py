"""An event loop whose time passes by itself: waiting takes no time, whatever it waits for."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.SelectSelector):
    """Lets the time pass that the loop would wait for its files."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 1_000.0

    def select(self, timeout: float | None = None) -> Any:
        """Return what is ready at once, and move the clock on if nothing is."""
        found = super().select(0)
        if not found:
            if timeout is None:
                raise RuntimeError("everything waits for something that never comes")
            self.now_s += timeout
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop with a clock of its own; `time` is what has passed in it."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Return the virtual time, seconds."""
        return self._virtual.now_s

    def sleep_through(self, seconds: float) -> None:
        """Let time pass in which nothing runs, as on a machine that was suspended."""
        self._virtual.now_s += seconds


def run_virtually(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine function to its end in no time and return what it returns."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main())
