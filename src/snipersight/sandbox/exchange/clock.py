"""Where the sandbox's time comes from: microseconds UTC, at the pace that is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable

from snipersight.domain.errors import ConfigInvalid

Clock = Callable[[], int]


class MovableClock:
    """A clock that can be put forward.

    Args:
        base: runs on, microseconds UTC.
    """

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._ahead_us = 0

    def __call__(self) -> int:
        """Return the time, microseconds UTC."""
        return self._base() + self._ahead_us

    def reach(self, at_us: int) -> None:
        """Put it forward to a moment that it may have passed meanwhile."""
        self._ahead_us += max(0, at_us - self())


def system_clock() -> int:
    """Return the present, microseconds UTC."""
    return time.time_ns() // 1_000


def scaled_clock(scale: float, *, start_us: int | None = None) -> Clock:
    """Return a clock that runs faster or slower than the wall's.

    Args:
        scale: seconds of the clock in one real second, above 0.
        start_us: what it shows now, microseconds UTC; the present if None.

    Raises:
        ConfigInvalid: the scale is not above 0.
    """
    if not scale > 0:
        raise ConfigInvalid(f"a time scale of {scale}", next_step="use a number above 0, such as 1")
    began_us = system_clock() if start_us is None else start_us
    began_ns = time.monotonic_ns()

    def now_us() -> int:
        return began_us + int((time.monotonic_ns() - began_ns) * scale) // 1_000

    return now_us
