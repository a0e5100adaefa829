"""When a plug-in whose process ended may try again."""

from __future__ import annotations

from collections import deque
from typing import Final

MOST_AN_HOUR: Final = 5
_HOUR_S: Final = 3600.0


class Restarts:
    """Counts starts over within an hour; each pause is twice as long as the one before.

    Args:
        first_s: the first pause, seconds.
    """

    def __init__(self, first_s: float = 1.0) -> None:
        self._first_s = first_s
        self._made: deque[float] = deque()

    def pause_s(self, now_s: float) -> float | None:
        """Count a start over, and return how long to wait before it; None: no more of them.

        Args:
            now_s: a clock that is never set, seconds.
        """
        while self._made and now_s - self._made[0] >= _HOUR_S:
            self._made.popleft()
        if len(self._made) >= MOST_AN_HOUR:
            return None
        self._made.append(now_s)
        return self._first_s * float(2 ** (len(self._made) - 1))
