"""The time a running bot lives by: the system's, or that of a sandbox whose time runs faster."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

_LONGEST_S: Final = 0.5  # a clock that was set is noticed within this


class RunClock:
    """Tells the time and waits by it.

    Args:
        scale: seconds of its time in a real one; 1 is the system's own time.
        start_us: what it shows now, microseconds UTC; None: the present.
        system_us: the system's clock, microseconds UTC.
    """

    def __init__(
        self,
        *,
        scale: float = 1.0,
        start_us: int | None = None,
        system_us: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        if not scale > 0:
            raise ValueError(f"a time scale of {scale}")
        self.scale: Final = scale
        self._system_us: Final = system_us
        self._began_us = system_us() if start_us is None else start_us
        self._began_ns: Final = time.monotonic_ns()
        self._is_system: Final = scale == 1.0 and start_us is None

    def us(self) -> int:
        """Return the time, microseconds UTC."""
        if self._is_system:
            return self._system_us()
        passed_ns = (time.monotonic_ns() - self._began_ns) * self.scale
        return self._began_us + int(passed_ns) // 1000

    def ms(self) -> int:
        """Return the time, milliseconds UTC."""
        return self.us() // 1000

    def paced_us(self, at_us: int) -> int:
        """Return a moment of this clock by one that runs as real time does, microseconds.

        For what takes its time whatever the clock shows: requests, limits of rates, pauses.
        """
        passed_us = (at_us - self._began_us) / self.scale
        return self._began_ns // 1000 + int(passed_us)

    def unpaced_us(self, paced_us: int) -> int:
        """Return the moment of this clock that `paced_us` was told of, microseconds UTC."""
        return self._began_us + int((paced_us - self._began_ns // 1000) * self.scale)

    def reach(self, at_us: int) -> None:
        """Put a sandbox's time forward to a moment that it may have passed meanwhile.

        Args:
            at_us: microseconds UTC.
        """
        self._began_us += max(0, at_us - self.us())

    def real_s(self, seconds: float) -> float:
        """Return how many real seconds so many of this clock's take."""
        return seconds / self.scale

    async def sleep_until(self, at_ms: int, *, stop: asyncio.Event) -> bool:
        """Wait until a moment of this clock, also if it is set meanwhile.

        Args:
            at_ms: the moment, milliseconds UTC.
            stop: ends the wait at once.

        Returns:
            True once the moment has come, False if it was stopped.
        """
        while not stop.is_set():
            left_s = self.real_s((at_ms - self.ms()) / 1000)
            if left_s <= 0:
                return True
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), min(left_s, _LONGEST_S))
        return False
