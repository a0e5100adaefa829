"""How long to wait before the next attempt: longer each time, and by chance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

BASE_US: Final = 1_000_000
LONGEST_US: Final = 300_000_000
_STEEPEST: Final = 20  # doublings; far beyond the longest wait


def backoff_us(
    failures: int,
    *,
    chance: Callable[[], float],
    base_us: int = BASE_US,
    longest_us: int = LONGEST_US,
) -> int:
    """Return a wait drawn evenly from zero to a bound that doubles with every failure.

    Many that failed at one moment so come back spread out, which a fixed part in the wait would
    only shift ("full jitter", Brooker 2015).

    Args:
        failures: attempts that failed so far, at least 1.
        chance: a number from 0 to below 1.
        base_us: bound after the first failure, microseconds.
        longest_us: bound after many.

    Raises:
        ValueError: nothing has failed.
    """
    if failures < 1:
        raise ValueError(f"{failures} failures need no wait")
    bound_us = min(longest_us, base_us * 2 ** min(failures - 1, _STEEPEST))
    return int(chance() * bound_us)
