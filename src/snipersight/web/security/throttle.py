"""How often somebody may be wrong: by their address, and all of them together."""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

_WINDOW_S: Final = 60.0
_OF_ONE: Final = 10
_OF_ALL: Final = 100
_REMEMBERED: Final = 4096  # addresses; one who uses more of them meets the limit of all


class LoginThrottle:
    """Counts wrong tokens of the last minute; belongs to one event loop.

    Those who are let in already are never kept waiting by it.

    Args:
        clock_s: seconds that only grow.
    """

    def __init__(self, *, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s: Final = clock_s
        self._by_address: Final[OrderedDict[str, deque[float]]] = OrderedDict()
        self._of_all: Final[deque[float]] = deque(maxlen=_OF_ALL)

    def wait_s(self, address: str) -> int:
        """Return for how many seconds nothing of an address is looked at; 0: it is."""
        now_s = self._clock_s()
        of_one = self._by_address.get(address, deque())
        left_s = max(_left_s(of_one, now_s, _OF_ONE), _left_s(self._of_all, now_s, _OF_ALL))
        return math.ceil(left_s)

    def was_wrong(self, address: str) -> None:
        """Count one wrong token."""
        now_s = self._clock_s()
        self._of_all.append(now_s)
        self._by_address.setdefault(address, deque(maxlen=_OF_ONE)).append(now_s)
        self._by_address.move_to_end(address)
        while len(self._by_address) > _REMEMBERED:
            self._by_address.popitem(last=False)


def _left_s(times: deque[float], now_s: float, most: int) -> float:
    """Return how long the oldest of the last `most` still counts; 0 where there are fewer."""
    return max(0.0, times[0] + _WINDOW_S - now_s) if len(times) >= most else 0.0
